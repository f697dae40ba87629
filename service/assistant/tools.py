"""What an assistant may do: each tool is one call of the API, under the caller's key and rights."""

from typing import Annotated, Any
from uuid import UUID

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from schemas.domains import DOMAINS
from schemas.introduction import IntroductionStatus
from schemas.vocabulary import PostingStatus, Side
from service.assistant.platform import Platform
from service.assistant.views import (
    DraftView,
    IntroductionsView,
    IntroductionView,
    MatchesView,
    MatchView,
    PostingsView,
    PostingView,
)
from service.assistant.wishes import NeedDraft, SearchFilters

Door = Context[Platform, Any]

# An assistant reads all that it is given.
_SUMMARY = 200

Cursor = Annotated[str | None, Field(description="上一页的 next_cursor。 `next_cursor` of the page before.")]


def platform_of(ctx: Door) -> Platform:
    return ctx.request_context.lifespan_context


def search_matches(
    ctx: Door,
    text: Annotated[
        str | None,
        Field(
            description="自由文本，不会发布。 A free text; it is posted nowhere.",
            examples=["棉田残膜机械化回收，要求回收率90%以上"],
        ),
    ] = None,
    looking_for: Annotated[
        Side, Field(description="用 text 查找时：找供给还是需求。 With `text`: what to look for.")
    ] = Side.capabilities,
    need_id: Annotated[
        UUID | None, Field(description="为这条需求找供给。 Find capabilities for this need.")
    ] = None,
    capability_id: Annotated[
        UUID | None, Field(description="为这项供给找需求。 Find needs for this capability.")
    ] = None,
    filters: Annotated[SearchFilters | None, Field(description="收窄范围。 What to narrow it by.")] = None,
    limit: Annotated[int, Field(ge=1, le=50)] = 5,
    cursor: Cursor = None,
) -> MatchesView:
    """查找匹配：按一段文字，或为一条需求、一项供给，返回排好序的对象、得分和理由。

    Search matches for a text, a need or a capability: best first, with scores and reasons. Give exactly one of
    `text`, `need_id` and `capability_id`. Tell the user the reasons, also those that speak against a match.
    """
    if sum(one is not None for one in (text, need_id, capability_id)) != 1:
        raise ToolError(
            "text、need_id、capability_id 只填一项。 Give exactly one of text, need_id and capability_id"
        )
    asked = (filters or SearchFilters()).model_dump(mode="json") | {"limit": limit, "cursor": cursor}
    platform = platform_of(ctx)
    if text is not None:
        answer = platform.post("/v1/matches", text=text, looking_for=looking_for, **asked)
    elif need_id is not None:
        answer = platform.get(f"/v1/needs/{need_id}/matches", **asked)
    else:
        answer = platform.get(f"/v1/capabilities/{capability_id}/matches", **asked)
    return MatchesView.model_validate({**answer, "items": [MatchView.of(item) for item in answer["items"]]})


def read_posting(
    ctx: Door,
    side: Annotated[Side, Field(description="needs 需求，capabilities 供给")],
    id: Annotated[UUID, Field(description="编号，见匹配结果。 As matches and lists give it.")],  # noqa: A002
) -> PostingView:
    """读取一条需求或供给的全文。联系方式不在其中。

    Read one need or capability in full. Contacts are never part of it.
    """
    return PostingView.of(side, platform_of(ctx).get(f"/v1/{side}/{id}"))


def list_own_postings(
    ctx: Door,
    side: Annotated[Side, Field(description="needs 需求，capabilities 供给")],
    status: Annotated[list[PostingStatus] | None, Field(description="任一状态。 Any of them.")] = None,
    limit: Annotated[int, Field(ge=1, le=50)] = 10,
    cursor: Cursor = None,
) -> PostingsView:
    """列出本单位的需求或供给，含草稿，新的在前。

    List the needs or capabilities of the caller's own organisation, drafts too, newest first, in short.
    """
    answer = platform_of(ctx).get(f"/v1/{side}", mine=True, status=status, limit=limit, cursor=cursor)
    return PostingsView(
        items=[PostingView.of(side, _in_short(posting)) for posting in answer["items"]],
        next_cursor=answer["next_cursor"],
    )


def draft_need(
    ctx: Door, need: Annotated[NeedDraft, Field(description="需求草稿。 What the user said of it.")]
) -> DraftView:
    """起草一条需求，只存为草稿，并说明还缺什么。发布由用户本人在平台上完成。

    Draft a need and say what is missing. It stays a draft, seen by nobody else: a person publishes it at the
    platform. Write only what the user said or agreed to; ask about what is missing instead of inventing it.
    """
    platform = platform_of(ctx)
    posted = platform.post("/v1/needs", **need.model_dump(mode="json"), publish=False)
    found = platform.get(f"/v1/needs/{posted['id']}/suggestions")
    return DraftView(
        posting=PostingView.of(Side.needs, posted),
        completeness=found["completeness"],
        missing=found["missing"],
        suggested_domains={key: DOMAINS[key].zh if key in DOMAINS else key for key in found["domains"]},
        suggested_keywords=found["keywords"],
        next_step=f"请用户在 {platform.address}/my 核对并发布。 The user checks and publishes it there.",
    )


def list_introductions(
    ctx: Door,
    status: Annotated[list[IntroductionStatus] | None, Field(description="任一状态。 Any of them.")] = None,
    need_id: Annotated[UUID | None, Field(description="只列这条需求的。 Of this need only.")] = None,
    capability_id: Annotated[
        UUID | None, Field(description="只列这项供给的。 Of this capability only.")
    ] = None,
    limit: Annotated[int, Field(ge=1, le=50)] = 10,
    cursor: Cursor = None,
) -> IntroductionsView:
    """列出本单位参与的对接及其进展，新的在前。

    List introductions that the caller's organisation has a part in, newest first.
    """
    answer = platform_of(ctx).get(
        "/v1/introductions",
        status=status,
        need_id=need_id,
        capability_id=capability_id,
        limit=limit,
        cursor=cursor,
    )
    return IntroductionsView(
        items=[IntroductionView.of(one) for one in answer["items"]], next_cursor=answer["next_cursor"]
    )


def read_introduction(
    ctx: Door,
    id: Annotated[UUID, Field(description="对接编号。 As the list gives it.")],  # noqa: A002
) -> IntroductionView:
    """读取一项对接。答复和查看联系方式由用户本人在平台上完成。

    Read one introduction. People answer it, and read contacts, at the platform itself.
    """
    return IntroductionView.of(platform_of(ctx).get(f"/v1/introductions/{id}"))


def _in_short(posting: dict[str, Any]) -> dict[str, Any]:
    long = {"description", "wanted_result", "partner_wish", "indicators"}
    kept = {name: value for name, value in posting.items() if name not in long}
    return {**kept, "summary": posting["description"][:_SUMMARY]}
