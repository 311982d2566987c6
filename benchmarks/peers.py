"""octodns-sync, which plans too: records from YAML to YAML, where nothing changes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.measuring import PYTHON, Program

OCTODNS: Final = Path(PYTHON).with_name("octodns-sync")
_ZONE: Final = 1_000
_CONFIG: Final = """\
manager: {max_workers: 2}
providers:
  source: {class: octodns.provider.yaml.YamlProvider, directory: source}
  target: {class: octodns.provider.yaml.YamlProvider, directory: target}
zones:
"""


def octodns(folder: Path, records: int) -> Program | None:
    """A plan of so many unchanged records in zones of a thousand; None where octodns is not installed."""
    if not OCTODNS.exists():
        return None
    for side in ("source", "target"):
        (folder / side).mkdir(parents=True, exist_ok=True)
    with (folder / "config.yaml").open("w") as config:
        config.write(_CONFIG)
        for zone in range(-(-records // _ZONE)):
            name = f"zone-{zone:03}.test."
            config.write(f"  {name}: {{sources: [source], targets: [target]}}\n")
            lines = ["---\n"]
            for record in range(min(_ZONE, records - zone * _ZONE)):
                address = f"10.{zone % 256}.{record // 256}.{record % 256}"
                lines.append(f"record-{record:05}:\n  ttl: 300\n  type: A\n  value: {address}\n")
            for side in ("source", "target"):
                (folder / side / f"{name}yaml").write_text("".join(lines))
    return Program(command=(str(OCTODNS), "--config-file", "config.yaml"), folder=folder)
