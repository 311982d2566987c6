"""The repositories in tests/data/malformed: what is in them, and what must be said of each."""

import re
from pathlib import Path

CASES = Path(__file__).parent / "data" / "malformed"
FINE = dict(
    re.findall(r"```yaml\n# (.+)\n((?:[^`].*\n)+)", (CASES / "README.md").read_text(encoding="utf-8"))
)


def unpack(case: Path, root: Path) -> list[str]:
    """Write the repository of the case into the folder; what must be said of it."""
    head, _, body = case.read_bytes().partition(b"\n")
    if not body.startswith(b"=== "):
        body = b"=== manifests/m.yaml\n" + body
    files = {name: text.encode() for name, text in FINE.items()}
    parts = iter(re.split(rb"(?m)^=== (.+)\n", body)[1:])
    files |= {name.decode(): data for name, data in zip(parts, parts, strict=True)}
    for name, data in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)
    return head.decode().removeprefix("# ").split("; ")
