"""What the global options say, wherever on the line they stood: plain values.

Environment variables are looked at last. Must stay light: whatever declares a command imports it. It must not
know how options are spelled or what a choice leads to.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, NamedTuple

import click

from pmsync.cli.choices import Given

DEFAULT_PARALLELISM: Final = 8
DEFAULT_REQUEST_TIMEOUT: Final = 60.0
"""Seconds that one request to the API may take in all, and that a lost one is waited for."""


class GlobalOptions(NamedTuple):
    """The choices of one call. Hosts and source roots are here because no file may choose them.

    `quiet` and `verbose` count; `color` is auto, always or never; `log_format` text
    or json.
    """

    config: str | None = None
    chdir: str | None = None
    env: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    quiet: int = 0
    verbose: int = 0
    color: str = "auto"
    log_format: str = "text"
    parallelism: int = DEFAULT_PARALLELISM
    request_timeout: float = DEFAULT_REQUEST_TIMEOUT
    lock_timeout: float = 0.0
    timings: bool = False
    api_url: str | None = None
    upload_hosts: tuple[str, ...] = ()
    source_roots: tuple[str, ...] = ()


def chosen(ctx: click.Context) -> GlobalOptions:
    """The global options of this call."""
    given = ctx.find_root().obj
    return options_of(given if isinstance(given, Given) else Given(), os.environ)


def options_of(given: Given, environ: Mapping[str, str]) -> GlobalOptions:
    """What was given, with the environment's word where nothing was."""
    values = dict(given.values)
    values.setdefault("env", environ.get("PMSYNC_ENV") or None)
    values.setdefault("api_url", environ.get("PMSYNC_API_URL") or None)
    values.setdefault("upload_hosts", _listed(environ.get("PMSYNC_UPLOAD_HOSTS", ""), ","))
    values.setdefault("source_roots", _listed(environ.get("PMSYNC_SOURCE_ROOTS", ""), "\n"))
    return GlobalOptions(**values)


def _listed(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())
