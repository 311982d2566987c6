"""What pmsync asks a person: consents one by one, then the whole. Both ends are a pseudo terminal."""

import contextlib
import json
import os
import pty
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from whereabouts import folders_in

from pmsync.cli.asking import consents_from
from pmsync.cli.main import run
from pmsync.model.address import Address
from pmsync.model.consent import Approval, Consent

Asked = Callable[..., tuple[int, str]]
WHOLE = "Apply this plan? [y/N]"
THEIRS = ("--assume-uploaded", "returns.events/returns.csv")


@contextlib.contextmanager
def _terminal(typed: str) -> Iterator[list[str]]:
    """The standard streams at a pseudo terminal where this is typed; at the end, all that was shown."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    shown: list[str] = []
    reader = threading.Thread(target=lambda: shown.append(_everything(ours)))
    reader.start()
    before = sys.stdin, sys.stdout, sys.stderr
    streams = [os.fdopen(os.dup(theirs), mode, encoding="utf-8") for mode in ("r", "w", "w")]
    sys.stdin, sys.stdout, sys.stderr = streams
    try:
        yield shown
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
        for stream in streams:
            stream.close()
        os.close(theirs)
        reader.join()
        os.close(ours)


def _everything(ours: int) -> str:
    shown = b""
    while True:
        try:
            shown += os.read(ours, 65_536)
        except OSError:  # the last one who had the other end open is gone
            return shown.decode()


@pytest.fixture
def asked(project: Path, memory: Path, pmsync: Any, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Runs pmsync at a terminal where these lines are typed; gives the exit code and all that was shown."""
    assert pmsync("apply", "--auto-approve").code == 0
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "PMSYNC_ENV"):
        monkeypatch.delenv(name, raising=False)
    for name, folder in folders_in(memory).items():
        monkeypatch.setenv(name, folder)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.chdir(project)

    def call(*arguments: str, lines: tuple[str, ...] = ()) -> tuple[int, str]:
        with _terminal("".join(f"{line}\n" for line in lines)) as shown:
            code = run(arguments)
        return code, shown[0]

    return call


def without_returns(project: Path) -> None:
    (project / "manifests" / "returns.yaml").unlink()


def unmanaged(pmsync: Any) -> None:
    """`returns` is live, and nobody manages it: it can be adopted."""
    assert pmsync("state", "forget", "returns").code == 0


def change_a_file(project: Path) -> None:
    with (project / "data" / "orders-2025.csv").open("a", encoding="utf-8") as file:
        file.write("SO25-1001,Close case,2025-04-30T16:12:00,System,0.00\n")


def live(pmsync: Any) -> list[str]:
    """The datasets of the tenant, by name."""
    things = json.loads(pmsync("ls", "--format", "json").out)["things"]
    return sorted(one["displayName"] for one in things if one["kind"] == "dataset")


def test_what_deletes_asks_for_its_address(asked: Asked, project: Path, pmsync: Any) -> None:
    without_returns(project)
    code, shown = asked("apply", lines=("returns", "y"))
    assert code == 0
    assert shown.index("type the address (returns) to delete it (empty: no):") < shown.index(WHOLE)
    assert live(pmsync) == ["Order to Cash"]


@pytest.mark.parametrize("answer", ["y", "yes", "Returns", "returns.", "", "\x04"])
def test_anything_else_than_the_address_deletes_nothing(
    asked: Asked, project: Path, pmsync: Any, answer: str
) -> None:
    without_returns(project)
    code, shown = asked("apply", lines=(answer, "y"))
    assert code == 3
    assert WHOLE not in shown
    assert live(pmsync) == ["Order to Cash", "Returns"]


def test_an_address_alone_is_not_yet_a_yes_to_the_whole(asked: Asked, project: Path, pmsync: Any) -> None:
    without_returns(project)
    code, shown = asked("apply", lines=("returns", "n"))
    assert code == 3
    assert "declined: nothing was sent" in shown
    assert live(pmsync) == ["Order to Cash", "Returns"]


def test_what_destroys_nothing_is_nodded_through(asked: Asked, pmsync: Any) -> None:
    unmanaged(pmsync)
    code, shown = asked("apply", *THEIRS, lines=("y", "y"))
    assert code == 0
    assert "Consent to adopt for returns? [y/N]" in shown
    assert "returns" in pmsync("state", "list").out


