"""PM019 to PM035: what a manifest declares and cannot mean."""

from __future__ import annotations

from typing import Final

from pmsync.explanations.explanation import (
    Explanation,
    explained,
    manifest_example,
    project_example,
    sources_example,
)

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "PM019": explained(
        """Keys of datasets, datatables and environments are lower-case letters, digits, `-` and `_`, and
        begin with a letter or digit; names of variables are letters, digits and `_`. Addresses are made of
        keys (`orders.events`), and state and approvals use them.""",
        manifest_example("Orders: {}"),
        """Choose a plain key, and say the name as it is to be shown with `displayName:`.""",
    ),
    "PM020": explained(
        """`apiVersion` says of which format the file is, and this pmsync does not read that one. Reading it
        all the same could miss what is new in it.""",
        """
        === manifests/orders.yaml
        apiVersion: pmsync/v2
        datasets: {orders: {}}
        """,
        """Install a pmsync that reads it, or write `apiVersion: pmsync/v1` if that is what the file is.""",
    ),
    "PM021": explained(
        """A pattern in `manifests:`, or a link that a manifest is, leads out of the project folder. A
        repository could otherwise have any file of the machine read and quoted in errors.""",
        project_example("manifests: [../shared]", "environments: {local: {tenant: emulator}}"),
        """Put the file itself into the project, or make the folder above the project.""",
    ),
    "PM022": explained(
        """A path or pattern of `manifests:` finds nothing. Without its manifests their datasets would count
        as no longer declared.""",
        project_example("manifests: [maniefsts]", "environments: {local: {tenant: emulator}}"),
        """Correct the path. A folder stands for all `.yaml` and `.yml` files in it, at any depth.""",
    ),
    "PM023": explained(
        """The manifests are there and declare no dataset. Taken at their word, they would have everything
        removed that was declared before.""",
        """
        === manifests/orders.yaml
        apiVersion: pmsync/v1
        datasets: {}
        """,
        """Declare a dataset. To remove everything on purpose, run `pmsync destroy`.""",
    ),
    "PM024": explained(
        """Two manifests declare one key. Which of them counts would depend on their file names.""",
        """
        === manifests/a.yaml
        apiVersion: pmsync/v1
        datasets:
          orders: {folder: Sales}
        === manifests/b.yaml
        apiVersion: pmsync/v1
        datasets:
          orders: {folder: Finance}
        """,
        """Keep one of the two, or give one another key.""",
    ),
    "PM025": explained(
        """Two datasets of one folder, or two datatables of one dataset, would show the same name. Nobody
        could tell them apart in ProcessMind, and pmsync finds things that are not in its state by their
        names.""",
        manifest_example("a: {displayName: Orders}", "b: {displayName: Orders}"),
        """Give one another `displayName:`, or another `folder:`.""",
    ),
    "PM026": explained(
        """A display name is visible, on one line, without control characters, and has at most 255 characters,
        the environment's `namePrefix` included.""",
        manifest_example('orders: {displayName: "  "}'),
        """Choose another name, or a shorter one.""",
    ),
    "PM027": explained(
        """A folder is names with `/` between them, none of them empty or blank, at most 50 levels. `//`
        stands for a slash within a name.""",
        manifest_example("orders: {folder: /Finance}"),
        """Write it without a slash at its ends: `folder: Finance/Receivables`.""",
    ),
    "PM028": explained(
        """`name:` is the file name that ProcessMind is told: a plain name, without slashes and control
        characters, of at most 255 bytes.""",
        sources_example("{path: data/events.csv, name: data/events.csv}"),
        """Write the last part only: `name: events.csv`.""",
    ),
    "PM029": explained(
        """`mode: latest` needs a `name:`, under which each new extract replaces the last. `mode: append`
        cannot have one: each file goes up under its own name, or each would replace the one before.""",
        sources_example('{path: "data/events-*.csv", mode: latest}'),
        """Add a name to `latest` (`name: events.csv`); take it away from `append`.""",
    ),
    "PM030": explained(
        """The environment says `uploads: {otherName: replaces}`: its tenant keeps only the rows of the last
        file sent. Several sources of one datatable would replace each other.""",
        project_example("environments:", "  local: {tenant: emulator, uploads: {otherName: replaces}}")
        + sources_example("data/a.csv", "data/b.csv"),
        """Make one file of them, or one datatable of each. `pmsync doctor --probe` finds out what the tenant
        does.""",
    ),
    "PM031": explained(
        """`columns`, `eventLog` and `checks` are data contracts. This version does not check them, and to
        pass over them would look as if it did.""",
        manifest_example("orders:", "  datatables:", "    events: {columns: {case_id: string}}"),
        """Remove the block until a version brings it.""",
    ),
    "PM032": explained(
        """A path is a text with something in it, without control characters and line breaks.""",
        sources_example('""'),
        """Write the path of the file from the project folder.""",
    ),
    "PM034": explained(
        """One environment can hold 200,000 datasets, datatables and sources. More than that is usually made
        by a script that went wrong, and takes minutes and gigabytes.""",
        """
        $ python -c 'print("apiVersion: pmsync/v1\\ndatasets:")' > manifests/orders.yaml
        $ seq -f '  d%.0f: {}' 200001 >> manifests/orders.yaml
        $ pmsync validate
        """,
        """Make several projects of it, or use patterns for sources.""",
    ),
    "PM035": explained(
        """A path of `manifests:`, or what it leads to, has a part that begins with a dot. Such files are
        settings and secrets (`.git/config`, `.env`), and errors quote lines.""",
        project_example("manifests: [.github]", "environments: {local: {tenant: emulator}}"),
        """Put manifests into a folder whose name begins with another character.""",
    ),
}
