"""Putting files where a task says: from the disk, opened anew and checked, or bytes that are on none.

Part of the composition root; it must not know when anything is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pmsync.engine.sweeping import PutBytes
    from pmsync.engine.tools import Send
    from pmsync.model.source import SourceFile
    from pmsync.tenant.body import Listener, UploadTask
    from pmsync.tenant.client import TenantWriter
    from pmsync.tenant.uploads import Uploader


def sending(root: str, source_roots: tuple[str, ...], *, urls: TenantWriter, uploader: Uploader) -> Send:
    """What puts one source file: opened anew below the project or a source root, checked, sent, verified."""
    from pmsync.sources import opener  # noqa: PLC0415
    from pmsync.tenant.uploads import upload  # noqa: PLC0415

    open_planned = opener(root, source_roots)

    def send(task: UploadTask, file: SourceFile, listener: Listener) -> object:
        with open_planned(file) as body:
            return upload(task, body, urls=urls, uploader=uploader, listener=listener)

    return send


def putting(urls: TenantWriter, uploader: Uploader) -> PutBytes:
    """What puts bytes."""
    from pmsync.tenant.body import InMemory  # noqa: PLC0415
    from pmsync.tenant.uploads import upload  # noqa: PLC0415

    def put(task: UploadTask, content: bytes) -> object:
        return upload(task, InMemory(content), urls=urls, uploader=uploader)

    return put
