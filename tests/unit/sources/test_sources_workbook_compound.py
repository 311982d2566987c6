"""Compound files: streams of any size are found, and no damage does more than end in a refusal."""

from __future__ import annotations

import struct

import pytest
from compounds import compound_of
from legacy import Fault, xls_of

from pmsync.sources.workbook.child.compound import Compound
from pmsync.sources.workbook.child.main import answer_to
from pmsync.sources.workbook.child.refused import Refused


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 4095, 4096, 4097, 70_000, 8_000_000])
def test_a_stream_of_any_size_is_found(size):
    data = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    compound = Compound(compound_of({"before": b"x" * 100, "it": data, "after": b"y" * 5000}))
    assert "it" in compound
    assert compound.stream("it") == data


def test_a_large_xls_is_read_to_its_end():
    rows = [["case", *[f"column {at}" for at in range(20)]]]
    rows += [[f"c{at}", *[at + 0.5] * 20] for at in range(30_000)]
    rows.append([Fault("#N/A")])
    answer = answer_to(xls_of({"S": rows}))
    assert (answer["rows"], answer["errors"]) == (30_001, [1, 30_002, 1])


def test_a_chain_that_goes_round_is_refused():
    data = bytearray(compound_of({"it": b"x" * 5000}))
    at = data.rindex(struct.pack("<III", 1, 2, 3))  # the table's first numbers
    data[at : at + 4] = struct.pack("<I", 0)
    with pytest.raises(Refused):
        Compound(bytes(data)).stream("it")


@pytest.mark.parametrize("at", [30, 32, 44, 48, 60, 68, 76])
@pytest.mark.parametrize("number", [0, 1, 0x7FFF, 0xFFFF])
def test_a_head_that_lies_ends_in_an_answer(at, number):
    data = bytearray(xls_of({"S": [["case"], ["c1"]]}))
    data[at : at + 2] = struct.pack("<H", number)
    assert "fault" in answer_to(bytes(data)) or answer_to(bytes(data))["rows"] == 1


@pytest.mark.parametrize("size", [8, 76, 512, 600])
def test_a_file_that_ends_early_is_refused(size):
    assert answer_to(xls_of({"S": [["case"], ["c1"]]})[:size])["fault"] == "unreadable"
