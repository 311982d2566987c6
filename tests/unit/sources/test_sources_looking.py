"""One look at all sources: what a plan is given, every problem at once, and no reading twice."""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path

import msgspec
import pytest

from pmsync.diagnostics import CODES
from pmsync.errors import InputError
from pmsync.model.address import Address
from pmsync.model.manifest import Encoding
from pmsync.sources import contents_at, look

LATE = 2**62


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_source_file_says_what_is_on_disk(project, write, files_of, spec):
    text = "case,activity\nc1,Pay\n"
    (file,) = files_of(spec(write("data/a.csv", text)))
    info = os.stat(project / "data/a.csv")
    assert (file.address, file.name, file.path) == ("o2c.events/a.csv", "a.csv", "data/a.csv")
    assert (file.sha256, file.rows, file.columns) == (sha(text), 1, ("case", "activity"))
    assert (file.size, file.stamp.inode, file.stamp.mtime_ns) == (len(text), info.st_ino, info.st_mtime_ns)
    assert (file.append, str(file.location)) == (False, "m.yaml:7:11")


def test_files_come_in_address_order_whatever_the_order_of_entries(write, files_of, spec):
    for path in ("z/a.csv", "a/b.csv", "m/1.csv", "m/2.csv"):
        write(path)
    files = files_of(spec("a/b.csv", name="z.csv"), spec("m/*.csv", mode="append"), spec("z/a.csv"))
    assert [(file.address.key, file.path, file.append) for file in files] == [
        ("1.csv", "m/1.csv", True),
        ("2.csv", "m/2.csv", True),
        ("a.csv", "z/a.csv", False),
        ("z.csv", "a/b.csv", False),
    ]


def test_the_latest_extract_goes_up_under_its_name(write, files_of, spec):
    write("x-2023.csv")
    write("x-2024.csv")
    (file,) = files_of(spec("x-*.csv", mode="latest", name="x.csv"))
    assert (file.address.key, file.path) == ("x.csv", "x-2024.csv")


def test_a_datatable_without_sources_is_not_looked_at(project, write, manifest, spec):
    write("a.csv")
    found = look(manifest(events=[spec("a.csv")], lookup=[]), root=str(project), now_ns=lambda: LATE)
    assert list(found.files) == [Address("o2c.events")]


def test_an_optional_source_may_be_missing(project, files_of, spec):
    (project / "broken.csv").symlink_to("no-such")
    paths = ("a.csv", "x*.csv", "broken.csv")
    assert files_of(*(spec(path, optional=True) for path in paths)) == ()


def test_an_optional_source_may_be_empty(write, files_of, spec):
    assert (
        files_of(spec(write("a.csv", ""), optional=True), spec("*.csv", mode="append", optional=True)) == ()
    )


def test_an_optional_source_that_is_there_must_be_in_order(write, problems_of, spec):
    (problem,) = problems_of(spec(write("a.csv", "1,2\n"), optional=True))
    assert problem.code == "PM210"


def test_a_problem_of_a_file_is_told_of_its_source_and_the_others_are_found(write, sources_of, spec):
    write("good.csv")
    write("empty.csv", "")
    found = sources_of(spec("good.csv"), spec("empty.csv"), spec("no.csv"), spec("x*.csv"))
    assert [file.name for file in found.files["o2c.events"]] == ["good.csv"]
    assert {address: [one.code for one in told] for address, told in found.problems.items()} == {
        "o2c.events/empty.csv": ["PM209"],
        "o2c.events/no.csv": ["PM201"],
        "o2c.events/x*.csv": ["PM202"],
    }


def test_a_broken_symlink_is_told_with_what_it_leads_to(project, problems_of, spec):
    (project / "link.csv").symlink_to("gone.csv")
    (problem,) = problems_of(spec("link.csv"))
    assert (problem.code, problem.message) == (
        "PM219",
        "'link.csv' is a symlink to 'gone.csv', which does not exist",
    )


