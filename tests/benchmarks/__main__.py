"""Speed and memory, measured in one run: ``make benchmark``, or ``python -m tests.benchmarks``.

Nothing is asserted, because seconds depend on the machine; ratios are taken between numbers of the same run.
"""

from rich.console import Console
from rich.table import Table

from tests.benchmarks import batch, memory, scaling, speedup, startup


def main():
    table = Table(title="bubble_abm: what it costs")
    for heading in ("what", "goal", "measured", ""):
        table.add_column(heading)
    console = Console()
    for part in (speedup, startup, memory, scaling, batch):
        with console.status(part.__doc__):
            rows = part.measure()
        for row in rows:
            table.add_row(row.what, row.goal, row.measured, row.verdict)
        table.add_section()
    console.print(table)


if __name__ == "__main__":
    main()
