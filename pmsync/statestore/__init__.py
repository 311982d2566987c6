"""What pmsync remembers, kept on a disk: the format, the journal and the local store.

This room must not know what a tenant shows, what a manifest wants, or why a record is written.
"""
