"""The child process that reads workbooks: started with nothing, fed bytes, stopped in time.

It gets no environment (the API key stands there), no descriptor but its two pipes, no working folder, and
a Python that takes modules from the standard library and from where this process has the workbook library,
never from the working folder, a user's site or PYTHONPATH. It is in a process group of its own, so that
Ctrl-C is for the parent to decide; when the parent ends, however it ends, so does the child.
This module must not know what is asked and what is answered.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from typing import Final

_FOLDER: Final = os.path.dirname(os.path.abspath(__file__))
_START: Final = "import sys; sys.path += sys.argv[1:]; from child.main import main; main()"

_KEPT: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What a Python that was not installed in the usual place needs to find its own library."""

_MAX_ANSWER: Final = 4 * 1024**2
_LAST_BREATH: Final = 5.0
"""Seconds for a process to be gone that has closed its pipes or was killed."""

_OUT_OF_MEMORY: Final = frozenset({signal.SIGABRT, signal.SIGKILL})
"""How a process ends that gets no more memory: by its own hand, or by the system's."""


class Ended(Exception):
    """The child ended instead of answering: which fault of the file that is, and the signal if any."""

    def __init__(self, fault: str, signal_name: str = "") -> None:
        super().__init__(fault)
        self.fault = fault
        self.signal = signal_name


class ReaderProcess:
    """One child process; to be stopped after anything that it did not answer in full."""

    def __init__(self) -> None:
        """Start it; Ended if that fails."""
        self._late = False
        try:
            self._child = subprocess.Popen(  # noqa: S603 - this very Python, and arguments of our own
                [sys.executable, "-I", "-S", "-X", "utf8", "-c", _START, _FOLDER, _library()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={name: os.environ[name] for name in _KEPT if name in os.environ},
                process_group=0,
            )
        except OSError as problem:
            raise Ended("start") from problem

    def ask(self, size: int, blocks: Iterable[bytes], *, seconds: float) -> bytes:
        """The line that answers `size` bytes; Ended if none comes within the seconds."""
        timer = threading.Timer(seconds, self._too_late)
        timer.daemon = True
        timer.start()
        try:
            line = self._answer(size, blocks)
        finally:
            timer.cancel()
            timer.join()
        if not line.endswith(b"\n"):
            raise self._end(garbage=len(line) > _MAX_ANSWER)
        return line

    def _answer(self, size: int, blocks: Iterable[bytes]) -> bytes:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            self._child.stdin.write(b"%d\n" % size)
            left = size
            for block in blocks:
                self._child.stdin.write(block[:left])
                left -= min(left, len(block))
            self._child.stdin.write(bytes(left))
            self._child.stdin.flush()
        except BrokenPipeError:
            return b""
        return self._child.stdout.readline(_MAX_ANSWER + 1)

    def _too_late(self) -> None:
        self._late = True
        self._child.kill()

    def _end(self, *, garbage: bool) -> Ended:
        if garbage:
            self._child.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(_LAST_BREATH)
        code = self._child.poll()
        self.stop()
        if self._late or code == -signal.SIGXCPU:
            return Ended("time")
        if garbage or code is None or code >= 0:
            return Ended("garbage")
        if -code in _OUT_OF_MEMORY:
            return Ended("memory")
        return Ended("crash", signal.Signals(-code).name)

    def stop(self) -> None:
        """End it now, whatever it does."""
        self._child.kill()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was not sent yet has nowhere to go
                    pipe.close()
        self._child.wait()


def _library() -> str:
    """The folder of the workbook library: where this process finds it, but never the working folder."""
    here = os.path.realpath(os.getcwd())
    path = [folder for folder in sys.path if folder and os.path.realpath(folder) != here]
    spec = importlib.machinery.PathFinder.find_spec("python_calamine", path)
    if spec is None or spec.origin is None:
        raise Ended("start")
    return os.path.dirname(os.path.dirname(os.path.abspath(spec.origin)))
