"""Whatever reads kept ids again shows what its reader may read now, not what it might when the ids were kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import now
from schemas.capability import Capability
from schemas.integrity import Veto
from schemas.introduction import Introduction
from schemas.match_list import MatchList
from schemas.notice import Notice, NoticeKind
from schemas.vocabulary import PostingStatus, Role, Side, Visibility
from service.access.principal import reading_as
from service.matches.live_index import LiveIndex
from service.matches.replay import replay
from service.notices.feed import notify
from service.notices.mail_text import titles_of
from tests.conftest import ClientFor, Refreshed
from tests.make import EVERYTHING, make_capability, make_key, make_need, make_organization
from tests.service.outlooks import make_outlook

pytestmark = pytest.mark.model

OLD, NEW = "棉田残膜回收机", "未公开的新型号"


class Stage(NamedTuple):
    """A reader with lists of before in its hands, and the posting that then changes."""

    session: Session
    client_for: ClientFor
    refreshed: Refreshed
    reader: Organization
    client: TestClient
    need: Any
    hidden: Capability


Answer = Callable[[Stage], Callable[[], str]]


def page_of_text(stage: Stage) -> Callable[[], str]:
    asked = {"text": "残膜回收", "looking_for": "capabilities", "limit": 1, **EVERYTHING}
    cursor = stage.client.post("/v1/matches", json=asked).json()["next_cursor"]
    return lambda: stage.client.post("/v1/matches", json={**asked, "limit": 50, "cursor": cursor}).text


def page_of_need(stage: Stage) -> Callable[[], str]:
    place, asked = f"/v1/needs/{stage.need.id}/matches", {"limit": 1, **EVERYTHING}
    cursor = stage.client.get(place, params=asked).json()["next_cursor"]
    return lambda: stage.client.get(place, params={**asked, "limit": 50, "cursor": cursor}).text


def first_page(stage: Stage) -> Callable[[], str]:
    """From an index that does not know yet."""
    return lambda: stage.client.get(f"/v1/needs/{stage.need.id}/matches", params=EVERYTHING).text


def portal_matches(stage: Stage) -> Callable[[], str]:
    browser = signed_in(stage)
    return lambda: browser.get(f"/needs/{stage.need.id}").text


def pair(stage: Stage) -> Callable[[], str]:
    return lambda: stage.client.get(f"/v1/needs/{stage.need.id}/matches/{stage.hidden.id}").text


def replayed(stage: Stage) -> Callable[[], str]:
    asked = {"text": "残膜回收", "looking_for": "capabilities", **EVERYTHING}
    list_id = stage.client.post("/v1/matches", json=asked).json()["list_id"]

    def again() -> str:
        index = LiveIndex()
        index.refresh()
        assert index.serving is not None
        return replay(
            stage.session, index.serving, stage.session.get_one(MatchList, list_id)
        ).model_dump_json()

    return again


def introduction(stage: Stage) -> Callable[[], str]:
    """Not answered yet: nothing was opened to whoever asked."""
    body = {"need_id": str(stage.need.id), "capability_id": str(stage.hidden.id)}
    made = stage.client.post("/v1/introductions", json=body)
    assert made.status_code == 201, made.text
    browser = signed_in(stage)
    places = ("/v1/introductions", f"/v1/introductions/{made.json()['id']}")
    pages = ("/introductions", f"/introductions/{made.json()['id']}")
    return lambda: "".join(
        [*(stage.client.get(one).text for one in places), *(browser.get(one).text for one in pages)]
    )


def worklist(stage: Stage) -> Callable[[], str]:
    make_outlook(stage.session, stage.need, 0.8, [stage.hidden.id], [0.8])
    broker = stage.client_for(make_organization(stage.session, kind="broker"), Role.broker)
    return lambda: broker.get("/v1/brokers/worklist").text


def stalled(stage: Stage) -> Callable[[], str]:
    body = {"need_id": str(stage.need.id), "capability_id": str(stage.hidden.id)}
    made = stage.client.post("/v1/introductions", json=body).json()
    provider = stage.session.get_one(Organization, stage.hidden.organization_id)
    stage.client_for(provider).post(f"/v1/introductions/{made['id']}/accept", json={})
    row = stage.session.exec(select(Introduction).where(col(Introduction.id) == made["id"])).one()
    stage.session.refresh(row)
    row.moved_at = now() - timedelta(days=90)
    stage.session.commit()
    broker = stage.client_for(make_organization(stage.session, kind="broker"), Role.broker)
    return lambda: "".join(
        broker.get(place, params=asked).text
        for place, asked in (("/v1/introductions", {"stalled": True}), ("/v1/brokers/worklist", {}))
    )


def gaps(stage: Stage) -> Callable[[], str]:
    make_outlook(stage.session, stage.need, 0.1, [stage.hidden.id], [0.1])
    broker = stage.client_for(make_organization(stage.session, kind="broker"), Role.broker)
    return lambda: broker.get("/v1/statistics/gaps").text


def notice(stage: Stage) -> Callable[[], str]:
    stage.session.commit()
    notify(
        stage.session,
        NoticeKind.match_found,
        stage.hidden.id,
        [stage.reader.id],
        side=Side.capabilities.value,
        score=0.8,
        subscriptions=[],
    )
    stage.session.commit()
    browser = signed_in(stage)
    reader = reading_as(Role.member, stage.reader.id)

    def told() -> str:
        notices = stage.session.exec(select(Notice)).all()
        mailed = titles_of(stage.session, reader, notices)
        return browser.get("/notifications").text + stage.client.get("/v1/notifications").text + str(mailed)

    return told


READERS: list[Answer] = [
    page_of_text,
    page_of_need,
    first_page,
    portal_matches,
    pair,
    replayed,
    introduction,
    worklist,
    stalled,
    gaps,
    notice,
]


def private(posting: Capability) -> None:
    posting.visibility = Visibility.private


def rejected(posting: Capability) -> None:
    posting.status = PostingStatus.rejected


def nothing(_posting: Capability) -> None:
    pass


@pytest.fixture
def stage(session: Session, client_for: ClientFor, refreshed: Refreshed) -> Stage:
    reader = make_organization(session)
    need = make_need(session, reader)
    # The best is shown on the first page; what is about to change waits on the next.
    make_capability(session, title="残膜回收", description="棉田残膜回收技术")
    hidden = make_capability(session, title=OLD)
    client = refreshed(client_for(reader))
    return Stage(session, client_for, refreshed, reader, client, need, hidden)


@pytest.mark.parametrize("change", [private, rejected])
@pytest.mark.parametrize("answer", READERS)
def test_what_is_not_readable_any_more_is_not_read_through_what_was_kept(
    stage: Stage, answer: Answer, change: Callable[[Capability], None]
) -> None:
    again = answer(stage)

    rewrite(stage, change)

    assert NEW not in again()


@pytest.mark.parametrize("answer", READERS)
def test_nor_is_what_is_of_somebody_barred(stage: Stage, answer: Answer) -> None:
    again = answer(stage)
    rewrite(stage, nothing)

    veto = Veto(
        organization_id=stage.hidden.organization_id,
        reason="学术不端",
        decided_by="科技局",
        source="决定一号",
        starts_on=now().date() - timedelta(days=1),
    )
    stage.session.add(veto)
    stage.session.commit()

    assert NEW not in again()


@pytest.mark.parametrize("answer", READERS)
def test_what_stays_readable_is_read_with_its_new_words(stage: Stage, answer: Answer) -> None:
    """Without which the tests above could not fail."""
    again = answer(stage)

    rewrite(stage, nothing)

    assert NEW in again()


def test_a_list_is_of_the_role_that_it_was_shown_to(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    owner = make_organization(session)
    for title in ("残膜回收", OLD):
        make_capability(session, title=title, visibility="members")
    member = refreshed(client_for(owner))
    asked = {"text": "残膜回收", "looking_for": "capabilities", "limit": 1, **EVERYTHING}
    cursor = member.post("/v1/matches", json=asked).json()["next_cursor"]

    answers = {
        role: client_for(owner, role).post("/v1/matches", json={**asked, "cursor": cursor}) for role in Role
    }

    assert {role: answer.status_code for role, answer in answers.items()} == {
        Role.integrator: 404,
        Role.member: 200,
        Role.broker: 404,
        Role.operator: 404,
    }


def test_what_was_folded_into_another_is_named_while_it_may_be_read(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    provider = make_organization(session)
    twins = [make_capability(session, provider, title=OLD, description="捡拾残膜并打包。") for _ in range(2)]
    client = refreshed(client_for())
    asked = {"text": "残膜回收", "looking_for": "capabilities", "min_score": 0}
    [shown] = client.post("/v1/matches", json=asked).json()["items"]
    assert len(shown["alike"]) == 1
    folded = next(one for one in twins if str(one.id) in shown["alike"])

    session.get_one(Capability, folded.id).visibility = Visibility.private
    session.commit()

    [again] = client.post("/v1/matches", json=asked).json()["items"]
    assert again["alike"] == []


def rewrite(stage: Stage, change: Callable[[Capability], None]) -> None:
    """New words under another visibility or state, which the index has not learnt of yet."""
    posting = stage.session.get_one(Capability, stage.hidden.id)
    stage.session.refresh(posting)
    posting.title, posting.description = NEW, NEW
    change(posting)
    stage.session.commit()


def signed_in(stage: Stage) -> TestClient:
    browser = TestClient(stage.client.app, headers={"Origin": "http://testserver"})
    key = make_key(stage.session, stage.reader)
    answer = browser.post("/sign-in", data={"key": key})
    assert answer.status_code in (200, 303), answer.text
    return browser
