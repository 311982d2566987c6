"""How two plans differ, in words: why what was approved is stale.

Changes are compared by key first; deepdiff, whose import costs more than a whole plan, sees only the few
that differ.
"""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec.structs import asdict

from pmsync.model.document import ChangeLine, PlanDocument

_HEADER = {
    "environment": "the environment",
    "tenant_id": "the tenant",
    "host": "the API host",
    "lineage": "the state's lineage",
}
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_HASH_SHOWN: Final = 12
_FLAGS = {"variables": "var"}
_NOT_COMPARED = ("sentence", "facts", "location", "path", "block", "stake", "requires", "drift")


def differences(approved: PlanDocument, current: PlanDocument) -> tuple[str, ...]:
    """One sentence for each change that differs between the approved plan and today's.

    Never empty: for unequal digests, a difference that no field shows is said too.
    """
    words = [
        f"{name} differs: {getattr(approved, field)} then, {getattr(current, field)} now"
        for field, name in _HEADER.items()
        if getattr(approved, field) != getattr(current, field)
    ]
    words += _options_that_differ(asdict(approved.options), asdict(current.options))
    before, after = _by_key(approved), _by_key(current)
    words += [f"{key} was planned and is not any more" for key in before if key not in after]
    words += [f"{key} was not planned: {after[key].sentence}" for key in after if key not in before]
    for key in before:
        changed = _changed(before[key], after[key]) if key in after else []
        if changed:
            words.append(f"{key}: {'; '.join(changed)}")
    return tuple(words) or ("the order of the changes differs",)


def _options_that_differ(approved: dict[str, Any], current: dict[str, Any]) -> list[str]:
    return [
        f"option --{_FLAGS.get(name, name.replace('_', '-'))} differs: "
        f"{_given(approved[name])} then, {_given(current[name])} now"
        for name in approved
        if approved[name] != current[name]
    ]


def _given(value: Any) -> str:
    """The value of an option as it was typed."""
    if isinstance(value, bool) or not value:
        return "given" if value else "not given"
    return " ".join("=".join(one) if isinstance(one, tuple) else one for one in value)


def _by_key(document: PlanDocument) -> dict[str, ChangeLine]:
    """The changes by what they do to what; of two alike (halves of a REPLACE) one by its id too."""
    lines: dict[str, ChangeLine] = {}
    for line in document.changes:
        key = f"{line.action} {line.address}"
        lines[f"{key} ({line.live_id})" if key in lines else key] = line
    return lines


def _changed(approved: ChangeLine, current: ChangeLine) -> list[str]:
    before, after = _compared(approved), _compared(current)
    if before == after:
        return []
    from deepdiff import DeepDiff  # noqa: PLC0415 - costs more than a whole plan

    found = DeepDiff(before, after, view="tree")
    changed = (item for kind in sorted(found) for item in found[kind])
    return sorted(
        f"{item.path(output_format='list')[0]} was {_short(item.t1)}, is {_short(item.t2)}"
        for item in changed
    )


def _short(value: Any) -> str:
    """A value as it is said; of a hash as much as people compare."""
    text = str(value)
    return text[:_HASH_SHOWN] if _HASH.fullmatch(text) else text


def _compared(line: ChangeLine) -> dict[str, Any]:
    return {key: value for key, value in asdict(line).items() if key not in _NOT_COMPARED}
