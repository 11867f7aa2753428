"""Runs the command ``bubble-abm`` as ``python -m bubble_abm``."""

from bubble_abm.command.main import main

if __name__ == "__main__":
    main()
