"""PM201 to PM219: source files that cannot be found or sent, and the kinds of all of them."""

from __future__ import annotations

from typing import Final

from pmsync.explanations.explanation import Explanation, explained, sources_example

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "PM201": explained(
        """There is no file at the path. Its rows in ProcessMind stay as they are.""",
        sources_example("data/evnets.csv", logs=["data/events.csv"]),
        """Correct the path, or write `{path: …, optional: true}` if the file is not always there.""",
    ),
    "PM202": explained(
        """A pattern of a source finds no file. Hidden files and those that Excel leaves beside an open
        workbook (`~$…`) do not count.""",
        sources_example('"data/*.csv"'),
        """Correct the pattern, or write `optional: true`.""",
    ),
    "PM203": explained(
        """A pattern finds several files. Whether their rows add up, or only the newest counts, makes all the
        difference, so it must be said.""",
        sources_example(
            '"data/events-*.csv"',
            logs=["data/events-1.csv", "data/events-2.csv"],
        ),
        """Write `mode: append` (they add up), or `mode: latest` with a `name:` (only the last by name
        counts).""",
    ),
    "PM204": explained(
        """Two files of one datatable would go up under one name, and the second would replace the first, or
        its rows would be there twice.""",
        sources_example(
            "a/events.csv",
            "b/events.csv",
            logs=["a/events.csv", "b/events.csv"],
        ),
        """Give one of them a name of its own: `{path: b/events.csv, name: events-b.csv}`.""",
    ),
    "PM205": explained(
        """The path, or a link on its way, leads out of the project folder. A repository could otherwise have
        any file of the machine sent to a tenant.""",
        sources_example("/data/events.csv"),
        """Put the data into the project folder, or allow the folder from outside the repository:
        `--source-root /data`, or `PMSYNC_SOURCE_ROOTS`.""",
    ),
    "PM206": explained(
        """The path is a folder, a pipe or a device. Its bytes cannot be read twice, and an upload that fails
        could not be repeated.""",
        sources_example("data", logs=["data/events.csv"]),
        """Name a file. For the files of a folder, write a pattern: `{path: "data/*.csv", mode: append}`.""",
    ),
    "PM207": explained(
        """The file is there and cannot be read: the rights do not allow it, or the disk fails.""",
        """
        $ chmod 000 data/events.csv
        $ pmsync validate
        """,
        """Give the user that runs pmsync the right to read it.""",
    ),
    "PM208": explained(
        """ProcessMind takes a file by one upload to S3, which takes at most 5 GiB.""",
        """
        $ truncate -s 6G data/events.csv
        $ pmsync validate
        """,
        """Split it into several files, and name them with a pattern and `mode: append`.""",
    ),
    "PM209": explained(
        """The file has no byte. An export that failed leaves such files, and loading one would replace the
        rows of the last good one.""",
        sources_example(
            "data/events.csv",
            files="""
            === data/events.csv (empty)
            """,
        ),
        """Export it again. Where empty files are normal (daily files), write `optional: true`.""",
    ),
    "PM210": explained(
        """The first line must hold the names of the columns: ProcessMind takes it for that whatever it holds,
        and the first row of data would be lost.""",
        sources_example(
            "data/events.csv",
            files="""
            === data/events.csv
            1,2024-01-25
            2,2024-01-26
            """,
        ),
        """Export the file with a header, or put one above the first row.""",
    ),
    "PM211": explained(
        """Text must be UTF-8, or what `encoding:` of the source says. Read in another encoding, names and
        values are others: `Größe` becomes `GrÃ¶ÃŸe`.""",
        sources_example(
            "data/events.csv",
            files="""
            === data/events.csv (escaped)
            case_id,city
            1,K\\xf6ln
            """,
        ),
        """Export it as UTF-8. Where that cannot be, say what it is: `encoding: windows-1252`, or `encoding:
        iso-8859-1`; the file is then sent as it is.""",
    ),
    "PM212": explained(
        """The file has the name of a workbook, and Excel could not open it either: it is cut off, encrypted
        with a password, or something else under that name.""",
        sources_example(
            "data/events.xlsx",
            files="""
            === data/events.xlsx (escaped)
            PK\\x03\\x04 cut off here
            """,
        ),
        """Open it in Excel and save it anew, without a password; or export it as CSV.""",
    ),
    "PM213": explained(
        """A workbook takes many times its size in memory, and a few kilobytes can claim terabytes. Workbooks
        are read apart, under limits of size, cells, memory and time, and this one goes beyond them.""",
        """
        $ ls -l data/events.xlsx
        -rw-r--r-- 1 me me 3221225472 Jan 25 10:00 data/events.xlsx
        $ pmsync validate
        """,
        """Export it as CSV: that has no limit but the 5 GiB of one upload.""",
    ),
    "PM214": explained(
        """`mode: latest` needs a `name:`, and `mode: append` cannot have one: see PM029, which says so of
        manifests; this is said to programs that make sources themselves.""",
        """
        >>> SourceSpec(path="data/*.csv", mode=SourceMode.LATEST, location=Location("made"))
        """,
        """Add the name, or take it away.""",
    ),
    "PM215": explained(
        """The file's name has control characters, or bytes that are no UTF-8. It cannot be sent in a
        request.""",
        """
        $ mv data/events.csv "$(printf 'data/ev\\001ents.csv')"
        $ pmsync validate
        """,
        """Rename the file, or write `name: events.csv` at the source.""",
    ),
    "PM216": explained(
        """The file became another while it was being read: an export is still writing it. Half a file would
        be sent as if it were whole.""",
        """
        $ export-events > data/events.csv &
        $ pmsync apply
        """,
        """Run again when it is complete. Let exports write to another name, and rename the file at the
        end.""",
    ),
    "PM217": explained(
        """The path is empty, or has a character that no path can have. Manifests say so with PM032; this is
        said to programs that make sources themselves.""",
        """
        >>> SourceSpec(path="", location=Location("made"))
        """,
        """Write the path of the file.""",
    ),
    "PM218": explained(
        """A part of the path, or of what it leads to, begins with a dot. Such files are settings and secrets
        (`.env`, `.git/config`), and a pull request could have them uploaded.""",
        sources_example(".cache/events.csv", logs=[".cache/events.csv"]),
        """Put the data into a folder whose name begins with another character.""",
    ),
    "PM219": explained(
        """There is a link at the path, and what it points to does not exist: a volume is not mounted, or the
        file was moved.""",
        """
        $ ln -s /mnt/exports/events.csv data/events.csv
        $ pmsync validate
        """,
        """Mount it, or correct the link (`ls -l` shows where it points to).""",
    ),
}
