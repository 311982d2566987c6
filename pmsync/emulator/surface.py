"""The emulator's own surface: its version, where its control endpoints stand, the mark on its answers."""

from typing import Final

VERSION: Final = "1"
"""Of the emulator's own surface: the settings, the control endpoints, the history."""

CONTROL: Final = "/_pmsync/"
"""What stands below this path is about the emulator, not the tenant, and leaves no trace in the history."""

MARK: Final = (b"x-pmsync-emulator", VERSION.encode())
"""The header that every answer bears."""
