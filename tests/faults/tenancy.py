"""What may be done to a tenant: invariants over the requests and what they changed.

Each takes a story and says every violation as a sentence. It must not import anything of pmsync.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from faults.memory import Memory
from faults.story import Content, Live, Ran, Request, Story, agreed_to

# --- deletes


def deletes_only_what_is_ours(story: Story) -> Iterator[str]:
    """I1: a DELETE is sent only for what pmsync made or was given, never for what is to stay, nor for a folder.

    What somebody made, empty and of the name that a lost create was to have, is taken for ours. The new half of
    a REPLACE that is turned back goes whatever is to become of the dataset later.
    """
    before = story.before
    ours = set(before.created | before.adopted)
    for ran in story.runs:
        for one in ran.requests:
            if one["method"] == "DELETE":
                id_ = deleted_id(one)
                if id_ not in ours:
                    yield f"request {one['sequence']} deletes {id_}, which is not ours"
                if id_ in before.retained and not _is_new_half(id_, before):
                    yield f"request {one['sequence']} deletes {id_}, which is to stay"
            ours.update(one["made"])
        before = ran.memory
        ours |= before.adopted | _lost(ran, filled=False)
    folders = {
        id_ for ran in story.runs for id_, at in ran.memory.addresses.items() if at.startswith("folder:")
    }
    for one in story.requests:
        if one["method"] == "DELETE" and deleted_id(one) in folders:
            yield f"request {one['sequence']} deletes the folder {deleted_id(one)}"


def _is_new_half(id_: str, memory: Memory) -> bool:
    return id_ not in memory.halves and memory.addresses.get(id_) in memory.halves.values()


def _lost(ran: Ran, *, filled: bool) -> set[str]:
    """What bears the name of an open create and is on no record: of that, what holds something, or nothing."""
    names = {(one["kind"], one["displayName"]) for one in ran.memory.intents}
    found = {
        *(one.id for one in ran.live if ("create-dataset", one.name) in names and bool(one.tables) == filled),
        *(
            table.id
            for one in ran.live
            for table in one.tables
            if ("create-datatable", table.name) in names and bool(table.rows) == filled
        ),
    }
    return found - ran.memory.addresses.keys()


def deletes_only_what_was_agreed(story: Story) -> Iterator[str]:
    """I2: a DELETE is sent only where delete or replace of that address was agreed to for this very run."""
    addresses = dict(story.before.addresses)
    successors: dict[str, str] = {}
    for ran in story.runs:
        agreed = {*ran.consents()}
        successors |= dict.fromkeys(_named(ran).values(), "")
        addresses |= _named(ran) | ran.memory.addresses
        for one in ran.requests:
            if one["method"] == "DELETE":
                address = addresses.get(deleted_id(one))
                if not (
                    _is_scratch(address) or _was_agreed(deleted_id(one), address, ran, agreed, successors)
                ):
                    yield f"request {one['sequence']} deletes {deleted_id(one)} ({address}): nobody agreed"


def _was_agreed(
    id_: str, address: str | None, ran: Ran, agreed: set[str], successors: dict[str, str]
) -> bool:
    """By its own address or, where a REPLACE changed the key, by the new one: each made one stands for one."""
    if agreed_to(address, agreed, "delete", "replace"):
        return True
    if address is None or address in ran.wish:
        return False
    for one, stands_for in successors.items():
        if stands_for in {"", id_} and agreed_to(one, agreed, "replace"):
            successors[one] = id_
            return True
    return False


def _is_scratch(address: str | None) -> bool:
    """What `doctor --probe` makes is taken away again without a question."""
    return bool(address) and str(address).startswith("_")


def deletes_only_after_a_look(story: Story) -> Iterator[str]:
    """I2: before a DELETE the same run has read that dataset by its id."""
    for ran in story.runs:
        seen: set[str] = set()
        for one in ran.requests:
            if one["endpoint"] == "dataset.get" and one["status"] == 200:
                seen.add(one["datasetId"])
            if one["method"] == "DELETE" and deleted_id(one) not in seen:
                yield f"request {one['sequence']} deletes {deleted_id(one)} without a look at it"


def replaces_only_by_something_full(story: Story) -> Iterator[str]:
    """The old half of a REPLACE goes only when every declared file is in the new one.

    It belongs to where the new one is, or was to be made.
    """
    addresses, before = dict(story.before.addresses), story.before
    for ran in story.runs:
        to_replace = {one["targetId"]: one["address"] for one in before.intents if one.get("targetId")}
        addresses |= _named(ran) | ran.memory.addresses | before.halves | to_replace
        before = ran.memory
        for gone in (one for one in ran.commits if one["method"] == "DELETE"):
            wanted = ran.wish.get(addresses.get(deleted_id(gone), ""))
            if wanted is None:
                continue
            there = {
                one["sha256"]
                for one in story.commits
                if one["method"] == "PUT"
                and one["commit"] < gone["commit"]
                and one["datatableId"] not in gone["deleted"]
            }
            for table, files in wanted.tables.items():
                for file in files:
                    if file.rows and file.sha256 not in there:
                        yield f"{deleted_id(gone)} was deleted while {table}/{file.name} was not yet in its successor"


def strangers_are_left_alone(story: Story) -> Iterator[str]:
    """Nothing is sent to what is not ours."""
    for one in story.requests:
        touched = {one.get("datasetId"), one.get("datatableId")} & story.strangers
        if touched and (one["method"] != "GET" or one["endpoint"] == "upload.url"):
            yield f"request {one['sequence']} ({one['method']}) touches {', '.join(sorted(map(str, touched)))}"


# --- creates


def creates_nothing_twice(story: Story) -> Iterator[str]:
    """I3: of one thing (same parent, kind and name) no second one is made while the first is there.

    A REPLACE may, of what was on record before it began; a run that ended 4 and named the ids has told so. What
    somebody renamed, moved or removed by hand is no longer there, nor is what was to stay and is managed no more;
    what of it was forgotten, nobody can know. What a lost create made and somebody filled is somebody's.
    """
    told = {id_ for ran in story.runs if ran.code == 4 for id_ in _made_ids(story) if id_ in ran.output}
    there: dict[tuple[str, str], set[str]] = defaultdict(set)
    before, live = story.before, _places(())
    for ran in story.runs:
        if ran.is_by_hand:
            gone = _changed(live, _places(ran.live)) | (before.addresses.keys() - ran.memory.addresses.keys())
            gone |= _lost(ran, filled=True)
            forgot_all = before.lineage != ran.memory.lineage
            for ids in there.values():
                ids.difference_update(ids if forgot_all else gone)
        for one in ran.commits:
            for gone_id in one["deleted"]:
                for ids in there.values():
                    ids.discard(gone_id)
            if one["method"] != "POST" or ran.is_probe:
                continue
            ids = there[one["path"], one["bodySha256"]]
            earlier = set(ids)
            ids.update(one["made"])
            same = {id_ for id_ in earlier if not _is_no_second(id_, one, before, ran)}
            if same and not ids <= told:
                yield f"{one['name']!r} was created {len(ids)} times at {one['path']}: {', '.join(sorted(ids))}"
        left = before.retained - ran.memory.addresses.keys()
        for ids in there.values():
            ids.difference_update(left)
        before, live = ran.memory, _places(ran.live)


def _is_no_second(id_: str, second: Request, before: Memory, ran: Ran) -> bool:
    """Whether what was there was known when the run began: as another thing, or as what it was told to replace.

    As another, an open create knows it too.
    """
    wanted = {address for address, one in ran.wish.items() if one.name == second["name"]}
    known = before.addresses.get(id_)
    if second["endpoint"] == "datasets.create" and wanted:
        open_ = (one for one in before.intents if one["kind"] == "create-dataset")
        announced = {one["address"] for one in open_ if one["displayName"] == second["name"]}
        if (announced if known is None else {known}) - wanted:
            return True
    return known is not None and any(agreed_to(at, ran.consents(), "replace") for at in {known, *wanted})


def _places(live: Live) -> dict[str, tuple[str, ...]]:
    """Where each dataset and datatable is, by id: what a thing of the same place would be the same as."""
    places: dict[str, tuple[str, ...]] = {}
    for dataset in live:
        places[dataset.id] = (*dataset.folder, dataset.name)
        places |= {table.id: (dataset.id, table.name) for table in dataset.tables}
    return places


def _changed(before: dict[str, tuple[str, ...]], now: dict[str, tuple[str, ...]]) -> set[str]:
    return {id_ for id_, place in before.items() if now.get(id_) != place}


def _made_ids(story: Story) -> set[str]:
    return {id_ for one in story.requests for id_ in one["made"]}


# --- uploads


def stores_only_what_is_declared(story: Story) -> Iterator[str]:
    """I9: every stored body is, byte for byte, a declared file, under its name or one that it had before."""
    names, before = set[str](), story.before
    for ran in story.runs:
        files = [file for one in ran.wish.values() for contents in one.tables.values() for file in contents]
        contents = {file.sha256 for file in files}
        names |= {file.name for file in files}
        for one in () if ran.is_probe else ran.commits:
            if one["method"] != "PUT" or not one["sha256"]:
                continue
            is_declared = one["sha256"] in contents and one["fileName"] in names
            there = _contents_by_name(one["datatableId"], ran, before)
            if not is_declared or there.get(one["fileName"], one["sha256"]) != one["sha256"]:
                yield f"request {one['sequence']} stored {one['fileName']} with content {one['sha256'][:8]}, which nobody declared"
        before = ran.memory


def _contents_by_name(table_id: str, ran: Ran, before: Memory) -> dict[str, str]:
    """What a datatable's names are to hold: a renamed file keeps the name by which the tenant knows it."""
    address = ran.memory.addresses.get(table_id, "")
    files = _declared_in(table_id, ran)
    known = {record["name"] for record in before.uploads.values()}
    held = {file: ran.memory.uploads.get(f"{address}/{file.name}", {}).get("name") for file in files}
    kept = {name: file.sha256 for file, name in held.items() if name in known}
    return {file.name: file.sha256 for file in files} | kept


