"""Proofs at full length: each module prints a JSON line for each metric, with its goal.

`make verify` runs all. A small sample of each is in tests/faults; docs/reliability.md has the last figures.
"""
