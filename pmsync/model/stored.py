"""What a state says about itself where it is kept in a remote store. Must not know how it is stored there."""

from __future__ import annotations

from pmsync.model.written import Count, Sha256, Uuid, Written


class HeadLease(Written, frozen=True, kw_only=True):
    """Who may change a state that is kept in a remote store: drawn `nonce`, address of the `run`.

    It ends `ttl` seconds after its last beat was seen; `beats` counts them.
    """

    nonce: Uuid
    run: str
    ttl: Count
    beats: Count = 0


class StoredFile(Written, frozen=True, kw_only=True):
    """Something that is kept beside the state under the hash of its content."""

    sha256: Sha256
    size: Count
