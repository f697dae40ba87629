"""评榜: reviewers, what may bind them, their sheets, and the ranking that comes of them."""

from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from schemas.account import ApiKey, Organization
from schemas.base import now
from schemas.bid import BidMember
from schemas.bid_review import (
    BidReviewer,
    BidSheet,
    Declaration,
    RecusalReason,
    ReviewerAsk,
    ReviewerShown,
    ReviewsShown,
    SheetShown,
    SheetWrite,
)
from schemas.challenge import Challenge, ChallengeStatus
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access import audit
from service.access.briefs import briefs_of
from service.access.integrity import Vetoed, veto_in_force
from service.access.principal import Principal
from service.access.workflow import Part
from service.challenges.bid_ranking import ranking_of, tie_rule, total_of
from service.challenges.challenges import access_challenge
from service.challenges.score_sheets import counted, is_complete, reviewed_bids, reviewers_of, sheets_of
from service.notices.feed import notify
from service.platform.messages import said
from service.platform.problems import Conflict, NotThere, Unfit


class Bound(Conflict):
    """Something binds the reviewer to one side."""

    type = "reviewer-bound"
    title = Wording("评审人存在利益冲突", "The reviewer has a conflict of interest")


class SheetsIn(Conflict):
    type = "sheets-in"
    title = Wording("评分已全部收齐，不能再改", "All sheets are in, and stay as they are")


def assign(session: Session, caller: Principal, challenge_id: UUID, body: ReviewerAsk) -> BidReviewer:
    """Ask somebody to review. Who is bound is refused; whether they are to a bidder shows when bids are opened."""
    found = access_challenge(session, caller, challenge_id, "assign")
    challenge = found.challenge
    if session.get(Organization, body.organization_id) is None:
        raise NotThere
    if body.api_key_id is not None:
        key = session.get(ApiKey, body.api_key_id)
        if key is None or key.organization_id != body.organization_id:
            raise NotThere
    if veto_in_force(session, body.organization_id) is not None:
        raise Vetoed
    if body.organization_id == challenge.organization_id and not challenge.publisher_may_review:
        raise Bound(_bound(RecusalReason.publisher), status_now=challenge.status.value)
    if body.organization_id in _bidders(session, challenge):
        raise Bound(_bound(RecusalReason.bidder), status_now=challenge.status.value)
    if challenge.status is ChallengeStatus.evaluating and is_complete(session, challenge):
        raise SheetsIn(status_now=challenge.status.value)
    reviewer = BidReviewer(challenge_id=challenge.id, **body.model_dump())
    try:
        with session.begin_nested():
            session.add(reviewer)
    except IntegrityError as error:
        raise Conflict(
            Wording("已指定过该评审人", "Assigned before"), status_now=challenge.status.value
        ) from error
    _note(session, caller, challenge, "review.assign", reviewer)
    notify(
        session,
        NoticeKind.review_assigned,
        challenge.id,
        [reviewer.organization_id],
        api_key_id=reviewer.api_key_id,
        status=challenge.status.value,
    )
    return reviewer


def recuse(session: Session, caller: Principal, challenge_id: UUID, reviewer_id: UUID) -> BidReviewer:
    """Step back, or be taken off by an operator. Their sheets count no more."""
    found = access_challenge(session, caller, challenge_id, "recuse")
    reviewer = session.get(BidReviewer, reviewer_id, with_for_update=True)
    if reviewer is None or reviewer.challenge_id != challenge_id:
        raise NotThere
    if Part.operator not in found.parts and reviewer.id != my_place(session, caller, found.challenge).id:
        raise NotThere
    if reviewer.recused_at is None:
        own = reviewer.organization_id == caller.organization_id
        _recuse(
            session,
            caller,
            found.challenge,
            reviewer,
            RecusalReason.declared if own else RecusalReason.removed,
        )
    return reviewer


def declare(session: Session, caller: Principal, challenge_id: UUID, body: Declaration) -> BidReviewer:
    """Say whether anything binds one to a bidder. Only who says no reads what bids hold."""
    challenge = access_challenge(session, caller, challenge_id, "declare").challenge
    reviewer = my_place(session, caller, challenge)
    if body.conflict:
        _recuse(session, caller, challenge, reviewer, RecusalReason.declared)
    elif reviewer.declared_at is None:
        _require_standing(session, caller)
        reviewer.declared_at = now()
        _note(session, caller, challenge, "review.declare", reviewer)
    return reviewer


