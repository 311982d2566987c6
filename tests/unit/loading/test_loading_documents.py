"""YAML text becomes a tree of text with places."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from pmsync.collector import collector_paused
from pmsync.errors import InputError, PmsyncError
from pmsync.loading.documents import DEEPEST, LARGEST, parse, read_document
from pmsync.loading.problems import Problems
from pmsync.loading.tree import Document, Quoted


def parsed(text: str) -> Document:
    problems = Problems()
    document = parse(text.encode(), "m.yaml", problems)
    problems.settle()
    assert document is not None
    return document


def codes(problems: Problems) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        problems.settle()
    return [(str(one.location), one.code) for one in caught.value.diagnostics]


SURPRISES = "NO yes on off 012 0x1F 1_000 12:30 190:20:30 1e3 .inf .nan 2024-01-01 null NULL True = 1.0 -5"


@pytest.mark.parametrize("word", SURPRISES.split())
def test_every_scalar_is_text(word: str) -> None:
    value = parsed(f"a: {word}\n").root["a"]
    assert value == word
    assert not isinstance(value, Quoted)


@pytest.mark.parametrize(
    "nothing", ["a:\n", "a: ~\n", "a: \n", "{a: , b: c}\n", "{a: ~}\n", "a: # nothing\n"]
)
def test_a_tilde_and_nothing_are_null(nothing: str) -> None:
    assert parsed(nothing).root["a"] is None


@pytest.mark.parametrize(
    "text", ['a: "~"\n', "a: ''\n", "a: |\n  x\n", "a: >\n  x\n", 'a: "true"\n', "a: ['x']\n"]
)
def test_quotes_and_blocks_are_always_text(text: str) -> None:
    value = parsed(text).root["a"]
    assert isinstance(value[0] if isinstance(value, list) else value, Quoted)


def test_a_byte_order_mark_at_the_start_is_nothing() -> None:
    problems = Problems()
    document = parse(b"\xef\xbb\xbfa: b\n", "m.yaml", problems)
    assert document is not None
    assert document.root == {"a": "b"}
    assert str(document.at_key(("a",))) == "m.yaml:1:1"
    assert not problems


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(end: str) -> None:
    document = parsed(f"a: b{end}c:{end}  - x{end}  - y{end}")
    assert str(document.at(("c", 1))) == "m.yaml:4:5"


def test_columns_count_characters_and_not_bytes() -> None:
    document = parsed("{ä: ö, 😀: x}\n")
    assert str(document.at(("😀",))) == "m.yaml:1:11"


def test_a_place_beyond_the_tree_is_where_the_tree_ends() -> None:
    document = parsed("a:\n  b: c\n")
    assert str(document.at(("a", "b", "deeper", 3))) == "m.yaml:2:6"
    assert str(document.at_key(("a", "nothing"))) == "m.yaml:1:1"
    assert str(parsed("{}\n").at(())) == "m.yaml:1:1"


def test_as_many_levels_as_are_allowed() -> None:
    text = "a: " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)
    assert parsed(text).root["a"] is not None
    problems = Problems()
    assert parse(text.replace("[", "[[", 1).replace("]", "]]", 1).encode(), "m.yaml", problems) is None
    assert codes(problems) == [("m.yaml:1:53", "PM013")]


def test_a_file_as_large_as_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(b"a: b\n" + b"#" * (LARGEST - 5))
    problems = Problems()
    assert read_document(str(path), "m.yaml", problems, root=str(tmp_path)) is not None
    with path.open("ab") as file:
        file.write(b"#")
    assert read_document(str(path), "m.yaml", problems, root=str(tmp_path)) is None
    assert codes(problems) == [("m.yaml", "PM002")]


def test_a_file_that_is_not_there_or_not_regular_is_reported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for name in ("gone.yaml", "pipe.yaml", "."):
        problems = Problems()
        assert read_document(str(tmp_path / name), name, problems, root=str(tmp_path)) is None
        assert codes(problems) == [(name, "PM001")]


def test_what_is_refused_is_null_and_said_once() -> None:
    problems = Problems()
    document = parse(b"a: &x !!str *y\n", "m.yaml", problems)
    assert document is None
    problems = Problems()
    document = parse(b"a: &x !!str y\nb: *x\n? *x\n: {c: &z d}\n", "m.yaml", problems)
    assert document is not None
    assert document.root == {"a": None, "b": None}
    assert codes(problems) == [
        ("m.yaml:1:4", "PM009"),
        ("m.yaml:2:4", "PM010"),
        ("m.yaml:3:3", "PM010"),
        ("m.yaml:4:7", "PM009"),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [b,", "m.yaml:1:7"),
        ("a: [b,\n\n# end\n", "m.yaml:3:6"),
        ("a: 'b\n", "m.yaml:1:4"),
        ("a: {b\n", "m.yaml:1:4"),
    ],
)
def test_what_has_no_end_is_where_it_begins_or_the_text_ends(text: str, place: str) -> None:
    problems = Problems()
    assert parse(text.encode(), "m.yaml", problems) is None
    assert codes(problems) == [(place, "PM005")]


def test_a_fault_that_libyaml_gives_no_place_for_is_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bare:
        def __init__(self, _: bytes) -> None: ...

        def get_event(self) -> Any:
            raise yaml.YAMLError

    monkeypatch.setattr(yaml, "CSafeLoader", Bare)
    problems = Problems()
    assert parse(b"a: b\n", "m.yaml", problems) is None
    assert codes(problems) == [("m.yaml", "PM005")]


def test_says_so_if_libyaml_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    with pytest.raises(PmsyncError, match="without libyaml"):
        parse(b"a: b\n", "m.yaml", Problems())


@pytest.mark.parametrize("was", [True, False])
def test_the_garbage_collector_is_left_as_it_was(was: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if was else gc.disable)()
        with collector_paused():
            assert not gc.isenabled()
        assert gc.isenabled() is was
    finally:
        (gc.enable if before else gc.disable)()


@pytest.mark.parametrize(("text", "place"), [("a: b\nc:", "m.yaml:2:3"), ("a:\n  b: 1\n  ? ", "m.yaml:3:5")])
def test_what_is_missing_at_the_end_is_where_the_file_ends(text: str, place: str) -> None:
    document = parsed(text)
    way: list[str | int] = ["c"] if "c" in document.root else ["a", ""]
    assert str(document.at(way)) == place


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_tag_directive_is_refused_before_libyaml_looks_at_it(end: str) -> None:
    problems = Problems()
    assert parse(f"# x{end}%TAG !a! b{end}---{end}a: b{end}".encode(), "m.yaml", problems) is None
    assert codes(problems) == [("m.yaml:2:1", "PM007")]


@pytest.mark.parametrize("text", ["a: [1, 2, 3]\n", "a: {b: 1, c: 2, d: 3}\n", "a: [[], [], []]\n"])
def test_more_keys_and_items_than_anybody_means_are_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pmsync.loading.documents.MOST_VALUES", 5)
    assert parsed("a: [1, 2]\n").root == {"a": ["1", "2"]}
    problems = Problems()
    assert parse(text.encode(), "m.yaml", problems) is None
    assert [code for _, code in codes(problems)] == ["PM036"]