def test_a_file_that_is_declared_in_another_encoding_is_read_again(project, write, spec, manifest, tmp_path):
    write("a.csv", "name\nM\u00fcller\n".encode("cp1252"))

    def looked(**options):
        cache = str(tmp_path / "cache")
        tables = manifest(events=[spec("a.csv", **options)])
        return look(tables, root=str(project), cache_path=cache, now_ns=lambda: LATE).diagnostics

    assert looked(encoding=Encoding.WINDOWS_1252) == ()
    assert [one.code for one in looked()] == ["PM211"]


def test_files_that_add_up_must_share_a_column(write, sources_of, spec):
    write("a.csv", "case,activity\nc1,go\n")
    write("b.csv", "case,action\nc1,go\n")
    write("c.csv", "c7,go\nc8,go\n")
    found = sources_of(spec("*.csv", mode="append"))
    assert {address: [one.code for one in told] for address, told in found.problems.items()} == {
        "o2c.events/c.csv": ["PM228"]
    }
    assert [(address, one.code) for address, one in found.warnings] == [("o2c.events/b.csv", "PM229")]
    assert "'c7'" in found.diagnostics[0].message


def test_every_problem_of_every_source_comes_at_once(project, write, manifest, spec):
    write("empty.csv", "")
    write("good.csv")
    tables = {
        "events": [spec("no.csv", line=1), spec("x*", line=2), spec("good.csv", line=3)],
        "other": [spec("../a", line=4), spec("empty.csv", line=5), spec("good.csv", mode="latest", line=6)],
    }
    with pytest.raises(InputError) as caught:
        look(manifest(**tables), root=str(project), now_ns=lambda: LATE)
    found = [(problem.location.line, problem.code) for problem in caught.value.diagnostics]
    assert found == [(1, "PM201"), (2, "PM202"), (4, "PM205"), (5, "PM209"), (6, "PM214")]
    assert {code for _, code in found} <= set(CODES)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("a/x.csv", {}), ("b/x.csv", {})),
        (("a/x.csv", {}), ("a/x.csv", {})),
        (("a/x.csv", {}), ("c/y.csv", {"name": "x.csv"})),
        (("*/x.csv", {"mode": "append"}), ("c/y.csv", {})),
        (("c/y.csv", {"name": "\u00fc.csv"}), ("d/u\u0308.csv", {})),
    ],
)
def test_two_sources_of_one_name_are_an_error_that_shows_both(write, problems_of, spec, first, second):
    for path in ("a/x.csv", "b/x.csv", "c/y.csv", "d/u\u0308.csv"):
        write(path)
    (problem,) = problems_of(spec(first[0], line=3, **first[1]), spec(second[0], line=9, **second[1]))
    assert problem.code == "PM204"
    places = f"{problem.location} {problem.message}"
    assert problem.message.count(".csv'") >= 3
    assert "m.yaml:3:11" in places


def test_one_file_may_fill_two_datatables(project, write, manifest, spec):
    tables = {"events": [spec(write("a.csv"))], "copy": [spec("a.csv")]}
    found = look(manifest(**tables), root=str(project), now_ns=lambda: LATE)
    assert len({file.sha256 for files in found.files.values() for file in files}) == 1


@pytest.mark.parametrize(
    ("path", "suggestion"),
    [
        ("data/evnets.csv", "did you mean 'data/events.csv'?"),
        ("top.cvs", "did you mean 'top.csv'?"),
        ("data/zzz", "or set optional: true"),
        ("no-such/events.csv", "or set optional: true"),
    ],
)
def test_a_missing_file_is_shown_its_neighbour(write, problems_of, spec, path, suggestion):
    write("data/events.csv")
    write("top.csv")
    (problem,) = problems_of(spec(path))
    assert (problem.code, problem.suggestion) == ("PM201", suggestion)


