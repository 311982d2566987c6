"""The world of a scenario: a repository, what pmsync remembers of it, a tenant, and somebody who types.

Declares as the benches of the planning tests do: contents are written `name:rows`, the text is the identity.
All of it can be kept and put back in milliseconds. Must not know what is expected of a plan.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from canary import must_not_tell
from faults.launcher import Launcher
from whereabouts import folders_in

from pmsync.cli.main import run
from pmsync.emulator.endpoints import EndpointName, Phase
from pmsync.emulator.faultactions import Pause
from pmsync.emulator.faults import Fault
from remedies.tenant import KEY, TENANT, Kept, Live
from remedies.yaml_lines import written

ENVIRONMENT: Final = "dev"
PROJECT: Final = "pmsync.yaml"
MANIFEST: Final = "manifests/m.yaml"
APPROVALS: Final = "approvals.yaml"


@dataclass(frozen=True)
class Ended:
    """One command that ended."""

    line: str
    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"$ {self.line}\n{self.out}{self.err}→ exit {self.code}\n"


_DESTROYS: Final = "to destroy everything in it that pmsync made (empty: no): "


class _Keyboard(io.StringIO):
    """A terminal at which somebody agrees to the whole, and to no consent: the flags are to say that."""

    def __init__(self, screen: io.StringIO) -> None:
        super().__init__()
        self._screen = screen

    def isatty(self) -> bool:
        return True

    def readline(self, *_: Any) -> str:
        asked = self._screen.getvalue()
        if asked.endswith("Apply this plan? [y/N] "):
            return "y\n"
        return f"{ENVIRONMENT}\n" if asked.endswith(_DESTROYS) else "\n"


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Moment:
    """The whole world at one moment."""

    files: dict[Path, tuple[bytes, int]]
    live: Kept


def content_of(text: str) -> str:
    """A CSV for `name:rows`, or `name:rows:column,column`."""
    name, rows, *columns = text.split(":")
    header = columns[0] if columns else "case,activity"
    cells = header.count(",") * ",go"
    return header + "\n" + "".join(f"{name}-{i}{cells}\n" for i in range(1, int(rows) + 1))


class World:
    """One scenario's world."""

    def __init__(self, place: Path, live: Live, launcher: Launcher) -> None:
        self.launcher = launcher
        self.root = place / "repo"
        self.memory = place / "memory"
        self.root.mkdir(parents=True)
        self.live = live
        self.typed: list[Ended] = []
        self.apart = False
        """Whether commands run as processes of their own, and at no terminal."""
        settings = live.emulator.world.ground.settings
        self.environment: dict[str, Any] = {
            "tenantId": TENANT,
            "apiUrl": live.api_url,
            "state": "file",
            "uploads": {"sameName": settings.same_name, "otherName": settings.other_name},
            "verify": {"timeout": "5s"},
        }
        self.variables: dict[str, str] = {}
        self.datasets: dict[str, dict[str, Any]] = {}
        self.write_project()

    # the repository

    def write(self, path: str, text: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def write_project(self) -> None:
        environments = {ENVIRONMENT: self.environment}
        project = {"apiVersion": "pmsync/v1", "project": "remedies", "environments": environments}
        self.write(PROJECT, written(project) + "\n")

    def says(self, **settings: Any) -> None:
        """Change the environment in pmsync.yaml; None takes a key out."""
        for name, value in settings.items():
            self.environment.pop(name, None)
            if value is not None:
                self.environment[name] = value
        self.write_project()

    def behaves(self, same_name: str, other_name: str = "adds") -> None:
        """What pmsync.yaml says of the tenant, which need not be so."""
        known = {"sameName": same_name, "otherName": other_name}
        self.says(uploads={key: value for key, value in known.items() if value != "unknown"} or None)

    def declare(
        self, key: str, tables: Mapping[str, Mapping[str, str] | None] | None = None, **more: Any
    ) -> None:
        """Declare a dataset with `{table: {file: content}}`; `name`, `folder`, `protect`, `on_removal`,
        `append`, and `named={table: displayName}`, are what they are called.
        """
        spec: dict[str, Any] = {}
        names = {"name": "displayName", "folder": "folder", "protect": "protect", "on_removal": "onRemoval"}
        spec |= {yaml: more[name] for name, yaml in names.items() if more.get(name) is not None}
        named = more.get("named", {})
        made: dict[str, Any] = {}
        for table, files in (tables or {}).items():
            made[table] = {"displayName": named[table]} if table in named else {}
            if files is not None:
                made[table]["sources"] = self._sources(key, table, files, append=more.get("append", False))
        if made:
            spec["datatables"] = made
        self.datasets[key] = spec
        self.write_manifest()

    def _sources(self, key: str, table: str, files: Mapping[str, str], *, append: bool) -> list[Any]:
        folder = f"data/{key}/{table}"
        for old in (self.root / folder).glob("*"):
            if old.name not in files:
                old.unlink()
        for name, content in files.items():
            file = self.root / folder / name
            if not file.exists() or file.read_text() != content_of(content):
                self.write(f"{folder}/{name}", content_of(content))
        if append:
            return [{"path": f"{folder}/*.csv", "mode": "append"}]
        return [f"{folder}/{name}" for name in files]

    def events(self, *, append: bool = False, **files: str) -> None:
        """The sources of `o.events`, each file a keyword without its `.csv`."""
        named = {f"{name}.csv": content for name, content in files.items()}
        self.declare("o", {"events": named}, append=append)

    def undeclare(self, *keys: str, files: bool = True) -> None:
        """Take datasets out of the manifest; their files stay unless `files` says otherwise."""
        for key in keys:
            del self.datasets[key]
            if not files:
                for file in (self.root / "data" / key).rglob("*.csv"):
                    file.unlink()
        self.write_manifest()

    def write_manifest(self) -> None:
        text = written({"apiVersion": "pmsync/v1", "datasets": self.datasets}) if self.datasets else ""
        self.write(MANIFEST, text + "\n")

    # the command

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_CONFIG") if name in os.environ}
        home = {"HOME": str(self.root.parent), **folders_in(self.memory)}
        ours = {"PMSYNC_API_KEY": KEY, "PMSYNC_API_URL": self.live.api_url, "TERM": "dumb", "COLUMNS": "120"}
        return {**kept, **home, **ours, "LC_ALL": "C.UTF-8", **self.variables}

    def type(self, line: str) -> Ended:
        """Type a line at a terminal in the repository; a whole plan is agreed to, nothing else."""
        program, *arguments = shlex.split(line)
        assert program == "pmsync", line
        ended = self._ran(tuple(arguments), line)
        self.typed.append(ended)
        return ended

    def call(self, *arguments: str) -> Ended:
        """The same without a shell's quotes."""
        return self.type(shlex.join(("pmsync", *arguments)))

    def _ran(self, arguments: tuple[str, ...], line: str) -> Ended:
        if self.apart:
            return self._ran_apart(arguments, line)
        out, err = _Screen(), _Screen()
        with _instead_of_ours(self.environ, self.root, (_Keyboard(err), out, err)):
            code = run(arguments)
        must_not_tell(out.getvalue() + err.getvalue())
        assert "Traceback" not in err.getvalue(), err.getvalue()
        return Ended(line, code, out.getvalue(), err.getvalue())

    def _ran_apart(self, arguments: tuple[str, ...], line: str) -> Ended:
        if arguments[0] == "apply" and "--auto-approve" not in arguments:
            arguments = (*arguments, "--auto-approve")  # nobody is there who could agree
        out, err = self.root.parent / "out", self.root.parent / "err"
        process = self.launcher.start(*arguments, cwd=self.root, env=self.environ, output=out, errors=err)
        code = process.wait(120)
        must_not_tell(out.read_text() + err.read_text())
        return Ended(line, code, out.read_text(), err.read_text())

    def killed(
        self, line: str, at: EndpointName, moment: Phase = "before-commit", *, occurrence: int = 1
    ) -> None:
        """Type a line, and kill the process at this moment of this request; what is not done by then never is."""
        faults = self.live.emulator.faults
        faults.add(Fault(Pause(), endpoint=at, phase=moment, occurrence=occurrence))
        _, *arguments = shlex.split(line)
        process = self.launcher.start(
            *arguments, cwd=self.root, env=self.environ, output=self.root.parent / "killed"
        )
        try:
            paused = faults.wait_paused(30)
        except TimeoutError:
            raise AssertionError(f"no {at} in: {process.said}") from None
        process.kill()
        process.wait()
        paused.drop()
        faults.clear()

    def plan(self, *options: str) -> Any:
        """The plan as data."""
        ended = self.call("plan", "-e", ENVIRONMENT, "--format", "json", *options)
        assert ended.code in {0, 7}, f"{ended}"
        return json.loads(ended.out)

    def apply(self, *allow: str, **options: Any) -> Ended:
        """Apply with these consents; `must=False` where it need not end well."""
        arguments = ["apply", "-e", ENVIRONMENT, "--auto-approve"]
        arguments += [part for one in allow for part in ("--allow", one)]
        arguments += [part for one in options.get("assume", ()) for part in ("--assume-uploaded", one)]
        arguments += [part for one in options.get("reupload", ()) for part in ("--reupload", one)]
        arguments += ["--safe-only"] if options.get("safe_only") else []
        if not self.has_state:
            arguments.append("--new-state")
        ended = self.call(*arguments)
        wanted = options.get("exits", 0)
        assert wanted is None or ended.code == wanted, self.story
        return ended

    # what it remembers

    @property
    def state_files(self) -> list[Path]:
        return sorted((self.memory / "state").rglob("state*.json")) if self.memory.exists() else []

    @property
    def has_state(self) -> bool:
        return bool(self.state_files)

    def forge(self, change: Callable[[Any], object]) -> None:
        """Change the state by hand, as nobody should."""
        (file,) = [one for one in self.state_files if one.name == "state.json"]
        state = json.loads(file.read_text())
        change(state)
        file.write_text(json.dumps(state))

    def lose_state(self) -> None:
        """The state folder is gone."""
        for file in (self.memory / "state").rglob("*"):
            if file.is_file():
                file.unlink()

    # keeping and putting back

    def keep(self) -> Moment:
        folders = (self.root, self.memory / "state")
        files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
        return Moment({file: (file.read_bytes(), file.stat().st_mode) for file in files}, self.live.keep())

    def put_back(self, moment: Moment) -> None:
        for folder in (self.root, self.memory / "state"):
            for file in folder.rglob("*"):
                if file.is_file() and file not in moment.files:
                    file.unlink()
        for file, (content, mode) in moment.files.items():
            if not file.exists() or file.read_bytes() != content:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.unlink(missing_ok=True)
                file.write_bytes(content)
                file.chmod(mode)
        self.live.put_back(moment.live)

    @property
    def story(self) -> str:
        """What was typed and said, for whoever looks at a failure."""
        return "\n" + "\n".join(map(str, self.typed[-6:]))


@contextlib.contextmanager
def _instead_of_ours(
    environ: Mapping[str, str], folder: Path, streams: tuple[Any, Any, Any]
) -> Iterator[None]:
    """The environment, the folder and the streams of a command that is called in this process."""
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        for name in os.environ:
            patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        patch.setattr(tempfile, "tempdir", None)  # where it is, is remembered by the process
        yield
