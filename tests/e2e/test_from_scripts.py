"""docs/from-scripts.md: what it tells to type is run, in its order, and prints what stands below it.

The tenant is filled by plain HTTP calls, as the vendor's scripts make them: nothing of pmsync takes part in that. With
PMSYNC_WRITE_GOLDEN=1 in the environment the page's outputs are written anew.
"""

import http.client
import json
import os
import re
import shlex
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from canary import KEY, must_not_tell
from faults.launcher import Launcher
from whereabouts import folders_in

from pmsync.emulator.server import RunningEmulator, running
from pmsync.emulator.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "from-scripts.md"
TENANT = "7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11"
LEFT_OUT = "…\n"
"""A line of the page that stands for others."""
STEP = re.compile(
    r"^<!-- test: (?P<act>[^\n]+) -->$|^```(?P<kind>\w+)\n(?P<block>.*?)^```$", re.MULTILINE | re.DOTALL
)
"""What happens on the page, in its order: what the script does meanwhile, a file to write, commands to type."""


@dataclass
class Script:
    """The team's script: it makes things where they are missing, and sends its files, by the API alone."""

    api: str
    extracts: Path
    ids: dict[str, str] = field(default_factory=dict)

    def has_loaded_everything(self) -> None:
        self.extract("orders.csv", 120)
        self.extract("events-2026-01.csv", 400)
        self.extract("events-2026-02.csv", 380, first=401)
        self.extract("regions.csv", 12)
        self.extract("invoices.csv", 75)
        self.create("Order to Cash", tables=("Orders", "Order events", "Regions"))
        self.create("Finance", kind="TreeGroup")
        self.create("Purchase to Pay", tables=("Invoices",), parent="Finance")
        self.send("orders.csv", "Orders")
        self.send("events-2026-01.csv", "Order events")
        self.send("events-2026-02.csv", "Order events")
        self.send("regions.csv", "Regions")
        self.send("invoices.csv", "Invoices")

    def extract(self, name: str, rows: int, first: int = 1) -> None:
        """Somebody's database writes a file."""
        self.extracts.mkdir(exist_ok=True)
        lines = (f"{i},done,2026-01-{i % 28 + 1:02}T08:00:00Z\n" for i in range(first, first + rows))
        (self.extracts / name).write_text("order_id,activity,timestamp\n" + "".join(lines), "utf-8")

    def create(self, name: str, *, kind: str = "Dataset", tables: Any = (), parent: str = "") -> None:
        body = {"displayName": name, "treeNodeType": kind, "treeParentId": self.ids.get(parent)}
        self.ids[name] = self.call("POST", "/datasets", body)["id"]
        for table in tables:
            made = self.call("POST", f"/datasets/{self.ids[name]}/datatables", {"displayName": table})
            self.ids[table] = made["id"]
            self.ids[f"dataset of {table}"] = self.ids[name]

    def send(self, name: str, table: str) -> None:
        data = (self.extracts / name).read_bytes()
        query = {
            "datasetid": self.ids[f"dataset of {table}"],
            "filename": name,
            "filesize": len(data),
            "filelastmodified": "1704067200000.123",
        }
        path = f"/datatable/{self.ids[table]}/uploads/presignedurl?{urlencode(query)}"
        url = urlsplit(self.call("GET", path)["PreSignedUploadUrl"])
        status, _ = http_("PUT", url.netloc, f"{url.path}?{url.query}", data, {"Content-Type": "text/csv"})
        assert status == 200

    def call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        host = urlsplit(self.api).netloc
        status, answer = http_(method, host, f"/tenant/{TENANT}{path}", data, {"x-api-key": KEY})
        assert status in {200, 201}, answer
        return json.loads(answer)

    def rows(self) -> dict[str, int]:
        return {one["displayName"]: one["rowCount"] for one in self.call("GET", "/datatables")}


