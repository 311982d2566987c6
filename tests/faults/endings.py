"""How runs may end and what they may leave: invariants over exit codes, words, files on disk and time.

Each takes a story and says every violation as a sentence. It must not import anything of pmsync.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from faults.memory import Memory
from faults.story import Ran, Request, Story, Wish, differences, holds_undeclared
from faults.tenancy import deleted_id

_CREATES: Final = frozenset({"create-folder", "create-dataset", "create-datatable"})
CLEAN_APPLIES: Final = 2
_CODES: Final = frozenset({0, 1, 2, 3, 4, 5, 6, 7, 8, 64, 130, 143})


# --- files on disk


def memory_is_never_torn(story: Story) -> Iterator[str]:
    """I4: after every run, however it ended, the files on disk can be read and go on from one another."""
    for number, ran in enumerate(story.runs, start=1):
        for problem in ran.memory.problems:
            yield f"after run {number} ({ran.command}, exit {ran.code}): {problem}"


def memory_goes_on(story: Story) -> Iterator[str]:
    """I4: the lineage stays, serial and runs never go back, and a run that ended leaves nothing announced unsaid.

    Where the power is lost, back to what an orderly run wrote last: only that is surely on the disk.
    """
    last = sure = story.before
    for number, ran in enumerate(story.runs, start=1):
        now, last = ran.memory, sure if ran.lost_power else last
        if not ran.is_by_hand:
            if last.lineage and now.lineage != last.lineage:
                yield f"run {number} left another lineage"
            if now.serial < last.serial or now.runs < last.runs:
                yield f"run {number} went back from version {last.serial} (run {last.runs}) to {now.serial} ({now.runs})"
            left = [one["address"] for one in now.intents if _is_wanted(one["address"], ran.wish)]
            if ran.has_done_all and left:
                yield f"run {number} ended with 0 and left open what it announced: {', '.join(left)}"
        if now != last and not ran.was_killed and not ran.disk_failed:
            sure = now
        last = now


def _is_wanted(address: str, wish: Wish) -> bool:
    """All but a folder or an upload into a datatable that nobody declares now: asked about when somebody does again."""
    if address.startswith("folder:"):
        path = f"{address.removeprefix('folder:')}/"
        return any(f"{'/'.join(one.folder)}/".startswith(path) for one in wish.values())
    datatable, is_upload, _ = address.partition("/")
    dataset, _, table = datatable.partition(".")
    return not is_upload or (dataset in wish and table in wish[dataset].tables)


def nothing_is_sent_unannounced(story: Story) -> Iterator[str]:
    """What a killed run had sent is in its journal: as announced, or as done.

    What was refused is crossed out, and what did nothing and was sent once more is judged by that.
    """
    for ran in story.runs:
        if not ran.was_killed:
            continue
        for number, one in enumerate(ran.mutations, start=1):
            if not one["committed"] and (one["status"] or _is_repeated(one, ran.mutations[number:])):
                continue
            if not _is_written_down(one, ran.memory):
                yield f"request {one['sequence']} ({one['method']} {one['path']}) was sent, and the journal says nothing of it"


def _is_repeated(one: Request, later: Iterable[Request]) -> bool:
    keys = ("method", "path", "bodySha256", "sha256")
    return any(all(one[key] == other[key] for key in keys) for other in later)


def _is_written_down(one: Request, memory: Memory) -> bool:
    match one["method"]:
        case "POST":
            names = {it["displayName"] for it in memory.announced if it["kind"] in _CREATES}
            return bool(memory.addresses.keys() & set(one["made"])) or (
                one["name"] in names if one["name"] else bool(names)
            )
        case "DELETE":
            targets = {it["targetId"] for it in memory.announced if it["kind"] == "delete"}
            return deleted_id(one) in targets or deleted_id(one) not in memory.addresses
        case _:
            sent = {(it["parentId"], it["sha256"]) for it in memory.announced if it["kind"] == "upload"}
            done = {it["sha256"] for it in memory.uploads.values()}
            if one["sha256"]:
                return (one["datatableId"], one["sha256"]) in sent or one["sha256"] in done
            return bool(sent or done)


def records_tell_the_truth(story: Story) -> Iterator[str]:
    """I9: after an apply that did all there was to do, what it recorded of each upload is what the bucket took last."""
    for ran in story.runs:
        if not ran.has_done_all:
            continue
        held = {
            (table.id, content)
            for dataset in ran.live
            for table in dataset.tables
            for content in table.contents
        }
        ids = {address: id_ for id_, address in ran.memory.addresses.items()}
        unclear = {one["address"] for one in ran.memory.intents if one["kind"] == "upload"}
        for address, record in ran.memory.uploads.items():
            table = ids.get(address.partition("/")[0], "")
            if record.get("evidence") == "assumed" or record.get("rows") == 0 or address in unclear:
                continue  # the user's word, not pmsync's; nothing that could be held; or known to be unclear
            if (table, (record["name"], record["sha256"])) not in held:
                yield f"{address} is on record as {record['sha256'][:8]}, and the tenant does not hold that"


# --- how runs end


def success_means_converged(story: Story) -> Iterator[str]:
    """I10: exit 0 of an apply, and of a plan that asks for it, means that the tenant is as declared.

    Said only as long as nobody else had a hand in it: their rows and names may have been accepted.
    """
    kept, before = set(story.strangers), story.before
    for number, ran in enumerate(story.runs, start=1):
        if ran.is_by_hand and (number > 1 or ran.live):
            return
        kept |= ran.memory.retained | _found_and_left(before, ran)
        before = ran.memory
        says_so = ran.code == 0 and "--detailed-exitcode" in ran.arguments
        if ran.has_done_all or says_so:
            for text in differences(
                ran.live,
                ran.wish,
                frozenset(kept - ran.memory.addresses.keys()),
                more=ran.leaves_a_rest,
                fewer=not story.rows_are_verified,
                kept=_kept_rows(ran.memory),
                adopted=ran.memory.adopted,
                hides_tree=ran.hides_tree,
            ):
                yield f"run {number} ({ran.command}) ended with 0, but {text}"


def _found_and_left(before: Memory, ran: Ran) -> set[str]:
    """Ids that may be what a lost create had made: found by this run, and replaced in it by another that is to stay.

    What is to stay is not deleted when it is replaced; no memory that a run left shows that it was ever ours.
    """
    to_stay = {ran.memory.addresses.get(id_) for id_ in ran.memory.retained}
    lost = {
        one["displayName"]
        for one in before.intents
        if one["kind"] == "create-dataset" and one["address"] in to_stay
    }
    return {one.id for one in ran.live if one.name in lost}


def _kept_rows(memory: Memory) -> frozenset[str]:
    """Contents that nobody misses when they are declared no more: of `append` sources, and of ten applies ago."""
    return frozenset(
        one["sha256"]
        for one in memory.uploads.values()
        if one.get("append") or one.get("run", memory.runs) <= memory.runs - 10
    )


def converges_soon(story: Story) -> Iterator[str]:
    """I5: after the last fault two clean applies are enough, not counting those that end with a question."""
    last = max((i for i, ran in enumerate(story.runs) if ran.struck), default=-1)
    after = [ran for ran in story.runs[last + 1 :] if ran.is_apply]
    needed = 0
    for ran in after:
        if ran.code == 0:
            return
        if not ran.asks:
            needed += 1
        if needed >= CLEAN_APPLIES:
            yield f"{needed} clean applies were not enough; the last one ended with {ran.code}"
            return
    if after:
        yield f"no apply after the last fault ended with 0; the last one ended with {after[-1].code}"


def converged_is_quiet(story: Story) -> Iterator[str]:
    """I6: an apply on a tenant that is as declared sends GETs only, none of them for an upload URL.

    Unless it is told to: by a consent that the one before did not have, or because that left a rest. With a
    consent to replace, a datatable that nobody declares any more calls for a rebuild, even if it holds no rows.
    """
    last: Ran | None = None
    for ran in story.runs:
        new = {*ran.consents()} - {*last.consents()} if last else ()
        rebuilds = any(one.startswith("replace:") for one in ran.consents())
        asks_for_more = new or (last and rebuilds and holds_undeclared(last.live, last.wish))
        was_all = last and last.has_done_all and not last.leaves_a_rest
        if last and was_all and ran.is_apply and ran.wish == last.wish and not asks_for_more:
            loud = [one for one in ran.requests if one["method"] != "GET" or one["endpoint"] == "upload.url"]
            for one in loud:
                yield f"request {one['sequence']} ({one['method']} {one['path']}) though nothing was to be done"
        last = ran


def plans_only_read(story: Story) -> Iterator[str]:
    """A plan sends GETs only, none of them for an upload URL, and writes nothing."""
    before = story.before
    for ran in story.runs:
        if ran.is_plan:
            for one in ran.requests:
                if one["method"] != "GET" or one["endpoint"] == "upload.url":
                    yield f"request {one['sequence']} of a plan is {one['method']} {one['path']}"
            if ran.memory != before:
                yield "a plan changed what is remembered"
        before = ran.memory


def runs_do_not_interleave(story: Story) -> Iterator[str]:
    """I7: all mutations of one run come before all of another."""
    spans = sorted(
        (min(numbers), max(numbers), index)
        for index, ran in enumerate(story.runs, start=1)
        if (numbers := [one["sequence"] for one in ran.mutations])
    )
    for (_, end, first), (begin, _, second) in pairwise(spans):
        if begin < end:
            yield f"mutations of the runs {first} and {second} alternate (request {begin} before {end})"


def no_secret_is_told(story: Story) -> Iterator[str]:
    """I8: neither a key nor a signature in anything that was printed, or written beside the state."""
    for number, ran in enumerate(story.runs, start=1):
        for secret in story.secrets:
            if secret in ran.output:
                yield f"run {number} printed {secret[:6]}…"
            if secret in ran.memory.text:
                yield f"run {number} wrote {secret[:6]}… beside the state"


def the_key_stays_at_the_api(story: Story) -> Iterator[str]:
    """The bucket is never sent the key."""
    for one in story.requests:
        if one["keyAtBucket"]:
            yield f"request {one['sequence']} carried the key to the bucket"


def runs_are_bounded(story: Story) -> Iterator[str]:
    """I11: neither requests nor time without end."""
    for number, ran in enumerate(story.runs, start=1):
        if len(ran.requests) > story.most_requests:
            yield f"run {number} sent {len(ran.requests)} requests, more than {story.most_requests}"
        if ran.seconds > story.most_seconds:
            yield f"run {number} took {ran.seconds:.1f} seconds, more than {story.most_seconds:g}"


def failures_speak(story: Story) -> Iterator[str]:
    """I12: a run that did not end well says why, shows no traceback, and has one of the documented exit codes."""
    for number, ran in enumerate(story.runs, start=1):
        if "Traceback (most recent call last)" in ran.output:
            yield f"run {number} printed a traceback"
        if ran.was_killed or ran.is_by_hand:
            continue
        if ran.code not in _CODES:
            yield f"run {number} ended with {ran.code}, which is no documented exit code"
        if ran.code not in {0, 2} and not ran.output.strip():
            yield f"run {number} ended with {ran.code} and said nothing"
