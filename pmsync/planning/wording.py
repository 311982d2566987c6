"""The small pieces that sentences and ways out are made of. Plain text: views escape and colour it.

Counts are written with thousands separators, names in quotes, and whatever is to be pasted into a shell
is quoted for one, as addresses end in file names that a pull request chooses.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Sequence

from msgspec import Struct

from pmsync.diagnostics import Location
from pmsync.model.address import Address, FolderPath
from pmsync.model.consent import Allow, Consent
from pmsync.model.remedy import Act, Again, ApplyWith, ByHand, Command, Edit


def number(count: int) -> str:
    """12431 as `12,431`."""
    return f"{count:,}"


def rows(count: int) -> str:
    """`1 row`, `12,431 rows`."""
    return f"{count:,} row" if abs(count) == 1 else f"{count:,} rows"


def tables(count: int) -> str:
    """`1 datatable`, `3 datatables`."""
    return f"{count:,} datatable" if count == 1 else f"{count:,} datatables"


def and_list(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`; never empty."""
    *head, last = [str(word) for word in words]
    return f"{', '.join(head)} and {last}" if head else last


def place(display_name: str, folder: FolderPath | None) -> str:
    """A name and, if known, where it is: `'Orders' in Finance/Receivables`."""
    if folder is None:
        return f"'{display_name}'"
    where = Address.folder(folder).key if folder else "the root"
    return f"'{display_name}' in {where}"


class Ways(Struct, frozen=True):
    """Remedies, and what is said of them in errors of one environment."""

    environment: str

    def allow(self, meaning: str, consents: Sequence[Consent], address: Address) -> ApplyWith:
        return ApplyWith(meaning=meaning, allow=tuple(Allow(consent=one, glob=address) for one in consents))

    def reupload(self, meaning: str, address: Address) -> ApplyWith:
        return ApplyWith(meaning=meaning, reupload=(address,))

    def assume_uploaded(self, meaning: str, address: Address) -> ApplyWith:
        return ApplyWith(meaning=meaning, assume_uploaded=(address,))

    def command(self, meaning: str, *words: str) -> Command:
        return Command(meaning=meaning, words=words)

    def plan_again(self, meaning: str) -> Again:
        return Again(meaning=meaning)

    def rename(self, address: Address, live_id: str, name: str, folder: FolderPath | None = None) -> ByHand:
        """Another name or folder, given by hand, as the API can rename nothing."""
        meaning = f"rename it to {place(name, folder)} in ProcessMind (no data moves), then plan again"
        return ByHand(
            meaning=meaning,
            act=Act.RENAME,
            address=address,
            live_id=live_id,
            display_name=name,
            folder=folder,
        )

    def taken_as_done(self, sources: Iterable[Address]) -> str:
        """The command that takes these uploads as done and leaves all that is blocked for later."""
        flags = " ".join(f"--assume-uploaded {shlex.quote(one)}" for one in sources)
        return f"pmsync apply -e {self.environment} {flags} --safe-only"

    def typed(self, *words: str) -> str:
        """A command as it is typed, for the sentences of errors and notes."""
        return f"pmsync {' '.join(map(shlex.quote, words))} -e {shlex.quote(self.environment)}"


def display_name_line(display_name: str, prefix: str) -> str:
    """The manifest line that gives something the name it has in the tenant, without the prefix."""
    return f"displayName: {yaml_text(display_name.removeprefix(prefix))}"


def yaml_text(text: str) -> str:
    """A text as a manifest says it: `${` is no variable, and what YAML would read otherwise is quoted."""
    text = text.replace("${", "$${")
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


_PLAIN = re.compile(r"[^\W_][\w .()-]*(?<! )")
"""What YAML reads as it stands; everything else is quoted."""


def line_to_write(meaning: str, line: str, location: Location) -> Edit:
    """A line for a manifest or pmsync.yaml."""
    return Edit(meaning=meaning, line=line, location=location)


def replace_way(ways: Ways, dataset: Address) -> ApplyWith:
    """Building a dataset anew, with the price of it."""
    meaning = "build the dataset anew (it gets a new id; analyses built on the old one must be re-pointed)"
    return ways.allow(meaning, [Consent.REPLACE], dataset)
