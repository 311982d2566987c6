"""The real command at a pseudo terminal, or with its streams in files or pipes, and what is then to be seen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

from screen import Screen

_ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_LATER = re.compile(r"\b\d s later")
_PORT = re.compile(r"(127\.0\.0\.1:)(\d{4,5})")


def started(repo: Any, *arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
    """The command with these streams. Colour is as the streams want it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PMSYNC_")}
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
        clean.pop(name, None)
    more = streams.pop("env", {})
    return subprocess.Popen(
        [sys.executable, "-m", "pmsync", *arguments],
        cwd=repo.root,
        env={**clean, **repo.environ, "TERM": "xterm-256color", **more},
        **streams,
    )


def terminal(columns: int) -> tuple[int, int]:
    """Both ends of a pseudo terminal: ours, and the command's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    settings = termios.tcgetattr(theirs)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, settings)
    return ours, theirs


Meanwhile = Callable[[subprocess.Popen[bytes], Callable[[str], None]], None]
"""Has the process in its hands while it runs, and something that waits for words of it."""


def at_terminal(
    repo: Any,
    *arguments: str,
    columns: int = 80,
    colour: bool = True,
    meanwhile: Meanwhile = lambda _process, _wait: None,
) -> tuple[int, Screen, str]:
    """Exit code, the screen in the end, and all that was written; the same in every run."""
    ours, theirs = terminal(columns)
    env = {} if colour else {"NO_COLOR": "1"}
    process = started(repo, *arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    shown = bytearray()

    def wait_for(words: str) -> None:
        while words.encode() not in shown:
            shown.extend(_block(ours) or b"")

    meanwhile(process, wait_for)
    written = same_everywhere(shown.decode() + everything(ours))
    return process.wait(60), Screen(columns).feed(written), written


def everything(ours: int) -> str:
    """All that is written to a terminal until nobody has its other end."""
    shown = b""
    while block := _block(ours):
        shown += block
    os.close(ours)
    return shown.decode()


def _block(ours: int) -> bytes:
    """What comes next; nothing where the last one who had the other end open is gone."""
    try:
        return os.read(ours, 65_536)
    except OSError:
        return b""


def in_files(
    repo: Any, place: Path, *arguments: str, meanwhile: Meanwhile = lambda _process, _wait: None
) -> tuple[int, str, str]:
    """Exit code, and what stands in the files of stdout and stderr; the same in every run."""
    out = place / "out"
    with out.open("wb") as stdout:
        process = started(repo, *arguments, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE)
        assert process.stderr is not None
        said = bytearray()

        def wait_for(words: str) -> None:
            assert process.stderr is not None
            while words.encode() not in said:
                said.extend(process.stderr.readline())

        meanwhile(process, wait_for)
        with process.stderr:
            said.extend(process.stderr.read())
        code = process.wait(60)
    return code, same_everywhere(out.read_text()), same_everywhere(said.decode())


def same_everywhere(text: str) -> str:
    """Ids, ports and times of this run in other letters, each as long as it was."""
    text = _ID.sub(lambda found: re.sub(r"[0-9a-f]", "0", found[0]), text)
    text = _LATER.sub("1 s later", text)
    return _PORT.sub(lambda found: found[1] + "0" * len(found[2]), text)
