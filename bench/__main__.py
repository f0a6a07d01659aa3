"""`make bench`: a table of ratios, each measured within this run. Takes two bakes."""

import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.first_container import first_container
from bench.no_op import empty, no_op
from bench.overhead import bare, through_pulumi
from bench.workplace import Workplace
from images.host import home, read


def main() -> None:
    console = Console()
    table = Table("what", "ours", "beside", "ratio", "at most")

    def row(what: str, ours: float, beside: float, limit: str) -> None:
        table.add_row(what, f"{ours:.1f} s", f"{beside:.1f} s", f"{ours / beside:.3f}", limit)

    with tempfile.TemporaryDirectory(prefix="dstack-bench-") as name:
        folder = Path(name)
        place = Workplace.make(folder / "stack", verify=False)
        console.print("bake through Pulumi ...")
        ours, memory = through_pulumi(place)
        console.print("the same by Packer alone ...")
        row("bake: up / packer build", ours, bare(place), "1.05")
        console.print("up with nothing to do ...")
        row("no-op: up / up of an empty program", no_op(place), empty(place), "2")
        machine = read(home())
        baked = next((place.home / "store").glob("*/image.qcow2"))
        console.print("power-on to first container ...")
        row(
            "first container: baked / base image",
            first_container(baked, machine, folder / "baked", install=False),
            first_container(machine.source.file, machine, folder / "base", install=True),
            "0.333",
        )
    table.add_row("memory of Pulumi and bakery", f"{memory / (1 << 20):.0f} MiB", "", "", "")
    console.print(table)


if __name__ == "__main__":
    main()
