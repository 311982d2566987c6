"""Invents the event logs of the examples: processes with variants, rework, people and office hours."""
