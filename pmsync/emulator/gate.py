"""A request under faults: the shell that strikes it at its phases.

Stands between the HTTP server and a host. The one phase it cannot see from there, `before-commit`, the host
announces itself by `before_commit`.
"""

import asyncio
from typing import Any, Final, assert_never

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pmsync.emulator.endpoints import Phase
from pmsync.emulator.faultactions import (
    Answer,
    DelayedCommit,
    Drip,
    Drop,
    ExpireUrl,
    Hang,
    InconsistentListing,
    Lag,
    Mutate,
    Pause,
    Redirect,
    Remember,
    Reset,
    S3Error,
    ShortListing,
    StaleListing,
)
from pmsync.emulator.faults import Fault
from pmsync.emulator.history import Exchange
from pmsync.emulator.holding import Held, Rest, Verdict
from pmsync.emulator.line import Line, wire_bytes
from pmsync.emulator.listings import inconsistent, listed, shortened, with_entries
from pmsync.emulator.messages import BodyAhead, Outgoing, Silence
from pmsync.emulator.mutations import mutate
from pmsync.emulator.s3errors import Refused, error_answer
from pmsync.emulator.script import Script
from pmsync.emulator.surface import MARK

_GATE: Final = "pmsync.gate"
_PAUSED_BODY: Final = 1 << 20
"""Bytes of a body that arrive before a pause is told of, so that what it holds up is a whole request."""

_Altering = StaleListing | ShortListing | InconsistentListing
_Interfering = Mutate | Remember | Lag | ExpireUrl | _Altering


