"""Planted in the state store: what a kill or a full disk would bring to light."""

from __future__ import annotations

from verify.bugs.bug import Bug

BUGS = (
    Bug(
        "skip the fsync of the journal",
        "pmsync/statestore/journal.py",
        ("        self._files.write(self._descriptor, line)\n        self._files.sync(self._descriptor)\n"),
        "        self._files.write(self._descriptor, line)\n",
        ("tests/unit/statestore/test_statestore_ledger.py",),
    ),
    Bug(
        "skip the fsync of the state",
        "pmsync/statestore/folder.py",
        ("            self.files.write(descriptor, data)\n            self.files.sync(descriptor)\n"),
        "            self.files.write(descriptor, data)\n",
        ("tests/unit/statestore/test_statestore_ledger.py",),
    ),
    Bug(
        "skip the fsync of the folder",
        "pmsync/statestore/folder.py",
        (
            "            self.files.rename(_temporary(self.state), self.state)\n"
            "            self.files.sync_folder(self.path)\n"
        ),
        "            self.files.rename(_temporary(self.state), self.state)\n",
        ("tests/unit/statestore/test_statestore_ledger.py",),
    ),
    Bug(
        "take the journal away before the state is written",
        "pmsync/statestore/ledger.py",
        (
            "            if self._saved < self._recorded:\n"
            "                self._save()\n"
            "            self._drop_journal()\n"
            "            self._folder.remove_journal()\n"
        ),
        (
            "            self._folder.remove_journal()\n"
            "            if self._saved < self._recorded:\n"
            "                self._save()\n"
            "            self._drop_journal()\n"
        ),
        ("tests/unit/statestore/test_statestore_killed.py",),
    ),
    Bug(
        "go on with a journal after a write that failed",
        "pmsync/statestore/ledger.py",
        ("        except BaseException:\n            self._drop_journal()\n            raise\n"),
        ("        except BaseException:\n            raise\n"),
        ("tests/unit/statestore/test_statestore_ledger.py",),
    ),
    Bug(
        "accept a state of another tenant",
        "pmsync/statestore/belonging.py",
        "    if (theirs.tenant_id, theirs.host) != (ours.tenant_id, ours.host):\n",
        "    if not theirs.host:\n",
        ("tests/unit/statestore/test_statestore_broken.py",),
    ),
    Bug(
        "accept the journal of another state",
        "pmsync/statestore/local.py",
        "        if left.header.lineage != state.lineage:\n",
        "        if not left.header.lineage:\n",
        ("tests/unit/statestore/test_statestore_broken.py",),
    ),
    Bug(
        "treat a truncated state as empty",
        "pmsync/statestore/local.py",
        "        state = decode(data, self._folder.state_place())\n",
        (
            "        try:\n"
            "            state = decode(data, self._folder.state_place())\n"
            "        except StateRefused:\n"
            "            return None\n"
        ),
        ("tests/unit/statestore/test_statestore_broken.py",),
    ),
    Bug(
        "read over a damaged line in the middle of a journal",
        "pmsync/statestore/journal.py",
        "    if len(bodies) < len(lines) - 1:\n",
        "    if not bodies:\n",
        ("tests/unit/statestore/test_statestore_broken.py",),
    ),
    Bug(
        "take a lost state for a first run",
        "pmsync/statestore/local.py",
        "        if self._folder.files.exists(self._folder.previous):\n",
        "        if not self._folder.previous:\n",
        ("tests/unit/statestore/test_statestore_broken.py",),
    ),
    Bug(
        "begin a state that another run changed since",
        "pmsync/statestore/local.py",
        "        if found != state and not (found is None and may_be_new):\n",
        "        if not state.lineage:\n",
        ("tests/unit/statestore/test_statestore_ledger.py",),
    ),
    Bug(
        "ignore the lock",
        "pmsync/statestore/lock.py",
        "            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "            os.fstat(descriptor)\n",
        ("tests/unit/statestore/test_statestore_lock.py",),
    ),
    Bug(
        "break the lock of a process that lives",
        "pmsync/statestore/lock.py",
        "        if found.host == os.uname().nodename and not self._is_free():\n",
        "        if not found.host:\n",
        ("tests/unit/statestore/test_statestore_lock.py",),
    ),
)