def test_neighbours_outside_are_not_shown(project, outside, problems_of, spec):
    (project / "in").symlink_to(outside)
    (problem,) = problems_of(spec("in/secrets.csv"))
    assert problem.code == "PM205"
    assert "secret.csv" not in str(problem)


def test_only_the_first_missing_files_are_compared_with_their_neighbours(write, problems_of, spec):
    write("e1.csv")
    problems = problems_of(*(spec(f"e{number}.csv") for number in range(2, 30)))
    assert sum(problem.suggestion is not None for problem in problems) == 20


# the digest cache


@pytest.fixture
def cache(project):
    return str(project.parent / "cache.db")


def forge(cache):
    """Another digest in the cache: whoever says it has read the cache, not the file."""
    with open(cache, "rb") as file:
        head, _, body = file.read().partition(b"\n")
    homes, columns, rows = msgspec.msgpack.decode(body)
    for row in rows.values():
        row[3][0] = "f" * 64
    body = msgspec.msgpack.encode([homes, columns, rows])
    with open(cache, "wb") as file:
        file.write(b"%s %08x\n" % (head.rpartition(b" ")[0], zlib.crc32(body)) + body)


def test_a_file_that_is_known_is_not_read_again(write, files_of, spec, cache):
    path = write("a.csv")
    files_of(spec(path), cache_path=cache)
    forge(cache)
    assert files_of(spec(path), cache_path=cache)[0].sha256 == "f" * 64


def test_a_file_that_was_touched_is_read_again(project, write, files_of, spec, cache):
    text = "case\nx\n"
    path = write("a.csv", text)
    files_of(spec(path), cache_path=cache)
    forge(cache)
    os.utime(project / path, ns=(0, 0))
    assert files_of(spec(path), cache_path=cache)[0].sha256 == sha(text)


def test_a_file_that_may_still_be_changing_is_not_remembered(project, write, manifest, spec, cache):
    text = "case\nx\n"
    path = write("a.csv", text)
    now = os.stat(project / path).st_ctime_ns + 1_000_000_000
    look(manifest(events=[spec(path)]), root=str(project), cache_path=cache, now_ns=lambda: now)
    assert not Path(cache).exists()


def test_a_file_below_a_source_root_is_refused_without_the_root_though_it_is_known(
    project, outside, files_of, problems_of, spec, cache
):
    (project / "link.csv").symlink_to(outside / "secret.csv")
    files_of(spec("link.csv"), cache_path=cache, source_roots=(str(outside),))
    (problem,) = problems_of(spec("link.csv"), cache_path=cache)
    assert problem.code == "PM205"


def test_what_was_learnt_is_kept_though_other_sources_are_wrong(write, problems_of, files_of, spec, cache):
    path = write("a.csv")
    problems_of(spec(path), spec("no.csv"), cache_path=cache)
    forge(cache)
    assert files_of(spec(path), cache_path=cache)[0].sha256 == "f" * 64


# what is there now


def test_contents_are_told_by_path_and_what_cannot_be_loaded_is_left_out(project, outside, write):
    text = "case\nx\n"
    write("a.csv", text)
    write("empty.csv", "")
    (project / "link.csv").symlink_to(outside / "secret.csv")
    os.mkfifo(project / "pipe.csv")
    paths = ["a.csv", "no.csv", "empty.csv", "link.csv", "pipe.csv", "../outside/secret.csv", "nul\0"]
    assert contents_at(paths, root=str(project), now_ns=lambda: LATE) == {"a.csv": sha(text)}


def test_contents_are_remembered_like_sources(project, write, files_of, spec, cache):
    write("a.csv")
    contents_at(["a.csv"], root=str(project), cache_path=cache, now_ns=lambda: LATE)
    forge(cache)
    assert files_of(spec("a.csv"), cache_path=cache)[0].sha256 == "f" * 64
    known = contents_at(["a.csv"], root=str(project), cache_path=cache, now_ns=lambda: LATE)
    assert known == {"a.csv": "f" * 64}