def http_(method: str, host: str, path: str, data: Any, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@dataclass
class Team:
    """A team at the page: a folder, a shell's variables, and what the ids and times it sees are on the page."""

    root: Path
    launcher: Launcher
    emulator: RunningEmulator
    environ: dict[str, str]
    seen: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.script = Script(self.emulator.api_url, self.root / "extracts")

    def meanwhile(self, act: str) -> None:
        """What happens between two steps of the page."""
        script = self.script
        match act:
            case "the scripts have loaded everything":
                script.has_loaded_everything()
            case "five orders more":
                script.extract("orders.csv", 125)
            case "the script replaces regions.csv":
                script.extract("regions.csv", 15)
                script.send("regions.csv", "Regions")
            case "the script replaces orders.csv":
                script.extract("orders.csv", 130)
                script.send("orders.csv", "Orders")
            case "the script replaces orders.csv by an old one":
                script.extract("orders.csv", 118)
                script.send("orders.csv", "Orders")
            case "the script adds events-2026-03.csv":
                script.extract("events-2026-03.csv", 50, first=781)
                script.send("events-2026-03.csv", "Order events")
            case _:
                pytest.fail(f"the page has an act that nobody plays: {act}")

    def write(self, text: str) -> None:
        """A file of the page: its first line is its name."""
        first, _, rest = text.partition("\n")
        (self.root / first.removeprefix("# ")).write_text(rest, "utf-8")

    def type(self, line: str) -> tuple[str, str]:
        """Run a line as it is typed. Gives stdout, and all that was printed, as the page would show it."""
        command, _, exits = line.partition("  # exit ")
        if command.startswith("pmsync "):
            code, out, err = self.pmsync(shlex.split(command)[1:])
        else:
            code, out, err = self.shell(command)
        assert code == int(exits or 0), (line, out, err)
        must_not_tell(out + err)
        return self.as_shown(out), self.as_shown(out + err)

    def pmsync(self, arguments: list[str]) -> tuple[int, str, str]:
        with tempfile.TemporaryDirectory() as place:
            out, err = Path(place, "out"), Path(place, "err")
            process = self.launcher.start(*arguments, cwd=self.root, env=self.environ, output=out, errors=err)
            return process.wait(120), out.read_text("utf-8"), err.read_text("utf-8")

    def shell(self, command: str) -> tuple[int, str, str]:
        """A line for the shell; what it exports stays."""
        script = f'{command} && env -0 > "$AFTER"'
        with tempfile.TemporaryDirectory() as place:
            after = Path(place, "env")
            ran = subprocess.run(
                ["bash", "-c", script],
                cwd=self.root,
                env={**self.environ, "AFTER": str(after)},
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=60,
                check=False,
            )
            if ran.returncode == 0:
                pairs = (one.split("=", 1) for one in after.read_text("utf-8").split("\0") if one)
                self.environ = {name: value for name, value in pairs if name != "AFTER"}
        return ran.returncode, ran.stdout, ran.stderr

    def as_shown(self, text: str) -> str:
        """As the page shows it: ids and times of its own, and the vendor's host."""
        text = re.sub(r" · at 127\.0\.0\.1:\d+", "", text)
        text = re.sub(r"\b\d+\.\d s at most", "0.4 s at most", text)
        text = re.sub(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-03-02T08:15:00Z", text)
        return re.sub(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", self._id, text)

    def _id(self, found: re.Match[str]) -> str:
        if found[0] == TENANT:
            return TENANT
        return self.seen.setdefault(found[0], str(uuid.uuid5(uuid.NAMESPACE_DNS, str(len(self.seen)))))


@pytest.fixture
def make_team(tmp_path: Path, launcher: Launcher) -> Iterator[Callable[..., Team]]:
    """Makes a team before its first step, with a tenant that plays these choices."""
    root = tmp_path / "process-data"
    root.mkdir()
    with ExitStack() as stack:

        def make(**choices: Any) -> Team:
            emulator = stack.enter_context(running(Settings(**{"extra_key": KEY, **choices})))
            environ = {
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "LC_ALL": "C.UTF-8",
                "COLUMNS": "100",
                "PROCESSMIND_API_KEY": KEY,
                "PMSYNC_API_URL": emulator.api_url,
                **folders_in(tmp_path / "memory"),
            }
            return Team(root, launcher, emulator, environ)

        yield make


@pytest.fixture
def team(make_team: Callable[..., Team]) -> Team:
    return make_team()


@pytest.fixture(autouse=True)
def searched(nothing_secret_is_left: None) -> None:
    """Nothing secret is in what was written."""


def followed(team: Team, page: str) -> str:
    """The page, with what its commands printed to this team."""
    return STEP.sub(lambda step: _step(team, step), page)


def _step(team: Team, step: re.Match[str]) -> str:
    if step["act"]:
        team.meanwhile(step["act"])
    elif step["kind"] == "yaml":
        team.write(step["block"])
    elif step["kind"] == "console":
        return f"```console\n{_typed(team, step['block'])}```"
    return step[0]


def _typed(team: Team, block: str) -> str:
    told = ""
    for line, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
        out, everything = team.type(line)
        told += f"$ {line}\n{_in_part(shown, everything) if leaves_out(shown) else out}"
    return told


def leaves_out(shown: str) -> bool:
    return LEFT_OUT in shown.splitlines(keepends=True)


def _in_part(shown: str, printed: str) -> str:
    """What is shown, if its parts were printed, in this order; what was printed, if not."""
    parts = "".join("\0" if line == LEFT_OUT else line for line in shown.splitlines(keepends=True)).split(
        "\0"
    )
    place = 0
    for part in parts:
        place = printed.find(part, place)
        if place < 0:
            return printed
        place += len(part)
    return shown


def before(heading: str) -> str:
    """The page up to a heading."""
    told, found, _ = PAGE.read_text("utf-8").partition(f"\n## {heading}")
    assert found
    return told


def test_the_steps_of_the_page_run_and_print_what_it_shows(team: Team) -> None:
    page = PAGE.read_text("utf-8")
    told = followed(team, page)
    if os.environ.get("PMSYNC_WRITE_GOLDEN") == "1":
        PAGE.write_text(told, "utf-8")
    assert told.splitlines() == page.splitlines()
    assert team.script.rows() == {"Orders": 130, "Order events": 830, "Regions": 15, "Invoices": 75}
    deleted = {one for record in team.emulator.history.since() for one in record.as_json()["deleted"]}
    assert not deleted & set(team.script.ids.values())


def test_where_folders_are_told_they_stand_in_what_is_exported(make_team: Callable[..., Team]) -> None:
    team = make_team(show_tree=True)
    followed(team, before("4."))
    assert "    folder: Finance\n" in (team.root / "manifests/tenant.yaml").read_text("utf-8")
    assert "No changes. prod is in sync." in team.type("pmsync plan")[0]


def test_where_the_same_name_appends_the_plan_says_what_a_reupload_would_do(
    make_team: Callable[..., Team],
) -> None:
    team = make_team(same_name="appends")
    page = before("5.").replace("sameName: replaces", "sameName: appends")
    assert "For pmsync.yaml" in (told := followed(team, page))
    assert "uploads: {sameName: appends, otherName: adds}" in told
    plan, _ = team.type("pmsync plan --select order-to-cash.order-events")
    assert plan.index("--assume-uploaded") < plan.index("--reupload")
    only = "pmsync apply --auto-approve --select order-to-cash.order-events"
    refused, _ = team.type(f"{only} --reupload 'order-to-cash.*'  # exit 3")
    assert "this tenant appends: the datatable holds 780 rows and would hold 1,180" in words(refused)
    team.type(f"{only} --assume-uploaded 'order-to-cash.*'")
    assert team.script.rows()["Order events"] == 780


def test_a_file_that_the_script_calls_otherwise_is_replaced_under_that_name(team: Team) -> None:
    followed(team, before("4."))
    script = team.script
    script.extract("full.csv", 120)
    script.create("Stock", tables=("Levels",))
    script.send("full.csv", "Levels")
    script.extract("levels.csv", 125)
    team.write(
        "# manifests/stock.yaml\napiVersion: pmsync/v1\ndatasets:\n  stock:\n    displayName: Stock\n"
        "    datatables: {levels: {displayName: Levels, sources: [{path: extracts/levels.csv, name: full.csv}]}}\n"
    )
    team.type("pmsync apply --allow adopt:stock --reupload 'stock.*' --auto-approve")
    assert script.rows()["Levels"] == 125


def test_other_cells_in_as_many_rows_go_unnoticed(team: Team) -> None:
    followed(team, before("6."))
    team.script.extract("orders.csv", 125, first=1000)
    team.script.send("orders.csv", "Orders")
    assert "No changes. prod is in sync." in team.type("pmsync plan")[0]


def test_who_accepted_a_replaced_file_may_take_it_later(team: Team) -> None:
    followed(team, before("6."))
    team.meanwhile("the script replaces orders.csv")
    team.type("pmsync state accept order-to-cash.orders")
    team.type("cp extracts/orders.csv data/")
    told, _ = team.type("pmsync apply --auto-approve")
    assert told.endswith("\nconverged\n")
    assert "No changes. prod is in sync." in team.type("pmsync plan")[0]
    team.script.extract("orders.csv", 110)
    team.script.send("orders.csv", "Orders")
    team.type("pmsync state accept order-to-cash.orders")
    team.type("pmsync apply --reupload order-to-cash.orders/orders.csv --auto-approve")
    assert team.script.rows()["Orders"] == 130
    assert "No changes. prod is in sync." in team.type("pmsync plan")[0]


def words(text: str) -> str:
    return " ".join(text.split())
