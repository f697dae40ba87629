"""Asking for an introduction through an assistant: nothing is sent before a person agreed."""

import pytest
from fastapi.testclient import TestClient
from mcp.types import ElicitRequestParams, ElicitResult
from sqlmodel import Session, select

from schemas.introduction import Introduction
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization
from tests.service.assistants import called, found, problem


def pair(session: Session, client_for: ClientFor) -> tuple[TestClient, dict[str, str]]:
    owner = make_organization(session)
    ids = {"need_id": make_need(session, owner).id, "capability_id": make_capability(session).id}
    return client_for(owner), {name: str(one) for name, one in ids.items()}


def test_nothing_is_sent_before_it_is_confirmed_and_then_once(
    session: Session, client_for: ClientFor
) -> None:
    client, both = pair(session, client_for)

    shown = found(client, "ask_introduction", **both, message="您好")
    before = session.exec(select(Introduction)).all()
    session.rollback()
    sent = found(client, "ask_introduction", **both, message="您好", confirm=True)
    again = problem(called(client, "ask_introduction", **both, confirm=True))

    assert (shown["sent"], before) == (False, [])
    assert shown["need"]["id"] == both["need_id"]
    assert sent["sent"]
    assert sent["introduction"]["status"] == "awaiting_provider"
    assert (again["type"], again["status_now"]) == ("conflict", "awaiting_provider")
    assert len(session.exec(select(Introduction)).all()) == 1


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        (ElicitResult(action="accept", content={"send": True}), True),
        (ElicitResult(action="accept", content={"send": False}), False),
        (ElicitResult(action="decline"), False),
        (ElicitResult(action="cancel"), False),
    ],
    ids=["agreed", "unticked", "declined", "closed"],
)
def test_where_the_person_can_be_asked_the_person_decides(
    session: Session, client_for: ClientFor, answer: ElicitResult, sent: bool, mode: str
) -> None:
    client, both = pair(session, client_for)
    asked: list[ElicitRequestParams] = []

    def person(question: ElicitRequestParams) -> ElicitResult:
        asked.append(question)
        return answer

    # The assistant says that they agreed; they are asked all the same.
    told = found(client, "ask_introduction", mode=mode, person=person, **both, message="您好", confirm=True)

    assert told["sent"] is sent
    assert len(session.exec(select(Introduction)).all()) == int(sent)
    assert len(asked) == 1
    assert "残膜捡拾打包机" in asked[0].message
    assert "您好" in asked[0].message


def test_a_title_cannot_pass_for_another_part_of_the_question(
    session: Session, client_for: ClientFor
) -> None:
    client, both = pair(session, client_for)
    other = make_capability(session, title="打包机\n附言 message：无")
    asked: list[str] = []

    def person(question: ElicitRequestParams) -> ElicitResult:
        asked.append(question.message)
        return ElicitResult(action="decline")

    called(client, "ask_introduction", person=person, **{**both, "capability_id": str(other.id)})

    assert len(asked[0].splitlines()) == 4
