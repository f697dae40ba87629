"""What endpoints ask FastAPI for: the session of the request, who calls, and the index."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from anyio import Semaphore, fail_after
from anyio.lowlevel import RunVar
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session

from schemas.wording import Wording
from service.access.principal import Principal, principal_for
from service.access.scopes import scope_of
from service.http import rate_limits
from service.http.callers import caller_address, for_this_caller
from service.matches.live_index import LiveIndex
from service.platform.db import transaction
from service.platform.problems import Busy, Unauthorized
from service.platform.settings import settings

_turns: RunVar[Semaphore] = RunVar("turns")


async def _turn() -> AsyncIterator[None]:
    """Wait here, on no thread, until there is a connection to be had.

    A request gives its thread back between one dependency and the next, and keeps its connection. Let in without
    end, those that wait for a connection hold all threads, and those that have one wait for a thread.
    """
    turns = _turns.get(None)
    if turns is None:
        turns = Semaphore(settings().api_threads)
        _turns.set(turns)
    try:
        with fail_after(settings().wait_seconds):
            await turns.acquire()
    except TimeoutError:
        raise Busy from None
    try:
        yield
    finally:
        turns.release()


def _request_transaction(_: Annotated[None, Depends(_turn, scope="function")]) -> Iterator[Session]:
    with transaction() as session:
        yield session


# By default FastAPI ends a dependency after the reply has left, so that a commit that failed was
# still a 201. With this scope the commit comes first.
SessionDep = Annotated[Session, Depends(_request_transaction, scope="function")]


_bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer <API key>`")


def _principal(
    request: Request,
    session: SessionDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Principal:
    for_this_caller(request)
    if credentials is None:
        raise Unauthorized(
            Wording("请在请求头中提供 Authorization: Bearer <密钥>", "Send Authorization: Bearer <key>")
        )
    try:
        principal = principal_for(session, credentials.credentials)
    except Unauthorized:
        rate_limits.count_unknown_key(request)
        raise
    principal.require_address(caller_address(request))
    principal.require_scope(scope_of(request.method, request.scope["route"].path))
    rate_limits.count(request, principal.key_id)
    return principal


PrincipalDep = Annotated[Principal, Depends(_principal)]


def _live_index(request: Request) -> LiveIndex:
    index: LiveIndex = request.app.state.index
    return index


LiveIndexDep = Annotated[LiveIndex, Depends(_live_index)]
