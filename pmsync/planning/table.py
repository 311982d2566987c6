"""A datatable as its source files meet it: what is live, what is on record, what the user said.

The rules of uploads.py and settled.py read it; it decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from pmsync.errors import UsageProblem
from pmsync.model.address import Address, matches_any
from pmsync.model.consent import Allow, Approval, Consent
from pmsync.model.manifest import DatatableSpec
from pmsync.model.plan import AnyChange, Undecided
from pmsync.model.project import OtherName, SameName
from pmsync.model.reason import Block, BlockCode, Reason, ReasonCode
from pmsync.model.remedy import AnyRemedy, ApplyWith
from pmsync.model.source import SourceFile
from pmsync.model.state import Evidence, UploadRecord
from pmsync.planning.inputs import World
from pmsync.planning.leaving import removed_entries
from pmsync.planning.wording import Ways, and_list, replace_way

Decided = dict[Address, AnyChange]
"""What has been decided about a datatable's sources so far."""


class Table(Struct, frozen=True, kw_only=True, dict=True):
    """One datatable as its source files meet it.

    `live_id` and `live_rows` are of the live datatable. `held` are the uploads on record after MOVEs,
    `requires` what must be done before anything is sent (an ADOPT of the datatable). `troubled`: sources
    that are declared, and whose files cannot be sent. `resent`: rows that
    uploads whose answer was lost may have added, and that sending them again takes into account.
    `counted`: the tenant shows a row count; where it does not, `live_rows` is what the state explains.
    """

    world: World
    address: Address
    live_id: str
    live_rows: int
    live_columns: tuple[str, ...] | None
    baseline: int
    held: Mapping[Address, UploadRecord]
    files: tuple[SourceFile, ...]
    requires: tuple[Address, ...] = ()
    troubled: tuple[Address, ...] = ()
    resent: int = 0
    counted: bool = True

    @property
    def dataset(self) -> Address:
        return self.address.dataset_address

    @property
    def dataset_id(self) -> str:
        """The live id of a dataset on record; empty while it is only about to be adopted."""
        record = self.world.state.datasets.get(self.dataset)
        return record.id if record else ""

    @property
    def max_row_drop(self) -> float:
        """The share of rows that an upload may take away without `loss`; infinity where all may go."""
        inputs = self.world.inputs
        if inputs.emulated:
            return math.inf
        own = self.spec.max_row_drop
        return inputs.environment.limits.max_row_drop if own is None else own

    @property
    def verifies(self) -> bool:
        """Whether the row count has the last word: always in the new half of a REPLACE."""
        return self.world.is_replacing(self.dataset) or self.world.inputs.environment.verify.rows

    @property
    def same_name(self) -> SameName:
        return self.world.inputs.environment.uploads.same_name

    @property
    def other_name(self) -> OtherName:
        return self.world.inputs.environment.uploads.other_name

    @property
    def ways(self) -> Ways:
        return Ways(self.world.inputs.environment.name)

    @cached_property
    def rows_on_record(self) -> int:
        return sum(upload.rows for upload in self.held.values())

    @property
    def unexplained(self) -> int:
        """The rows there beyond what the state explains; without a row count, none can be told."""
        if not self.counted:
            return 0
        return self.live_rows - self.baseline - self.rows_on_record - self.resent

    @cached_property
    def removed(self) -> frozenset[str]:
        """The keys of sources whose entry was taken out of the manifest, and whose rows nobody accepted."""
        return removed_entries(self.spec, self.held) - self.accepted

    @property
    def accepted(self) -> frozenset[str]:
        """The keys of sources that are gone and whose rows the user said may stay."""
        record = self.world.state.datatables.get(self.address)
        return frozenset(record.accepted_leftovers if record else ())

    @property
    def spec(self) -> DatatableSpec:
        return self.world.inputs.manifest.datasets[self.dataset].datatables[self.address]

    @cached_property
    def declared(self) -> Mapping[Address, SourceFile]:
        return {file.address: file for file in self.files}

    @cached_property
    def declared_with(self) -> Mapping[str, tuple[Address, ...]]:
        """The declared addresses of each content."""
        found: dict[str, list[Address]] = {}
        for file in self.files:
            found.setdefault(file.sha256, []).append(file.address)
        return {content: tuple(addresses) for content, addresses in found.items()}

    @cached_property
    def held_with(self) -> Mapping[str, tuple[Address, ...]]:
        """The addresses on record of each content."""
        return self._held_by(lambda record: record.sha256)

    @cached_property
    def held_named(self) -> Mapping[str, tuple[Address, ...]]:
        """The addresses on record of each file name that the tenant knows."""
        return self._held_by(lambda record: record.name)

    def _held_by(self, key: Callable[[UploadRecord], str]) -> Mapping[str, tuple[Address, ...]]:
        found: dict[str, list[Address]] = {}
        for address in sorted(self.held):
            found.setdefault(key(self.held[address]), []).append(address)
        return {value: tuple(addresses) for value, addresses in found.items()}

    def holds(self, file: SourceFile) -> bool:
        """Whether this content is on record under this source's own address."""
        record = self.held.get(file.address)
        return record is not None and record.sha256 == file.sha256

    def left_of(self, address: Address) -> int:
        """The rows that are left of an upload on record.

        All of them, unless rows are missing: then what is there beyond the uploads that stay as they are
        is shared among those that are sent again, in address order.
        """
        if self.unexplained >= 0:
            return self.held[address].rows
        again = {one for one in self.held if one == address or self._sent_again(one)}
        stay = sum(record.rows for one, record in self.held.items() if one not in again)
        left = max(0, self.live_rows - self.baseline - self.resent - stay)
        for one in sorted(one for one in again if one < address):
            left -= min(self.held[one].rows, left)
        return min(self.held[address].rows, left)

    def _sent_again(self, address: Address) -> bool:
        file = self.declared.get(address)
        return file is not None and (self.reuploaded(address) or not self.holds(file))

    def accepted_with(self, file: SourceFile) -> int:
        """The baseline once this file was added to what is there, own rows included, in address order."""
        doubled = (one for one in self.held if one <= file.address and self.reuploaded(one))
        own = sum(self.left_of(one) for one in doubled if one in self.declared)
        return self.baseline + max(0, self.unexplained) + own

    def assumed(self, address: Address) -> bool:
        return matches_any(address, self.world.inputs.options.assume_uploaded)

    def reuploaded(self, address: Address) -> bool:
        return matches_any(address, self.world.inputs.options.reupload)

    def gives(self, consent: Consent, file: SourceFile) -> bool:
        return self.world.granted.gives(consent, file.address, self.live_id, file.sha256)

    def name_of(self, file: SourceFile) -> str:
        """The file name under which the tenant knows this source."""
        record = self.held.get(file.address)
        return record.name if record else file.name

    def record_of(self, file: SourceFile, evidence: Evidence) -> UploadRecord:
        """The record of this file as if it had been sent before this run."""
        return UploadRecord(
            name=self.name_of(file),
            path=file.path,
            sha256=file.sha256,
            size=file.size,
            rows=file.rows,
            evidence=evidence,
            append=file.append,
            run=self.world.state.runs,
            uploaded_at="",
        )

    def holding(self, held: Mapping[Address, UploadRecord]) -> Table:
        """The same datatable with other uploads on record."""
        return replace(self, held=held)

    def undecided(
        self,
        file: SourceFile,
        reason: Reason,
        ways_out: tuple[AnyRemedy, ...],
        *,
        offers: tuple[Approval, ...] = (),
        code: BlockCode = BlockCode.DECISION,
    ) -> Undecided:
        """The file waits for the user (or, by `code`, for something else)."""
        return Undecided(
            address=file.address,
            reason=reason,
            live_id=self.live_id,
            block=Block(code, reason.sentence, ways_out),
            requires=self.requires,
            location=file.location,
            offers=offers,
        )

    def offer(self, consent: Consent, file: SourceFile) -> Approval:
        return self.world.granted.approval(consent, file.address, self.live_id, file.sha256)

    @property
    def replace_offers(self) -> tuple[Approval, ...]:
        """The consent that would rebuild the dataset: none while it is not even ours."""
        if not self.dataset_id:
            return ()
        return (self.world.granted.approval(Consent.REPLACE, self.dataset, self.dataset_id),)

    @property
    def replace_ways(self) -> tuple[AnyRemedy, ...]:
        return (replace_way(self.ways, self.dataset),) if self.dataset_id else ()

    def resend(self, meaning: str, address: Address, *, left: int) -> tuple[AnyRemedy, ...]:
        """The way to send it again, where `left` of its rows may be there, with the consent that it takes.

        None while nobody said whether it would replace or double them.
        """
        if not left or self.same_name is SameName.REPLACES or self.other_name is OtherName.REPLACES:
            return (self.ways.reupload(meaning, address),)
        if self.same_name is SameName.UNKNOWN:
            return ()
        adds = (Allow(consent=Consent.ADD_ROWS, glob=address),)
        return (ApplyWith(meaning=f"{meaning} (it doubles its rows)", allow=adds, reupload=(address,)),)

    def must_not_contradict(self, file: SourceFile) -> None:
        """Two flags that mean different actions for one file are a usage error, never a guess."""
        if self.assumed(file.address) and self.reuploaded(file.address):
            what = f"--assume-uploaded and --reupload both match {file.address}"
            raise UsageProblem(what, hint="name it in one of the two only")

    def must_choose_one(self, file: SourceFile) -> None:
        """The same for a file whose rows would be added to others: each consent and flag is an answer.

        What `--reupload` asks for may need the consent to add rows: the two are one answer.
        """
        granted = self.world.granted
        adds = self.gives(Consent.ADD_ROWS, file) and not self.reuploaded(file.address)
        answers = {
            f"--allow add-rows:{file.address}": adds,
            f"--allow replace:{self.dataset}": granted.gives(Consent.REPLACE, self.dataset, self.dataset_id),
            f"--reupload {file.address}": self.reuploaded(file.address),
            f"--assume-uploaded {file.address}": self.assumed(file.address),
        }
        given = [answer for answer, is_given in answers.items() if is_given]
        if len(given) > 1:
            what = f"{and_list(given)} mean different actions for one change"
            raise UsageProblem(what, hint="give one of them")


def stale(table: Table, decided: Decided) -> dict[Address, UploadRecord]:
    """Uploads on record with rows that no declared source stands for: they stay in the datatable.

    A declared file whose new content is sent as another's is one of them, too.
    """
    found: dict[Address, UploadRecord] = {}
    for address, record in sorted(table.held.items()):
        change = decided.get(address)
        elsewhere = change is not None and change.reason.code is ReasonCode.SAME_CONTENT
        undeclared = address not in table.declared and address not in table.troubled
        if record.rows and (undeclared or elsewhere):
            found[address] = record
    return found
