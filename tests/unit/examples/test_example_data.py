"""The examples' data: it is what the script writes, and it looks like what real systems hand over."""

import csv
import importlib
import io
import os
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from pmsync.diagnostics import Location
from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec, DatatableSpec, Manifest, SourceMode, SourceSpec
from pmsync.sources import look

EXAMPLES = Path(__file__).parents[3] / "examples"
HOME = EXAMPLES / "manifests"
NAMES = ("minimal", "order-to-cash", "purchase-to-pay")
FILES = sorted(path.relative_to(HOME).as_posix() for path in HOME.glob("*/data/**/*") if path.is_file())
TEXTS = [path for path in FILES if path.endswith(".csv")]
WORKBOOKS = [path for path in FILES if path.endswith(".xlsx")]
LOG = {"activity", "Aktivität"}
BATCH = "BATCH_NIGHT"


@pytest.fixture
def generate(monkeypatch):
    """The script as a module, taken out of the interpreter afterwards."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    before = set(sys.modules)
    yield importlib.import_module("generate")
    for name in set(sys.modules) - before:
        if name == "generate" or name.partition(".")[0] == "simulation":
            del sys.modules[name]


def delimiter_of(path):
    return ";" if ";" in (HOME / path).read_text("utf-8-sig").partition("\n")[0] else ","


def records(path):
    """All records of a file, its header first, every cell as text; read with other readers than pmsync's."""
    if path.endswith(".xlsx"):
        sheet = openpyxl.load_workbook(HOME / path).worksheets[0]
        return [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    text = (HOME / path).read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(path), strict=True))


def events(*, example):
    """(case, activity, moment, person) of every log of an example, in the order of time."""
    found = []
    for path in FILES:
        header, *rows = (
            records(path) if path.startswith((example + "/data/", example + "/data/full/")) else [[]]
        )
        if LOG & set(header) and "/sample/" not in path:
            form = "%d.%m.%Y %H:%M:%S" if "Aktivität" in header else "%Y-%m-%d %H:%M:%S"
            found += [(row[0], row[1], datetime.strptime(row[2], form), row[3]) for row in rows]
    return sorted(found, key=lambda event: event[2])


def counted_by_pmsync(paths, root):
    place, table = Location("manifest.yaml"), Address.datatable("d", "t")
    sources = tuple(
        SourceSpec(path=path, mode=SourceMode.SINGLE, name=f"{number}{Path(path).suffix}", location=place)
        for number, path in enumerate(paths)
    )
    tables = {table: DatatableSpec(address=table, display_name="t", sources=sources, location=place)}
    dataset = DatasetSpec(address=Address.dataset("d"), display_name="d", datatables=tables, location=place)
    found = look(Manifest(datasets={dataset.address: dataset}), root=str(root), now_ns=time.time_ns)
    return {file.path: (file.rows, list(file.columns)) for file in found.files[table]}


def test_the_script_reproduces_the_committed_files_byte_for_byte(generate, tmp_path):
    written = generate.write(generate.generated(), tmp_path)
    assert written == FILES
    for path in FILES:
        assert (tmp_path / path).read_bytes() == (HOME / path).read_bytes(), path


def test_a_second_run_changes_nothing(generate, tmp_path):
    generate.write(generate.generated(), tmp_path)
    assert generate.write(generate.generated(), tmp_path) == []


def test_check_names_what_differs_is_missing_or_is_too_much_and_exits_1(generate, tmp_path, capsys):
    assert generate.main(["--into", str(tmp_path)]) == 0
    (tmp_path / "minimal/data/tickets.csv").write_bytes(b"case_id\n")
    (tmp_path / "order-to-cash/data/orders/orders.csv").unlink()
    (tmp_path / "order-to-cash/data/orders/extra.csv").write_bytes(b"")
    capsys.readouterr()

    assert generate.main(["--check", "--into", str(tmp_path)]) == 1

    assert capsys.readouterr().out.splitlines() == [
        "differs: minimal/data/tickets.csv",
        "differs: order-to-cash/data/orders/extra.csv",
        "differs: order-to-cash/data/orders/orders.csv",
    ]
    assert (tmp_path / "minimal/data/tickets.csv").read_bytes() == b"case_id\n"