def _declared_in(table_id: str, ran: Ran) -> tuple[Content, ...]:
    """The files of a datatable that is on record under its name."""
    dataset, _, table = ran.memory.addresses.get(table_id, "").partition(".")
    return ran.wish[dataset].tables.get(table, ()) if dataset in ran.wish else ()


def rows_are_never_doubled(story: Story) -> Iterator[str]:
    """No datatable ever holds one content twice, seen after each run.

    Unless what was known of it was lost, or somebody agreed to add rows to those that are there.
    """
    before, forgotten = story.before, set[str]()
    for number, ran in enumerate(story.runs, start=1):
        if ran.is_by_hand:
            forgotten |= _contents_on_record(before) - _contents_on_record(ran.memory)
        for dataset in ran.live:
            for table in dataset.tables:
                for (name, sha256), count in Counter(table.contents).items():
                    if agreed_to(f"{ran.memory.addresses.get(table.id)}/{name}", ran.consents(), "add-rows"):
                        forgotten.add(sha256)
                    if count > 1 and sha256 not in forgotten:
                        yield f"after run {number} {dataset.name}/{table.name} holds {name} ({sha256[:8]}) {count} times"
        before = ran.memory


def _contents_on_record(memory: Memory) -> set[str]:
    return {one["sha256"] for one in (*memory.uploads.values(), *memory.intents) if one.get("sha256")}


def deleted_id(one: Request) -> str:
    return str(one["path"].rsplit("/", 1)[-1])


def _named(ran: Ran) -> dict[str, str]:
    """The addresses of datasets that a run made, by id, also where it was killed before they were on record."""
    by_name = {wanted.name: address for address, wanted in ran.wish.items()}
    scratch = "_probe" if ran.is_probe else None
    return {
        id_: address
        for one in ran.requests
        if one["endpoint"] == "datasets.create"
        and (address := scratch or by_name.get(one["name"])) is not None
        for id_ in one["made"]
    }
