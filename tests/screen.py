"""What a terminal shows in the end of all that was written to it: enough of one for what pmsync writes.

Lines that scrolled away stay. Anything that it does not know is an error, so that nothing ugly is overlooked.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|\r|\n|[^\x00-\x1f\x7f]|(.)", re.DOTALL)


class Screen:
    """A terminal of so many columns, as many lines as it takes, and a cursor."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.cursor_shown = True
        self._lines: list[dict[int, tuple[str, str]]] = [{}]
        self._row = self._column = 0
        self._style = ""

    def feed(self, text: str) -> Screen:
        for token in _TOKEN.finditer(text):
            if token[3]:
                self._control(token[1], token[2], token[3])
            elif token[0] == "\r":
                self._column = 0
            elif token[0] == "\n":
                self._down()
                self._column = 0
            elif token[4]:
                raise AssertionError(f"unexpected control character {token[4]!r}")
            else:
                self._put(token[0])
        return self

    def text(self, *, colour: bool = False) -> str:
        """What is to be seen, without blanks at the ends of lines; with `colour`, escapes where it changes."""
        shown = [self._shown(line, colour) for line in self._lines]
        return "\n".join(shown).rstrip("\n") + "\n"

    def _shown(self, line: dict[int, tuple[str, str]], colour: bool) -> str:
        cells = [line.get(at, (" ", "")) for at in range(max(line, default=-1) + 1)]
        while cells and cells[-1][0] == " ":
            cells.pop()
        out, last = [], ""
        for char, style in cells:
            if colour and style != last:
                out.append("\x1b[0m" * bool(last) + (f"\x1b[{style}m" if style else ""))
                last = style
            out.append(char)
        return "".join(out) + "\x1b[0m" * bool(last)

    def _put(self, char: str) -> None:
        if self._column >= self.columns:
            self._down()
            self._column = 0
        self._lines[self._row][self._column] = (char, self._style)
        self._column += 1

    def _down(self) -> None:
        self._row += 1
        if self._row == len(self._lines):
            self._lines.append({})

    def _control(self, private: str, number: str, kind: str) -> None:
        match private, kind:
            case "", "m":
                self._style = "" if number in {"", "0"} else ";".join(filter(None, (self._style, number)))
            case "", "A":
                self._row = max(0, self._row - int(number or 1))
            case "", "K" if number == "2":
                self._lines[self._row] = {}
            case "", "K" if number in {"", "0"}:
                line = self._lines[self._row]
                self._lines[self._row] = {at: cell for at, cell in line.items() if at < self._column}
            case "?", "h" | "l" if number == "25":
                self.cursor_shown = kind == "h"
            case _:
                raise AssertionError(f"unexpected control sequence {private}{number}{kind}")
