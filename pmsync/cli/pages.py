"""Help pages on narrow terminals: click fills at least fifty columns, and leaves the words at the right few.

Must stay light: `pmsync --version` imports it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from typing import Final

import click

_NARROW: Final = 52


class _Formatter(click.HelpFormatter):
    """As wide as the terminal; on a narrow one what a word means stands below it."""

    def __init__(
        self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None
    ) -> None:
        columns = shutil.get_terminal_size().columns
        super().__init__(indent_increment, columns if columns < _NARROW else width, max_width)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl(rows, 6 if self.width < _NARROW else col_max, col_spacing)


class PageContext(click.Context):
    """A context whose help pages fit the terminal."""

    formatter_class = _Formatter
