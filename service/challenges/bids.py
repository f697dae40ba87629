"""揭榜: handing in, replacing, agreeing. What a bid holds nobody but its bidders reads before it is opened."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select as sql_select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from schemas.account import Organization
from schemas.base import now
from schemas.bid import (
    Agreement,
    Bid,
    BidContent,
    BidMember,
    BidStatus,
    BidStep,
    BidWrite,
    ConsortiumRole,
)
from schemas.challenge import Challenge
from schemas.notice import NoticeKind
from schemas.wording import Wording
from service.access.principal import Permission, Principal
from service.access.workflow import Part
from service.challenges.bid_eligibility import (
    require_commitment,
    require_eligible,
    require_integrity_of_both,
    require_price,
)
from service.challenges.bid_workflow import BID
from service.challenges.challenges import access_challenge
from service.challenges.deadline import bid_status_now, members_of, readable_bids, settle
from service.challenges.steps import owners_of
from service.notices.feed import notify
from service.platform.problems import Conflict, NotThere, Unfit
from service.platform.versions import Seen, require_version

_TAKEN = Wording("本单位已参与另一份揭榜", "Your organisation is in another bid already")


class FoundBid(NamedTuple):
    """A bid with its challenge, its status by the clock, and what the caller is to it."""

    bid: Bid
    challenge: Challenge
    status: BidStatus
    parts: set[Part]


def parts_of_bids(
    session: Session, caller: Principal, found: Sequence[tuple[Bid, Challenge]]
) -> list[set[Part]]:
    """What the caller is to each of these bids, which it may read."""
    takes_part = set(
        session.exec(
            select(BidMember.bid_id).where(
                col(BidMember.bid_id).in_([bid.id for bid, _ in found]),
                col(BidMember.organization_id) == caller.organization_id,
            )
        )
    )
    return [_parts(caller, bid, challenge, member=bid.id in takes_part) for bid, challenge in found]


def _parts(caller: Principal, bid: Bid, challenge: Challenge, *, member: bool) -> set[Part]:
    if caller.organization_id == bid.organization_id:
        return {Part.bidder}
    if member:
        return {Part.member}
    # Who neither runs nor published it, and may read it all the same, reviews it.
    parts = set()
    if caller.organization_id == challenge.organization_id:
        parts.add(Part.publisher)
    if caller.may(Permission.challenge_manage):
        parts.add(Part.operator)
    return parts or {Part.reviewer}


def access_bid(
    session: Session,
    caller: Principal,
    challenge_id: UUID,
    bid_id: UUID,
    verb: str = "read",
    seen: Seen = None,
) -> FoundBid:
    """Load a bid to do ``verb`` with it, locked and brought up to the clock unless it is only read.

    Raises ``NotThere``, also where it is sealed and not the caller's; ``Forbidden``, ``WrongState``; ``VersionChanged``
    for ``seen``, the versions that the caller last saw.
    """
    caller.require(Permission.challenge)
    if verb != "read":
        # A challenge is locked before its bids, so that nobody waits in a circle.
        challenge = session.exec(
            select(Challenge).where(col(Challenge.id) == challenge_id).with_for_update()
        ).first()
        if challenge is not None:
            settle(session, challenge)
            session.flush()
    row = session.execute(
        sql_select(Bid, Challenge, bid_status_now())
        .join(Challenge, col(Challenge.id) == col(Bid.challenge_id))
        .where(col(Bid.id) == bid_id, col(Challenge.id) == challenge_id, readable_bids(caller))
    ).first()
    if row is None:
        raise NotThere
    bid, challenge, status = row
    [parts] = parts_of_bids(session, caller, [(bid, challenge)])
    BID.require(verb, status, parts)
    require_version(seen, bid.version)
    return FoundBid(bid, challenge, status, parts)


def list_bids(session: Session, caller: Principal, challenge_id: UUID) -> list[FoundBid]:
    """The caller's own; and once they are opened, for publisher, operators and reviewers, all."""
    caller.require(Permission.challenge)
    access_challenge(session, caller, challenge_id)
    rows = session.execute(
        sql_select(Bid, Challenge, bid_status_now())
        .join(Challenge, col(Challenge.id) == col(Bid.challenge_id))
        .where(col(Challenge.id) == challenge_id, readable_bids(caller))
        .order_by(col(Bid.id))
    ).all()
    parts = parts_of_bids(session, caller, [(bid, challenge) for bid, challenge, _ in rows])
    return [
        FoundBid(bid, challenge, status, mine)
        for (bid, challenge, status), mine in zip(rows, parts, strict=True)
    ]


def hand_in(session: Session, caller: Principal, challenge_id: UUID, body: BidWrite) -> Bid:
    """Hand a bid in. It counts once every member has agreed, and is sealed until the deadline."""
    challenge = access_challenge(session, caller, challenge_id, "bid").challenge
    require_integrity_of_both(session, caller, challenge)
    require_eligible(session, caller, challenge)
    require_commitment(challenge, accepted=body.commitment_accepted)
    require_price(challenge, body.price_yuan)
    bid = Bid(
        challenge_id=challenge.id,
        organization_id=caller.organization_id,
        status=BidStatus.sealed,
        handed_in_at=now(),
        content=body.content,
        nonce="",
        receipt="",
    )
    _seal(bid, body.content)
    lead = BidMember(
        bid_id=bid.id,
        challenge_id=challenge.id,
        organization_id=caller.organization_id,
        role=ConsortiumRole.lead,
        holds=True,
        agreed_at=now(),
    )
    try:
        with session.begin_nested():
            session.add(bid)
            session.flush()
            session.add(lead)
    except IntegrityError as error:
        raise Conflict(_TAKEN, status_now=challenge.status.value) from error
    _ask_members(session, challenge, bid, body)
    _note(session, caller, bid, "hand_in")
    return bid


