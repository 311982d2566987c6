"""Manifest, state and snapshot -> plan. Pure: no clock, no file, no socket, and no rendering."""
