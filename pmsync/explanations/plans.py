"""PM301 to PM314, PM401 and PM402: approvals, plan files, and what planning finds."""

from __future__ import annotations

from typing import Final

from pmsync.explanations.explanation import Explanation, explained, project_example, sources_example

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "PM301": explained(
        """An approval of approvals.yaml is for an environment that pmsync.yaml does not have. It would never
        be used, and the change that it was written for would stay blocked.""",
        """
        === approvals.yaml
        apiVersion: pmsync/v1
        approvals:
          - {environment: prdo, address: orders, consent: delete, id: 4f1c}
        """,
        """Correct the name. `pmsync plan` prints the lines to paste.""",
    ),
    "PM302": explained(
        """An approval is for one thing, named by its address. Patterns would agree to things that nobody
        looked at.""",
        """
        === approvals.yaml
        apiVersion: pmsync/v1
        approvals:
          - {environment: local, address: "*", consent: delete, id: 4f1c}
        """,
        """Write one line for each address; `pmsync plan` prints them.""",
    ),
    "PM303": explained(
        """An approval is bound to the id of the live thing, and for rows also to the sha256 of the file's
        content, so that it cannot be spent on another one of the same name.""",
        """
        === approvals.yaml
        apiVersion: pmsync/v1
        approvals:
          - {environment: local, address: orders, consent: delete, id: ""}
        """,
        """Paste the line that `pmsync plan` prints.""",
    ),
    "PM311": explained(
        """The plan file that was named is not there, or cannot be read.""",
        """
        $ pmsync show plan.jsno
        """,
        """Correct the path. `pmsync plan --out FILE` writes a plan.""",
    ),
    "PM312": explained(
        """The plan file is larger than any plan that pmsync writes.""",
        """
        $ pmsync apply data/events.csv
        """,
        """Name the file that `pmsync plan --out FILE` wrote.""",
    ),
    "PM313": explained(
        """The file is no plan: it is not JSON, it is another JSON, or somebody changed it. A plan file is a
        bound on what may run, so it is not read in part.""",
        """
        === plan.json
        {"changes": []}
        """,
        """Plan again: `pmsync plan --out plan.json`.""",
    ),
    "PM314": explained(
        """The plan was saved by a pmsync whose plans have another form.""",
        """
        === plan.json
        {"formatVersion": "99.0"}
        """,
        """Plan again with the pmsync that applies it.""",
    ),
    "PM401": explained(
        """A pattern with `mode: append` finds several files, and the environment says `uploads: {otherName:
        replaces}`: its tenant keeps only the last one sent. Manifests that name several sources are refused
        with PM030 before any file is looked for; this is said to programs that plan with sources of their
        own.""",
        """
        >>> pmsync.planning.diff.plan(inputs_with_two_files_of_one_datatable)
        """,
        """Declare one source for each datatable.""",
    ),
    "PM402": explained(
        """A datatable has several files, rows are not verified (`verify: {rows: false}`), and nobody said
        what a second file name does to the rows of the first. Files could replace each other, and nothing
        would notice.""",
        project_example("environments:", "  prod: {tenantId: acme, verify: {rows: false}}")
        + sources_example(
            "data/a.csv",
            "data/b.csv",
            logs=["data/a.csv", "data/b.csv"],
        ),
        """Write `uploads: {otherName: adds}` if that is what the tenant does (`pmsync doctor --probe` finds
        out), or let rows be verified.""",
    ),
}