def replace(
    session: Session,
    caller: Principal,
    challenge_id: UUID,
    bid_id: UUID,
    body: BidWrite,
    seen: Seen = None,
) -> FoundBid:
    """Put another in its place, before the deadline. Members agree anew, since they agreed to something else."""
    found = access_bid(session, caller, challenge_id, bid_id, "replace", seen)
    require_integrity_of_both(session, caller, found.challenge)
    require_commitment(found.challenge, accepted=body.commitment_accepted)
    require_price(found.challenge, body.price_yuan)
    bid = found.bid
    _seal(bid, body.content)
    bid.handed_in_at, bid.status = now(), BidStatus.sealed
    asked = {member.organization_id for member in body.members}
    dropped = [one for one in members_of(session, bid) if one.organization_id not in asked]
    _tell_members(session, caller, bid, dropped)
    session.exec(
        delete(BidMember).where(col(BidMember.bid_id) == bid.id, col(BidMember.role) != ConsortiumRole.lead)
    )
    _ask_members(session, found.challenge, bid, body)
    _note(session, caller, bid, "replace")
    return found


def withdraw(session: Session, caller: Principal, challenge_id: UUID, bid_id: UUID) -> FoundBid:
    """Take it back before the deadline; its organisations may bid anew."""
    found = access_bid(session, caller, challenge_id, bid_id, "withdraw")
    found.bid.status = BidStatus.withdrawn
    members = members_of(session, found.bid)
    for member in members:
        member.holds = False
    _note(session, caller, found.bid, "withdraw")
    _tell_members(session, caller, found.bid, members)
    return found


def agree(session: Session, caller: Principal, challenge_id: UUID, bid_id: UUID, body: Agreement) -> FoundBid:
    """Take one's part in the consortium. With the last member's consent the bid counts."""
    found = access_bid(session, caller, challenge_id, bid_id, "agree")
    require_integrity_of_both(session, caller, found.challenge)
    require_commitment(found.challenge, accepted=body.commitment_accepted)
    members = members_of(session, found.bid)
    mine = next(one for one in members if one.organization_id == caller.organization_id)
    try:
        with session.begin_nested():
            mine.holds, mine.agreed_at, mine.refused_at = True, now(), None
    except IntegrityError as error:
        # Told to nobody but the organisation itself, which knows.
        raise Conflict(_TAKEN, status_now=found.status.value) from error
    if all(member.agreed_at for member in members):
        found.bid.status = BidStatus.sealed
    _note(session, caller, found.bid, "agree")
    _tell_lead(session, found.bid)
    return found


def refuse(session: Session, caller: Principal, challenge_id: UUID, bid_id: UUID) -> FoundBid:
    """Take no part, or no more. The bid does not count until its lead has replaced it."""
    found = access_bid(session, caller, challenge_id, bid_id, "refuse")
    for member in members_of(session, found.bid):
        if member.organization_id == caller.organization_id:
            member.holds, member.agreed_at, member.refused_at = False, None, now()
    found.bid.status = BidStatus.agreeing
    _note(session, caller, found.bid, "refuse")
    _tell_lead(session, found.bid)
    return found


def receipt_of(nonce: str, content: BidContent) -> str:
    written = json.dumps(
        content.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256((nonce + written).encode()).hexdigest()


def _seal(bid: Bid, content: BidContent) -> None:
    bid.content, bid.nonce = content, secrets.token_hex(16)
    bid.receipt = receipt_of(bid.nonce, content)


def _ask_members(session: Session, challenge: Challenge, bid: Bid, body: BidWrite) -> None:
    ids = [member.organization_id for member in body.members]
    known = session.exec(select(Organization.id).where(col(Organization.id).in_(ids))).all()
    if len(set(known)) != len(ids) or {bid.organization_id, *owners_of(session, challenge)} & set(ids):
        raise Unfit(
            "/members",
            "members",
            Wording(
                "成员须为平台上的其他单位，不得重复，也不得为发榜单位",
                "Members are other organisations known here, each once, and not the publisher",
            ),
        )
    for member in body.members:
        session.add(
            BidMember(
                bid_id=bid.id,
                challenge_id=challenge.id,
                organization_id=member.organization_id,
                role=member.role,
                task=member.task,
            )
        )
    if body.members:
        bid.status = BidStatus.agreeing
        notify(session, NoticeKind.bid_invited, bid.id, sorted(ids), challenge_id=str(challenge.id))


def _tell_members(session: Session, caller: Principal, bid: Bid, members: list[BidMember]) -> None:
    others = sorted({member.organization_id for member in members} - {caller.organization_id})
    notify(session, NoticeKind.bid_moved, bid.id, others, status=bid.status.value)


def _tell_lead(session: Session, bid: Bid) -> None:
    notify(session, NoticeKind.bid_answered, bid.id, [bid.organization_id], status=bid.status.value)


def _note(session: Session, caller: Principal, bid: Bid, verb: str) -> None:
    """Beside the bid, and not in the audit yet, where operators would read who bids."""
    bid.updated_at = now()
    bid.version += 1
    session.add(
        BidStep(
            bid_id=bid.id,
            verb=verb,
            organization_id=caller.organization_id,
            api_key_id=caller.key_id,
            status=bid.status,
        )
    )
