"""Making a challenge, from a need or a supply gap, or from nothing."""

from uuid import UUID

from sqlmodel import Session, col, select

from schemas.base import LONGEST_PASSAGE
from schemas.challenge import Challenge, ChallengeCreate, ChallengeKind
from schemas.need import Need
from schemas.notice import NoticeKind
from schemas.reading import mask_contacts
from schemas.vocabulary import PostingStatus, Visibility
from service.access.principal import Permission, Principal
from service.challenges.challenges import derive
from service.challenges.steps import note_step, owners_of
from service.notices.feed import notify
from service.platform.problems import NotThere


def create(session: Session, caller: Principal, body: ChallengeCreate) -> Challenge:
    """Keep a draft. What the body does not say is taken from the need."""
    caller.require(Permission.challenge)
    usual = ChallengeKind.government if caller.may(Permission.challenge_manage) else ChallengeKind.enterprise
    fields = body.model_dump(exclude={"kind", "need_id"})
    challenge = Challenge.model_validate(
        {
            **{name: getattr(body, name) for name in fields},
            "organization_id": caller.organization_id,
            "need_id": body.need_id,
            "kind": body.kind if caller.may(Permission.challenge_manage) and body.kind else usual,
        }
    )
    if body.need_id is not None:
        _fill(challenge, _need(session, caller, body.need_id), body.model_fields_set)
    derive(challenge)
    session.add(challenge)
    session.flush()
    note_step(session, caller, challenge, "create")
    others = owners_of(session, challenge) - {caller.organization_id}
    notify(session, NoticeKind.challenge_moved, challenge.id, sorted(others), status=challenge.status.value)
    return challenge


def drafted_from(session: Session, caller: Principal, need_id: UUID) -> Challenge:
    """What a challenge would say that is made from a need. Nothing is kept."""
    caller.require(Permission.challenge)
    draft = Challenge(organization_id=caller.organization_id, kind=ChallengeKind.enterprise)
    _fill(draft, _need(session, caller, need_id), set())
    return draft


def _need(session: Session, caller: Principal, need_id: UUID) -> Need:
    """One's own; for operators any that is published to more than its poster."""
    need = session.exec(select(Need).where(col(Need.id) == need_id, col(Need.deleted_at).is_(None))).first()
    if need is None:
        raise NotThere
    published = need.status is PostingStatus.published and need.visibility is not Visibility.private
    if need.organization_id != caller.organization_id and not (
        published and caller.may(Permission.challenge_manage)
    ):
        raise NotThere
    return need


def _fill(challenge: Challenge, need: Need, said: set[str]) -> None:
    if "title" not in said:
        challenge.title = need.title
    if "goal" not in said:
        goal = "\n\n".join(text for text in (need.wanted_result, need.description) if text)
        challenge.goal = mask_contacts(goal)[0][:LONGEST_PASSAGE]
    for name in {"indicators", "domains", "region"} - said:
        setattr(challenge, name, getattr(need, name))
