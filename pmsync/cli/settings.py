"""What the global options say, wherever on the line they stood: plain values.

This module must not know how options are spelled or what a choice leads to.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

DEFAULT_PARALLELISM: Final = 8
DEFAULT_REQUEST_TIMEOUT: Final = 60.0
"""Seconds that one request to the API may take in all, and that a lost one is waited for."""


class GlobalOptions(Struct, frozen=True, kw_only=True):
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
