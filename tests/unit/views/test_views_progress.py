"""Progress: a line for each finished change, a sign of life in long silences, bars where somebody looks."""

import io
import json
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from screen import Screen

from pmsync.model.address import Address
from pmsync.model.events import (
    BytesSent,
    ChangeBegan,
    ChangeEnded,
    CutOff,
    Event,
    Reading,
    RunBegan,
    StillWaiting,
    Stopping,
    WaitingForRows,
)
from pmsync.model.plan import Upload
from pmsync.model.report import Fate, Result
from pmsync.views.progress import CUT_OFF_WORDS, HEARTBEAT, JsonProgress, PlainProgress, warnings_alone
from pmsync.views.progress_bars import FILES_SHOWN, BarProgress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def change(upload: Callable[..., Upload]) -> Upload:
    return upload("a.b/c.csv", rows=12, size=2_048)


def every_event(change: Upload) -> list[Event]:
    return [
        Reading("the tenant"),
        RunBegan(2, 2_048),
        ChangeBegan(change),
        BytesSent(change.address, 1_024),
        WaitingForRows(Address("a.b"), 0, 12),
        ChangeEnded(Result(change=change, fate=Fate.DONE)),
    ]


def test_plain_progress_is_one_line_for_each_finished_change(change: Upload) -> None:
    said: list[str] = []
    progress = PlainProgress(said.append, clock=Clock())
    for event in every_event(change):
        progress(event)
    assert said == ["reading the tenant\n", "✓ uploaded a.b/c.csv (2.0 KiB, 12 rows)\n"]


def test_after_a_long_silence_comes_a_sign_of_life(change: Upload) -> None:
    said: list[str] = []
    clock = Clock()
    progress = PlainProgress(said.append, clock=clock)
    progress(RunBegan(2, 2_048))
    clock.now = HEARTBEAT
    progress(BytesSent(change.address, 1_024))
    progress(BytesSent(change.address, 1))
    clock.now = 2 * HEARTBEAT
    progress(WaitingForRows(Address("a.b"), 0, 12))
    assert said == ["working: 0 of 2 changes, 1.0 KiB of 2.0 KiB sent\n"]


WAITS = StillWaiting("an answer to GET /x\x1b[2J", seconds=5.2, left=594.8, others=2)
TOLD = (
    "waiting for an answer to GET /x\\x1b[2J: 5.2 s so far, at most 9 min 55 s more (2 more waits like it)\n"
)


def test_a_wait_says_what_for_since_when_and_until_when() -> None:
    said: list[str] = []
    PlainProgress(said.append, clock=Clock())(WAITS)
    assert said == [TOLD]


def test_a_wait_is_told_above_the_bars_too() -> None:
    stream = io.StringIO()
    with BarProgress(stream, colour=False) as bars:
        bars(WAITS)
    assert stream.getvalue().split() == TOLD.split()


def test_a_wait_in_json_has_its_seconds() -> None:
    said: list[str] = []
    JsonProgress(said.append, clock=Clock())(WAITS)
    assert json.loads(said[0]) == {
        "event": "waiting",
        "for": "an answer to GET /x\x1b[2J",
        "seconds": 5.2,
        "secondsLeft": 594.8,
        "others": 2,
    }


def test_who_wants_it_quiet_hears_of_no_wait() -> None:
    said: list[str] = []
    warnings_alone(said.append)(WAITS)
    assert said == []


def test_bytes_of_an_attempt_that_starts_again_are_taken_back(change: Upload) -> None:
    said: list[str] = []
    clock = Clock()
    progress = PlainProgress(said.append, clock=clock)
    progress(RunBegan(1, 2_048))
    progress(BytesSent(change.address, 2_048))
    clock.now = HEARTBEAT
    progress(BytesSent(change.address, -2_048))
    assert said == ["working: 0 of 1 change, 0 B of 2.0 KiB sent\n"]


def test_a_run_without_uploads_counts_no_bytes(change: Upload) -> None:
    said: list[str] = []
    clock = Clock()
    progress = PlainProgress(said.append, clock=clock)
    progress(RunBegan(1, 0))
    clock.now = HEARTBEAT
    progress(ChangeBegan(change))
    assert said == ["working: 0 of 1 change\n"]


def test_json_progress_is_one_object_a_line(change: Upload) -> None:
    said: list[str] = []
    clock = Clock()
    progress = JsonProgress(said.append, clock=clock)
    for event in every_event(change):
        progress(event)
    clock.now = HEARTBEAT
    progress(BytesSent(change.address, 1))
    kinds = [json.loads(one)["event"] for one in said]
    assert kinds == [
        "reading",
        "run-began",
        "change-began",
        "waiting-for-rows",
        "change-ended",
        "progress",
    ]
    ended = json.loads(said[4])
    assert (ended["action"], ended["fate"], ended["address"]) == ("upload", "done", "a.b/c.csv")
    assert json.loads(said[5]) == {"event": "progress", "sent": 1_025, "done": 1, "of": 2}


