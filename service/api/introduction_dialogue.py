"""/v1/introductions/{id}/…: what two sides do once they talk."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from schemas.base import Page
from schemas.introduction import IntroductionMove
from schemas.introduction_follow_up import FollowUpAnswer, FollowUpMonths, FollowUpShown
from schemas.introduction_message import MessageShown, MessageWrite
from schemas.introduction_milestone import MilestoneAdd, MilestoneShown
from schemas.introduction_nda import NdaAsk, NdaShown, NdaSign
from schemas.introduction_shown import (
    IntroductionDetails,
    IntroductionShown,
    RevealedContacts,
    StalledShown,
)
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.language import LanguageDep
from service.http.once import IdempotencyKey, once
from service.introductions import (
    broker_help as introduction_brokers,
)
from service.introductions import (
    follow_ups as introduction_follow_ups,
)
from service.introductions import (
    introductions,
)
from service.introductions import (
    messages as introduction_messages,
)
from service.introductions import (
    milestones as introduction_milestones,
)
from service.introductions import (
    ndas as introduction_ndas,
)
from service.introductions import (
    reveals as introduction_reveals,
)

router = APIRouter(prefix="/v1/introductions/{introduction_id}", tags=["introductions"])


@router.get("/contacts")
def get_contacts(session: SessionDep, caller: PrincipalDep, introduction_id: UUID) -> RevealedContacts:
    """The other side's contacts, once both have agreed. Each reading goes into the audit."""
    return introduction_reveals.reveal_contacts(session, caller, introduction_id)


@router.get("/details")
def get_details(session: SessionDep, caller: PrincipalDep, introduction_id: UUID) -> IntroductionDetails:
    """Both postings with their confidential detail, once both have agreed and, where a side asked for an NDA, signed.

    Each reading goes into the audit.
    """
    return introduction_reveals.reveal_details(session, caller, introduction_id)


@router.post("/stage")
def move_introduction(
    session: SessionDep,
    caller: PrincipalDep,
    language: LanguageDep,
    introduction_id: UUID,
    body: IntroductionMove,
) -> IntroductionShown:
    """Say how far the two have come. 409 with `stage_now` where that is the stage already."""
    moved = introductions.move(session, caller, introduction_id, body)
    return introductions.shown(session, caller, [moved], language)[0]


@router.post("/nda", status_code=201, response_model=NdaShown)
def ask_for_nda(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    introduction_id: UUID,
    body: NdaAsk,
    key: IdempotencyKey = None,
) -> Response:
    """Ask for an NDA, or for another text. Confidential detail stays shut until both have signed the newest version."""
    return once(
        session,
        caller,
        key,
        request,
        body,
        lambda: introduction_ndas.ask_for_nda(session, caller, introduction_id, body),
    )


@router.get("/nda")
def get_nda(session: SessionDep, caller: PrincipalDep, introduction_id: UUID) -> NdaShown:
    """The newest version, and who has signed it."""
    return introduction_ndas.read_nda(session, caller, introduction_id)


@router.post("/nda/sign")
def sign_nda(session: SessionDep, caller: PrincipalDep, introduction_id: UUID, body: NdaSign) -> NdaShown:
    """Sign the newest version for one's side. 409 where its text is not the one with this hash."""
    return introduction_ndas.sign_nda(session, caller, introduction_id, body)


@router.post("/messages", status_code=201, response_model=MessageShown)
def write_message(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    introduction_id: UUID,
    body: MessageWrite,
    key: IdempotencyKey = None,
) -> Response:
    """Write to the others, with links to documents."""
    return once(
        session,
        caller,
        key,
        request,
        body,
        lambda: introduction_messages.write_message(session, caller, introduction_id, body),
    )


@router.get("/messages")
def get_messages(
    session: SessionDep,
    caller: PrincipalDep,
    introduction_id: UUID,
    asked: Annotated[introduction_messages.MessageQuery, Query()],
) -> Page[MessageShown]:
    """The thread, newest first: for both sides, and the broker of it."""
    return introduction_messages.list_messages(session, caller, introduction_id, asked)


@router.post("/milestones", status_code=201, response_model=MilestoneShown)
def add_milestone(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    introduction_id: UUID,
    body: MilestoneAdd,
    key: IdempotencyKey = None,
) -> Response:
    """Set a milestone."""
    return once(
        session,
        caller,
        key,
        request,
        body,
        lambda: introduction_milestones.add_milestone(session, caller, introduction_id, body),
    )


@router.get("/milestones")
def get_milestones(session: SessionDep, caller: PrincipalDep, introduction_id: UUID) -> list[MilestoneShown]:
    """All of them, the next one due first."""
    return introduction_milestones.list_milestones(session, caller, introduction_id)


@router.put("/milestones/{milestone_id}")
def change_milestone(
    session: SessionDep, caller: PrincipalDep, introduction_id: UUID, milestone_id: UUID, body: MilestoneAdd
) -> MilestoneShown:
    """Say anew what it is, and by when; not once it is done."""
    return introduction_milestones.change_milestone(session, caller, introduction_id, milestone_id, body)


@router.post("/milestones/{milestone_id}/done")
def finish_milestone(
    session: SessionDep, caller: PrincipalDep, introduction_id: UUID, milestone_id: UUID
) -> MilestoneShown:
    """Say that it is done."""
    return introduction_milestones.finish_milestone(session, caller, introduction_id, milestone_id)


@router.delete("/milestones/{milestone_id}", status_code=204)
def remove_milestone(
    session: SessionDep, caller: PrincipalDep, introduction_id: UUID, milestone_id: UUID
) -> None:
    """Take it away; not once it is done."""
    introduction_milestones.remove_milestone(session, caller, introduction_id, milestone_id)


@router.get("/follow-ups")
def get_follow_ups(session: SessionDep, caller: PrincipalDep, introduction_id: UUID) -> list[FollowUpShown]:
    """What both sides told of what became of it, 6, 12 and 24 months after its end."""
    return introduction_follow_ups.list_follow_ups(session, caller, introduction_id)


@router.put("/follow-ups/{months}")
def answer_follow_up(
    session: SessionDep,
    caller: PrincipalDep,
    introduction_id: UUID,
    months: FollowUpMonths,
    body: FollowUpAnswer,
) -> FollowUpShown:
    """Tell what became of it, for one's own side. 409 before it is due."""
    return introduction_follow_ups.answer_follow_up(session, caller, introduction_id, months, body)


@router.post("/take-up")
def take_up_introduction(session: SessionDep, caller: PrincipalDep, introduction_id: UUID) -> StalledShown:
    """Brokers: offer to take up a dialogue that stalled. Both sides have to agree before it is the broker's."""
    return introduction_brokers.take_up(session, caller, introduction_id)


@router.post("/broker/agree")
def agree_to_broker(
    session: SessionDep, caller: PrincipalDep, language: LanguageDep, introduction_id: UUID
) -> IntroductionShown:
    """Agree to the broker who offers help. Once both sides have, the broker reads and writes messages, no contacts."""
    agreed = introduction_brokers.agree_to_broker(session, caller, introduction_id)
    return introductions.shown(session, caller, [agreed], language)[0]


@router.post("/broker/refuse")
def refuse_broker(
    session: SessionDep, caller: PrincipalDep, language: LanguageDep, introduction_id: UUID
) -> IntroductionShown:
    """Go on without the broker who offers help."""
    refused = introduction_brokers.refuse_broker(session, caller, introduction_id)
    return introductions.shown(session, caller, [refused], language)[0]
