"""An example or more for each page of help, as it is typed. A test runs each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("pmsync demo", "pmsync init my-project", "pmsync plan -e prod", "pmsync apply -e prod"),
    "init": ("pmsync init", "pmsync init my-project"),
    "validate": ("pmsync validate", "pmsync validate -e prod --no-data"),
    "plan": (
        "pmsync plan",
        "pmsync plan -e prod --out plan.json",
        "pmsync plan --select 'order-to-cash*' --format json",
        "pmsync plan --allow delete:returns --detailed-exitcode",
    ),
    "apply": (
        "pmsync apply",
        "pmsync apply plan.json",
        "pmsync apply -e prod --auto-approve --safe-only",
        "pmsync apply --auto-approve --allow delete:returns",
    ),
    "destroy": ("pmsync destroy", "pmsync destroy -e local --confirm local"),
    "show": ("pmsync show plan.json", "pmsync show plan.json --format json"),
    "ls": ("pmsync ls", "pmsync ls -e prod --format json"),
    "export": ("pmsync export", "pmsync export -e prod --out manifests/existing.yaml"),
    "import": ("pmsync import order-to-cash 0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10",),
    "state": ("pmsync state list", "pmsync state show order-to-cash.events"),
    "state list": ("pmsync state list", "pmsync state list -e prod --format json"),
    "state show": ("pmsync state show order-to-cash.events",),
    "state accept": ("pmsync state accept order-to-cash.events",),
    "state forget": ("pmsync state forget returns",),
    "state move": ("pmsync state move returns refunds",),
    "state unprotect": ("pmsync state unprotect returns",),
    "state unlock": ("pmsync state unlock 4f1c9a7b2d03 -e prod",),
    "state push": ("pmsync state push old-state.json -e prod",),
    "state rebind": ("pmsync state rebind old-name/prod -e prod",),
    "doctor": ("pmsync doctor", "pmsync doctor -e prod --probe"),
    "emulator": ("pmsync emulator start", "pmsync emulator reset -e local"),
    "emulator start": (
        "pmsync emulator start",
        "pmsync emulator start --port 8080 --data tenant --same-name appends",
    ),
    "emulator reset": ("pmsync emulator reset -e local", "pmsync emulator reset --auto-approve"),
    "explain": ("pmsync explain PM012", "pmsync explain"),
    "schema": ("pmsync schema manifest", "pmsync schema --out schema", "pmsync schema --out schema --check"),
    "demo": ("pmsync demo", "pmsync demo --keep"),
    "completion": (
        'eval "$(pmsync completion bash)"  # in ~/.bashrc',
        "pmsync completion fish > ~/.config/fish/completions/pmsync.fish",
    ),
    "version": ("pmsync version", "pmsync version --format json"),
}

_GLOBAL: Final = "The global options (pmsync --help) may stand here too."


def epilog(name: str) -> str:
    """What the page of a command ends in. `name`: empty for pmsync itself."""
    # A block that begins so is not wrapped.
    block = "\n".join(("\b", "Examples:", *(f"  {one}" for one in EXAMPLES.get(name, ()))))
    return f"{block}\n\n{_GLOBAL}" if name else block
