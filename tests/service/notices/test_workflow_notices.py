"""Whoever has a part in a piece of work is told what others did to it; or it is said here why not."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from schemas.introduction_milestone import IntroductionMilestone
from schemas.notice import Notice, NoticeKind
from service.access.workflow import Part
from service.api.workflows_all import WORKFLOWS
from service.challenges.milestone_reminders import tell_of_milestones
from service.platform.china_time import today
from tests.conftest import ClientFor
from tests.service.access.test_workflows import WALKS
from tests.service.tenders import Tender
from tests.service.walks.introduction import IntroductionWalk
from tests.service.walks.walk import Actor

Kind = NoticeKind

#: By noun and verb: what others are told.
TOLD: dict[str, dict[str, Kind]] = {
    "introduction": {
        "accept": Kind.introduction_accepted,
        "decline": Kind.introduction_declined,
        "withdraw": Kind.introduction_withdrawn,
        "move": Kind.introduction_moved,
        "end": Kind.introduction_ended,
        "contract": Kind.contract_drafted,
        "take up": Kind.introduction_offered,
        "agree to broker": Kind.introduction_offer_answered,
        "refuse broker": Kind.introduction_offer_answered,
        "ask nda": Kind.introduction_nda_asked,
        "sign nda": Kind.introduction_nda_signed,
        "write": Kind.introduction_written,
        "add milestone": Kind.introduction_milestone_set,
        "change milestone": Kind.introduction_milestone_set,
        "finish milestone": Kind.introduction_milestone_done,
        "remove milestone": Kind.introduction_milestone_set,
    },
    "contract": {
        **dict.fromkeys(("change", "amend", "terminate", "restore", "withdraw"), Kind.contract_changed),
        "sign": Kind.contract_signed,
        "submit": Kind.contract_submitted,
        "register": Kind.contract_registered,
        "refuse": Kind.contract_refused,
        "fulfil": Kind.contract_fulfilled,
        "cancel": Kind.contract_cancelled,
    },
    "challenge": {
        "return": Kind.challenge_reviewed,
        "open": Kind.challenge_reviewed,
        "publish amendment": Kind.challenge_amended,
        "refuse amendment": Kind.challenge_reviewed,
        "invite": Kind.challenge_invited,
        "assign": Kind.review_assigned,
        "recuse": Kind.review_recused,
        "score": Kind.review_complete,
        **dict.fromkeys(
            ("withdraw", "award", "fail", "reopen", "sign", "start", "terminate"), Kind.challenge_moved
        ),
    },
    "bid": {
        **dict.fromkeys(("replace", "withdraw", "exclude", "decide", "accept"), Kind.bid_moved),
        **dict.fromkeys(("agree", "refuse"), Kind.bid_answered),
        "report": Kind.challenge_milestone_done,
        "deliver": Kind.challenge_moved,
    },
    "broker": {"end": Kind.broker_ended, "readmit": Kind.broker_readmitted, "change": Kind.broker_changed},
    "broker_evaluation": {"confirm": Kind.broker_evaluated},
}
#: And why others are not told. Reading changes nothing.
NOT_TOLD = {
    "introduction": {
        "follow up": "Each side reports for itself when the platform asks it to; the other one has nothing to do.",
    },
    "challenge": {
        "change": "Its publisher's own draft; what an operator changes in it is told, see below.",
        "submit": "It waits on the operators' desk, which is where they look.",
        "propose amendment": "It waits on the operators' desk; what is not published concerns nobody else.",
        "recall amendment": "It leaves the operators' desk, and nobody else knew of it.",
        "recall": "It leaves the operators' desk, and nobody else knew of it.",
        "bid": "Bids are sealed: that there is one is told to nobody.",
        "declare": "A reviewer that nothing binds goes on as before; one that is bound is recused, which is told.",
    },
    "broker": {
        "evaluate": "A draft, which an operator may compute anew; the broker is told once it is confirmed."
    },
    "broker_evaluation": {
        "recompute": "Still a draft.",
        "answer": "Operators read it beside the evaluation, which the answer does not change.",
    },
}
_CHANGING = [
    (workflow.noun, move.verb)
    for workflow in WORKFLOWS
    for move in workflow.moves
    if not move.verb.startswith("read ") and move.verb != "read" and move.by != {Part.service}
]


def test_every_verb_is_told_or_it_is_said_why_not() -> None:
    said = {(noun, verb) for table in (TOLD, NOT_TOLD) for noun, verbs in table.items() for verb in verbs}

    assert len(WORKFLOWS) == len(WALKS)
    assert said == set(_CHANGING)
    assert not {
        (noun, verb) for noun, verbs in NOT_TOLD.items() for verb in verbs if verb in TOLD.get(noun, {})
    }


@pytest.mark.parametrize(("noun", "verb"), [(noun, verb) for noun, verbs in TOLD.items() for verb in verbs])
def test_others_are_told(session: Session, client_for: ClientFor, noun: str, verb: str) -> None:
    walk = WALKS[noun](session, client_for)
    [workflow] = [one for one in WORKFLOWS if one.noun == noun]
    move = next(one for one in workflow.moves if one.verb == verb)
    work = walk.bring(min(move.of).value)
    walk.prepare(work, verb)
    parts = {part.value for part in move.by}
    actor = next(one for name, one in _operators_first(walk.actors.items()) if one.parts & parts)
    before = set(session.exec(select(Notice.id)))
    session.rollback()

    assert walk.send(actor.client, work, verb).is_success

    new = session.exec(select(Notice).where(col(Notice.id).not_in(before))).all()
    assert [one for one in new if one.kind is TOLD[noun][verb]]


def _operators_first(actors: Iterable[tuple[str, Actor]]) -> list[tuple[str, Actor]]:
    """Where an operator may do it too, those whose it is have the more to be told."""
    return sorted(actors, key=lambda one: one[0] != "operator")


def told(session: Session, kind: Kind) -> set[UUID]:
    session.expire_all()
    return set(session.exec(select(Notice.organization_id).where(Notice.kind == kind)))


@pytest.mark.parametrize(("days", "count"), [(-1, 0), (0, 3), (29, 3), (30, 0)])
def test_a_milestone_of_an_introduction_is_told_once_when_it_falls_due(
    session: Session, client_for: ClientFor, days: int, count: int
) -> None:
    walk = IntroductionWalk(session, client_for)
    walk.bring("accepted")
    session.execute(update(IntroductionMilestone).values(due=today() - timedelta(days=days)))

    for _ in range(2):
        tell_of_milestones(session)
        session.commit()

    found = session.exec(select(Notice).where(Notice.kind == Kind.introduction_milestone_due)).all()
    assert len(found) == count
    assert {one.organization_id for one in found} <= {walk.seeker.id, walk.provider.id, walk.broker.id}


@pytest.mark.parametrize("over", ["done", "ended"])
def test_what_is_done_or_over_is_not_told_to_be_due(
    session: Session, client_for: ClientFor, over: str
) -> None:
    walk = IntroductionWalk(session, client_for)
    work = walk.bring("accepted")
    verb = "finish milestone" if over == "done" else "end"
    assert walk.send(walk.actors["seeker"].client, work, verb).is_success
    session.execute(update(IntroductionMilestone).values(due=today()))

    tell_of_milestones(session)

    assert told(session, Kind.introduction_milestone_due) == set()


def test_a_milestone_of_a_challenge_is_told_to_publisher_and_winner_unless_reported(
    session: Session, client_for: ClientFor
) -> None:
    due = [{"title": "样机", "due": str(today())}, {"title": "测产", "due": str(today() + timedelta(days=9))}]
    tender = Tender(session, client_for, milestones=due).opened()
    bid = tender.bid()
    tender.evaluating().working({bid: 90})

    for _ in range(2):
        tell_of_milestones(session)
        session.commit()
    first = session.exec(select(Notice).where(Notice.kind == Kind.challenge_milestone_due)).all()
    tender.do(tender.bidder, f"bids/{bid}/deliver", {"milestone": 0, "report": "样机已下线"})

    assert {one.detail["milestone"] for one in first} == {1}
    assert len(first) == 2
    assert tender.owner.id in {one.organization_id for one in first}
    assert told(session, Kind.challenge_milestone_done) == {tender.owner.id}


def test_a_publisher_is_told_what_an_operator_changed_in_its_draft(
    session: Session, client_for: ClientFor
) -> None:
    tender = Tender(session, client_for)
    own = tender.publisher.patch(tender.place, json={"title": "棉田残膜回收机"})
    before = told(session, Kind.challenge_moved)

    changed = tender.operator.patch(tender.place, json={"title": "棉田残膜回收机具"})

    assert (own.status_code, changed.status_code) == (200, 200)
    assert (before, told(session, Kind.challenge_moved)) == (set(), {tender.owner.id})


def test_members_are_told_that_a_bid_was_withdrawn_or_goes_on_without_them(
    session: Session, client_for: ClientFor
) -> None:
    tender = Tender(session, client_for).opened()
    partner, _ = tender.another_bidder()
    bid = tender.bid(members=[{"organization_id": str(partner.id), "role": "pilot"}])

    tender.do(tender.bidder, f"bids/{bid}/withdraw")

    assert told(session, Kind.bid_moved) == {partner.id}
