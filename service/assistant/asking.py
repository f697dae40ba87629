"""Asking for an introduction. It reaches people, so a person has to agree to it first."""

from typing import Annotated, Any
from uuid import UUID

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Elicit, Resolve
from pydantic import BaseModel, Field

from schemas.vocabulary import Side
from service.assistant.tools import Door, platform_of
from service.assistant.views import AskedView, IntroductionView, PostingView


class Consent(BaseModel):
    send: bool = Field(
        title="发出对接请求 / Send the request", description="不勾选则不发出。 Unticked, nothing is sent."
    )


def ask_the_person(
    ctx: Door, need_id: UUID, capability_id: UUID, message: str, confirm: bool
) -> Consent | Elicit[Consent]:
    """The person at the client, where it can put a question to them; the assistant's word for it elsewhere."""
    if not _can_ask(ctx):
        return Consent(send=confirm)
    need, capability = _both(ctx, need_id, capability_id)
    return Elicit(
        f"向对方发出对接请求？ Send this request to the other side?\n"
        f"需求 need：{_named(need)}\n供给 capability：{_named(capability)}\n附言 message：{message or '—'}",
        Consent,
    )


def ask_introduction(
    ctx: Door,
    need_id: Annotated[UUID, Field(description="需求编号。")],
    capability_id: Annotated[UUID, Field(description="供给编号。")],
    answer: Annotated[ElicitationResult[Consent], Resolve(ask_the_person)],
    message: Annotated[
        str,
        Field(
            description="对方首先看到的附言，经用户同意；其中的联系方式会被隐去。 "
            "What the other side reads first, as the user agreed to it; contacts are taken out.",
            examples=["贵单位的视觉分级机与我们的需求吻合，希望进一步了解处理能力和价格。"],
        ),
    ] = "",
    confirm: Annotated[  # noqa: ARG001 - ask_the_person reads it by this name
        bool,
        Field(
            description="用户已看过内容并明确同意。能直接询问用户的客户端仍会再问一次。 "
            "True only after the user has seen what is sent and agreed. Clients that can ask the user ask all the same."
        ),
    ] = False,
) -> AskedView:
    """申请对接：会通知对方的工作人员，发出后对方即可看到。须经用户明确同意。

    Ask for an introduction. It notifies people of the other side at once, so the user must agree first: call it
    without `confirm` to see what would be sent, show that to the user, and call it again with `confirm` true. One of
    the two postings must be of the caller's organisation (brokers and operators may propose two others), and both
    published. Contacts are revealed at the platform after both sides have agreed, never here.
    """
    if not (isinstance(answer, AcceptedElicitation) and answer.data.send):
        need, capability = _both(ctx, need_id, capability_id)
        return AskedView(
            sent=False,
            next_step="用户没有同意，未发出。 The user did not agree; nothing was sent."
            if _can_ask(ctx)
            else "未发出。请先给用户看将要发出的内容，得到同意后以 confirm=true 再次调用。 "
            "Nothing was sent. Show the user what would be sent; after they agree call again with confirm=true.",
            need=PostingView.of(Side.needs, need),
            capability=PostingView.of(Side.capabilities, capability),
        )
    made = platform_of(ctx).post(
        "/v1/introductions", need_id=str(need_id), capability_id=str(capability_id), message=message
    )
    return AskedView(
        sent=True,
        next_step="已发出，等待对方答复。 Sent; the other side has to answer.",
        introduction=IntroductionView.of(made),
    )


def _can_ask(ctx: Door) -> bool:
    """Whether the client said that it can show the person a form."""
    capabilities = ctx.client_capabilities
    asking = capabilities.elicitation if capabilities else None
    # An empty capability is a form: there was nothing else before there were addresses.
    return asking is not None and (asking.form is not None or asking.url is None)


def _both(ctx: Door, need_id: UUID, capability_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    platform = platform_of(ctx)
    return platform.get(f"/v1/needs/{need_id}"), platform.get(f"/v1/capabilities/{capability_id}")


def _named(posting: dict[str, Any]) -> str:
    """On one line: a title with line breaks could pass for another part of the question."""
    return " ".join(f"{posting['title']}（{posting['organization']['name']}）".split())
