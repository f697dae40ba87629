"""Failures a client can act on, told as RFC 9457 problems in the caller's language."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar

import structlog
from pydantic import BaseModel

from schemas.wording import Wording
from service.platform.messages import said
from service.platform.terminal_language import said as said_here
from service.platform.unable import Unable
from service.platform.validation_messages import told

log = structlog.get_logger()


class FieldProblem(BaseModel):
    pointer: str
    code: str
    message: str


class ProblemShown(BaseModel):
    """RFC 9457. ``type`` is stable; ``errors`` says where in the request, and why."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[FieldProblem] = []


class Problem(Unable):
    """A failure that the client can act on. Anything else is a bug, and stays a 500."""

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    type: ClassVar[str] = "bad-request"
    title: ClassVar[Wording] = Wording("请求无法处理", "The request cannot be handled")
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, detail: Wording | None = None, **more: Any) -> None:
        super().__init__((detail or self.title).said("en"))
        self.detail = detail
        self.more = more

    def told(self) -> str:
        return said_here(self.detail or self.title)


class Unauthorized(Problem):
    status, type = HTTPStatus.UNAUTHORIZED, "unauthorized"
    title = Wording("需要有效的密钥", "A valid API key is needed")
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    status, type = HTTPStatus.FORBIDDEN, "forbidden"
    title = Wording("您的角色无权进行此操作", "Your role may not do this")


class NotThere(Problem):
    """Not there, or not the caller's: the two look the same."""

    status, type = HTTPStatus.NOT_FOUND, "not-found"
    title = Wording("未找到", "Not found")


class WrongState(Problem):
    status, type = HTTPStatus.CONFLICT, "wrong-state"
    title = Wording("当前状态下不能进行此操作", "Not possible in the present state")


class Conflict(Problem):
    status, type = HTTPStatus.CONFLICT, "conflict"
    title = Wording("与已有的内容冲突", "Conflicts with what is there")


class VersionChanged(Problem):
    status, type = HTTPStatus.PRECONDITION_FAILED, "version-changed"
    title = Wording("内容已被他人修改，请重新读取", "It was changed meanwhile; read it again")


class TooLarge(Problem):
    status, type = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"
    title = Wording("内容过大", "Too large")


class TooSlow(Problem):
    status, type = HTTPStatus.REQUEST_TIMEOUT, "too-slow"
    title = Wording("请求发送过慢，请重新发送", "The request came too slowly; send it again")
    # Else the rest of it would be taken for the next request.
    headers: ClassVar[dict[str, str]] = {"Connection": "close"}


class Busy(Problem):
    status, type = HTTPStatus.SERVICE_UNAVAILABLE, "busy"
    title = Wording("服务繁忙，请稍后再试", "The service is busy; try again shortly")
    headers: ClassVar[dict[str, str]] = {"Retry-After": "10"}


class TooMany(Problem):
    status, type = HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests"
    title = Wording("请求过于频繁，请稍后再试", "Too many requests; try again shortly")
    headers: ClassVar[dict[str, str]] = {"Retry-After": "60"}

    def __init__(self, seconds: int | None = None) -> None:
        super().__init__()
        if seconds is not None:
            self.headers = {"Retry-After": str(seconds)}  # type: ignore[misc]


class Unfit(Problem):
    """The request does not fit; ``errors`` says where."""

    status, type = HTTPStatus.UNPROCESSABLE_ENTITY, "unfit"
    title = Wording("提交的内容不符合要求", "The request does not fit")

    def __init__(self, pointer: str, code: str, message: Wording) -> None:
        super().__init__(message)
        self.pointer, self.code, self.message = pointer, code, message


def why(problem: Problem, language: str) -> str:
    """What is the matter, as a page tells it: in one sentence, in its reader's language."""
    return said(problem.detail or problem.title, language)


def as_pointer(location: Sequence[str | int]) -> str:
    """A JSON pointer (RFC 6901) into the body, or ``query/name`` and the like outside of it."""
    first, *rest = location or ("body",)
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in rest]
    pointer = "".join(f"/{part}" for part in parts)
    pointer = pointer if first == "body" else f"{first}{pointer}"
    # A field name may hold a lone surrogate, which no reply could be encoded with.
    return pointer.encode("utf-8", "backslashreplace").decode()


def field_problems(errors: Sequence[Any], language: str) -> list[FieldProblem]:
    return [
        FieldProblem(pointer=as_pointer(error["loc"]), code=error["type"], message=told(error, language))
        for error in errors
    ]