class Gate:
    """One request that faults strike, or whose answer they change."""

    def __init__(self, script: Script, exchange: Exchange, faults: list[Fault], *, line: Line) -> None:
        self._script = script
        self._exchange = exchange
        self._faults = faults
        self._line = line
        self._rest = Rest()
        self._outgoing = Outgoing()
        self._unsent = b""

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_GATE] = self
        body = BodyAhead(receive)
        try:
            first = await self._receive(scope, body)
            await (first or app)(scope, body.receive, self._outgoing.take)
        except Exception:
            await self._answer(scope, send)  # the emulator's own failure, which the server prints
            raise
        await self._answer(scope, send)

    def close(self) -> None:
        """The request is over."""
        self._rest.begin()

    async def reach(self, phase: Phase, scope: Scope) -> Response | None:
        """Let the faults of a phase strike; an answer, if the request ends here."""
        self._exchange.phase = phase
        for fault in self._faults:
            if fault.moment == phase and (ended := await self._strike(fault, scope)):
                return ended
        return None

    async def _receive(self, scope: Scope, body: BodyAhead) -> Response | None:
        for fault in self._faults:
            if fault.moment == "receive":
                at_least = _PAUSED_BODY if isinstance(fault.action, Pause) else 0
                await body.take(at_least if fault.after_bytes is None else fault.after_bytes)
        return await self.reach("receive", scope)

    async def _answer(self, scope: Scope, send: Send) -> None:
        if self._outgoing.status is None:
            return
        if ended := await self.reach("after-commit", scope):
            self._outgoing = Outgoing()
            await ended(scope, _nothing, self._outgoing.take)
        if self._script.is_hiding(self._exchange):
            self._change_entries(None)
        if self._outgoing.status is None or not self._line.is_open:
            return  # nobody is there to be answered
        self._outgoing.headers.append(MARK)
        self._exchange.status = self._outgoing.status
        if any(fault.moment == "mid-response" for fault in self._faults):
            await self._answer_in_parts(scope)
        else:
            self._exchange.phase = "mid-response"
            await self._outgoing.send(send)

    async def _answer_in_parts(self, scope: Scope) -> None:
        """Half of the body first, or half of the head where there is no body."""
        answer = self._outgoing
        body = b"" if scope["method"] == "HEAD" else bytes(answer.body)
        wire = wire_bytes(answer.status or 0, answer.headers, body)
        sent = len(wire) - (len(body) + 1) // 2 if body else len(wire) // 2
        drip = next((f for f in self._faults if isinstance(f.action, Drip)), None)
        self._unsent = wire if drip else wire[sent:]
        self._line.write(b"" if drip else wire[:sent])
        if await self.reach("mid-response", scope) is None:
            self._line.write(self._unsent)
            self._line.drop()

    async def _strike(self, fault: Fault, scope: Scope) -> Response | None:
        self._exchange.faults.append(fault.name)
        action = fault.action
        match action:
            case Drop():
                self._line.drop()
                return Silence()
            case Reset():
                self._line.reset()
                return Silence()
            case Hang() | Pause() | DelayedCommit() | Drip():
                return await self._hold(action, fault.moment)
            case Answer() | S3Error() | Redirect():
                return self._instead(action)
            case _:
                self._interfere(action, scope)
                return None

    async def _hold(self, action: Hang | Pause | DelayedCommit | Drip, phase: Phase) -> Response | None:
        match action:
            case Pause():
                held = self._script.pause(self._exchange, phase, self._rest)
                return self._ended(await self._verdict(held))
            case DelayedCommit():
                held = self._script.delay(action.seconds, self._rest)  # known before the client can see it
                self._line.drop()
                return self._ended(await self._verdict(held))
            case Hang():
                self._line.take_over()
                held = self._script.hang(self._rest)
                return self._ended(await self._verdict_or_gone(held)) or Silence()
            case Drip():
                return await self._drip(action.seconds)
            case _:
                assert_never(action)

    async def _drip(self, seconds: float) -> Response | None:
        held = self._script.hang(self._rest)
        while self._unsent:
            self._line.write(self._unsent[:1])
            self._unsent = self._unsent[1:]
            if self._unsent and (verdict := await self._verdict_or_gone(held, within=seconds)):
                return self._ended(verdict)
        self._script.let_go(held)
        return None

    async def _verdict(self, held: Held) -> Verdict:
        verdict = await held.verdict()
        self._script.let_go(held)
        return verdict

    async def _verdict_or_gone(self, held: Held, *, within: float | None = None) -> Verdict | None:
        """None where the time was up first; a client that has left counts as dropped."""
        verdict, gone = asyncio.ensure_future(held.verdict()), asyncio.ensure_future(self._line.gone())
        done, rest = await asyncio.wait({verdict, gone}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
        if done:
            self._script.let_go(held)
        return verdict.result() if verdict in done else "drop" if gone in done else None

    def _ended(self, verdict: Verdict | None) -> Response | None:
        match verdict:
            case "drop":
                self._line.drop()
                return Silence()
            case "stop":
                self._line.end()
                return Silence()
            case "release" | None:
                return None
            case _:
                assert_never(verdict)

    def _instead(self, action: Answer | S3Error | Redirect) -> Response:
        match action:
            case Answer(body=None):
                return Response(status_code=action.status, headers=action.headers)
            case Answer():
                return JSONResponse(action.body, action.status, action.headers)
            case S3Error():
                refused = Refused(action.status, action.code, action.message)
                return error_answer(refused, self._exchange.sequence)
            case Redirect():
                return Response(status_code=action.status, headers={"location": action.url})
            case _:
                assert_never(action)

    def _interfere(self, action: _Interfering, scope: Scope) -> None:
        """What leaves the request on its way."""
        match action:
            case Mutate():
                _, _, tenant_id, *_ = *self._exchange.path.split("/"), "", ""  # on both hosts
                mutate(self._script.world, action, tenant_id=tenant_id)
            case Remember():
                self._script.remember(action.moment)
            case Lag():
                self._script.hide(self._exchange.made, action)
            case ExpireUrl():
                self._script.expire(self._upload_path(scope))
            case StaleListing() | ShortListing() | InconsistentListing():
                self._change_entries(action)
            case _:
                assert_never(action)

    def _change_entries(self, action: _Altering | None) -> None:
        """Let the listing show something else; without an action, what lags is left out."""
        content: Any = self._outgoing.content if self._outgoing.body else None
        entries = listed(content)
        if entries is None:
            return
        match action:
            case StaleListing():
                entries = self._script.stale(action, self._exchange, now=entries)
            case ShortListing():
                entries = shortened(entries, action)
            case InconsistentListing():
                entries = inconsistent(entries, action)
            case None:
                entries = self._script.shown(entries)
            case _:
                assert_never(action)
        self._outgoing.put(with_entries(content, entries))

    def _upload_path(self, scope: Scope) -> str:
        """The path of the upload URL that was used, or is just being issued."""
        if self._exchange.host == "bucket":
            return bytes(scope["raw_path"]).decode("ascii")
        url: str = self._outgoing.content.get("PreSignedUploadUrl", "")
        return "/" + url.partition("?")[0].partition("://")[2].partition("/")[2]


async def before_commit(scope: Scope, exchange: Exchange) -> Response | None:
    """Tell that a request is read and allowed in, and is about to do what it asks for.

    An answer, if it ends here.
    """
    exchange.phase = "before-commit"
    gate: Gate | None = scope.get(_GATE)
    return await gate.reach("before-commit", scope) if gate else None


async def _nothing() -> dict[str, Any]:
    return {"type": "http.disconnect"}
