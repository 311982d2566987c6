"""Planted in the planner and the model: whose it is, what was agreed to, what is believed."""

from __future__ import annotations

from verify.bugs.bug import Bug

BUGS = (
    Bug(
        "ignore protect",
        "pmsync/planning/removed.py",
        "        block=protected_block(world, address) if protected else None,\n",
        "        block=None,\n",
        ("tests/unit/planning/test_planning_datasets.py",),
    ),
    Bug(
        "forget protect with its block in the manifest",
        "pmsync/planning/removed.py",
        "    protected = record.protect or world.inputs.environment.protect\n",
        "    protected = world.inputs.environment.protect\n",
        ("tests/unit/planning/test_planning_datasets.py",),
    ),
    Bug(
        "ignore maxDeletes",
        "pmsync/planning/limits.py",
        ('    if limit is None or count <= limit:\n        return {}\n    sentence = f"{count} datasets'),
        ('    if limit is None or count <= 10**9:\n        return {}\n    sentence = f"{count} datasets'),
        ("tests/unit/planning/test_planning_whole.py",),
    ),
    Bug(
        "believe a listing that lost more than half",
        "pmsync/planning/limits.py",
        ("    if not world.doubted:\n        return held\n"),
        ("    if held is not None:\n        return held\n"),
        ("tests/unit/planning/test_planning_whole.py",),
    ),
    Bug(
        "delete what was adopted",
        "pmsync/planning/declared.py",
        "        default = OnRemoval.DELETE if origin is Origin.CREATED else OnRemoval.RETAIN\n",
        "        default = OnRemoval.DELETE\n",
        ("tests/unit/planning/test_planning_datasets.py",),
    ),
    Bug(
        "adopt one dataset for two addresses",
        "pmsync/planning/datasets.py",
        "        case [one] if len(contenders := declared.world.contenders(one)) > 1:\n",
        "        case [one] if len(contenders := declared.world.contenders(one)) > 99:\n",
        ("tests/unit/planning/test_planning_datasets.py",),
    ),
    Bug(
        "take the first of several lost creates",
        "pmsync/planning/settling.py",
        "            if len(ids) > 1 and not intent.address.reserved:\n",
        "            if len(ids) > 999:\n",
        ("tests/unit/planning/test_planning_datasets.py",),
    ),
    Bug(
        "make a hidden folder again",
        "pmsync/planning/settling.py",
        "            elif not ids and _cannot_be_seen(world, intent):\n",
        "            elif not ids and not intent:\n",
        (
            "tests/unit/planning/test_planning_datasets.py",
            "tests/unit/engine/test_engine_settle.py",
        ),
    ),
    Bug(
        "choose by a glob what is rebuilt",
        "pmsync/model/consent.py",
        "return address == self.glob if consent is Consent.REPLACE else matches(",
        "return matches(",
        ("tests/unit/planning/test_planning_replace.py",),
    ),
    Bug(
        "count spent approvals",
        "pmsync/planning/consent.py",
        "approvals=approvals - spent)\n",
        "approvals=approvals)\n",
        ("tests/unit/planning/test_planning_whole.py",),
    ),
    Bug(
        "delete without a consent for lost rows",
        "pmsync/planning/removed.py",
        "        needs=(Consent.DELETE, Consent.LOSS) if stake.lost else (Consent.DELETE,),\n",
        "        needs=(Consent.DELETE,),\n",
        (
            "tests/unit/planning/test_planning_replace.py",
            "tests/unit/planning/test_planning_datasets.py",
        ),
    ),
    Bug(
        "retire the old half while the new one has an older version",
        "pmsync/planning/replacing.py",
        "    if not old.retain and _knows_older(world, below):\n",
        "    if not old.id:\n",
        ("tests/unit/planning/test_planning_replace.py",),
    ),
    Bug(
        "send again what may have arrived where names append",
        "pmsync/planning/settled.py",
        "        if file is not None and table.same_name is SameName.REPLACES:\n",
        "        if file is not None:\n",
        ("tests/unit/planning/test_planning_sources.py",),
    ),
    Bug(
        "turn back before what the new half got is settled",
        "pmsync/planning/order.py",
        "    if change.reason.code is ReasonCode.REPLACE_REVERTED and not source:\n        return 1\n",
        "    if change.reason.code is ReasonCode.REPLACE_REVERTED and not source:\n        return -1\n",
        ("tests/unit/planning/test_planning_replace.py",),
    ),
    Bug(
        "accept a new half that nobody saw full",
        "pmsync/planning/edits.py",
        "    if surplus and unseen and _is_being_filled(dataset):\n",
        "    if surplus and unseen and not world.state.datasets:\n",
        ("tests/unit/planning/test_planning_edits.py",),
    ),
    Bug(
        "look for no lost create where an old half is on record",
        "pmsync/planning/settling.py",
        "    if world.is_replacing(intent.address) and _is_live(half, world.snapshot.datasets):\n",
        "    if half is not None and world.is_replacing(intent.address):\n",
        ("tests/unit/planning/test_planning_replace.py",),
    ),
    Bug(
        "take for ours what somebody made and filled",
        "pmsync/planning/settling.py",
        "        and (intent.address.reserved or not world.datatables_in.get(live.id))\n",
        "",
        ("tests/unit/planning/test_planning_datasets.py",),
    ),
)