@pytest.mark.parametrize("answer", ["n", "", "returns"])
def test_an_adoption_that_is_declined_stays_blocked(asked: Asked, pmsync: Any, answer: str) -> None:
    unmanaged(pmsync)
    code, shown = asked("apply", *THEIRS, lines=(answer, "y"))
    assert code == 3
    assert WHOLE not in shown
    assert "returns" not in pmsync("state", "list").out


def test_the_second_consent_of_a_change_is_asked_for_too(asked: Asked, project: Path, pmsync: Any) -> None:
    without_returns(project)
    (project / "data" / "returns.csv").unlink()
    code, shown = asked("apply", lines=("returns", "n", "y"))
    assert code == 3
    assert "Consent to loss for returns? [y/N]" in shown
    assert live(pmsync) == ["Order to Cash", "Returns"]
    assert asked("apply", lines=("returns", "y", "y"))[0] == 0
    assert live(pmsync) == ["Order to Cash"]


def test_safe_only_runs_the_rest_when_a_consent_is_declined(asked: Asked, project: Path, pmsync: Any) -> None:
    without_returns(project)
    change_a_file(project)
    code, shown = asked("apply", "--safe-only", lines=("", "y"))
    assert code == 0
    assert "1 done, 1 pending" in shown
    assert live(pmsync) == ["Order to Cash", "Returns"]


def test_a_row_that_a_flag_decides_is_not_asked_for(asked: Asked, project: Path, pmsync: Any) -> None:
    path = project / "manifests" / "returns.yaml"
    path.write_text(
        path.read_text("utf-8").replace("displayName: Returns", "displayName: Sent back"), "utf-8"
    )
    code, shown = asked("apply", lines=("returns", "y"))
    assert code == 3
    assert "type the address" not in shown
    assert "--allow replace:returns" in shown


def test_nothing_is_asked_where_no_answer_would_make_it_run(asked: Asked, pmsync: Any) -> None:
    unmanaged(pmsync)
    code, shown = asked("apply", lines=("y", "y"))
    assert code == 3
    assert "[y/N]" not in shown, "whether the rows are ours is for a flag to say"
    code, shown = asked("apply", "--safe-only", lines=("y", "y"))
    assert code == 3, "a file that is here was not sent"
    assert "Consent to adopt for returns? [y/N]" in shown


def test_auto_approve_asks_nothing_not_even_at_a_terminal(asked: Asked, project: Path) -> None:
    change_a_file(project)
    code, shown = asked("apply", "--auto-approve")
    assert code == 0
    assert "[y/N]" not in shown


def test_nothing_to_do_asks_nothing(asked: Asked) -> None:
    code, shown = asked("apply")
    assert code == 0
    assert "No changes." in shown
    assert WHOLE not in shown


def test_destroy_asks_for_the_environment_s_name(asked: Asked, pmsync: Any) -> None:
    code, shown = asked("destroy", lines=("local",))
    assert code == 0
    assert "type the name (local) to destroy everything in it that pmsync made (empty: no):" in shown
    assert live(pmsync) == []


@pytest.mark.parametrize("answer", ["y", "prod", "", "\x04"])
def test_destroy_takes_no_other_answer(asked: Asked, pmsync: Any, answer: str) -> None:
    code, shown = asked("destroy", lines=(answer,))
    assert code == 3
    assert "declined: nothing was sent" in shown
    assert live(pmsync) == ["Order to Cash", "Returns"]


def test_destroy_does_not_ask_again_where_the_name_was_given(asked: Asked, pmsync: Any) -> None:
    code, shown = asked("destroy", "--confirm", "local")
    assert code == 0
    assert "Type local" not in shown
    assert live(pmsync) == []


@pytest.mark.parametrize(("answer", "given"), [("y", ["adopt:*"]), ("n", [])])
def test_very_many_adoptions_are_asked_for_at_once(
    monkeypatch: pytest.MonkeyPatch, answer: str, given: list[str]
) -> None:
    wanted = [
        Approval(environment="dev", address=Address(f"d{i}"), consent=Consent.ADOPT, live_id=f"id-{i}")
        for i in range(21)
    ]
    questions: list[str] = []

    def ask(question: str) -> str:
        questions.append(question)
        return answer

    monkeypatch.setattr("pmsync.cli.output.ask", ask)
    monkeypatch.setattr("pmsync.cli.asking.approvals_for", lambda _: wanted)
    plan: Any = None
    assert [str(one) for one in consents_from(plan)] == given
    assert questions == ["Consent to adopt for all 21 of them? [y/N] "]
