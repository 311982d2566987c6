"""PM230 to PM235: workbooks that cannot be loaded, or only in part."""

from __future__ import annotations

from typing import Final

from pmsync.explanations.explanation import Explanation, explained, sources_example

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "PM230": explained(
        """The workbook has macros, or the name of one that has. ProcessMind does not take them, and programs
        do not belong into data.""",
        sources_example(
            """
            === data/events.xlsm (escaped)
            PK\\x03\\x04
            """,
            "data/events.xlsm",
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
}
