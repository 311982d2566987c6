"""Starts the real command as real processes, a dozen times faster than exec does.

One helper process imports pmsync once; each start is a fork of it that runs `pmsync.cli.main.main` to its very
end. Why that stands in fairly for `pmsync …` started by exec: the child has its own pid, memory, descriptors,
streams, working folder and environment; it shares no lock and no connection with anybody (the helper has opened
none); SIGKILL ends it at any instruction, the kernel then takes its locks away; it ends through the
interpreter's own exit. What it is spared is importing: modules without state, and caches of compiled
patterns. What exec alone would show (a lazy import that fails) other tests start plainly, and one test here
holds both ways against each other.

The helper is started plainly, because whoever rigs has threads, and a fork of those is no process to trust.
It must not know what the commands do.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NoReturn, Self

ROOT: Final = Path(__file__).resolve().parents[2]
_LAZY: Final = ("charset_normalizer", "idna", "encodings.idna", "getpass", "stringprep", "unicodedata")
"""What libraries import when they first need it."""


class Process:
    """One run of the command. `output` holds what it said, once it has ended."""

    def __init__(self, launcher: Launcher, pid: int, output: Path) -> None:
        self._launcher = launcher
        self.pid = pid
        self.output = output

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal; nothing happens to one that has ended."""
        with self._launcher.changed:
            if self.pid not in self._launcher.ended:
                os.kill(self.pid, number)

    def wait(self, timeout: float = 60.0) -> int:
        """Its exit code; of one that a signal ended, minus the signal. Raises TimeoutError."""
        launcher = self._launcher
        with launcher.changed:
            if not launcher.changed.wait_for(lambda: self.pid in launcher.ended, timeout):
                raise TimeoutError(f"process {self.pid} did not end within {timeout:g} seconds")
            return launcher.ended[self.pid]

    @property
    def has_ended(self) -> bool:
        return self.pid in self._launcher.ended

    @property
    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="backslashreplace")


class Launcher:
    """The helper process, as seen from whoever starts commands through it. Threads may share one."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.ended: dict[int, int] = {}
        self._started: list[int] = []
        self._starting = threading.Lock()

    def __enter__(self) -> Self:
        ours, theirs = socket.socketpair()
        with theirs:
            self._helper = subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__).resolve()), str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
            )
        self._socket = ours
        self._reader = threading.Thread(target=self._read, name="launcher", daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.shutdown(socket.SHUT_WR)  # the helper ends whatever still runs, and itself
        self._helper.wait(timeout=30)
        self._reader.join(timeout=30)
        self._socket.close()

    def start(
        self, *arguments: str, cwd: Path, env: Mapping[str, str], output: Path, errors: Path | None = None
    ) -> Process:
        """Start `pmsync` with these arguments, and nothing to read.

        Its stdout and stderr go to the file `output`, or its stderr to `errors`.
        """
        wanted = {
            "arguments": arguments,
            "cwd": str(cwd),
            "env": dict(env),
            "output": str(output),
            "errors": str(errors or output),
        }
        with self._starting:
            self._socket.sendall(json.dumps(wanted).encode() + b"\n")
            with self.changed:
                if not self.changed.wait_for(lambda: self._started, 60):
                    raise TimeoutError("the launcher's helper process does not answer")
                pid = self._started.pop()
        return Process(self, pid, output)

    def _read(self) -> None:
        with self._socket.makefile("rb") as lines:
            for line in lines:
                said = json.loads(line)
                with self.changed:
                    if "started" in said:
                        self.ended.pop(said["started"], None)  # the kernel has begun pids anew
                        self._started.append(said["started"])
                    else:
                        self.ended[said["ended"]] = said["code"]
                    self.changed.notify_all()


# --- in the helper


def _import_everything() -> None:
    import pmsync  # noqa: PLC0415 - the rig's own process needs nothing of it

    for module in pkgutil.walk_packages(pmsync.__path__, "pmsync."):
        if not module.name.startswith(("pmsync.emulator", "pmsync.__main__")):
            importlib.import_module(module.name)
    for name in _LAZY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _serve(control: socket.socket) -> dict[str, Any] | None:
    """Fork for every line of the socket. In a child: what it is to run; in the helper: None, at the end."""
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    children: set[int] = set()
    pending = b""
    while True:
        ready, _, _ = select.select([control, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            _report_ended(control, children)
        if control not in ready:
            continue
        chunk = control.recv(1 << 16)
        if not chunk:
            for pid in children:
                os.kill(pid, signal.SIGKILL)
            return None
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                os.close(wake)
                os.close(woken)
                control.close()
                return json.loads(line)
            children.add(pid)
            _say(control, started=pid)


def _report_ended(control: socket.socket, children: set[int]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        children.discard(pid)
        _say(control, ended=pid, code=os.waitstatus_to_exitcode(status))


def _say(control: socket.socket, **what: int) -> None:
    control.sendall(json.dumps(what).encode() + b"\n")


def _become(wanted: Mapping[str, Any]) -> NoReturn:
    """The child: a process as exec would have made it, up to the call of the program."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for path, stream in ((wanted["output"], 1), (wanted["errors"], 2)):
        new = os.O_TRUNC if stream == 1 or path != wanted["output"] else 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | new, 0o600)
        os.dup2(descriptor, stream)
        os.close(descriptor)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    sys.argv = ["pmsync", *wanted["arguments"]]
    from pmsync.cli.main import main  # noqa: PLC0415 - imported long ago

    main()


def _help(descriptor: int) -> None:
    control = socket.socket(fileno=descriptor)
    _import_everything()
    gc.collect()
    gc.freeze()  # a child's collector has no reason to copy all these pages
    wanted = _serve(control)
    if wanted is not None:
        _become(wanted)


if __name__ == "__main__":
    _help(int(sys.argv[1]))
