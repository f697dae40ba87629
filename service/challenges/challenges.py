"""揭榜挂帅: who may see and do what with a challenge, and its way to being open to bids."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import Field
from sqlalchemy import ARRAY, ColumnElement, Text, and_, cast, exists, or_, true
from sqlalchemy import select as sql_select
from sqlalchemy.dialects.postgresql import array
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import Page, now
from schemas.challenge import (
    UNPUBLISHED,
    Challenge,
    ChallengeChange,
    ChallengeInvitation,
    ChallengeKind,
    ChallengeMode,
    ChallengeShown,
    ChallengeStatus,
    WithReason,
)
from schemas.domains import DomainKey, widen
from schemas.need import Need
from schemas.notice import NoticeKind
from schemas.regions import RegionCode, region_path
from schemas.vocabulary import Affiliation
from service.access.integrity import barred, require_integrity
from service.access.principal import Permission, Principal
from service.access.workflow import Part
from service.challenges.deadline import lapse, reviews, settle, standing_bids, status_now
from service.challenges.rules import require_fit_to_open
from service.challenges.steps import note_step, tell_parties
from service.challenges.views import shown_all
from service.challenges.workflow import CHALLENGE
from service.notices.feed import notify
from service.platform.changes import assign
from service.platform.paging import ListQuery, page
from service.platform.problems import NotThere
from service.platform.versions import Seen, require_version


class ChallengeQuery(ListQuery):
    status: list[ChallengeStatus] = Field(default_factory=list)
    kind: list[ChallengeKind] = Field(default_factory=list)
    mode: list[ChallengeMode] = Field(default_factory=list)
    domain: list[DomainKey] = Field(
        default_factory=list, description="Domains, with all their items, or items."
    )
    region: list[RegionCode] = Field(default_factory=list, description="With all that lies within.")
    affiliation: list[Affiliation] = Field(default_factory=list, description="Of its publisher.")
    need_id: UUID | None = None
    mine: bool = Field(default=False, description="Those of the caller's own organisation only.")


class Found(NamedTuple):
    """A challenge, its status by the clock, and what the caller is to it."""

    challenge: Challenge
    status: ChallengeStatus
    parts: set[Part]


def readable_challenges(caller: Principal) -> ColumnElement[bool]:
    """What was opened, for everybody; before, its publisher and operators alone."""
    if caller.may(Permission.challenge_manage):
        return col(Challenge.id).is_not(None)
    published = col(Challenge.status).not_in(UNPUBLISHED)
    if not caller.may(Permission.challenge):
        return published
    return or_(published, col(Challenge.organization_id) == caller.organization_id)


def listed(caller: Principal) -> ColumnElement[bool]:
    """Whose publisher is barred is in no list but its own and operators'; who takes part in it reads it by its id."""
    if caller.may(Permission.challenge_manage):
        return true()
    own = col(Challenge.organization_id) == caller.organization_id
    return or_(own, ~barred(col(Challenge.organization_id)))


def parts_in(session: Session, caller: Principal, challenges: Sequence[Challenge]) -> dict[UUID, set[Part]]:
    """What the caller is to each. Who publishes, reviews or runs it is no bidder, nor is whoever has the need."""
    if not caller.may(Permission.challenge):
        return {challenge.id: {Part.anybody} for challenge in challenges}
    has_need = exists().where(
        col(Need.id) == col(Challenge.need_id), col(Need.organization_id) == caller.organization_id
    )
    rows = session.execute(
        sql_select(Challenge, reviews(caller), has_need).where(
            col(Challenge.id).in_([challenge.id for challenge in challenges])
        )
    )
    found = {}
    for challenge, reviewing, needing in rows:
        parts = found[challenge.id] = {Part.anybody}
        if caller.organization_id == challenge.organization_id:
            parts.add(Part.publisher)
        if caller.may(Permission.challenge_manage):
            parts.add(Part.operator)
        if reviewing:
            parts.add(Part.reviewer)
        if parts == {Part.anybody} and not needing:
            parts.add(Part.bidder)
    return found


def access_challenge(
    session: Session, caller: Principal, challenge_id: UUID, verb: str = "read", seen: Seen = None
) -> Found:
    """Load a challenge to do ``verb`` with it, locked and brought up to the clock unless it is only read.

    Raises ``NotThere``, ``Forbidden`` or ``WrongState``, in this order; then ``VersionChanged``.
    """
    caller.require(Permission.posting_read if verb == "read" else Permission.challenge)
    condition = (col(Challenge.id) == challenge_id, readable_challenges(caller))
    if not verb.startswith("read"):
        locked = session.exec(select(Challenge).where(*condition).with_for_update()).first()
        if locked is not None:
            settle(session, locked)
            session.flush()
    row = session.execute(sql_select(Challenge, status_now()).where(*condition)).first()
    if row is None:
        raise NotThere
    found = Found(row[0], row[1], parts_in(session, caller, [row[0]])[challenge_id])
    CHALLENGE.require(verb, found.status, found.parts)
    require_version(seen, found.challenge.version)
    return found


