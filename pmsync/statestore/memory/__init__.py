"""A state kept in the memory of this process: what a store owes, and nothing of a disk."""

from pmsync.statestore.memory.store import MemoryStateStore

__all__ = ["MemoryStateStore"]
