"""Excel workbooks as sources: which records and columns the first sheet holds.

A workbook is a program's private memory in a file: what reads it can be made to take any amount of memory
and time, and a fault of a library in another language ends the process. So a child process reads it, under
limits that the operating system holds, and answers with a few numbers and names. Nothing a file holds can
end pmsync, and the child is given nothing worth stealing: no environment, no file by name, no network.
This room must not know where the bytes come from.
"""

from pmsync.sources.workbook.reader import Sheet, WorkbookReader, is_workbook

__all__ = ["Sheet", "WorkbookReader", "is_workbook"]
