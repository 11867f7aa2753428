"""``python -m bubble_abm`` is the command ``bubble-abm``."""

from bubble_abm.command.main import main

if __name__ == "__main__":
    main()
