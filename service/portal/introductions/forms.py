"""What is sent from the page of an introduction."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.introduction import (
    IntroductionAccept,
    IntroductionDecline,
    IntroductionEnd,
    IntroductionMove,
)
from schemas.introduction_follow_up import FollowUpAnswer, FollowUpMonths
from schemas.introduction_message import MessageWrite
from schemas.introduction_milestone import MilestoneAdd
from schemas.introduction_nda import NdaAsk, NdaSign
from service.http.dependencies import SessionDep
from service.introductions import introductions
from service.introductions.broker_help import agree_to_broker, refuse_broker, take_up
from service.introductions.follow_ups import answer_follow_up
from service.introductions.messages import write_message
from service.introductions.milestones import (
    add_milestone,
    change_milestone,
    finish_milestone,
    remove_milestone,
)
from service.introductions.ndas import ask_for_nda, sign_nda
from service.platform.problems import WrongState, why
from service.portal.introductions.ask import contacts_of, given, read_form
from service.portal.introductions.pages import Beside, detail_page
from service.portal.once import once
from service.portal.pages import PageLanguageDep
from service.portal.sessions import SenderDep, SentFormDep

router = APIRouter(include_in_schema=False, prefix="/introductions/{introduction_id}")

Form = Mapping[str, Any]
Verb = Literal[
    "accept",
    "decline",
    "withdraw",
    "end",
    "stage",
    "nda",
    "sign",
    "messages",
    "milestones",
    "agree-broker",
    "refuse-broker",
]


class Nothing(BaseModel):
    """A button without fields."""


class Deed(NamedTuple):
    """section: where on the page it stands, and what is wrong with it is told."""

    section: str
    shape: type[BaseModel]
    values: Callable[[Form], dict[str, Any]]
    do: Callable[..., Any]
    #: It makes something new each time, and a double click should not.
    once: bool = False


def _accepting(form: Form) -> dict[str, Any]:
    nda = given(form, "nda") if form.get("with_nda") else {}
    return {"contacts": contacts_of(form), **nda}


def _writing(form: Form) -> dict[str, Any]:
    link = {name.removeprefix("document_"): value for name, value in _document(form).items()}
    return {**given(form, "text"), "documents": [link] if link else []}


def _document(form: Form) -> dict[str, Any]:
    return given(form, "document_title", "document_url")


_DEEDS: dict[str, Deed] = {
    "accept": Deed("answer", IntroductionAccept, _accepting, introductions.accept),
    "decline": Deed(
        "answer", IntroductionDecline, lambda form: given(form, "reason", "remark"), introductions.decline
    ),
    "withdraw": Deed(
        "answer",
        Nothing,
        lambda _: {},
        lambda session, caller, work, _: introductions.withdraw(session, caller, work),
    ),
    "end": Deed(
        "end", IntroductionEnd, lambda form: given(form, "outcome", "reason", "remark"), introductions.end
    ),
    "stage": Deed("stage", IntroductionMove, lambda form: given(form, "stage"), introductions.move),
    "nda": Deed("nda", NdaAsk, lambda form: given(form, "text"), ask_for_nda, once=True),
    "sign": Deed("nda", NdaSign, lambda form: given(form, "name", "text_hash"), sign_nda),
    "messages": Deed("thread", MessageWrite, _writing, write_message, once=True),
    "agree-broker": Deed(
        "broker",
        Nothing,
        lambda _: {},
        lambda session, caller, work, _: agree_to_broker(session, caller, work),
    ),
    "refuse-broker": Deed(
        "broker",
        Nothing,
        lambda _: {},
        lambda session, caller, work, _: refuse_broker(session, caller, work),
    ),
    "milestones": Deed(
        "milestones", MilestoneAdd, lambda form: given(form, "title", "due"), add_milestone, once=True
    ),
}


@router.post("/take-up")
def offer_help(session: SessionDep, visitor: SenderDep, introduction_id: UUID) -> RedirectResponse:
    """From a broker's list of what stalled; its page is not the broker's to see yet."""
    take_up(session, visitor.principal, introduction_id)
    return RedirectResponse("/introductions", 303)


@router.post("/{verb}")
def act(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    introduction_id: UUID,
    verb: Verb,
) -> Response:
    """Do it, and show the page again; where it cannot be done, with why, and what was typed."""
    deed, caller = _DEEDS[verb], visitor.principal
    body, wrong = read_form(deed.shape, deed.values(form), language)
    status = 422
    if body is not None:
        try:
            # What is refused leaves no trace, the mark of this form included.
            with session.begin_nested():
                if deed.once:
                    once(
                        session,
                        caller,
                        form,
                        request,
                        body,
                        lambda: deed.do(session, caller, introduction_id, body),
                    )
                else:
                    deed.do(session, caller, introduction_id, body)
            return _back(introduction_id, deed.section)
        except WrongState as refused:
            status, wrong = 409, why(refused, language)
    return detail_page(
        request,
        session,
        visitor,
        language,
        introduction_id,
        Beside(status, wrong={deed.section: wrong}, typed=form),
    )


@router.post("/milestones/{milestone_id}/change")
def milestone_change(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    introduction_id: UUID,
    milestone_id: UUID,
) -> Response:
    """Say anew what it is, and by when."""
    body, wrong = read_form(MilestoneAdd, given(form, "title", "due"), language)
    if body is None:
        beside = Beside(422, wrong={f"milestone-{milestone_id}": wrong}, typed=form)
        return detail_page(request, session, visitor, language, introduction_id, beside)
    change_milestone(session, visitor.principal, introduction_id, milestone_id, body)
    return _back(introduction_id, "milestones")


@router.post("/milestones/{milestone_id}/{verb}")
def milestone(
    session: SessionDep,
    visitor: SenderDep,
    introduction_id: UUID,
    milestone_id: UUID,
    verb: Literal["done", "remove"],
) -> Response:
    do = finish_milestone if verb == "done" else remove_milestone
    do(session, visitor.principal, introduction_id, milestone_id)
    return _back(introduction_id, "milestones")


@router.post("/follow-ups/{months}")
def follow_up(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    language: PageLanguageDep,
    form: SentFormDep,
    introduction_id: UUID,
    months: FollowUpMonths,
) -> Response:
    introductions.access_introduction(session, visitor.principal, introduction_id, "follow up")
    names = ("money", "jobs", "patents", "area_mu", "next_contract", "remark")
    body, wrong = read_form(FollowUpAnswer, given(form, *names), language)
    if body is None:
        return detail_page(
            request,
            session,
            visitor,
            language,
            introduction_id,
            Beside(422, wrong={"follow-ups": wrong}, typed=form),
        )
    answer_follow_up(session, visitor.principal, introduction_id, months, body)
    return _back(introduction_id, "follow-ups")


def _back(introduction_id: UUID, section: str) -> RedirectResponse:
    return RedirectResponse(f"/introductions/{introduction_id}#{section}", 303)
