"""Which files an entry means: patterns, modes, names, and what is wrong with an entry."""

from __future__ import annotations

import os

import pytest

from pmsync.sources.discover import Discovery, require_sense
from pmsync.sources.folders import Folders


@pytest.fixture
def found(folders):
    """The paths that an entry finds, in order."""
    return lambda spec: [file.declared.path for file in Discovery(folders).find(spec)]


@pytest.fixture
def tree(write):
    for path in (
        "data/a.csv",
        "data/b.csv",
        "data/B.csv",
        "data/a10.csv",
        "data/ä.csv",
        "data/.hidden.csv",
        "data/~$a.csv",
        "data/notes.txt",
        "data/2023/x.csv",
        "data/2024/x.csv",
        "data/2024/deep/y.csv",
        "data/.git/z.csv",
        "top.csv",
        "[odd].csv",
    ):
        write(path)


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("data/*.csv", ["data/B.csv", "data/a.csv", "data/a10.csv", "data/b.csv", "data/ä.csv"]),
        ("data/?.csv", ["data/B.csv", "data/a.csv", "data/b.csv", "data/ä.csv"]),
        ("data/[ab].csv", ["data/a.csv", "data/b.csv"]),
        ("data/[!a-z].csv", ["data/B.csv", "data/ä.csv"]),
        ("data/a*.csv", ["data/a.csv", "data/a10.csv"]),
        ("*.csv", ["[odd].csv", "top.csv"]),
        ("[[]odd].csv", ["[odd].csv"]),
        ("./data//a[1]*", ["data/a10.csv"]),
        ("data/*/x.csv", ["data/2023/x.csv", "data/2024/x.csv"]),
        ("data/20??/*", ["data/2023/x.csv", "data/2024/x.csv"]),
        ("d*/2024/x.csv", ["data/2024/x.csv"]),
        ("data/**/x.csv", ["data/2023/x.csv", "data/2024/x.csv"]),
        ("**/[xy].csv", ["data/2023/x.csv", "data/2024/deep/y.csv", "data/2024/x.csv"]),
        ("data/2024/**", ["data/2024/deep/y.csv", "data/2024/x.csv"]),
        ("**/**/y.csv", ["data/2024/deep/y.csv"]),
        ("data/*.CSV", []),
        ("data/a.csv/*", []),
        ("data/no-such/*.csv", []),
        ("data/*/no-such.csv", []),
        ("data/~$*", []),
        ("data/2023/x.csv*", ["data/2023/x.csv"]),
    ],
)
def test_a_pattern_matches_files_in_code_point_order(tree, spec, found, pattern, paths):
    assert found(spec(pattern, mode="append", optional=True)) == paths


def test_the_last_by_name_is_the_latest(tree, spec, folders):
    (file,) = Discovery(folders).find(spec("data/[ab]*.csv", mode="latest", name="events.csv"))
    assert (file.declared.path, file.name) == ("data/b.csv", "events.csv")


@pytest.mark.parametrize(
    "names", [("ev-9.csv", "ev-10.csv"), ("2024-1-31.csv", "2024-12-1.csv", "2024-2-3.csv")]
)
def test_the_latest_is_nobodys_guess_where_numbers_and_letters_disagree(write, spec, folders, refusal, names):
    for name in names:
        write(name)
    problem = refusal(Discovery(folders).find, spec("*-*.csv", mode="latest", name="events.csv"))
    assert problem.code == "PM240"
    assert "pad the numbers" in problem.suggestion


@pytest.mark.parametrize(
    "names",
    [("ev-09.csv", "ev-10.csv"), ("ev-2.csv", "ev-02.csv"), ("ev-9-a.csv", "ev-10-b.csv", "ev-x.csv")],
)
def test_the_latest_is_clear_where_both_orders_agree(write, spec, found, names):
    for name in names:
        write(name)
    assert found(spec("ev-*.csv", mode="latest", name="events.csv")) == [max(names)]


def test_a_file_of_exactly_the_written_name_goes_before_the_pattern(write, spec, found):
    for path in ("data/[dev] x.csv", "data/d x.csv", "data/[a]/b*.csv", "data/a/b1.csv"):
        write(path)
    assert found(spec("data/[dev] x.csv")) == ["data/[dev] x.csv"]
    assert found(spec("data/[a]/b*.csv")) == ["data/[a]/b*.csv"]


