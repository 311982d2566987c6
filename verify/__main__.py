"""Run every proof, pass its lines on, and end with 1 unless every metric is at its goal.

`python -m verify kill_points disk` runs some of them.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

PROOFS = ("lost_answers", "concurrent", "kill_points", "disk", "stateful", "remedies", "planted")
ROOT = Path(__file__).parent.parent


def main(names: list[str]) -> int:
    missed = 0
    for name in names or PROOFS:
        began = time.monotonic()
        print(f"# {name}", file=sys.stderr, flush=True)
        lines = proved(name)
        missed += sum(line.get("ok") is False for line in lines) or not lines
        print(f"# {name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print("every metric is at its goal" if not missed else f"{missed} missed", file=sys.stderr)
    return 1 if missed else 0


def proved(name: str) -> list[dict]:
    """The metric lines of one proof, printed as they come; one that fails without a line counts as missed."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"verify.{name}"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    lines = []
    assert process.stdout is not None
    for text in process.stdout:
        print(text, end="", flush=True)
        if text.startswith("{"):
            lines.append(json.loads(text))
    if process.wait() and all(line.get("ok") is not False for line in lines):
        lines.append({"metric": name, "ok": False})
        print(json.dumps({"metric": f"{name} ran to its end", "value": False, "goal": True, "ok": False}))
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
