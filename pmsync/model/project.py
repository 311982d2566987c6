"""What pmsync.yaml says: the project, its variables and its environments.

The API key is not here and cannot be: it never comes from the repository.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct, field

from pmsync.diagnostics import Location

PUBLIC_KEY: Final = "pmsync-local"
"""The key of every emulator, known to everybody: the only one that goes where the repository alone says."""
KEY_FILE_VARIABLE: Final = "PMSYNC_API_KEY_FILE"
"""Names a file that holds the key, of whatever environment."""


def key_variable(environment: str) -> str:
    """The variable for the key of one environment: `PMSYNC_API_KEY_PR_12` for `pr-12`."""
    return f"PMSYNC_API_KEY_{environment.upper().replace('-', '_')}"


class SameName(StrEnum):
    """What a second upload of one file name does to the rows of the first: no reference says."""

    REPLACES = "replaces"
    APPENDS = "appends"
    UNKNOWN = "unknown"


class OtherName(StrEnum):
    """What an upload does to the rows of files with other names: no reference says."""

    ADDS = "adds"
    REPLACES = "replaces"
    UNKNOWN = "unknown"


class UploadBehaviour(Struct, frozen=True, kw_only=True):
    """How this tenant treats uploads, as the user states it.

    `ingests_within`: seconds after its last byte by which an upload's rows show, if they ever do; None:
    nobody said.
    """

    same_name: SameName = SameName.UNKNOWN
    other_name: OtherName = OtherName.UNKNOWN
    ingests_within: float | None = None


class Limits(Struct, frozen=True, kw_only=True):
    """Caps on one run; None is no cap. `max_upload_bytes` counts the bytes of all uploads together.

    `max_row_drop`: the share of its rows that an upload may take away without `loss`, 0 to 1 (infinity: no
    limit).
    """

    max_deletes: int | None = None
    max_upload_bytes: int | None = None
    max_row_drop: float = 0.5


class Verify(Struct, frozen=True, kw_only=True):
    """Whether uploads are confirmed by the tenant's row counts, and how long to wait (seconds)."""

    rows: bool = True
    timeout: float = 600.0


class EmulatedTenant(Struct, frozen=True):
    """The embedded tenant: runs inside this process, its data beside its state."""


class CloudTenant(Struct, frozen=True, kw_only=True):
    """A tenant behind the API. `api_url` is what pmsync.yaml says, None for the vendor's default host."""

    tenant_id: str
    api_url: str | None = None


class StateBackend(StrEnum):
    """What keeps the state of an environment."""

    FILE = "file"
    """A folder of this machine's user."""


class Environment(Struct, frozen=True, kw_only=True):
    """A named tenant with its own variables, limits and state.

    `state` is None where pmsync.yaml does not say what keeps it: a file, as long as somebody sits there.
    """

    name: str
    tenant: EmulatedTenant | CloudTenant
    name_prefix: str = ""
    protect: bool = False
    default: bool = False
    state: StateBackend | None = None
    limits: Limits = field(default_factory=Limits)
    uploads: UploadBehaviour = field(default_factory=UploadBehaviour)
    verify: Verify = field(default_factory=Verify)
    variables: Mapping[str, str] = field(default_factory=dict)
    location: Location


class Variable(Struct, frozen=True, kw_only=True):
    """A declared variable; without a default some environment or `--var` must give its value."""

    name: str
    default: str | None
    description: str = ""
    location: Location


class Project(Struct, frozen=True, kw_only=True):
    """One pmsync.yaml. `root` is the absolute path of its folder; sources are relative to it.

    `path` is where it stands in its Git work tree: what is remembered belongs to that place.
    """

    name: str
    root: str
    manifests: tuple[str, ...]
    variables: Mapping[str, Variable]
    environments: Mapping[str, Environment]
    location: Location
    path: str = "pmsync.yaml"
