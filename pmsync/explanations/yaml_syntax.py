"""PM001 to PM018, PM033 and PM036: files that cannot be read, are no YAML, or have another shape."""

from __future__ import annotations

from typing import Final

from pmsync.explanations.explanation import Explanation, explained, manifest_example

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "PM001": explained(
        """pmsync.yaml, approvals.yaml, a manifest or a folder of manifests is there and cannot be read: the
        rights do not allow it, it is a folder or a device, or the disk fails. What cannot be read may declare
        things that would then be taken for removed, so nothing goes on without it.""",
        """
        $ chmod 000 manifests/orders.yaml
        $ pmsync validate
        """,
        """Give the user that runs pmsync the right to read it, or take it out of `manifests:`.""",
    ),
    "PM002": explained(
        """YAML files may have 8 MiB. Larger ones take minutes and gigabytes to read, and are usually data
        under the wrong name.""",
        """
        $ head -c 9000000 /dev/zero | tr '\\0' '#' > manifests/orders.yaml
        $ pmsync validate
        """,
        """Split it: all manifests together make one. If it is data, name it as a source.""",
    ),
    "PM003": explained(
        """YAML files are UTF-8. Another encoding would turn names into other names, and a renamed dataset is
        another dataset.""",
        """
        === manifests/orders.yaml (escaped)
        apiVersion: pmsync/v1
        datasets:
          orders: {folder: M\\xfcnchen}
        """,
        """Save the file as UTF-8; every editor has that in its save dialog.""",
    ),
    "PM004": explained(
        """The file holds a character that no editor shows: NUL, an escape, a second byte order mark, or a
        line break that only some programs see. Two people would read two different files.""",
        """
        === manifests/orders.yaml (escaped)
        apiVersion: pmsync/v1
        datasets:
          orders: {folder: Fi\\x00nance}
        """,
        """Delete the character at that place; the message names it.""",
    ),
    "PM005": explained(
        """YAML cannot be made of this file. Often a text holds `: ` or begins with `*`, `@`, `%` or a
        backquote and stands without quotes; or indentation is off, or a tab; or the file has merge conflict
        markers.""",
        manifest_example("orders:", "  displayName: Orders: Cash"),
        """Look at the line, and at the one above it. Put the text in quotes: `displayName: "Orders:
        Cash"`.""",
    ),
    "PM006": explained(
        """One mapping has the same key twice. YAML readers keep the last one without a word, so that the
        first block would be lost.""",
        manifest_example("orders: {folder: Sales}", "orders: {folder: Finance}"),
        """Keep one of the two, or give one another key.""",
    ),
    "PM007": explained(
        """Tags (`!env`, `!!str`) make YAML do something: run code, read the environment, change a type.
        Manifests come with pull requests, so none of that is supported.""",
        manifest_example("orders: {folder: !env FOLDER}"),
        """Remove the tag. For values that differ by environment there are variables: `${name}`.""",
    ),
    "PM008": explained(
        """The merge key `<<` copies a mapping from elsewhere. What a dataset declares would then not stand
        where it is read.""",
        manifest_example("orders: {<<: {folder: Sales}}"),
        """Write out what it stands for.""",
    ),
    "PM009": explained(
        """An anchor (`&name`) marks a value for use elsewhere. A few lines of anchors can stand for
        gigabytes, and a change in one place would change others unseen.""",
        manifest_example("orders: {folder: &f Sales}"),
        """Remove it; write the value where it is needed, or use a variable.""",
    ),
    "PM010": explained(
        """An alias (`*name`) stands for a value from elsewhere: see PM009. A pattern that begins with `*` is
        taken for one, too, if it has no quotes.""",
        manifest_example("orders: {folder: *f}"),
        """Write the value out, or put the pattern in quotes: `"*.csv"`.""",
    ),
    "PM011": explained(
        """`---` begins a second document in one file. Most programs read only the first, and would not see
        the rest of your datasets.""",
        """
        === manifests/orders.yaml
        apiVersion: pmsync/v1
        datasets: {orders: {}}
        ---
        apiVersion: pmsync/v1
        datasets: {returns: {}}
        """,
        """Make two files of it, or one document.""",
    ),
    "PM012": explained(
        """The key means nothing here: it is misspelt, stands on the wrong level, or belongs to a newer
        pmsync. A key that is passed over would be a wish that nobody fulfils. Keys of tenants (`apiKey`) are
        never taken from a file of the repository.""",
        manifest_example("orders: {dispalyName: Orders}"),
        """Take the key that the message suggests; `pmsync schema` prints all of them, and editors read
        it.""",
    ),
    "PM013": explained(
        """More than 50 levels of lists and mappings. No manifest needs ten, and deep nesting breaks programs
        that read it.""",
        manifest_example("orders: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["),
        """Look for brackets that are not meant, or for a file that is no manifest.""",
    ),
    "PM014": explained(
        """A key is a list or a mapping. Often it is a variable without quotes: `{${name}: …}`.""",
        manifest_example("orders: {{x: y}: z}"),
        """Put the text in quotes, or remove the inner braces.""",
    ),
    "PM015": explained(
        """The file is empty, holds comments only, or is a list or a text. It must begin with keys: an empty
        file would mean that nothing is declared, and that everything goes.""",
        """
        === manifests/orders.yaml
        - orders
        - returns
        """,
        """Begin with `apiVersion: pmsync/v1` and `datasets:`, or delete the file.""",
    ),
    "PM016": explained(
        """Something that cannot be guessed is not there: `apiVersion`, `datasets`, `project`, `environments`,
        the `path` of a source, the `id` of an approval.""",
        """
        === manifests/orders.yaml
        apiVersion: pmsync/v1
        """,
        """Add the key that the message names.""",
    ),
    "PM017": explained(
        """There is a text where a mapping belongs, nothing where a text belongs, a duration without a unit,
        or `"true"` or `yes` instead of `true`. Readers of YAML disagree on such values, so they are not
        converted.""",
        manifest_example("orders: {protect: yes}"),
        """Write what the message expects: `protect: true`, `timeout: 10m`, a list with `[…]`.""",
    ),
    "PM018": explained(
        """The value is none of those that are possible here. It is not taken for the nearest one: `onRemoval`
        and `mode` decide what happens to data.""",
        manifest_example("orders: {onRemoval: delte}"),
        """Take one of the values that the message lists.""",
    ),
    "PM033": explained(
        """One file has so many problems that nobody would read them all: it is probably not the file that was
        meant. The first hundred are shown.""",
        """
        $ cp node_modules/typescript/lib/en.json manifests/orders.yaml
        $ pmsync validate
        """,
        """See whether it is the right file. If it is: mend the first ones; others often follow from them.""",
    ),
    "PM036": explained(
        """A file has more than 500,000 keys and items: more than an environment can hold, and enough to fill
        the memory.""",
        """
        $ seq 500001 | sed 's/.*/- &/' >> manifests/orders.yaml
        $ pmsync validate
        """,
        """Split the project, or use patterns for sources: one `"2024-*.csv"` stands for any number of
        files.""",
    ),
}
