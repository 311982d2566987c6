"""A repository on disk, as the loading tests need it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pmsync.diagnostics import Diagnostic
from pmsync.errors import InputError
from pmsync.loading.repository import Loaded, Wish, load

FINE = {
    "pmsync.yaml": "apiVersion: pmsync/v1\n"
    "project: fine\n"
    "variables: {data: {default: data}, unset: {}}\n"
    "environments: {local: {tenant: emulator}}\n",
    "manifests/m.yaml": "apiVersion: pmsync/v1\ndatasets: {fine: {}}\n",
}


class Repository:
    """A folder with a repository in it; what is not given is fine."""

    def __init__(self, root: Path, files: Mapping[str, str]) -> None:
        self.root = root
        for name, text in {**FINE, **files}.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def load(self, wish: Wish | None = None) -> Loaded:
        return load(str(self.root / "pmsync.yaml"), wish or Wish())

    def refused(self, wish: Wish | None = None) -> tuple[Diagnostic, ...]:
        """What is said of it; loading it must fail."""
        with pytest.raises(InputError) as caught:
            self.load(wish)
        return caught.value.diagnostics

    def codes(self, wish: Wish | None = None) -> list[tuple[str, str]]:
        """Where and what, of what is said of it."""
        return [(str(one.location), one.code) for one in self.refused(wish)]


@pytest.fixture
def repository(tmp_path: Path) -> Callable[..., Repository]:
    def make(files: Mapping[str, str] | None = None, *, manifest: str = "", project: str = "") -> Repository:
        given = dict(files or {})
        if manifest:
            given["manifests/m.yaml"] = "apiVersion: pmsync/v1\n" + manifest
        if project:
            given["pmsync.yaml"] = "apiVersion: pmsync/v1\nproject: x\n" + project
        return Repository(tmp_path, given)

    return make