def list_challenges(session: Session, caller: Principal, asked: ChallengeQuery) -> Page[ChallengeShown]:
    caller.require(Permission.posting_read)
    status = status_now()
    query = (
        sql_select(Challenge, status)
        .join(Organization, col(Organization.id) == col(Challenge.organization_id))
        .where(readable_challenges(caller), listed(caller), and_(True, *_filters(caller, asked, status)))
    )
    rows, cursor = page(session, query, Challenge.id, asked)
    parts = parts_in(session, caller, [challenge for challenge, _ in rows])
    found = [Found(challenge, at, parts[challenge.id]) for challenge, at in rows]
    return Page(items=shown_all(session, found), next_cursor=cursor)


def _filters(
    caller: Principal, asked: ChallengeQuery, status: ColumnElement[Any]
) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = [
        column.in_(values)
        for column, values in (
            (status, asked.status),
            (col(Challenge.kind), asked.kind),
            (col(Challenge.mode), asked.mode),
            (col(Organization.affiliation), asked.affiliation),
        )
        if values
    ]
    for column, wanted in (
        (col(Challenge.domain_path), asked.domain),
        (col(Challenge.region_path), asked.region),
    ):
        if wanted:
            filters.append(column.op("&&")(cast(array([str(value) for value in wanted]), ARRAY(Text))))
    if asked.need_id is not None:
        filters.append(col(Challenge.need_id) == asked.need_id)
    if asked.mine:
        filters.append(col(Challenge.organization_id) == caller.organization_id)
    return filters


def shown(session: Session, caller: Principal, challenge: Challenge) -> ChallengeShown:
    """As the caller sees it now."""
    session.flush()
    status = session.execute(sql_select(status_now()).where(col(Challenge.id) == challenge.id)).scalar_one()
    found = Found(challenge, status, parts_in(session, caller, [challenge])[challenge.id])
    return shown_all(session, [found])[0]


def change(
    session: Session, caller: Principal, challenge_id: UUID, body: ChallengeChange, seen: Seen = None
) -> Challenge:
    challenge = access_challenge(session, caller, challenge_id, "change", seen).challenge
    if not assign(challenge, body):
        return challenge
    derive(challenge)
    if challenge.status is ChallengeStatus.review:
        require_fit_to_open(session, challenge)
    note_step(session, caller, challenge, "change")
    tell_parties(session, caller, challenge)
    return challenge


def derive(challenge: Challenge) -> None:
    """Bring what follows from the fields up to them."""
    challenge.domain_path = sorted({path for key in challenge.domains for path in widen(key)})
    challenge.region_path = region_path(challenge.region) if challenge.region else []


def submit(session: Session, caller: Principal, challenge_id: UUID) -> Challenge:
    """Hand it in for review. It must say all that a bidder has to know."""
    challenge = access_challenge(session, caller, challenge_id, "submit").challenge
    require_integrity(session, challenge.organization_id)
    require_fit_to_open(session, challenge)
    challenge.status, challenge.returned = ChallengeStatus.review, ""
    note_step(session, caller, challenge, "submit")
    return challenge


def recall(session: Session, caller: Principal, challenge_id: UUID) -> Challenge:
    """Take it back before it is opened."""
    challenge = access_challenge(session, caller, challenge_id, "recall").challenge
    challenge.status = ChallengeStatus.draft
    note_step(session, caller, challenge, "recall")
    return challenge


def send_back(session: Session, caller: Principal, challenge_id: UUID, body: WithReason) -> Challenge:
    """Send it back to its publisher, who reads why."""
    challenge = access_challenge(session, caller, challenge_id, "return").challenge
    challenge.status, challenge.returned = ChallengeStatus.draft, body.reason
    note_step(session, caller, challenge, "return")
    _tell_publisher(session, challenge)
    return challenge


def open_to_bids(session: Session, caller: Principal, challenge_id: UUID) -> Challenge:
    """Publish it. From now on only an amendment changes it, and it is withdrawn with a published reason alone."""
    challenge = access_challenge(session, caller, challenge_id, "open").challenge
    require_integrity(session, challenge.organization_id)
    require_fit_to_open(session, challenge)
    challenge.status, challenge.opened_at = ChallengeStatus.open, now()
    note_step(session, caller, challenge, "open")
    tell_parties(session, caller, challenge, NoticeKind.challenge_reviewed)
    return challenge


def withdraw(session: Session, caller: Principal, challenge_id: UUID, body: WithReason) -> Challenge:
    """Pull it before its deadline, for all to see. What was handed in stays sealed for good."""
    challenge = access_challenge(session, caller, challenge_id, "withdraw").challenge
    challenge.status = ChallengeStatus.terminated
    for bid in standing_bids(session, challenge):
        lapse(session, bid)
    invited = _invited(session, challenge)
    note_step(session, caller, challenge, "withdraw", body.reason)
    tell_parties(session, caller, challenge, also=invited)
    return challenge


def _invited(session: Session, challenge: Challenge) -> list[UUID]:
    query = select(ChallengeInvitation.organization_id)
    return list(session.exec(query.where(col(ChallengeInvitation.challenge_id) == challenge.id)))


def _tell_publisher(session: Session, challenge: Challenge) -> None:
    notify(
        session,
        NoticeKind.challenge_reviewed,
        challenge.id,
        [challenge.organization_id],
        status=challenge.status.value,
    )
