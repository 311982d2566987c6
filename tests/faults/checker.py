"""The checker: every invariant of pmsync (docs/reliability.md) as a function over what happened.

A story has requests, commits, files on disk, exit codes and words; each function says what must not have been.
It shares no code with pmsync: it must believe nothing but the emulator's history, the bytes on the disk and
what a command said and returned. The invariants stand in tenancy (what is done to a tenant) and endings (how
runs end and what they leave). What somebody did by hand between two runs is part of the story, and taken as given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from faults import endings, tenancy
from faults.story import Story

Check = Callable[[Story], Iterable[str]]

CHECKS: Final[tuple[Check, ...]] = (
    tenancy.deletes_only_what_is_ours,
    tenancy.deletes_only_what_was_agreed,
    tenancy.deletes_only_after_a_look,
    tenancy.replaces_only_by_something_full,
    tenancy.strangers_are_left_alone,
    tenancy.creates_nothing_twice,
    endings.memory_is_never_torn,
    endings.memory_goes_on,
    endings.nothing_is_sent_unannounced,
    endings.records_tell_the_truth,
    tenancy.stores_only_what_is_declared,
    tenancy.rows_are_never_doubled,
    endings.success_means_converged,
    endings.converges_soon,
    endings.converged_is_quiet,
    endings.plans_only_read,
    endings.runs_do_not_interleave,
    endings.no_secret_is_told,
    endings.the_key_stays_at_the_api,
    endings.runs_are_bounded,
    endings.failures_speak,
)

ALWAYS: Final[tuple[Check, ...]] = tuple(check for check in CHECKS if check is not endings.converges_soon)
"""What holds in every story: also where nobody tries to come to an end."""


def violations(story: Story, checks: Iterable[Check] = CHECKS) -> list[str]:
    """Everything that must not have happened, each with the name of its invariant."""
    return [f"{check.__name__}: {text}" for check in checks for text in check(story)]