COMPOSED, DECOMPOSED = "Verk\u00e4ufe", "Verka\u0308ufe"


@pytest.mark.parametrize("written", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("on_disk", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize(
    "form", ["{0}/{0}.csv", "{0}/{0}*.csv", "*/{0}.csv", "**/{0}.csv", "{0}/[a-z]*{0}.csv"]
)
def test_two_spellings_of_one_letter_are_one_name(write, spec, folders, written, on_disk, form):
    write(f"{on_disk}/{on_disk}.csv")
    write(f"{on_disk}/x{on_disk}.csv")
    (file,) = Discovery(folders).find(spec(form.format(written)))
    assert file.declared.path in {f"{on_disk}/{on_disk}.csv", f"{on_disk}/x{on_disk}.csv"}
    assert file.name in {f"{COMPOSED}.csv", f"x{COMPOSED}.csv"}


def test_of_two_files_of_one_name_in_two_spellings_the_written_one_is_meant(write, spec, found):
    write(f"{COMPOSED}.csv")
    write(f"{DECOMPOSED}.csv")
    assert found(spec(f"{DECOMPOSED}.csv")) == [f"{DECOMPOSED}.csv"]
    assert found(spec(f"{COMPOSED}.csv")) == [f"{COMPOSED}.csv"]
    assert len(found(spec("Verk*.csv", mode="append"))) == 2


def test_a_pattern_says_what_it_leaves_out_for_its_case_alone(write, spec, folders):
    write("data/a.csv")
    write("data/b.CSV")
    (file,) = Discovery(folders).find(spec("data/*.csv"))
    (finding,) = file.findings
    assert (finding.code, "'data/b.CSV'" in finding.what) == ("PM241", True)


def test_a_pattern_that_matches_nothing_says_what_differs_in_case_only(write, spec, folders, refusal):
    write("Data/A.CSV")
    problem = refusal(Discovery(folders).find, spec("Data/*.csv"))
    assert (problem.code, problem.suggestion) == (
        "PM202",
        "'Data/A.CSV' is there: upper and lower case letters differ",
    )


@pytest.mark.parametrize(
    ("path", "name"),
    [("late.xls", "late.xlsx"), ("late.csv", "late.xlsx"), ("late.xlsb", "late.csv"), ("late.xlsx", "late")],
)
def test_a_file_goes_up_under_no_name_of_another_kind(spec, folders, refusal, path, name):
    assert refusal(Discovery(folders).find, spec(path, name=name)).code == "PM242"


@pytest.mark.parametrize(
    ("path", "name"),
    [("late.XLSX", "late-arrivals.xlsx"), ("late.txt", "late.csv"), ("late", "late.csv"), ("a.tsv", "b.csv")],
)
def test_a_file_goes_up_under_another_name_of_its_kind(spec, folders, path, name):
    (file,) = Discovery(folders).find(spec(path, name=name))
    assert file.name == name


def test_a_pattern_that_matches_one_file_needs_no_mode(tree, spec, folders):
    (file,) = Discovery(folders).find(spec("data/b.*"))
    assert (file.declared.path, file.name) == ("data/b.csv", "b.csv")


def test_a_plain_path_is_tidied_and_not_looked_at(spec, found):
    assert found(spec("./data//no-such.csv")) == ["data/no-such.csv"]
    assert found(spec("a./b.csv")) == ["a./b.csv"]


@pytest.mark.parametrize(
    ("path", "options", "code", "says"),
    [
        ("data/x*.csv", {}, "PM202", "'data/x*.csv' matches no file"),
        ("data/[ab].csv", {}, "PM203", "matches 2 files, from 'data/a.csv' to 'data/b.csv'"),
        ("data/a*.csv", {"mode": "latest"}, "PM214", "needs a name"),
        ("data/a.csv", {"mode": "latest"}, "PM214", "needs a name"),
        ("data/a*.csv", {"mode": "append", "name": "x.csv"}, "PM214", "one name cannot stand for all files"),
        ("", {}, "PM217", "is no path"),
        ("../*/secret.csv", {}, "PM205", "climbs out"),
        ("/etc/*", {}, "PM205", "outside the project folder"),
        ("/*", {}, "PM205", "outside the project folder"),
        ("da\0ta/*", {}, "PM217", "NUL"),
        ("a" * 300 + "/*", {}, "PM207", "cannot be read"),
        ("data/a.csv", {"name": " "}, "PM215", "no file name"),
        ("data/a.csv", {"name": ".."}, "PM215", "no file name"),
        ("data/a.csv", {"name": "a/b.csv"}, "PM215", "no file name"),
        ("data/a.csv", {"name": "a\nb.csv"}, "PM215", "no file name"),
        ("data/a\x1b.csv", {}, "PM215", "no file name"),
        ("data/a\udcff.csv", {}, "PM215", "no file name"),
        (".", {}, "PM215", "no file name"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(tree, spec, refusal, folders, path, options, code, says):
    def meant(one):
        require_sense(one, folders)
        return Discovery(folders).find(one)

    diagnostic = refusal(meant, spec(path, **options))
    assert diagnostic.code == code
    assert says in diagnostic.message
    assert str(diagnostic.location) == "m.yaml:7:11"


def test_a_name_of_its_own_makes_up_for_an_unfit_one(tree, spec, folders):
    (file,) = Discovery(folders).find(spec("data/a\x1b.csv", name="a.csv"))
    assert file.name == "a.csv"


def test_names_outside_are_not_listed_through_a_symlink(project, outside, spec, refusal, folders):
    (project / "in").symlink_to(outside)
    for pattern in ("in/*", "in/**", "*/secret.csv", "in/no-such/*.csv"):
        diagnostic = refusal(Discovery(folders).find, spec(pattern))
        assert (diagnostic.code, "leads outside" in diagnostic.message) == ("PM205", True)


def test_nothing_outside_is_suggested(project, outside, declared, folders):
    (project / "in").symlink_to(outside)
    assert Discovery(folders).neighbour(declared("in/secrets.csv")) is None


def test_a_symlinked_folder_inside_is_entered_by_a_pattern_but_not_at_any_depth(project, tree, spec, found):
    (project / "data/2023/up").symlink_to("..")
    assert found(spec("data/2023/*/b.csv")) == ["data/2023/up/b.csv"]
    assert found(spec("data/**/b.csv")) == ["data/b.csv"]


def test_symlinks_are_matched_like_files_even_broken_ones(project, tree, spec, found):
    (project / "data/l1.csv").symlink_to("a.csv")
    (project / "data/l2.csv").symlink_to("no-such")
    (project / "data/l3.csv").symlink_to("l3.csv")
    assert found(spec("data/l*", mode="append")) == ["data/l1.csv", "data/l2.csv", "data/l3.csv"]


@pytest.fixture
def deep(project):
    """A file so deep that no recursion reaches it, removed again because pytest's clean-up could not."""
    depth = 1_200
    here = os.open(project, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        here = moved(here, "d")
    os.close(os.open("x.csv", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    yield depth
    os.unlink("x.csv", dir_fd=here)
    for _ in range(depth):
        here = moved(here, "..")
        os.rmdir("d", dir_fd=here)
    os.close(here)


def moved(folder, name):
    """The descriptor of a folder beside this one, which is closed."""
    descriptor = os.open(name, os.O_RDONLY, dir_fd=folder)
    os.close(folder)
    return descriptor


@pytest.mark.parametrize("folders_as", ["**/", "*/", "d/"])
def test_a_very_deep_folder_is_no_problem(deep, spec, found, folders_as):
    pattern = folders_as * (1 if folders_as == "**/" else deep) + "x*.csv"
    assert found(spec(pattern)) == ["d/" * deep + "x.csv"]


def test_absolute_patterns_work_below_a_source_root(project, outside, spec):
    folders = Folders.of(str(project), (str(outside),))
    (file,) = Discovery(folders).find(spec(f"{outside}/*.csv"))
    assert file.declared.path == f"{outside}/secret.csv"


def test_a_folder_is_listed_once_for_all_entries(tree, project, spec, folders, write):
    discovery = Discovery(folders)
    before = discovery.find(spec("data/*.csv", mode="append"))
    write("data/late.csv")
    assert discovery.find(spec("data/*.csv", mode="append")) == before
