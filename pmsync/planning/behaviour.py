"""What pmsync.yaml may say of a tenant, as the whole line to write: what it says already stays."""

from __future__ import annotations

from pmsync.model.project import Environment, OtherName, SameName, UploadBehaviour
from pmsync.model.remedy import Edit
from pmsync.planning.wording import line_to_write


def uploads_line(environment: Environment, uploads: UploadBehaviour, meaning: str) -> Edit:
    """The `uploads:` line that says this of the environment's tenant."""
    said = []
    if uploads.same_name is not SameName.UNKNOWN:
        said.append(f"sameName: {uploads.same_name}")
    if uploads.other_name is not OtherName.UNKNOWN:
        said.append(f"otherName: {uploads.other_name}")
    if uploads.ingests_within is not None:
        said.append(f"ingestsWithin: {uploads.ingests_within:g}s")
    line = f"uploads: {{{', '.join(said)}}}"
    return line_to_write(f"{meaning}, write below {environment.name}", line, environment.location)
