"""Planted in the engine: announcing, settling, filling, removing."""

from __future__ import annotations

from verify.bugs.bug import Bug

BUGS = (
    Bug(
        "announce no create",
        "pmsync/engine/creating.py",
        ("        run.announce(intent)\n        result = _sent(run, change, outset)\n"),
        "        result = _sent(run, change, outset)\n",
        ("tests/unit/engine/test_engine_settle.py",),
    ),
    Bug(
        "announce no upload",
        "pmsync/engine/filling.py",
        "    filling.announce(intent)\n",
        "",
        ("tests/unit/engine/test_engine_settle.py",),
    ),
    Bug(
        "announce no last block",
        "pmsync/engine/filling.py",
        "        before_last=lambda: filling.announce(replace(intent, sent=Sent.WHOLE)),\n",
        "",
        ("tests/unit/engine/test_engine_announced.py",),
    ),
    Bug(
        "announce the last block when it is out",
        "pmsync/tenant/body.py",
        "            self._listener.before_last()\n            self.whole = True\n",
        "            self.whole = True\n",
        ("tests/unit/tenant/test_tenant_body.py",),
    ),
    Bug(
        "announce the last block before the content is known to be right",
        "pmsync/tenant/body.py",
        "            self._check(self.sent + len(block))\n            self._listener.before_last()\n",
        "            self._listener.before_last()\n            self._check(self.sent + len(block))\n",
        ("tests/unit/tenant/test_tenant_body.py",),
    ),
    Bug(
        "announce no delete",
        "pmsync/engine/removing.py",
        ("        run.announce(intent)\n        try:\n"),
        "        try:\n",
        ("tests/unit/engine/test_engine_settle.py",),
    ),
    Bug(
        "write the outcome before the request",
        "pmsync/engine/creating.py",
        ("        run.announce(intent)\n        result = _sent(run, change, outset)\n"),
        (
            "        run.announce(intent)\n        run.settle(intent)\n"
            "        result = _sent(run, change, outset)\n"
        ),
        ("tests/unit/engine/test_engine_settle.py",),
    ),
    Bug(
        "send without the lock",
        "pmsync/engine/run.py",
        "        self.tools.must_hold_lock()\n",
        "",
        ("tests/unit/engine/test_engine_settle.py",),
    ),
    Bug(
        "take the first of several matches",
        "pmsync/engine/settle.py",
        "        if len(seen) > 1:\n",
        "        if len(seen) < 0:\n",
        ("tests/unit/engine/test_engine_settle.py",),
    ),
    Bug(
        "create at once where a listing shows none",
        "pmsync/engine/settle.py",
        "        if was_over:\n",
        "        if not seen:\n",
        ("tests/unit/engine/test_engine_settle.py",),
    ),
    Bug(
        "believe the first match at once",
        "pmsync/engine/settle.py",
        "if seen and (is_over or now - since >= min(QUIET, patience.timeout)):",
        "if seen:",
        ("tests/unit/engine/test_engine_settle.py",),
    ),
    Bug(
        "make again what one cut listing lacks",
        "pmsync/engine/settle.py",
        "        if was_over:\n",
        "        if is_over:\n",
        ("tests/unit/engine/test_engine_settle.py",),
    ),
    Bug(
        "take for new what bore the name before",
        "pmsync/engine/creating.py",
        "    known, seen = _claimed(run.ledger.state).union(intent.ids_before), _look(run, change)\n",
        "    known, seen = _claimed(run.ledger.state), _look(run, change)\n",
        ("tests/unit/engine/test_engine_settle.py",),
    ),
    Bug(
        "do not wait for what an earlier run sent",
        "pmsync/engine/settle.py",
        ("    if seconds <= 0:\n        return\n"),
        ("    if seconds <= 9999:\n        return\n"),
        ("tests/unit/engine/test_engine_settle.py",),
    ),
    Bug(
        "create beside what appeared since the plan",
        "pmsync/engine/creating.py",
        "        must_be_new(change, outset.seen, outset.claimed, run.course.id_of)\n",
        "        bearers(change, outset.seen, run.course.id_of)\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "trust an empty listing",
        "pmsync/engine/reading.py",
        "    for dataset_id in sorted((known.datasets - set(snapshot.datasets)) | _disagreeing(snapshot)):\n",
        "    for dataset_id in sorted(_disagreeing(snapshot)):\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "delete although something before it failed",
        "pmsync/engine/execute.py",
        "        elif not run.course.clean:\n",
        "        elif not changes:\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "delete before the new half of a REPLACE is seen full",
        "pmsync/engine/execute.py",
        "        if run.verify.rows or one.expected.address.dataset_address in retiring:\n",
        "        if run.verify.rows:\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "skip the GET before a DELETE",
        "pmsync/engine/removing.py",
        "    if not retained and _is_there(change, run.tools.writer):\n",
        "    if not retained:\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "do not compare rows before a DELETE",
        "pmsync/engine/removing.py",
        "(change.address.reserved or live == change.datatables)",
        "(change.address.reserved or live is not None)",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "count stored as rows",
        "pmsync/engine/filling.py",
        "Put(upload.address, uploaded(filling, upload, Evidence.STORED)))",
        "Put(upload.address, uploaded(filling, upload, Evidence.ROWS)))",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "upload in parallel within one datatable",
        "pmsync/engine/execute.py",
        "[tuple(group) for _, group in groupby(changes, key=lambda one: one.address.datatable_address)]",
        "[(change,) for change in changes]",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "send the next file after an unclear one",
        "pmsync/engine/filling.py",
        "        if isinstance(problem, AnswerLost | Unconfirmed):\n",
        "        if problem is not None and not uploads:\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "upload although a colleague added rows since the plan",
        "pmsync/engine/filling.py",
        "    if upload.rows_before is None or upload.rows_before == rows_now:\n",
        "    if upload.rows_before is None or rows_now >= 0:\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "say converged without a look",
        "pmsync/engine/apply.py",
        "= _look_again(question, tools, ledger.state, _may_come(results, tools))\n",
        "= Convergence.CONVERGED, ()\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "run what is blocked",
        "pmsync/engine/apply.py",
        ("    if not tools.safe_only:\n        must_be_unblocked(plan)\n"),
        "",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "forget the ids that a move brings along",
        "pmsync/engine/execute.py",
        (
            "            for address, live_id in _written_ids(change.entries):\n"
            "                run.course.knows(address, live_id)\n"
        ),
        (
            "            if change.live_id:\n"
            "                run.course.knows(change.address, change.live_id)\n"
        ),
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "take any rest for the rest of what was approved",
        "pmsync/engine/approved.py",
        "RESUMES if {fingerprint(one) for one in rest} <= applied.changes else",
        "RESUMES if rest or applied else",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "never spend an approval",
        "pmsync/engine/run.py",
        "        return tuple(Spend(one) for one in used)\n",
        "        return tuple(Spend(one) for one in used if not one.consent)\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "spend the approval of a REPLACE when it begins",
        "pmsync/engine/run.py",
        "        if isinstance(change, Replace) and not change.superseded.retain:\n",
        "        if isinstance(change, Replace) and change.superseded is None:\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "delete what became another record's since the plan",
        "pmsync/engine/removing.py",
        "    if not retained:\n        _must_be_ours_alone(change, run.ledger.state)\n",
        "",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "let an older commit win",
        "pmsync/engine/older.py",
        "    if before is None or here.at >= before or",
        "    if before is None or here.at != before or",
        ("tests/unit/engine/test_engine_older.py",),
    ),
    Bug(
        "forget the commit where nothing is to do",
        "pmsync/engine/apply.py",
        "    if state is not None and tools.checkout.is_news_to(state):\n",
        "    if state is None and tools.checkout.commit:\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "leave open what an old half was sent",
        "pmsync/engine/removing.py",
        "            return (alone, settled, *_announced_inside(change, state))\n",
        "            return (alone, settled)\n",
        ("tests/unit/engine/test_engine_apply.py",),
    ),
    Bug(
        "say that all is well and leave an intent open",
        "pmsync/engine/apply.py",
        "    entries: list[Entry] = [*plan.void]\n",
        "    entries: list[Entry] = []\n",
        ("tests/unit/engine/test_engine_probe.py",),
    ),
    Bug(
        "cross out what one cut listing lacks",
        "pmsync/engine/apply.py",
        "    if not plan.void:\n",
        "    if plan.void or True:\n",
        ("tests/unit/engine/test_engine_settle.py",),
    ),
)
