"""PM220 to PM242: what is no table, and tables and workbooks that are not the one that was meant."""

from __future__ import annotations

from typing import Final

from pmsync.explanations.explanation import Explanation, explained, sources_example

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "PM220": explained(
        """The file is something else under the name of a table: a Git LFS pointer, a login page, an error of
        a web server, JSON, XML or XES, a PDF, an archive, an image, or a file with merge conflict markers.
        ProcessMind would load its lines as rows, and they would replace the real ones.""",
        sources_example(
            "data/events.csv",
            files="""
            === data/events.csv
            version https://git-lfs.github.com/spec/v1
            oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
            size 12345
            """,
        ),
        """Get the file itself. A pointer: `git lfs pull`, and in CI `lfs: true` at the checkout. A page: log
        in where the export comes from, and look at what it downloads. Anything else: export it as CSV or
        .xlsx.""",
    ),
    "PM221": explained(
        """A cell begins with `"` and nothing ends it, or only a quote in a line far below. All lines between,
        or to the end of the file, are one cell: of 500 rows, 8 may be left.""",
        sources_example(
            "data/events.csv",
            files="""
            === data/events.csv
            case_id,note
            1,"never closed
            2,paid
            3,sent
            """,
        ),
        """Go to the line that the message names. End the cell with `"`, or write the character twice (`""`)
        and the whole cell in quotes. If the file ends in the middle of a line, export it again.""",
    ),
    "PM222": explained(
        """The text holds a NUL byte. Programs end a text there or refuse it, and each counts other rows.
        Mostly the file is damaged (a disk that was full, a copy that was cut off) or UTF-16 without a
        mark.""",
        sources_example(
            "data/events.csv",
            files="""
            === data/events.csv (escaped)
            case_id,note
            1,pa\\x00id
            """,
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
            "data/events.csv",
            files="""
            === data/events.csv
            sep=;
            case_id;activity
            1;create
            """,
        ),
        """Delete everything above the column names, or have the export leave it out.""",
    ),
    "PM225": explained(
        """A column has no name, or two have the same. Which of them a process mining column is then made of,
        nobody can say. The file is loaded: this is a warning.""",
        sources_example(
            "data/events.csv",
            files="""
            === data/events.csv
            case_id,activity,activity
            1,create,paid
            """,
        ),
        """Give each column a name of its own, where the export is made.""",
    ),
    "PM226": explained(
        """The cells are divided by a character that ProcessMind does not know, such as `|`. It knows comma,
        semicolon and tab; each line would be loaded as one cell.""",
        sources_example(
            "data/events.csv",
            files="""
            === data/events.csv
            case_id|activity|time
            1|create|2024-01-25
            2|create|2024-01-26
            """,
        ),
        """Export it with commas, semicolons or tabs.""",
    ),
    "PM227": explained(
        """Each line is one cell. That may be right, for a list; but an event log has at least a case, an
        activity and a time, so the delimiter is probably another. The file is loaded: this is a warning.""",
        sources_example(
            "data/events.csv",
            files="""
            === data/events.csv
            activity
            create
            pay
            """,
        ),
        """If there should be several columns, export it with commas, semicolons or tabs.""",
    ),
    "PM228": explained(
        """Files that add up in one datatable have no column in common. Their rows cannot be the same kind of
        thing: a file is in the wrong place, or has no header.""",
        sources_example(
            '{path: "data/*.csv", mode: append}',
            files="""
            === data/a.csv
            case_id,activity
            1,create
            === data/b.csv
            name,city
            Ada,London
            """,
        ),
        """Take the other file out of the pattern, or give it its header, or a datatable of its own.""",
    ),
    "PM229": explained(
        """Files that add up in one datatable differ in their columns. Rows of one have nothing in columns of
        the other. The files are loaded: this is a warning.""",
        sources_example(
            '{path: "data/*.csv", mode: append}',
            files="""
            === data/a.csv
            case_id,activity
            1,create
            === data/b.csv
            case_id,activity,user
            2,create,Ada
            """,
        ),
        """If they should be alike, export them alike: check for a column that was renamed.""",
    ),
    "PM230": explained(
        """The workbook has macros, or the name of one that has. ProcessMind does not take them, and programs
        do not belong into data.""",
        sources_example(
            "data/events.xlsm",
            files="""
            === data/events.xlsm (escaped)
            PK\\x03\\x04
            """,
        ),
        """Save it as .xlsx in Excel; the data stays, the macros go.""",
    ),
    "PM231": explained(
        """Only the first sheet of a workbook is loaded, and this one's is empty, hidden, or a chart. The
        sheet that was meant is another one.""",
        """
        data/events.xlsx

        first sheet   Cover     (empty)
        second sheet  Events    case_id | activity
                                1       | create
        """,
        """Move the sheet with the data to the front, and save.""",
    ),
    "PM232": explained(
        """Only the first sheet of a workbook is loaded, and others hold rows, too. The file is loaded: this
        is a warning, since such sheets are often the same data, one for each month.""",
        """
        data/events.xlsx

        first sheet   January   case_id | activity
                                1       | create
        second sheet  February  case_id | activity
                                2       | create
        """,
        """If the others are meant too, save each as a file of its own, and name them with `mode: append`.""",
    ),
    "PM233": explained(
        """The column names must stand in the first row, from column A on. This sheet begins further down or
        to the right: with a title, a logo, or empty cells.""",
        """
        data/events.xlsx

              A        | B         | C
        1              |           |
        2              | case_id   | activity
        3              | 1         | create
        """,
        """Delete the rows above the names and the columns before them, and save.""",
    ),
    "PM234": explained(
        """Cells hold an error such as `#N/A`: a formula found nothing, or a link to another workbook is
        broken. They are loaded as they are, and their rows count. This is a warning.""",
        """
        data/events.xlsx

              A        | B
        1     case_id  | activity
        2     1        | #N/A
        """,
        """Mend the formula that the message names, or put values in place of formulas; then save.""",
    ),
    "PM235": explained(
        """The workbook is of another kind than its name says, such as .xls content under .xlsx. ProcessMind
        goes by the name, and could not read it.""",
        """
        $ mv data/events.xls data/events.xlsx
        $ pmsync validate
        """,
        """Give it the name that fits, or open it in Excel and save it as .xlsx.""",
    ),
    "PM240": explained(
        """`mode: latest` takes the last file by name, and here two orders disagree on which that is: by
        letters `events-9` comes after `events-10`, by numbers before it. An old extract could go up for the
        newest.""",
        sources_example(
            '{path: "data/events-*.csv", mode: latest, name: events.csv}',
            logs=["data/events-9.csv", "data/events-10.csv"],
        ),
        """Write numbers in names with as many digits each: `events-09.csv`, `events-2024-01-31.csv`.""",
    ),
    "PM241": explained(
        """A pattern tells upper from lower case, on every machine, and a file that may have been meant is
        left out for that alone. What was matched goes up: this is a warning.""",
        sources_example(
            '{path: "data/events-*.csv", mode: append}',
            logs=["data/events-1.csv", "data/Events-2.csv"],
        ),
        """Rename the file, or name it beside the pattern. `[Ee]vents-*.csv` matches both.""",
    ),
    "PM242": explained(
        """ProcessMind reads a file by the name under which it goes up. A workbook under the name of a text,
        or a text under that of a workbook, would be read as what it is not.""",
        sources_example("{path: data/late.csv, name: late-arrivals.xlsx}", logs=["data/late.csv"]),
        """Give it a `name:` that ends as the file does.""",
    ),
}
