"""Writes the data of the examples, or checks that it is what this script would write.

    python examples/generate.py            write the files
    python examples/generate.py --check    write nothing; exit 1 and name the files that differ

The same bytes come out every time, on every machine. Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from simulation import order_to_cash, purchase_to_pay, tickets

HOME: Final = Path(__file__).resolve().parent / "manifests"
EXAMPLES: Final = {
    "minimal": tickets.files,
    "order-to-cash": order_to_cash.files,
    "purchase-to-pay": purchase_to_pay.files,
}


def generated() -> dict[str, bytes]:
    """Every file by its path below the folder of the examples."""
    return {f"{name}/{path}": data for name, files in EXAMPLES.items() for path, data in files().items()}


def write(files: dict[str, bytes], home: Path) -> list[str]:
    """Make the data folders below this folder hold these files and no others; the paths that were not so."""
    changed = differing(files, home)
    for path in changed:
        if path in files:
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_bytes(files[path])
        else:
            (home / path).unlink()
    return changed


def differing(files: dict[str, bytes], home: Path) -> list[str]:
    """The paths at which other bytes, none, or a file too many is below this folder."""
    there = (path for name in EXAMPLES for path in (home / name / "data").rglob("*") if path.is_file())
    known = {path.relative_to(home).as_posix(): path for path in there}
    wrong = {path for path, data in files.items() if path not in known or known[path].read_bytes() != data}
    return sorted(wrong | (known.keys() - files.keys()))


def main(arguments: list[str]) -> int:
    """The exit code: 1 if --check found a difference."""
    parser = argparse.ArgumentParser(description="Write the data of the examples, or check it.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    parser.add_argument("--into", type=Path, default=HOME, metavar="FOLDER", help="another folder")
    options = parser.parse_args(arguments)
    paths = (differing if options.check else write)(generated(), options.into)
    for path in paths:
        print(f"{'differs' if options.check else 'wrote'}: {path}")
    return 1 if options.check and paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