def score(
    session: Session, caller: Principal, challenge_id: UUID, bid_id: UUID, body: SheetWrite
) -> BidSheet:
    """Hand in a sheet, or another in its place, as long as any is missing."""
    challenge = access_challenge(session, caller, challenge_id, "score").challenge
    reviewer = my_place(session, caller, challenge)
    bid = next((one for one in reviewed_bids(session, challenge) if one.id == bid_id), None)
    if bid is None:
        raise NotThere
    _require_standing(session, caller)
    if reviewer.declared_at is None:
        raise Conflict(
            Wording("请先作出无利益冲突声明", "Declare first that nothing binds you to a bidder"),
            status_now=challenge.status.value,
        )
    if len(body.scores) != len(challenge.criteria):
        raise Unfit(
            "/scores", "criteria", Wording("每项评分指标各给一个分数", "One score for each criterion")
        )
    if is_complete(session, challenge):
        raise SheetsIn(status_now=challenge.status.value)
    sheet = session.exec(
        select(BidSheet).where(col(BidSheet.reviewer_id) == reviewer.id, col(BidSheet.bid_id) == bid_id)
    ).first() or BidSheet(reviewer_id=reviewer.id, bid_id=bid_id, scores=[])
    sheet.scores, sheet.remark, sheet.updated_at = list(body.scores), body.remark, now()
    session.add(sheet)
    session.flush()
    _note(session, caller, challenge, "review.score", reviewer, bid=str(bid_id))
    if is_complete(session, challenge):
        notify(session, NoticeKind.review_complete, challenge.id, [challenge.organization_id])
    return sheet


def read_reviews(session: Session, caller: Principal, challenge_id: UUID, language: str) -> ReviewsShown:
    """One's own sheets; all of them, and the ranking, once they are in."""
    found = access_challenge(session, caller, challenge_id, "read reviews")
    challenge = found.challenge
    reviewers = reviewers_of(session, challenge)
    sheets = sheets_of(session, challenge)
    complete = is_complete(session, challenge)
    mine = {one.id for one in reviewers if _is(one, caller)}
    all_of_them = complete and bool(found.parts & {Part.publisher, Part.operator, Part.reviewer})
    briefs = briefs_of(session, [one.organization_id for one in reviewers])
    active = [one for one in reviewers if one.recused_at is None]
    return ReviewsShown(
        complete=complete,
        least_reviewers=challenge.least_reviewers,
        sheets_in=sum(sheet.reviewer_id in {one.id for one in active} for sheet in sheets),
        sheets_wanted=len(active) * len(reviewed_bids(session, challenge)),
        tie_rule=said(tie_rule(challenge), language),
        reviewers=[
            ReviewerShown(
                **one.model_dump(include={"id", "api_key_id", "declared_at", "recused_at", "recused_for"}),
                organization=briefs[one.organization_id],
                sheets=sum(sheet.reviewer_id == one.id for sheet in sheets),
            )
            for one in reviewers
        ],
        sheets=[
            SheetShown(
                **sheet.model_dump(include={"reviewer_id", "bid_id", "scores", "remark"}),
                total=total_of(challenge, sheet.scores),
            )
            for sheet in sheets
            if all_of_them or sheet.reviewer_id in mine
        ],
        ranking=ranking_of(session, challenge, reviewed_bids(session, challenge), counted(session, challenge))
        if complete
        else [],
    )


def my_place(session: Session, caller: Principal, challenge: Challenge) -> BidReviewer:
    """As whom the caller reviews: by its own key rather than by its organisation."""
    query = select(BidReviewer).where(
        col(BidReviewer.challenge_id) == challenge.id,
        col(BidReviewer.organization_id) == caller.organization_id,
        or_(col(BidReviewer.api_key_id).is_(None), col(BidReviewer.api_key_id) == caller.key_id),
        col(BidReviewer.recused_at).is_(None),
    )
    found = session.exec(query.order_by(col(BidReviewer.api_key_id).nulls_last()).with_for_update()).first()
    if found is None:
        raise NotThere
    return found


def _require_standing(session: Session, caller: Principal) -> None:
    """Whoever is barred judges nobody's bid. Stepping back is always possible."""
    if veto_in_force(session, caller.organization_id) is not None:
        raise Vetoed


def _is(reviewer: BidReviewer, caller: Principal) -> bool:
    return reviewer.organization_id == caller.organization_id and reviewer.api_key_id in {None, caller.key_id}


def _bidders(session: Session, challenge: Challenge) -> set[UUID]:
    """Nobody before bids are opened: a refusal would tell who bids."""
    if challenge.status is ChallengeStatus.open:
        return set()
    query = select(BidMember.organization_id).where(
        col(BidMember.challenge_id) == challenge.id, col(BidMember.holds)
    )
    return set(session.exec(query))


def _recuse(
    session: Session, caller: Principal, challenge: Challenge, reviewer: BidReviewer, reason: RecusalReason
) -> None:
    reviewer.recused_at, reviewer.recused_for = now(), reason
    _note(session, caller, challenge, "review.recuse", reviewer, reason=reason.value)
    told = {challenge.organization_id, reviewer.organization_id} - {caller.organization_id}
    notify(
        session,
        NoticeKind.review_recused,
        challenge.id,
        sorted(told),
        reviewer=str(reviewer.id),
        reason=reason.value,
    )


def _note(
    session: Session, caller: Principal, challenge: Challenge, action: str, reviewer: BidReviewer, **more: str
) -> None:
    audit.note(
        session,
        caller,
        action,
        challenge.id,
        [challenge.organization_id, reviewer.organization_id],
        reviewer=str(reviewer.id),
        **more,
    )


def _bound(reason: RecusalReason) -> Wording:
    return Wording(
        "评审人存在利益冲突：{reason}",
        "The reviewer has a conflict of interest: {reason}",
        {"reason": reason},
    )
