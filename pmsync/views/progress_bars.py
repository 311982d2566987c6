"""What the engine does, while it does it: bars for a person at a terminal.

One bar for the whole run and up to four for the files on their way; finished changes scroll by above.
Whether a terminal is there, and whether anybody looks at it, is for the caller to know.
"""

from __future__ import annotations

from threading import Lock
from types import TracebackType
from typing import Final, Self, TextIO, assert_never

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from pmsync.model.address import Address
from pmsync.model.events import (
    BytesSent,
    ChangeBegan,
    ChangeEnded,
    CutOff,
    Event,
    NotAddressable,
    Reading,
    RunBegan,
    StillWaiting,
    Stopping,
    WaitingForRows,
)
from pmsync.model.plan import Upload
from pmsync.model.report import Result
from pmsync.views.escape import terminal
from pmsync.views.lines import MARGIN, Line, Look, paragraph, render, shortened
from pmsync.views.progress import Tally, said_of
from pmsync.views.quantities import size
from pmsync.views.report_text import result_lines

FILES_SHOWN: Final = 4
_LONGEST_NAME: Final = 40
_SHORTEST_NAME: Final = 10
_BESIDES: Final = 60
"""Cells of a bar's line that are not its name."""
_NARROW: Final = _BESIDES + _SHORTEST_NAME
"""Columns below which there is no room for the bar itself and the time."""
_BESIDES_TWO: Final = 18
"""Cells beside two names on one line, where there is no bar."""


class BarProgress:
    """An observer that draws bars on a stream while changes are under way, and plain lines before and after.

    Nothing is drawn while a plan is shown or a question is asked. The context takes the bars away, however it
    ends. `with_report`: what did not work is left to the report, which goes to the same place.
    """

    def __init__(self, stream: TextIO, *, colour: bool, with_report: bool = False) -> None:
        self._with_report = with_report
        console = Console(
            file=stream, force_terminal=True, force_interactive=True, no_color=not colour, highlight=False
        )
        self._narrow = console.width < _NARROW
        name, words = (
            TextColumn(text, markup=False) for text in ("{task.description}", "{task.fields[words]}")
        )
        columns = (
            (name, words) if self._narrow else (name, BarColumn(bar_width=16), words, TimeElapsedColumn())
        )
        self._progress = Progress(*columns, console=console, transient=True)
        self._look = Look(console.width, colour)
        room = (console.width - _BESIDES_TWO) // 2 if self._narrow else console.width - _BESIDES
        self._name = min(max(room, _SHORTEST_NAME), _LONGEST_NAME)
        self._lock = Lock()
        self._tally = Tally()
        self._whole: TaskID | None = None
        self._files: dict[Address, TaskID] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def refresh(self) -> None:
        """Draw now, whatever the pace of drawing is."""
        self._progress.refresh()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._tally.take(event)
            match event:
                case Reading() | NotAddressable() | StillWaiting() | Stopping() | CutOff():
                    if isinstance(event, CutOff):
                        self._progress.stop()
                    self._say(said_of(event, self._tally.begun.values()) or "")
                case RunBegan():
                    self._progress.start()
                    self._about("applying")
                case ChangeBegan(change):
                    self._began(change)
                case BytesSent(address, amount):
                    self._sent(address, amount)
                case WaitingForRows(address, seen, expected):
                    shown = shortened(terminal(address), self._name)
                    self._about(
                        "waiting" if self._narrow else "waiting for rows",
                        f"{shown}: {seen:,} of {expected:,}",
                    )
                case ChangeEnded(result):
                    self._ended(result)
                case _:
                    assert_never(event)

    def _say(self, words: str) -> None:
        """A line of its own above the bars, broken at blanks."""
        self._show(paragraph(words, width=self._look.width, hang=MARGIN))

    def _show(self, lines: list[Line]) -> None:
        self._progress.console.print(Text.from_ansi(render(lines, self._look).rstrip("\n")), soft_wrap=True)

    def _about(self, words: str, more: str = "") -> None:
        """What the bar of the whole run says; `more` instead of how far it is."""
        total = self._tally.changes
        if self._whole is None:
            self._whole = self._progress.add_task(words, total=total, words="")
        done, tally = self._tally.done, more or self._tally.figures()
        self._progress.update(self._whole, description=words, total=total, completed=done, words=tally)

    def _began(self, change: object) -> None:
        if isinstance(change, Upload) and len(self._files) < FILES_SHOWN:
            name = shortened(terminal(change.address.key), self._name - 2)
            task = self._progress.add_task(
                f"  {name}", total=change.file.size or None, words=size(change.file.size)
            )
            self._files[change.address] = task

    def _sent(self, address: Address, amount: int) -> None:
        if address in self._files:
            self._progress.advance(self._files[address], amount)
        if self._whole is not None:
            self._progress.update(self._whole, words=self._tally.figures())

    def _ended(self, result: Result) -> None:
        if result.change.address in self._files:
            self._progress.remove_task(self._files.pop(result.change.address))
        if self._tally.tells(result, with_report=self._with_report):
            self._show(result_lines(result, self._look))
        self._about("applying")
        if self._tally.done >= self._tally.changes:
            self._progress.stop()
