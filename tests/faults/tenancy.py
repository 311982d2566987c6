"""What may be done to a tenant: invariants over the requests and what they changed.

Each takes a story and says every violation as a sentence. It must not import anything of pmsync.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from faults.story import Request, Story

# --- deletes


def deletes_only_what_is_ours(story: Story) -> Iterator[str]:
    """I1: a DELETE is never sent for an id that this lineage did not make, nor for a folder."""
    made: set[str] = set(story.before.created)
    for ran in story.runs:
        for one in ran.requests:
            if one["method"] == "DELETE" and deleted_id(one) not in made:
                yield f"request {one['sequence']} deletes {deleted_id(one)}, which is not ours"
            made.update(one["made"])
    made_folders = {
        id_ for ran in story.runs for id_, at in ran.memory.addresses.items() if at.startswith("folder:")
    }
    for one in story.requests:
        if one["method"] == "DELETE" and deleted_id(one) in made_folders:
            yield f"request {one['sequence']} deletes the folder {deleted_id(one)}"


def deletes_only_what_was_agreed(story: Story) -> Iterator[str]:
    """I2: a DELETE is sent only where delete or replace of that address was agreed to, then or for a killed run."""
    addresses = dict(story.before.addresses)
    agreed: set[str] = set()
    for ran in story.runs:
        agreed |= {
            value.partition(":")[2]
            for value in ran.consents()
            if value.split(":")[0] in {"delete", "replace"}
        }
        addresses |= ran.memory.addresses
        known = _with_made(addresses, story)
        for one in ran.requests:
            if one["method"] == "DELETE" and known.get(deleted_id(one)) not in agreed:
                yield f"request {one['sequence']} deletes {deleted_id(one)} ({known.get(deleted_id(one))}): nobody agreed"


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
    """The old half of a REPLACE goes only when every declared file is in the new one."""
    known = _with_made(
        {id_: at for ran in story.runs for id_, at in ran.memory.addresses.items()}
        | dict(story.before.addresses),
        story,
    )
    for gone in (one for one in story.commits if one["method"] == "DELETE"):
        wanted = story.wish.get(known.get(deleted_id(gone), ""))
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
                if file.sha256 not in there:
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

    A REPLACE may, of what was on record before it began; a run that ended 4 and named the ids has told so.
    """
    told = {id_ for ran in story.runs if ran.code == 4 for id_ in _made_ids(story) if id_ in ran.output}
    there: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in story.commits:
        for gone in one["deleted"]:
            for ids in there.values():
                ids.discard(gone)
        if one["method"] != "POST":
            continue
        ids = there[one["path"], one["bodySha256"]]
        earlier = set(ids)
        ids.update(one["made"])
        if earlier and not ids <= told and not _may_be_replaced(earlier, one, story):
            yield f"{one['name']!r} was created {len(ids)} times at {one['path']}: {', '.join(sorted(ids))}"


def _may_be_replaced(earlier: set[str], second: Request, story: Story) -> bool:
    """Whether the one thing that was there was on record when a run began that was told to replace it."""
    known = dict(story.before.addresses)
    for ran in story.runs:
        if second in ran.requests:
            agreed = {value.partition(":")[2] for value in ran.consents() if value.startswith("replace:")}
            return len(earlier) == 1 and known.get(*earlier) in agreed
        known = dict(ran.memory.addresses)
    return False


def _made_ids(story: Story) -> set[str]:
    return {id_ for one in story.requests for id_ in one["made"]}


# --- uploads


def stores_only_what_is_declared(story: Story) -> Iterator[str]:
    """I9: every stored body is, byte for byte, a declared file of the datatable it was sent to."""
    declared = {
        (file.name, file.sha256)
        for one in story.wish.values()
        for files in one.tables.values()
        for file in files
    }
    for one in story.commits:
        if one["method"] == "PUT" and one["sha256"] and (one["fileName"], one["sha256"]) not in declared:
            yield f"request {one['sequence']} stored {one['fileName']} with content {one['sha256'][:8]}, which nobody declared"


def rows_are_never_doubled(story: Story) -> Iterator[str]:
    """No datatable ever holds one content twice, seen after each run, unless a question was answered so."""
    for number, ran in enumerate(story.runs, start=1):
        for dataset in ran.live:
            for table in dataset.tables:
                for (name, sha256), count in Counter(table.contents).items():
                    if count > 1:
                        yield f"after run {number} {dataset.name}/{table.name} holds {name} ({sha256[:8]}) {count} times"


def deleted_id(one: Request) -> str:
    return str(one["path"].rsplit("/", 1)[-1])


def _with_made(addresses: dict[str, str], story: Story) -> dict[str, str]:
    """Addresses by id, also of datasets whose create was killed before it was on record: by their name."""
    by_name = {wanted.name: address for address, wanted in story.wish.items()}
    made = {
        id_: by_name[one["name"]]
        for one in story.requests
        if one["endpoint"] == "datasets.create" and one["name"] in by_name
        for id_ in one["made"]
    }
    return made | addresses
