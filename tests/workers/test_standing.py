"""Standing matches: told once to each who waits, of what a search would show them, and of nothing else."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import ApiKey, Organization
from schemas.base import now
from schemas.notice import Notice
from schemas.outbox import OutboxMessage, Topic
from schemas.subscription import Subscription
from schemas.vocabulary import Role
from tests.conftest import ClientFor, Refreshed
from tests.make import EVERYTHING, make_capability, make_need, make_organization
from tests.receiver import receiver
from tests.telling import set_to, tell
from workers import standing as standing_work

pytestmark = pytest.mark.model

WANTED = "棉田残膜机械化回收"
Publish = Callable[[], None]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """The worker's own index keeps what it read, and rows are taken away beneath it between tests."""
    standing_work._kept.cache_clear()


@pytest.fixture
def published(session: Session, do_work: Callable[[], None]) -> Publish:
    """Encode what was posted, and tell whoever waits for it."""

    def work() -> None:
        do_work()
        tell(session)

    return work


def subscribe(client: TestClient, **fields: Any) -> dict[str, Any]:
    body = {"text": WANTED, "looking_for": "needs", **fields}
    if body.get("posting_id"):
        del body["text"], body["looking_for"]
    answer = client.post("/v1/subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def told(client: TestClient) -> list[dict[str, Any]]:
    items = client.get("/v1/notifications").json()["items"]
    return [one for one in items if one["kind"] == "match.found"]


def test_a_need_that_fits_is_told_with_its_score_and_one_that_does_not_is_not(
    session: Session, client_for: ClientFor, published: Publish
) -> None:
    client = client_for()
    made = subscribe(client)
    fitting = make_need(session, title="棉田残膜回收机械", description="适合沙壤土的残膜回收。")
    make_need(session, title="羊布病快速检测试纸")

    published()

    [notice] = told(client)
    assert notice["subject_id"] == str(fitting.id)
    assert notice["detail"]["side"] == "needs"
    assert notice["detail"]["subscriptions"] == [made["id"]]
    assert notice["detail"]["score"] >= made["min_score"]


def test_the_score_is_the_one_that_a_search_shows(
    session: Session, client_for: ClientFor, published: Publish, refreshed: Refreshed
) -> None:
    client = client_for()
    subscribe(client, min_score=0)
    make_need(session, title="棉田残膜回收机械"), make_need(session, title="红枣分级设备")

    published()
    body = {"text": WANTED, "looking_for": "needs", **EVERYTHING}
    searched = refreshed(client).post("/v1/matches", json=body).json()["items"]

    assert {one["subject_id"]: one["detail"]["score"] for one in told(client)} == pytest.approx(
        {one["need"]["id"]: one["score"] for one in searched}, abs=0.005
    )


def test_nobody_is_told_twice_when_it_is_edited_encoded_again_or_met_by_several(
    session: Session, client_for: ClientFor, owner: Organization, published: Publish
) -> None:
    client = client_for()
    subscribe(client), subscribe(client, text="残膜回收机具")
    need = make_need(session, owner, title="棉田残膜回收机械")
    published()

    poster = client_for(owner)
    poster.patch(f"/v1/needs/{need.id}", json={"title": "棉田残膜回收机械化作业"})
    published()
    session.add(OutboxMessage(topic=Topic.need_changed, subject_id=need.id))
    session.commit()
    published()

    [notice] = told(client)
    assert len(notice["detail"]["subscriptions"]) == 2


def test_colleagues_are_told_each_for_themselves_or_all_together_but_never_both(
    session: Session, client_for: ClientFor, published: Publish
) -> None:
    organization = make_organization(session)
    first, second = client_for(organization), client_for(organization)
    subscribe(first)
    make_need(session, title="棉田残膜回收机械")
    published()
    alone = [len(told(first)), len(told(second))]
    subscribe(second, whole_organization=True)
    make_need(session, title="棉田残膜回收机械")
    published()

    assert alone == [1, 0]
    assert [len(told(first)), len(told(second))] == [2, 1]
    assert len(session.exec(select(Notice)).all()) == 2


def test_an_own_need_waits_for_capabilities_with_all_that_it_states(
    session: Session,
    client_for: ClientFor,
    owner: Organization,
    published: Publish,
    do_work: Callable[[], None],
) -> None:
    client = client_for(owner)
    need = make_need(session, owner, title="棉田残膜回收机械")
    do_work()
    made = subscribe(client, posting_id=str(need.id))
    fitting = make_capability(session, title="棉田残膜回收机械")
    make_capability(session, title="双语健康科普短视频")

    published()

    assert made["looking_for"] == "capabilities"
    assert [one["subject_id"] for one in told(client)] == [str(fitting.id)]


@pytest.mark.parametrize(
    "filters",
    [
        {"domain": ["livestock"]},
        {"region": ["653122"]},
        {"affiliation": ["aid"]},
        {"need_type": ["equipment"]},
        {"cooperation_mode": ["license"]},
        {"min_score": 1.0},
    ],
    ids=str,
)
def test_what_the_filters_leave_out_is_not_told(
    session: Session, client_for: ClientFor, published: Publish, filters: dict[str, Any]
) -> None:
    filtered, free = client_for(), client_for()
    subscribe(filtered, **filters), subscribe(free, domain=["agri_machinery"], affiliation=["corps"])
    make_need(session, title="棉田残膜回收机械", domains=["agri_machinery"])

    published()

    assert told(filtered) == []
    assert len(told(free)) == 1


def test_nobody_is_told_of_what_they_may_not_see_nor_of_their_own(
    session: Session, client_for: ClientFor, owner: Organization, published: Publish
) -> None:
    own, member, integrator = client_for(owner), client_for(), client_for(role=Role.integrator)
    for client in (own, member, integrator):
        subscribe(client)
    make_need(session, owner, title="棉田残膜回收机械", visibility="members")
    make_need(session, owner, title="棉田残膜回收机械", visibility="private")
    make_need(session, owner, title="棉田残膜回收机械", publish=False)

    published()

    assert [len(told(client)) for client in (own, member, integrator)] == [0, 1, 0]


def test_a_draft_is_told_once_it_is_published(
    session: Session, client_for: ClientFor, owner: Organization, published: Publish
) -> None:
    client = client_for()
    subscribe(client)
    need = make_need(session, owner, title="棉田残膜回收机械", publish=False)
    published()
    before = told(client)

    client_for(owner).post(f"/v1/needs/{need.id}/publish")
    published()

    assert before == []
    assert len(told(client)) == 1


def test_after_it_is_ended_or_the_key_revoked_or_over_nothing_is_told(
    session: Session, client_for: ClientFor, published: Publish
) -> None:
    ended = client_for()
    made = subscribe(ended)
    assert ended.delete(f"/v1/subscriptions/{made['id']}").status_code == 204
    for over in ("revoked_at", "expires_at"):
        subscription = session.get_one(Subscription, UUID(subscribe(client_for())["id"]))
        setattr(session.get_one(ApiKey, subscription.api_key_id), over, now())
    session.commit()
    make_need(session, title="棉田残膜回收机械")

    published()

    assert session.exec(select(Notice)).all() == []


def test_where_nobody_waits_nothing_is_owed(session: Session, do_work: Callable[[], None]) -> None:
    make_need(session)

    do_work()

    assert session.exec(select(OutboxMessage)).all() == []


def test_a_match_goes_to_webhooks_only_where_a_subscription_wants_it(
    session: Session, client_for: ClientFor, published: Publish
) -> None:
    wanting, feed_only = client_for(), client_for()
    with receiver() as there, receiver() as other, set_to(webhook_allow=["127.0.0.1"]):
        wanting.post("/v1/webhooks", json={"url": there.url})
        feed_only.post("/v1/webhooks", json={"url": other.url})
        subscribe(wanting), subscribe(feed_only, channels=["feed"])
        make_need(session, title="棉田残膜回收机械")
        published()

        assert len(there.received) == 1
        assert other.received == []
