"""What each code of `pmsync.diagnostics.CODES` means, an example that gives it, and what to do.

Loaded by `pmsync explain` and its page alone. Knows nothing of how a problem is found or shown.
"""
