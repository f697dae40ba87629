"""Each night: find needs that match results whose transfer day is near or past, and notify both sides."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from schemas.base import now
from schemas.capability import Capability
from schemas.introduction import OPEN, Introduction, IntroductionStatus
from schemas.match_list import ListedMatch
from schemas.need import Need
from schemas.notice import NoticeKind
from schemas.transfer import TransferLook, TransferState
from schemas.vocabulary import PostingStatus, Visibility
from service.access.principal import Permission
from service.matches.live_index import Serving
from service.matches.matches import best_for_capability
from service.matches.scoring import scoring
from service.notices.feed import notify
from service.platform.china_time import today
from service.platform.db import transaction
from service.statistics.transfers import state_on

_AGAIN = timedelta(hours=23)
_SLICE = 100
# How many matches are considered, and how many organisations are notified.
_BEST, _TOLD = 20, 3
# Organisations with an introduction between them, open or ended, are not notified.
_MET = {*OPEN, IntroductionStatus.declined, IntroductionStatus.ended}


def due_ids() -> list[UUID]:
    """Results without a transfer, whose day is near or past, and that were not checked since yesterday."""
    with transaction() as session:
        return list(
            session.execute(
                select(col(Capability.id))
                .outerjoin(TransferLook, col(TransferLook.capability_id) == col(Capability.id))
                .where(
                    col(Capability.transfer_due).is_not(None),
                    col(Capability.status) == PostingStatus.published,
                    col(Capability.deleted_at).is_(None),
                    state_on(today()).in_([TransferState.near.value, TransferState.past.value]),
                    or_(col(TransferLook.looked_at).is_(None), col(TransferLook.looked_at) < now() - _AGAIN),
                )
                .order_by(col(Capability.id))
                .limit(_SLICE)
            ).scalars()
        )


def push(serving: Serving, ids: list[UUID]) -> None:
    """One transaction for each slice. Resumes after a kill; run twice, it notifies nobody twice."""
    with transaction() as session:
        for capability in session.execute(select(Capability).where(col(Capability.id).in_(ids))).scalars():
            _remind(session, capability)
            takers = _takers(session, serving, capability)
            for need_id, organization_id, score in takers:
                notify(
                    session,
                    NoticeKind.capability_to_transfer,
                    capability.id,
                    [organization_id],
                    needs=None
                    if capability.visibility is Visibility.public
                    else Permission.posting_read_members,
                    once=f"transfer:{capability.id}:{need_id}",
                    need_id=str(need_id),
                    score=round(score, 4),
                    transfer_due=str(capability.transfer_due),
                )
            values = {
                "looked_at": now(),
                "best": [need_id for need_id, _, _ in takers],
                "scores": [score for _, _, score in takers],
            }
            session.execute(
                insert(TransferLook)
                .values(capability_id=capability.id, **values)
                .on_conflict_do_update(index_elements=["capability_id"], set_=values)
            )


def _remind(session: Session, capability: Capability) -> None:
    """Notify the owner when the day is near, and once more when it has passed."""
    assert capability.transfer_due is not None
    past = capability.transfer_due < today()
    state = TransferState.past if past else TransferState.near
    notify(
        session,
        NoticeKind.capability_transfer_due,
        capability.id,
        [capability.organization_id],
        once=f"transfer:{capability.id}:{state.value}:{capability.transfer_due}",
        state=state.value,
        transfer_due=str(capability.transfer_due),
        transfer_assumed=capability.transfer_assumed,
    )


def _takers(session: Session, serving: Serving, capability: Capability) -> list[tuple[UUID, UUID, float]]:
    """Well matching needs of other organisations without an introduction yet: id, organisation, score; best first."""
    if capability.visibility is Visibility.private:
        return []
    good = [one for one in _best(session, serving, capability) if one.score >= scoring().good_from]
    ids = [one.id for one in good]
    met = set(
        session.execute(
            select(col(Introduction.need_id)).where(
                col(Introduction.capability_id) == capability.id,
                col(Introduction.need_id).in_(ids),
                col(Introduction.status).in_(_MET),
            )
        ).scalars()
    )
    # The index may lag behind the tables.
    there = set(
        session.execute(
            select(col(Need.id)).where(
                col(Need.id).in_(ids),
                col(Need.status) == PostingStatus.published,
                col(Need.deleted_at).is_(None),
            )
        ).scalars()
    )
    fitting = [
        (one.id, one.organization_id, one.score)
        for one in good
        if one.id in there - met and one.organization_id != capability.organization_id
    ]
    return fitting[:_TOLD]


def _best(session: Session, serving: Serving, capability: Capability) -> list[ListedMatch]:
    return best_for_capability(session, serving, capability, _BEST) or []
