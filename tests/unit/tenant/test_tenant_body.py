from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import pytest

from pmsync.errors import PmsyncError, Refused, StalePlan
from pmsync.tenant.body import BLOCK, Listener, SendingBody, UploadTask


class Opened:
    """A file in memory, as the upload sees one."""

    def __init__(self, data: bytes, *, size: int | None = None, short: int | None = None) -> None:
        self._stream = io.BytesIO(data)
        self._size = len(data) if size is None else size
        self._short = short
        self.rewinds = 0

    @property
    def size(self) -> int:
        return self._size

    def read(self, count: int, /) -> bytes:
        return self._stream.read(min(count, self._short or count))

    def rewind(self) -> None:
        self.rewinds += 1
        self._stream.seek(0)


def task_for(data: bytes) -> UploadTask:
    return UploadTask(
        datatable_id="x",
        dataset_id="d",
        name="a.csv",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        mtime_ms=0,
    )


@pytest.fixture
def executor():
    with ThreadPoolExecutor(2) as pool:
        yield pool


def sending(data: bytes, planned: bytes, executor=None, **options) -> tuple[SendingBody, list[int]]:
    counts: list[int] = []
    body = SendingBody(
        Opened(data, **options),
        task_for(planned),
        listener=Listener(on_bytes=counts.append),
        executor=executor,
    )
    return body, counts


def drain(body: SendingBody) -> bytes:
    parts = []
    while part := body.read(BLOCK):
        parts.append(part)
    return b"".join(parts)


SMALL, LARGE = b"case,activity\n1,a\n", bytes(range(256)) * 4096 * 3 + b"tail"


@pytest.mark.parametrize("data", [SMALL, b"x" * BLOCK, b"x" * (BLOCK + 1), LARGE], ids=len)
@pytest.mark.parametrize("short", [None, 65536])
def test_all_bytes_go_out_and_are_hashed(executor, data, short):
    body, counts = sending(data, data, executor, short=short)
    assert drain(body) == data
    assert body.whole
    assert body.sent == sum(counts) == len(data)
    assert body.md5() == hashlib.md5(data).hexdigest()


def test_a_body_starts_at_the_beginning_of_the_file():
    opened = Opened(SMALL)
    opened.read(5)
    body = SendingBody(opened, task_for(SMALL), listener=Listener(), executor=None)
    assert drain(body) == SMALL
    assert opened.rewinds == 1


@pytest.mark.parametrize("planned", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize(
    ("change", "how"),
    [
        (lambda data: data + b"x", "it grew"),
        (lambda data: data + b"x" * (3 * BLOCK), "it grew"),
        (lambda data: data[:-1], "it shrank"),
        (lambda data: data[: len(data) // 2], "it shrank"),
        (lambda data: b"X" + data[1:], "other bytes"),
        (lambda data: data[:-1] + b"X", "other bytes"),
    ],
)
def test_another_content_is_found_before_the_last_block_goes_out(executor, planned, change, how):
    data = change(planned)
    body, _ = sending(data, planned, executor)
    parts = []

    def read_all():
        while part := body.read(BLOCK):
            parts.append(part)

    with pytest.raises(StalePlan, match=how) as caught:
        read_all()
    assert sum(map(len, parts)) < len(planned)
    assert not body.whole
    assert caught.value.where == "a.csv"


def test_a_file_that_became_empty_is_never_whole():
    body, _ = sending(b"", SMALL)
    with pytest.raises(StalePlan, match="it is empty"):
        body.read(BLOCK)
    assert not body.whole


def test_a_file_that_cannot_be_read_is_our_own_error():
    class Broken(Opened):
        def read(self, count: int, /) -> bytes:
            raise OSError(5, "Input/output error", "a-path-of-the-machine")

    body = SendingBody(Broken(SMALL), task_for(SMALL), listener=Listener(), executor=None)
    with pytest.raises(PmsyncError, match="Input/output error") as caught:
        body.read(BLOCK)
    assert "a-path" not in str(caught.value)
    assert caught.value.__context__ is None


def test_progress_is_taken_back_once_an_attempt_came_to_nothing():
    body, counts = sending(SMALL, SMALL)
    body.take_back()
    assert counts == []
    drain(body)
    body.take_back()
    assert sum(counts) == 0


def test_an_md5_that_is_not_wanted_is_not_computed(executor):
    body = SendingBody(Opened(LARGE), task_for(LARGE), listener=Listener(), executor=executor, md5=False)
    drain(body)
    assert body.md5() is None


@pytest.mark.parametrize("data", [SMALL, b"x" * BLOCK, b"x" * (BLOCK + 1), LARGE], ids=len)
def test_the_last_block_waits_until_whoever_listens_has_noted_it(executor, data):
    out: list[bytes] = []
    noted: list[int] = []
    listener = Listener(before_last=lambda: noted.append(sum(map(len, out))))
    body = SendingBody(Opened(data), task_for(data), listener=listener, executor=executor)
    while part := body.read(BLOCK):
        out.append(part)
    assert noted == [len(data) - len(out[-1])]


def test_of_a_file_that_is_not_the_planned_one_no_last_block_is_noted(executor):
    noted: list[str] = []
    listener = Listener(before_last=lambda: noted.append("last"))
    body = SendingBody(Opened(LARGE[::-1]), task_for(LARGE), listener=listener, executor=executor)
    with pytest.raises(StalePlan):
        drain(body)
    assert noted == []


def test_what_cannot_be_noted_is_not_sent(executor):
    def refuses() -> None:
        raise Refused("the disk is full")

    body = SendingBody(
        Opened(SMALL), task_for(SMALL), listener=Listener(before_last=refuses), executor=executor
    )
    with pytest.raises(Refused):
        body.read(BLOCK)
    assert body.sent == 0
    assert not body.whole
