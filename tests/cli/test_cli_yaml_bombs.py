"""YAML that is made to burst: below the limit of a file's size it ends in seconds, below 2 GiB, with a sentence."""

import os
import subprocess
import sys

import pytest

LARGEST = 8 * 1024 * 1024
HEAD = b"apiVersion: pmsync/v1\ndatasets:\n"
IN_SOURCES = HEAD + b"  a:\n    datatables:\n      b:\n        sources: "


def filled(unit: bytes, head: bytes = b"", tail: bytes = b"") -> bytes:
    """As much of the unit as one file takes."""
    return head + unit * ((LARGEST - len(head) - len(tail)) // len(unit)) + tail


def numbered(form: bytes, head: bytes, tail: bytes = b"") -> bytes:
    """As many different lines (`%d`) as one file takes."""
    each = len(form % 1_000_000)
    return head + b"".join(form % (1_000_000 + at) for at in range((LARGEST - len(head) - 9) // each)) + tail


BOMBS = {
    "open brackets": lambda: filled(b"[", b"a: "),
    "open braces": lambda: filled(b"{", b"a: "),
    "brackets in braces": lambda: filled(b"{a: ", b"a: "),
    "dashes": lambda: filled(b"- ", b"a:\n  "),
    "question marks": lambda: filled(b"? ", b"a:\n  "),
    "one key again and again": lambda: filled(b"a:\n"),
    "one key again and again, in braces": lambda: filled(b"a,", b"datasets: {", b"}"),
    "a million unknown keys": lambda: numbered(b"k%d:\n", HEAD[:22]),
    "a million keys that cannot be": lambda: numbered(b" K%d:\n", HEAD),
    "empty mappings for datasets": lambda: filled(b"{},", b"datasets: [", b"]"),
    "empty mappings for sources": lambda: filled(b"{},", IN_SOURCES + b"[", b"]\n"),
    "texts for sources": lambda: filled(b"a,", IN_SOURCES + b"[", b"]\n"),
    "nothing for sources": lambda: filled(b"~,", IN_SOURCES + b"[", b"]\n"),
    "lists in lists": lambda: filled(b"[" * 40 + b"]" * 40 + b",", b"a: [", b"]"),
    "anchors": lambda: filled(b"- &a b\n", b"a:\n"),
    "aliases": lambda: filled(b"- *a\n", b"a:\n"),
    "tags": lambda: filled(b"- !a b\n", b"a:\n"),
    "merge keys": lambda: filled(b"<<: a\n"),
    "documents": lambda: filled(b"---\n", b"a: b\n"),
    "tag directives": lambda: numbered(b"%%TAG !a%d! b\n", b"", b"--- {}\n"),
    "one scalar": lambda: filled(b"x", b"a: "),
    "one key": lambda: filled(b"x", b"", b": a"),
    "one folded scalar": lambda: filled(b"x\n  ", b"a: >\n  "),
    "variables in one name": lambda: filled(b"${x}", HEAD + b"  a: {displayName: '", b"'}\n"),
    "levels of one folder": lambda: filled(b"a/", HEAD + b"  a: {folder: '", b"'}\n"),
    "byte order marks": lambda: filled(b"\xef\xbb\xbf"),
    "NUL": lambda: filled(b"\0"),
    "UTF-16": lambda: "a: b\n".encode("utf-16"),
    "UTF-16 without a mark": lambda: "a: b\n".encode("utf-16-le"),
    "UTF-32": lambda: "a: b\n".encode("utf-32"),
    "no text": lambda: filled(b"\xff"),
    "a byte too many": lambda: b"a" * (LARGEST + 1),
    "two names again and again": lambda: numbered(b" k%d: {displayName: x}\n", HEAD),
}


@pytest.mark.parametrize("name", ["manifests/m.yaml", "pmsync.yaml", "approvals.yaml"])
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_ends_with_its_exit_code_and_a_sentence(project, environ, name, bomb):
    if name != "manifests/m.yaml" and bomb not in CHEAP_EVERYWHERE:
        pytest.skip("what reads the file is the same")
    (project / name).write_bytes(BOMBS[bomb]())
    with open(project / "said", "wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "pmsync", "validate"], cwd=project, env=environ, stdout=said, stderr=said
        )
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    text = (project / "said").read_text(encoding="utf-8")
    assert process.returncode == 7, text[-300:]
    assert "error[PM" in text
    assert "this is a bug" not in text
    assert len(text) < 64 * 1024
    assert used.ru_utime + used.ru_stime < 20
    assert used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) < 2 * 1024**3


CHEAP_EVERYWHERE = {
    "open brackets",
    "dashes",
    "NUL",
    "UTF-16",
    "documents",
    "a byte too many",
}
