"""PM101 to PM117: pmsync.yaml, its environments and variables."""

from __future__ import annotations

from typing import Final

from pmsync.explanations.explanation import Explanation, explained, manifest_example, project_example

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "PM101": explained(
        """There is no pmsync.yaml here, nor in a folder above within the same Git work tree. The file says
        which tenant is meant, so nothing goes on without it.""",
        """
        $ cd /srv/elsewhere
        $ pmsync plan
        """,
        """`cd` into the project, or name the file with `--config`, or make a project with `pmsync init`.""",
    ),
    "PM102": explained(
        """An environment is one tenant: `tenantId: ID` for a real one, `tenant: emulator` for the embedded
        one, which has no `apiUrl`. With both, or none, pmsync would have to guess where your data goes.""",
        project_example("environments:", "  prod: {protect: true}"),
        """Keep one of the two.""",
    ),
    "PM103": explained(
        """A tenant id becomes part of a URL, so it has no slashes, spaces or dots alone. It usually looks
        like `0f0c2c5e-8a55-4d0e-9d5c-6b1f6a1f2a10`.""",
        project_example("environments:", "  prod: {tenantId: acme/prod}"),
        """Copy the id from ProcessMind's settings.""",
    ),
    "PM104": explained(
        """`apiUrl` is an http or https URL of host, port and path, without user name, password, query and
        fragment. What stands in it is not repeated in errors: it may be a secret.""",
        project_example(
            "environments:", '  prod: {tenantId: acme, apiUrl: "https://me:secret@api.processmind.com"}'
        ),
        """Leave it out for ProcessMind itself. The key comes from `PMSYNC_API_KEY_<ENVIRONMENT>`.""",
    ),
    "PM105": explained(
        """`state:` says where pmsync keeps what it did. This version knows `file`: a folder of this
        machine.""",
        project_example("environments:", '  prod: {tenantId: acme, state: "s3://bucket/key"}'),
        """Write `state: file`, and run on a machine that keeps it.""",
    ),
    "PM106": explained(
        """Two environments say `default: true`. Commands that only look would take one of them at random.""",
        project_example(
            "environments:",
            "  a: {tenant: emulator, default: true}",
            "  b: {tenant: emulator, default: true}",
        ),
        """Keep one.""",
    ),
    "PM107": explained(
        """An environment gives a value to a variable that `variables:` at the top does not have. It is
        misspelt, and the variable that was meant keeps its default.""",
        project_example(
            "variables: {data: {default: data}}",
            "environments:",
            "  local: {tenant: emulator, variables: {dta: extracts}}",
        ),
        """Correct the name, or declare the variable at the top.""",
    ),
    "PM108": explained(
        """`environments:` is empty, so there is no tenant to compare with.""",
        project_example("environments: {}"),
        """The least is `environments: {local: {tenant: emulator}}`.""",
    ),
    "PM109": explained(
        """`${name}` stands in a text, and `variables:` of pmsync.yaml has no such name. Sent as it is, the
        name in ProcessMind would hold `${name}`.""",
        manifest_example('orders: {displayName: "Orders ${yaer}"}'),
        """Correct the name, or declare it. `$${` is the two characters `${`.""",
    ),
    "PM110": explained(
        """The variable is declared without a default, and nothing gives it a value in this environment. An
        empty text in its place would be another path, or another name.""",
        project_example("variables: {year: {}}", "environments: {local: {tenant: emulator}}")
        + manifest_example('orders: {displayName: "Orders ${year}"}'),
        """Give it one: `default:`, the environment's `variables:`, `PMSYNC_VAR_year`, or `--var
        year=2024`.""",
    ),
    "PM111": explained(
        """`${` has no `}`, or what stands between cannot be a variable's name. Variables of the process's
        environment are not read: they hold secrets.""",
        manifest_example('orders: {displayName: "${env:HOME}"}'),
        """Write `${name}` of a declared variable, or `$${` for the two characters.""",
    ),
    "PM112": explained(
        """`project` and `namePrefix` are shown and become part of names, so they are visible and have no
        control characters.""",
        project_example("environments:", '  local: {tenant: emulator, namePrefix: "dev\\n"}'),
        """Write it on one line, without such characters.""",
    ),
    "PM113": explained(
        """With the values of its variables the text is longer than any name or path can be. A long value used
        often would fill the memory.""",
        """
        $ export PMSYNC_VAR_data="$(head -c 100000 /dev/zero | tr '\\0' x)"
        $ pmsync validate
        """,
        """See what value the variable has, and where it comes from: `--var`, `PMSYNC_VAR_…`, pmsync.yaml.""",
    ),
    "PM114": explained(
        """`requires:` names the versions of pmsync that the project was written for, and this is none of
        them. An older one would not know what its files say.""",
        project_example('requires: ">=1000"', "environments: {local: {tenant: emulator}}"),
        """Install a version that fits, or change `requires:` if the project no longer needs it.""",
    ),
    "PM115": explained(
        """The key of an environment comes from `PMSYNC_API_KEY_<NAME>`, upper case, with `_` for `-`. Two
        environments would share one variable, or the name is `file`, whose variable is the path of a key
        file: a key would go to the wrong tenant.""",
        project_example(
            "environments:", "  pr-1: {tenantId: acme, default: true}", "  pr_1: {tenantId: emca}"
        ),
        """Give one of them another name.""",
    ),
    "PM116": explained(
        """pmsync.yaml was found in a folder above, and belongs to another user. Whoever can write there could
        have your key sent to a tenant of theirs.""",
        """
        $ ls -l /srv/pmsync.yaml
        -rw-r--r-- 1 somebody users 120 Jan 25 10:00 /srv/pmsync.yaml
        $ cd /srv/project && pmsync plan
        """,
        """If it is meant, name it: `--config /srv/pmsync.yaml`.""",
    ),
    "PM117": explained(
        """Two pmsync.yaml of one Git work tree have the same project name and plan the same tenant. They
        would share one state, and each would take what the other made for something that is no longer
        declared.""",
        """
        # sales/pmsync.yaml, and hr/pmsync.yaml as well
        apiVersion: pmsync/v1
        project: reports
        environments: {prod: {tenantId: 7b1d9a34-35f5-4d1e-8c9c-1f5e0a9b8c11, state: file}}
        """,
        """Give one of the two a `project:` name of its own.""",
    ),
}