def test_writing_again_takes_away_what_the_script_does_not_write(generate, tmp_path):
    files = generate.generated()
    generate.write(files, tmp_path)
    extra = tmp_path / "order-to-cash/data/orders/extra.csv"
    extra.write_bytes(b"")
    assert generate.write(files, tmp_path) == ["order-to-cash/data/orders/extra.csv"]
    assert not extra.exists()


def test_the_script_runs_from_any_folder_with_any_hash_seed(tmp_path):
    environ = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONDONTWRITEBYTECODE": "1"}
    script = str(EXAMPLES / "generate.py")
    ran = subprocess.run(
        [sys.executable, script, "--check"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.parametrize("example", NAMES)
def test_pmsync_counts_the_records_that_other_readers_count(example):
    root = HOME / example
    paths = [path.removeprefix(example + "/") for path in FILES if path.startswith(example + "/")]
    counted = counted_by_pmsync(paths, root)
    for path in paths:
        header, *rows = records(f"{example}/{path}")
        assert counted[path] == (len(rows), header), path


@pytest.mark.parametrize("path", FILES)
def test_every_record_has_a_cell_for_each_column(path):
    assert len({len(record) for record in records(path)}) == 1


@pytest.mark.parametrize("example", NAMES)
def test_each_example_has_thousands_of_events(example):
    assert 2_000 <= len(events(example=example)) <= 9_000


def test_all_the_data_is_small():
    assert sum((HOME / path).stat().st_size for path in FILES) < 1_400_000


@pytest.mark.parametrize("example", NAMES)
def test_people_work_in_office_hours_and_only_jobs_at_night(example):
    by_people = [moment for _, _, moment, person in events(example=example) if person != BATCH]
    at_night = [moment for _, _, moment, person in events(example=example) if person == BATCH]
    in_hours = [moment for moment in by_people if 8 <= moment.hour < 18]
    assert 0.95 < len(in_hours) / len(by_people) < 1
    assert all(moment.weekday() < 5 and 8 <= moment.hour < 20 for moment in by_people)
    assert at_night
    assert {moment.hour for moment in at_night} == {2}


@pytest.mark.parametrize("example", NAMES)
def test_a_fair_share_of_cases_has_rework(example):
    seen = defaultdict(Counter)
    for case, activity, _, _ in events(example=example):
        seen[case][activity] += 1
    reworked = [case for case, counts in seen.items() if max(counts.values()) > 1]
    assert 0.1 < len(reworked) / len(seen) < 0.7


@pytest.mark.parametrize("example", NAMES)
def test_cases_take_many_ways(example):
    ways = defaultdict(list)
    for case, activity, _, _ in events(example=example):
        ways[case].append(activity)
    variants = Counter(map(tuple, ways.values()))
    assert len(variants) > 20
    assert variants.most_common(1)[0][1] > 10


def test_activities_that_run_side_by_side_come_in_either_order():
    order = defaultdict(list)
    for case, activity, _, _ in events(example="order-to-cash"):
        if activity in {"Check credit", "Check availability"}:
            order[case].append(activity)
    firsts = Counter(activities[0] for activities in order.values())
    assert min(firsts["Check credit"], firsts["Check availability"]) > 30


@pytest.mark.parametrize(("example", "years"), [("order-to-cash", 3), ("purchase-to-pay", 3), ("minimal", 2)])
def test_the_logs_span_years(example, years):
    assert len({moment.year for _, _, moment, _ in events(example=example)}) >= years


def test_orders_become_more_and_their_rework_less():
    per_year, reworked = Counter(), Counter()
    for case, activity, _, _ in events(example="order-to-cash"):
        if case.startswith("SO-"):
            per_year[case[3:5]] += activity == "Check credit"
            reworked[case[3:5]] += activity == "Change sales order"
    assert per_year["22"] < per_year["23"] < per_year["24"]
    assert reworked["24"] / per_year["24"] < reworked["22"] / per_year["22"]


@pytest.mark.parametrize("example", NAMES)
def test_names_have_german_polish_and_french_letters(example):
    text = "".join((HOME / path).read_text("utf-8-sig") for path in TEXTS if path.startswith(example + "/"))
    for letters in ("äöüß", "łżęą", "éèïç"):
        assert any(letter in text for letter in letters)


@pytest.mark.parametrize("example", NAMES)
def test_some_comments_run_over_several_lines_or_hold_quotes(example):
    logs = [path for path in TEXTS if path.startswith(example + "/")]
    cells = [cell for path in logs for record in records(path) for cell in record]
    assert any("\n" in cell for cell in cells)
    assert any('"' in cell for cell in cells)


def test_german_files_have_semicolons_decimal_commas_and_days_first():
    german = [path for path in TEXTS if delimiter_of(path) == ";"]
    assert {path.partition("/")[0] for path in german} == {"order-to-cash", "purchase-to-pay"}
    for path in german:
        assert (HOME / path).read_bytes().startswith(b"\xef\xbb\xbf")
        assert b"\r\n" in (HOME / path).read_bytes()
        assert any(re.fullmatch(r"\d+,\d\d", cell) for record in records(path) for cell in record), path
    dated = [path for path in german if not path.endswith("customers.csv")]
    for path in dated:
        assert re.search(r";\d\d\.\d\d\.20\d\d", (HOME / path).read_text("utf-8-sig"))


def test_numbers_of_partners_keep_their_leading_zeros():
    _, *rows = records("order-to-cash/data/collections/customers.csv")
    assert all(re.fullmatch(r"000\d{7}", row[0]) for row in rows)


@pytest.mark.parametrize("path", WORKBOOKS)
def test_workbooks_hold_numbers_as_numbers_and_moments_as_moments(path):
    sheet = openpyxl.load_workbook(HOME / path).worksheets[0]
    first = next(sheet.iter_rows(min_row=2, values_only=True))
    kinds = {type(cell) for cell in first}
    assert float in kinds
    assert (datetime in kinds) == ("timestamp" in records(path)[0])


def test_a_full_extract_holds_all_of_the_one_before():
    for folder in ("full", "sample"):
        home = f"purchase-to-pay/data/{folder}/orders"
        before = {row[0] for row in records(f"{home}/orders-2024-06-21.csv")}
        after = {row[0] for row in records(f"{home}/orders-2024-06-28.csv")}
        assert before < after


def test_the_sample_is_part_of_the_full_data():
    def cases(folder):
        paths = [path for path in TEXTS if path.startswith(f"purchase-to-pay/data/{folder}/events/")]
        return {tuple(row) for path in paths for row in records(path)[1:]}

    assert cases("sample") < cases("full")


@pytest.mark.parametrize("path", [path for path in TEXTS if "/day-" in path])
def test_a_daily_extract_holds_that_day(path):
    day = path[-14:-4]
    assert all(row[2].startswith(day) for row in records(path)[1:])


@pytest.mark.parametrize(
    "path", [path for path in HOME.glob("**/*.yaml") if ".pmsync" not in path.parts], ids=lambda p: p.name
)
def test_the_first_line_leads_an_editor_to_the_schema_of_the_file(path):
    first = path.read_text("utf-8").partition("\n")[0]
    kind = "project" if path.name == "pmsync.yaml" else "manifest"
    given = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert given
    schema = EXAMPLES.parent / "schema" / f"{kind}.schema.json"
    assert Path(os.path.normpath(path.parent / given[1])) == schema
