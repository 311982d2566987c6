"""Contents that changed places among the declared names of a datatable, and what keeps them apart."""

from __future__ import annotations

from pmsync.model.plan import Undecided
from pmsync.model.reason import Reason, ReasonCode
from pmsync.model.remedy import Act, ByHand
from pmsync.model.source import SourceFile
from pmsync.planning.table import Table
from pmsync.planning.wording import line_to_write, yaml_text


def rotation(table: Table, file: SourceFile) -> Undecided | None:
    """Contents that changed places among declared names: an upload would replace what is still wanted."""
    found = _rotated(table, file, table.name_of(file))
    if found is None:
        return None
    sentence, taking = found
    if taking.append:  # of a pattern, in which no file has a name of its own
        mend = ByHand(meaning=f"give {taking.path} another file name", act=Act.MEND, address=taking.address)
        return table.undecided(file, Reason(ReasonCode.ROTATION, sentence), (mend,))
    line = f"name: {yaml_text(_free_name(table, taking))}"
    ways = (line_to_write(f"give {taking.name} a name of its own", line, taking.location),)
    return table.undecided(file, Reason(ReasonCode.ROTATION, sentence), ways)


def _free_name(table: Table, file: SourceFile) -> str:
    """A name that nothing declared or on record has."""
    taken = {one.name for one in table.files} | table.held_named.keys()
    name = f"new-{file.name}"
    while name in taken:
        name = f"new-{name}"
    return name


def _rotated(table: Table, file: SourceFile, name: str) -> tuple[str, SourceFile] | None:
    """What changed places, in words, and the file that would replace what is still wanted."""
    for one in table.held_named.get(name, ()):
        if one in table.declared and file.address not in table.held:
            return f"ProcessMind's '{name}' is what {one.key} is called there", file
        homes = table.declared_with.get(table.held[one].sha256, ())
        if homes:
            return f"ProcessMind's '{name}' holds content that is now declared as {homes[0].key}", file
    for one in table.held_with.get(file.sha256, ()):
        sentence = f"ProcessMind holds this content as '{table.held[one].name}', which is declared otherwise"
        return sentence, table.declared.get(one, file)
    return None