@pytest.mark.parametrize("kind", [PlainProgress, JsonProgress])
def test_lines_of_many_threads_are_whole(kind: Any, change: Upload) -> None:
    said: list[str] = []
    progress = kind(said.append, clock=Clock())
    ended = ChangeEnded(Result(change=change, fate=Fate.DONE))
    threads = [threading.Thread(target=lambda: [progress(ended) for _ in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 1_600
    assert len(set(said)) == 1


def test_bars_show_the_run_and_at_most_four_files(upload: Callable[..., Upload]) -> None:
    stream = io.StringIO()
    files = [upload(f"a.b/{at}.csv", rows=1, size=10) for at in range(FILES_SHOWN + 2)]
    with BarProgress(stream, colour=True) as bars:
        bars(Reading("the tenant"))
        bars(RunBegan(len(files), 60))
        for one in files:
            bars(ChangeBegan(one))
            bars(BytesSent(one.address, 5))
        bars.refresh()
        shown = set(re.findall(r"\d\.csv", stream.getvalue()))
        bars(WaitingForRows(Address("a.b"), 0, 6))
        bars.refresh()
        for one in files:
            bars(ChangeEnded(Result(change=one, fate=Fate.DONE)))
        before = len(stream.getvalue())
        bars(Reading("the tenant"))
        assert stream.getvalue()[before:] == "reading the tenant\n", "no bars any more"
    assert len(shown) == FILES_SHOWN
    text = stream.getvalue()
    assert re.search(r"waiting for rows.*a\.b: 0 of 6", text)
    assert text.count("\x1b[32m✓\x1b[0m uploaded") == len(files)
    assert "\x1b[?25h" in text, "the cursor comes back"


@pytest.mark.parametrize("fate", [fate for fate in Fate if fate is not Fate.DONE])
def test_what_did_not_work_is_left_to_the_report_where_that_goes_to_the_same_place(
    change: Upload, fate: Fate
) -> None:
    said, stream = [], io.StringIO()
    ended = ChangeEnded(Result(change=change, fate=fate))
    PlainProgress(said.append, clock=Clock(), with_report=True)(ended)
    with BarProgress(stream, colour=False, with_report=True) as bars:
        bars(ended)
    assert said == []
    assert str(change.address) not in stream.getvalue()


STOPPING = Stopping(5.0)


def test_who_stops_says_what_is_finished_first(upload: Callable[..., Upload]) -> None:
    said: list[str] = []
    progress = PlainProgress(said.append, clock=Clock())
    files = [upload(f"a.b/{at}.csv", rows=1, size=10) for at in range(5)]
    for one in files:
        progress(ChangeBegan(one))
    progress(ChangeEnded(Result(change=files[0], fate=Fate.DONE)))
    progress(STOPPING)
    assert said[-1] == (
        "stopping: nothing new is started; upload a.b/1.csv, upload a.b/2.csv, upload a.b/3.csv and 1 more "
        "gets up to 5 s to end (a second signal stops at once)\n"
    )


def test_who_stops_is_told_in_json_and_where_it_is_to_be_quiet_too() -> None:
    said: list[str] = []
    for observer in (JsonProgress(said.append, clock=Clock()), warnings_alone(said.append)):
        for event in (STOPPING, CutOff()):
            observer(event)
    assert [json.loads(one)["event"] for one in said[:2]] == ["stopping", "cut-off"]
    assert said[2].startswith("stopping: nothing new is started; what is under way gets up to 5 s")
    assert said[3] == f"{CUT_OFF_WORDS}\n"


def test_who_is_cut_off_leaves_no_bar(upload: Callable[..., Upload]) -> None:
    stream = io.StringIO()
    with BarProgress(stream, colour=False) as bars:
        bars(RunBegan(1, 10))
        bars(CutOff())
        assert stream.getvalue().endswith(f"\x1b[2K{CUT_OFF_WORDS}\n")


def test_no_bar_is_drawn_before_anything_is_sent() -> None:
    stream = io.StringIO()
    with BarProgress(stream, colour=False) as bars:
        bars(Reading("the tenant"))
    assert stream.getvalue() == "reading the tenant\n"


def test_bars_take_bytes_of_files_that_have_no_bar(upload: Callable[..., Upload]) -> None:
    stream = io.StringIO()
    with BarProgress(stream, colour=False) as bars:
        bars(BytesSent(Address("a.b/c.csv"), 5))
        bars(ChangeEnded(Result(change=upload("a.b/c.csv", rows=1, size=1), fate=Fate.FAILED)))
    assert "✗ failed: upload a.b/c.csv" in stream.getvalue()


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_bars_keep_to_the_width(
    upload: Callable[..., Upload], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = io.StringIO()
    file = upload("order-to-cash.events/events-2024-of-all-plants.csv", rows=1, size=3_000_000)
    with BarProgress(stream, colour=False) as bars:
        bars(RunBegan(12, 9_000_000))
        bars(ChangeBegan(file))
        bars(WaitingForRows(file.address.datatable_address, 0, 12_000))
        bars.refresh()
        shown = Screen(columns).feed(stream.getvalue()).text()
    assert "0 of 12,000" in shown
    assert "….…" not in shown
    assert len(shown.splitlines()) == 2
