"""Tells the checker of runs that are calls of the engine: as if each had been a command.

It must not know whether the tenant is an emulator or a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from faults.recording import Recorder
from faults.story import Content, WantedDataset, Wish
from pmsync.engine.apply import exit_code
from pmsync.engine.propose import Question
from pmsync.errors import PmsyncError
from pmsync.model.address import Address
from pmsync.model.manifest import DatasetSpec
from pmsync.model.options import PlanningOptions
from pmsync.model.plan import Plan
from pmsync.model.report import Fate, Report
from pmsync.model.source import SourceFile

_KILLED = -9


def wish_of(specs: Mapping[Address, DatasetSpec], sources: Mapping[Address, tuple[SourceFile, ...]]) -> Wish:
    """What a bench declares."""
    return {
        address: WantedDataset(
            spec.display_name,
            spec.folder,
            {
                table.display_name: tuple(
                    Content(file.name, file.sha256, file.rows) for file in sources.get(at, ())
                )
                for at, table in spec.datatables.items()
            },
        )
        for address, spec in specs.items()
    }


@dataclass(slots=True)
class Ending:
    """How a call ended, if nothing was raised: as its command would say it."""

    code: int = 0
    output: str = ""
    more_arguments: tuple[str, ...] = ()
    lost_power: bool = False

    def of(self, report: Report) -> None:
        """It ended with this report."""
        self.code, self.output = exit_code(report), _told(report)
        awaited = any(one.awaited and not one.exit_code for one in report.results)
        if report.of(Fate.PENDING) or awaited:
            self.more_arguments = ("--safe-only",)


@contextmanager
def call(recorder: Recorder, *arguments: str, **more: Any) -> Iterator[Ending]:
    """What happens inside is noted as one command; an error of ours is its end, any other is a kill.

    `more` is the run's.
    """
    recorder.begin()
    ending = Ending()
    try:
        yield ending
    except PmsyncError as error:
        ending.code, ending.output = error.exit_code, str(error)
        raise
    except BaseException:
        ending.code = _KILLED
        raise
    finally:
        arguments = (*arguments, *ending.more_arguments)
        recorder.end(arguments, ending.code, ending.output, lost_power=ending.lost_power, **more)


def applied(recorder: Recorder, plan: Plan, question: Question, run: Callable[[], Report]) -> Report:
    """Run an apply, and note it."""
    written = tuple(f"{one.consent}:{one.address}" for one in question.approvals)
    with call(recorder, *_arguments(plan.options, question.environment.name), written=written) as ending:
        report = run()
        ending.of(report)
    return report


def _arguments(options: PlanningOptions, environment: str) -> Iterator[str]:
    yield from ("destroy", "--confirm", environment) if options.destroy else ("apply",)
    for one in options.allow:
        yield from ("--allow", f"{one.consent}:{one.glob}")
    for flag, addresses in (("--reupload", options.reupload), ("--assume-uploaded", options.assume_uploaded)):
        for address in addresses:
            yield from (flag, address)
    if options.no_data:
        yield "--no-data"


def _told(report: Report) -> str:
    problems = (f"{one.change.address}: {one.problem}" for one in report.results if one.problem)
    return "\n".join((report.convergence, *problems, *report.remaining))
