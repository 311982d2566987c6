"""The command line: parse, build, call, show, exit code. The home of click.

Nothing heavy is imported at the top of any module here: `--help`, `--version` and completion must answer at
once. A command imports what it needs when it runs.
"""

import sys

if sys.platform == "win32":
    from pmsync.cli.windows import main
else:
    from pmsync.cli.main import main

__all__ = ["main"]
