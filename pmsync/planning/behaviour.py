"""What pmsync.yaml may say of a tenant, as the whole line to write, and the files that wait for that."""

from __future__ import annotations

from msgspec.structs import replace

from pmsync.model.plan import Undecided
from pmsync.model.project import Environment, OtherName, SameName, UploadBehaviour
from pmsync.model.reason import Reason, ReasonCode
from pmsync.model.remedy import Edit
from pmsync.model.source import SourceFile
from pmsync.planning.sending import same_name, send
from pmsync.planning.table import Table
from pmsync.planning.wording import line_to_write


def uploads_line(environment: Environment, uploads: UploadBehaviour, meaning: str) -> Edit:
    """The `uploads:` line that says this of the environment's tenant, with all that is said already."""
    said = []
    if uploads.same_name is not SameName.UNKNOWN:
        said.append(f"sameName: {uploads.same_name}")
    if uploads.other_name is not OtherName.UNKNOWN:
        said.append(f"otherName: {uploads.other_name}")
    if uploads.ingests_within is not None:
        said.append(f"ingestsWithin: {uploads.ingests_within:g}s")
    line = f"uploads: {{{', '.join(said)}}}"
    return line_to_write(f"{meaning}, write below {environment.name}", line, environment.location)


def if_it_replaces(table: Table) -> Edit:
    """The line that says that a second upload of a name replaces the rows of the first."""
    environment = table.world.inputs.environment
    behaviour = replace(environment.uploads, same_name=SameName.REPLACES)
    return uploads_line(environment, behaviour, "if it replaces the rows")


def same_name_unknown(table: Table, file: SourceFile) -> Undecided:
    """A second upload of a name, where nobody said what it does to the rows of the first."""
    environment = table.world.inputs.environment
    sentence = (
        f"uploads.sameName is not set for {environment.name}, so it is unknown whether a second upload of "
        f"'{table.name_of(file)}' replaces the rows of the first or adds to them; "
        f"pmsync doctor --probe -e {environment.name} finds it out"
    )
    reason = Reason(ReasonCode.SAME_NAME_UNKNOWN, sentence)
    found = same_name(table, file)
    needs = send(table, file, reason, leaving=table.left_of(found[0]) if found else 0).needs
    agree = (table.ways.allow("then agree to it", needs, file.address),) if needs else ()
    appends = replace(environment.uploads, same_name=SameName.APPENDS)
    adds = uploads_line(environment, appends, "if it adds to them")
    ways = (replace(if_it_replaces(table), then=agree), replace(adds, then=table.replace_ways))
    return table.undecided(file, reason, ways)
