"""A datatable as its source files meet it: what is live, what is on record, what the user said.

The rules of uploads.py and settled.py read it; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pmsync.errors import UsageProblem
from pmsync.model.address import Address, matches_any
from pmsync.model.consent import Approval, Consent
from pmsync.model.plan import Block, BlockCode, Reason, Undecided, WayOut
from pmsync.model.project import OtherName, SameName
from pmsync.model.source import SourceFile
from pmsync.model.state import Evidence, UploadRecord
from pmsync.planning.inputs import World
from pmsync.planning.wording import Ways, replace_way


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One datatable as its source files meet it.

    `live_id` and `live_rows` are of the live datatable. `held` are the uploads on record after MOVEs,
    `requires` what must be done before anything is sent (an ADOPT of the datatable).
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

    @property
    def dataset(self) -> Address:
        return self.address.dataset_address

    @property
    def dataset_id(self) -> str:
        record = self.world.state.datasets.get(self.dataset)
        return record.id if record else ""

    @property
    def same_name(self) -> SameName:
        return self.world.inputs.environment.uploads.same_name

    @property
    def other_name(self) -> OtherName:
        return self.world.inputs.environment.uploads.other_name

    @property
    def ways(self) -> Ways:
        return Ways(self.world.inputs.environment.name)

    @property
    def rows_on_record(self) -> int:
        return sum(upload.rows for upload in self.held.values())

    @property
    def unexplained(self) -> int:
        return self.live_rows - self.baseline - self.rows_on_record

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
        ways_out: tuple[WayOut, ...],
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
    def replace_offer(self) -> Approval:
        return self.world.granted.approval(Consent.REPLACE, self.dataset, self.dataset_id)

    @property
    def replace_way(self) -> WayOut:
        return replace_way(self.ways, self.dataset)

    def must_not_contradict(self, file: SourceFile) -> None:
        """Two flags that mean different actions for one file are a usage error, never a guess."""
        if self.assumed(file.address) and self.reuploaded(file.address):
            what = f"--assume-uploaded and --reupload both match {file.address}"
            raise UsageProblem(what, hint="name it in one of the two only")
        replaced = self.world.granted.gives(Consent.REPLACE, self.dataset, self.dataset_id)
        if replaced and self.gives(Consent.ADD_ROWS, file):
            what = f"add-rows:{file.address} and replace:{self.dataset} mean different actions for one change"
            raise UsageProblem(what, hint="give one of the two")
