"""PM220 to PM229, PM240 to PM242: what is no table, and tables that are not the one that was meant."""

from __future__ import annotations

from typing import Final

from pmsync.explanations.explanation import Explanation, explained, sources_example

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "PM220": explained(
        """The file is something else under the name of a table: a Git LFS pointer, a login page, an error of
        a web server, JSON, XML or XES, a PDF, an archive, an image, or a file with merge conflict markers.
        ProcessMind would load its lines as rows, and they would replace the real ones.""",
        sources_example(
            """
            === data/events.csv
            version https://git-lfs.github.com/spec/v1
            oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
            size 12345
            """,
            "data/events.csv",
        ),
        """Get the file itself. A pointer: `git lfs pull`, and in CI `lfs: true` at the checkout. A page: log
        in where the export comes from, and look at what it downloads. Anything else: export it as CSV or
        .xlsx.""",
    ),
    "PM221": explained(
        """A cell begins with `"` and nothing ends it, or only a quote in a line far below. All lines between,
        or to the end of the file, are one cell: of 500 rows, 8 may be left.""",
        sources_example(
            """
            === data/events.csv
            case_id,note
            1,"never closed
            2,paid
            3,sent
            """,
            "data/events.csv",
        ),
        """Go to the line that the message names. End the cell with `"`, or write the character twice (`""`)
        and the whole cell in quotes. If the file ends in the middle of a line, export it again.""",
    ),
    "PM222": explained(
        """The text holds a NUL byte. Programs end a text there or refuse it, and each counts other rows.
        Mostly the file is damaged (a disk that was full, a copy that was cut off) or UTF-16 without a
        mark.""",
        sources_example(
            """
            === data/events.csv (escaped)
            case_id,note
            1,pa\\x00id
            """,
            "data/events.csv",
        ),
        """Export it again as UTF-8; if it comes back, ask for it where the data comes from.""",
    ),
    "PM223": explained(
        """A name of a column has more than 1,024 characters. It is no name: the file has no header, another
        delimiter than it seems, or a quote in its first line that is closed far below.""",
        """
        $ head -c 2000 data/events.csv
        {"events": [{"case_id": 1, "activity": "create", …
        """,
        """Look at the first line of the file, and export it with a header.""",
    ),
    "PM224": explained(
        """The first line does not hold column names but something about the file: `sep=;`, a comment, a
        title. ProcessMind takes it for the header all the same, and the real header becomes a row.""",
        sources_example(
            """
            === data/events.csv
            sep=;
            case_id;activity
            1;create
            """,
            "data/events.csv",
        ),
        """Delete everything above the column names, or have the export leave it out.""",
    ),
    "PM225": explained(
        """A column has no name, or two have the same. Which of them a process mining column is then made of,
        nobody can say. The file is loaded: this is a warning.""",
        sources_example(
            """
            === data/events.csv
            case_id,activity,activity
            1,create,paid
            """,
            "data/events.csv",
        ),
        """Give each column a name of its own, where the export is made.""",
    ),
    "PM226": explained(
        """The cells are divided by a character that ProcessMind does not know, such as `|`. It knows comma,
        semicolon and tab; each line would be loaded as one cell.""",
        sources_example(
            """
            === data/events.csv
            case_id|activity|time
            1|create|2024-01-25
            2|create|2024-01-26
            """,
            "data/events.csv",
        ),
        """Export it with commas, semicolons or tabs.""",
    ),
    "PM227": explained(
        """Each line is one cell. That may be right, for a list; but an event log has at least a case, an
        activity and a time, so the delimiter is probably another. The file is loaded: this is a warning.""",
        sources_example(
            """
            === data/events.csv
            activity
            create
            pay
            """,
            "data/events.csv",
        ),
        """If there should be several columns, export it with commas, semicolons or tabs.""",
    ),
    "PM228": explained(
        """Files that add up in one datatable have no column in common. Their rows cannot be the same kind of
        thing: a file is in the wrong place, or has no header.""",
        sources_example(
            """
            === data/a.csv
            case_id,activity
            1,create
            === data/b.csv
            name,city
            Ada,London
            """,
            '{path: "data/*.csv", mode: append}',
        ),
        """Take the other file out of the pattern, or give it its header, or a datatable of its own.""",
    ),
    "PM229": explained(
        """Files that add up in one datatable differ in their columns. Rows of one have nothing in columns of
        the other. The files are loaded: this is a warning.""",
        sources_example(
            """
            === data/a.csv
            case_id,activity
            1,create
            === data/b.csv
            case_id,activity,user
            2,create,Ada
            """,
            '{path: "data/*.csv", mode: append}',
        ),
        """If they should be alike, export them alike: check for a column that was renamed.""",
    ),
    "PM240": explained(
        """`mode: latest` takes the last file by name, and here two orders disagree on which that is: by
        letters `events-9` comes after `events-10`, by numbers before it. An old extract could go up for the
        newest.""",
        sources_example(
            """
            === data/events-9.csv
            case_id,activity
            1,create
            === data/events-10.csv
            case_id,activity
            2,create
            """,
            '{path: "data/events-*.csv", mode: latest, name: events.csv}',
        ),
        """Write numbers in names with as many digits each: `events-09.csv`, `events-2024-01-31.csv`.""",
    ),
    "PM241": explained(
        """A pattern tells upper from lower case, on every machine, and a file that may have been meant is
        left out for that alone. What was matched goes up: this is a warning.""",
        sources_example(
            """
            === data/events-1.csv
            case_id,activity
            1,create
            === data/Events-2.csv
            case_id,activity
            2,create
            """,
            '{path: "data/events-*.csv", mode: append}',
        ),
        """Rename the file, or name it beside the pattern. `[Ee]vents-*.csv` matches both.""",
    ),
    "PM242": explained(
        """ProcessMind reads a file by the name under which it goes up. A workbook under the name of a text,
        or a text under that of a workbook, would be read as what it is not.""",
        sources_example(
            """
            === data/late.csv
            case_id,activity
            1,create
            """,
            "{path: data/late.csv, name: late-arrivals.xlsx}",
        ),
        """Give it a `name:` that ends as the file does.""",
    ),
}
