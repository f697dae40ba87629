"""The operators' desk: what waits for them, with what they may do about it beside it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlmodel import Session

from schemas.base import Remark
from schemas.challenge import ChallengeStatus
from schemas.target import LAST_YEAR, TargetValueSet
from schemas.vocabulary import PostingStatus, Side
from schemas.webhook import Redeliver
from service.access import organizations as accounts
from service.access.principal import Permission
from service.challenges import amendments as challenge_amendments
from service.challenges.challenges import ChallengeQuery, list_challenges
from service.embeds import site_keys as embeds
from service.http.dependencies import SessionDep
from service.notices import webhooks
from service.platform.locales import messages_of
from service.portal.field_errors import by_field
from service.portal.findings import findings_of
from service.portal.pages import PageLanguageDep, render
from service.portal.sessions import SenderDep, SentFormDep, SignedIn, SignedInDep
from service.postings import access as posting_access
from service.postings import actions as postings
from service.postings.lists import CapabilityQuery, NeedQuery, list_capabilities, list_needs
from service.statistics import desk, targets
from service.statistics.transfers import TransferQuery, list_transfers
from service.trust import standing as organization_standing
from service.trust import vetoes

router = APIRouter(include_in_schema=False, prefix="/desk")

_MOST = 50
# What goes on only when an operator, or somebody whom an operator reminds, has done something.
_WAITING = [
    ChallengeStatus.review,
    ChallengeStatus.evaluating,
    ChallengeStatus.awarded,
    ChallengeStatus.acceptance,
]


@router.get("")
def desk_page(request: Request, session: SessionDep, visitor: SignedInDep) -> HTMLResponse:
    return show_desk(request, session, visitor)


@router.post("/organizations/{organization_id}/verify")
def verify(session: SessionDep, visitor: SenderDep, organization_id: UUID) -> Response:
    accounts.verify_organization(session, visitor.principal, organization_id)
    return _back("organizations")


@router.post("/work/{message_id}/now")
def try_now(session: SessionDep, visitor: SenderDep, message_id: UUID) -> Response:
    desk.try_now(session, visitor.principal, message_id)
    return _back("failed")


@router.post("/embeds/{embed_id}/revoke")
def revoke(session: SessionDep, visitor: SenderDep, embed_id: UUID) -> Response:
    visitor.principal.require(Permission.organization_manage)
    embeds.revoke_embed(session, visitor.principal, embed_id)
    return _back("embeds")


@router.post("/webhooks/{webhook_id}/redeliver")
def redeliver(session: SessionDep, visitor: SenderDep, webhook_id: UUID) -> Response:
    visitor.principal.require(Permission.webhook_manage_all)
    webhooks.redeliver(session, visitor.principal, webhook_id, Redeliver())
    return _back("webhooks")


@router.post("/targets/{target_id}")
def enter_figure(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    form: SentFormDep,
    language: PageLanguageDep,
    target_id: UUID,
) -> Response:
    """Enter what was counted in a year; an empty figure takes it away."""
    target = targets.access_target(session, visitor.principal, target_id)
    _ = messages_of(language).gettext
    year, value = str(form.get("year") or "").strip(), str(form.get("value") or "").strip()
    body: TargetValueSet | None = None
    wrong: dict[str, str] = {}
    if year not in {str(one) for one in range(target.first_year, LAST_YEAR + 1)}:
        wrong["year"] = _("请填写规划期内的年份。")
    if value:
        try:
            body = TargetValueSet.model_validate({"value": value, "source": str(form.get("source") or "")})
        except ValidationError as error:
            wrong |= by_field(error.errors(), language)
    if wrong:
        return show_desk(request, session, visitor, status=422, wrong={target_id: wrong}, typed=form)
    if body is None:
        targets.forget_value(session, visitor.principal, target, int(year))
    else:
        targets.set_value(session, visitor.principal, target, int(year), body)
    return _back("targets")


# Last, since it would take the others' addresses for a side.
@router.post("/{side}/{posting_id}/{verb}")
def review(
    session: SessionDep,
    visitor: SenderDep,
    side: Side,
    posting_id: UUID,
    verb: Literal["publish", "reject", "index"],
    reason: Annotated[Remark, Form()] = "",
) -> Response:
    """Publish or return a posting that was handed in; or try again to index one."""
    caller = visitor.principal
    caller.require(Permission.posting_review)
    if verb == "index":
        desk.index_again(session, caller, side, posting_id)
        return _back("failed")
    posting = posting_access.access_own_posting(session, caller, posting_access.TABLES[side], posting_id)
    # What a second click finds done already stays as it is.
    if verb == "publish" and posting.status is not PostingStatus.published:
        postings.publish(session, caller, posting)
    elif verb == "reject" and posting.status is not PostingStatus.rejected:
        postings.reject(session, caller, posting, reason.strip())
    return _back("review")


def show_desk(
    request: Request,
    session: Session,
    visitor: SignedIn,
    *,
    status: int = 200,
    wrong: dict[UUID, dict[str, str]] | None = None,
    veto_wrong: tuple[str, str] | None = None,
    standing_wrong: tuple[str, str] | None = None,
    typed: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    caller = visitor.principal
    caller.require(Permission.posting_review)
    submitted: dict[str, Any] = {"status": ["submitted"], "limit": _MOST}
    review: dict[Side, list[Any]] = {
        Side.needs: [*list_needs(session, caller, NeedQuery(**submitted)).items],
        Side.capabilities: [*list_capabilities(session, caller, CapabilityQuery(**submitted)).items],
    }
    # One that was merged into another waits for nobody.
    waiting = accounts.OrganizationQuery(verified=False, limit=_MOST)
    listed = accounts.list_organizations(session, caller, waiting).items
    unverified = [one for one in listed if one.merged_into is None]
    return render(
        request,
        "desk.html",
        status=status,
        visitor=visitor,
        review=review,
        challenges=list_challenges(session, caller, ChallengeQuery(status=_WAITING, limit=_MOST)).items,
        amendments=challenge_amendments.waiting(session, caller, _MOST),
        findings={one.id: findings_of(one.leaks, one) for found in review.values() for one in found},
        vetoes=vetoes.list_vetoes(session, caller, vetoes.VetoQuery(limit=_MOST)).items,
        veto_wrong=veto_wrong,
        organizations=unverified,
        alike=organization_standing.look_alikes(session, caller, [one.id for one in unverified]),
        suspended=organization_standing.list_suspended(session, caller, _MOST),
        standing_wrong=standing_wrong,
        imports=desk.recent_imports(session, caller),
        failed_postings=desk.failed_postings(session, caller),
        failed_work=desk.failed_work(session, caller),
        dead_letters=webhooks.dead_letters(session, caller),
        embeds=embeds.list_embeds(session, caller),
        targets=targets.list_targets(session, caller),
        transfers=list_transfers(session, caller, TransferQuery(limit=_MOST)),
        wrong=wrong or {},
        typed=typed or {},
    )


def _back(section: str) -> RedirectResponse:
    return RedirectResponse(f"/desk#{section}", 303)
