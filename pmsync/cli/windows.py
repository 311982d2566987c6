"""What every command is on native Windows: one sentence.

The lock and the folders of pmsync are those of POSIX systems, and a guard that is not there must not be
guessed. Imports nothing that could fail there before the sentence is out.
"""

from __future__ import annotations

import sys
from typing import Final, NoReturn

SENTENCE: Final = (
    "error: pmsync does not run on native Windows, whose file locks it cannot use"
    " (run it in WSL, on Linux or on macOS)"
)


def main() -> NoReturn:
    """Say so, and end with exit code 1: nothing was done."""
    sys.exit(SENTENCE)
