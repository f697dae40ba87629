"""Many at once for one thing, with real transactions: one wins, the others are told what it lost to."""

from collections.abc import Callable
from typing import Any

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.audit import AuditEntry
from schemas.introduction import OPEN, Introduction, IntroductionStep
from schemas.need import Need
from service.access import audit
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization
from tests.races import MANY, race, statuses


@pytest.fixture
def many_of(client_for: ClientFor) -> Callable[[Organization, int], list[TestClient]]:
    """Clients of one organisation, each with a key of its own."""
    return lambda organization, count: [client_for(organization) for _ in range(count)]


def sent(client: TestClient, place: str, body: dict[str, Any] | None = None) -> Callable[[], httpx.Response]:
    return lambda: client.post(place, json=body)


def noted(session: Session, subject: object) -> list[str]:
    """What the audit has of one thing since it was there, oldest first; and the chain is whole."""
    session.rollback()
    assert audit.verify(session).broken_at is None
    entries = (
        select(AuditEntry.action).where(AuditEntry.subject_id == subject).order_by(col(AuditEntry.number))
    )
    return list(session.exec(entries))


@pytest.fixture
def pair(session: Session) -> tuple[Organization, Organization, dict[str, str]]:
    seeker, provider = make_organization(session), make_organization(session)
    need, capability = make_need(session, seeker), make_capability(session, provider)
    return seeker, provider, {"need_id": str(need.id), "capability_id": str(capability.id)}


Pair = tuple[Organization, Organization, dict[str, str]]
ManyOf = Callable[[Organization, int], list[TestClient]]


@pytest.mark.parametrize(
    ("verb", "by"), [("withdraw", "seeker"), ("decline", "provider")], ids=["withdraw", "decline"]
)
def test_an_answer_and_its_opposite_at_once_leave_one(
    session: Session, many_of: ManyOf, pair: Pair, verb: str, by: str
) -> None:
    seeker, provider, both = pair
    accepting, opposing = (
        many_of(provider, MANY // 2),
        many_of(seeker if by == "seeker" else provider, MANY // 2),
    )
    place = "/v1/introductions/" + many_of(seeker, 1)[0].post("/v1/introductions", json=both).json()["id"]
    body = {"reason": "timing"} if verb == "decline" else None

    answers = race(
        [sent(client, f"{place}/accept", {}) for client in accepting]
        + [sent(client, f"{place}/{verb}", body) for client in opposing]
    )

    assert statuses(answers) == {200: 1, 409: MANY - 1}
    [won] = [answer.json()["status"] for answer in answers if answer.is_success]
    [kept] = session.exec(select(Introduction)).all()
    assert kept.status.value == won
    assert {answer.json()["status_now"] for answer in answers if not answer.is_success} == {won}
    done = {"accepted": "accept", "withdrawn": "withdraw", "declined": "decline"}[won]
    steps = select(IntroductionStep).order_by(col(IntroductionStep.id))
    assert [step.verb for step in session.exec(steps)] == ["ask", done]
    assert noted(session, kept.id) == ["introduction.ask", f"introduction.{done}"]


def test_one_pair_asked_for_at_once_has_one_introduction(
    session: Session, many_of: ManyOf, pair: Pair
) -> None:
    seeker, provider, both = pair
    clients = many_of(seeker, MANY // 2) + many_of(provider, MANY // 2)

    answers = race([sent(client, "/v1/introductions", both) for client in clients])

    assert statuses(answers) == {201: 1, 409: MANY - 1}
    [made] = session.exec(select(Introduction)).all()
    assert made.status in OPEN
    assert {answer.json()["status_now"] for answer in answers if not answer.is_success} == {made.status.value}
    assert noted(session, made.id) == ["introduction.ask"]
    notices = session.execute(text("SELECT count(*) FROM notice WHERE subject_id = :id"), {"id": made.id})
    assert notices.scalar_one() == 1


def test_a_draft_published_and_closed_at_once_is_one_after_the_other(
    session: Session, many_of: ManyOf
) -> None:
    owner = make_organization(session)
    need = make_need(session, owner, publish=False)
    clients = many_of(owner, MANY)

    verbs = ["publish", "close"] * (MANY // 2)
    answers = race(
        [sent(client, f"/v1/needs/{need.id}/{verb}") for client, verb in zip(clients, verbs, strict=True)]
    )

    # Closed is for good: whoever publishes comes before, if at all, and once.
    actions = noted(session, need.id)
    told = statuses(answers)
    assert actions in (["need.post", "need.close"], ["need.post", "need.publish", "need.close"])
    assert told == {200: len(actions) - 1, 409: MANY - len(actions) + 1}
    assert session.get_one(Need, need.id, populate_existing=True).status.value == "closed"
