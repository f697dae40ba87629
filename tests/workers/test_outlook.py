"""The look over all needs: what it keeps, what it passes over, and what gaps and drift read from it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.base import now
from schemas.match_list import NeedOutlook
from schemas.outbox import OutboxMessage, Topic
from schemas.outlook_figures import Figures, OutlookFigures
from schemas.vocabulary import Role
from service.commands.doctor import examine
from service.matches import drift
from service.matches.scoring import scoring
from tests.conftest import ClientFor
from tests.make import make_capability, make_need
from workers import outlook

pytestmark = pytest.mark.model

Look = Callable[[], None]


@pytest.fixture
def look(session: Session, do_work: Callable[[], None]) -> Look:
    """Encode what is owed, then look as the worker does."""

    def looking() -> None:
        do_work()
        message = OutboxMessage(topic=Topic.outlook)
        session.add(message)
        session.commit()
        outlook.look_over(str(message.id))
        session.expire_all()

    return looking


def test_every_published_need_gets_its_best_and_drafts_get_nothing(
    session: Session, owner: Organization, look: Look
) -> None:
    need = make_need(session, owner, title="棉田残膜回收机械")
    make_need(session, owner, title="红枣分级", publish=False)
    fitting = make_capability(session, owner, title="棉田残膜回收机械")
    make_capability(session, owner, title="羊布病快速检测试纸")
    make_capability(session, owner, title="棉田残膜回收机械", visibility="private")

    look()

    [found] = session.exec(select(NeedOutlook)).all()
    assert found.need_id == need.id
    assert found.best[0] == fitting.id
    assert len(found.best) == 2
    assert found.best_score is not None
    assert found.scores == [found.best_score, *sorted(found.scores[1:], reverse=True)]
    assert len(found.scores) == len(found.best)
    assert found.best_score > scoring().good_from


@pytest.mark.parametrize(("encoded", "pause"), [(True, outlook.PAUSE), (False, outlook.SOON)])
def test_it_looks_again_soon_while_needs_wait_to_be_encoded(
    session: Session, do_work: Callable[[], None], pause: timedelta, *, encoded: bool
) -> None:
    make_need(session)
    if encoded:
        do_work()
    message = OutboxMessage(topic=Topic.outlook)
    session.add(message)
    session.commit()

    outlook.look_over(str(message.id))

    session.refresh(message)
    assert message.due_at - now() == pytest.approx(pause, abs=timedelta(seconds=30))


def test_run_twice_it_does_nothing_twice_and_owes_itself_again(
    session: Session, owner: Organization, look: Look
) -> None:
    make_need(session, owner)
    make_capability(session, owner)
    look()
    [first] = [(one.looked_at, one.best) for one in session.exec(select(NeedOutlook))]

    look()

    [second] = [(one.looked_at, one.best) for one in session.exec(select(NeedOutlook))]
    assert second == first
    assert len(session.exec(select(OutlookFigures)).all()) == 1
    owed = session.exec(select(OutboxMessage).where(OutboxMessage.topic == Topic.outlook)).all()
    assert all(message.sent_at is None and message.due_at > now() for message in owed)


def test_a_changed_need_is_looked_at_again_and_a_closed_one_forgotten(
    session: Session, owner: Organization, look: Look
) -> None:
    changed, closed = make_need(session, owner), make_need(session, owner, title="红枣分级")
    make_capability(session, owner)
    look()
    before = {one.need_id: one.looked_at for one in session.exec(select(NeedOutlook))}
    session.execute(text("UPDATE need SET updated_at = now() WHERE id = :id"), {"id": changed.id})
    session.execute(text("UPDATE need SET status = 'closed' WHERE id = :id"), {"id": closed.id})

    look()

    after = {one.need_id: one.looked_at for one in session.exec(select(NeedOutlook))}
    assert set(after) == {changed.id}
    assert after[changed.id] > before[changed.id]


def test_gaps_are_listed_with_their_nearest_miss_for_operators_and_brokers_alone(
    session: Session, owner: Organization, look: Look, client_for: ClientFor
) -> None:
    make_need(session, owner, title="棉田残膜回收机械", domains=["agri_machinery"])
    lacking = make_need(session, owner, title="冷水鱼苗种繁育设施", domains=["livestock"])
    offers = [
        make_capability(session, owner, title=title) for title in ("棉田残膜回收机械", "双语健康科普短视频")
    ]
    look()
    make_need(session, owner, title="后来的需求")

    told = client_for(role=Role.broker).get("/v1/statistics/gaps").json()
    of_domain = client_for(role=Role.operator).get("/v1/statistics/gaps?domain=agri_machinery").json()

    assert [item["need_id"] for item in told["items"]] == [str(lacking.id)]
    assert told["items"][0]["nearest_miss"]["score"] == told["items"][0]["best_score"] < told["threshold"]
    assert told["items"][0]["nearest_miss"]["capability_id"] in {str(one.id) for one in offers}
    assert (told["needs"], told["gaps"], told["not_looked_at"]) == (2, 1, 1)
    assert {row["domain"]: (row["needs"], row["gaps"]) for row in told["domains"]} == {
        "livestock": (1, 1),
        "agri_machinery": (1, 0),
    }
    assert of_domain["items"] == []
    assert client_for().get("/v1/statistics/gaps").status_code == 403


def test_a_private_need_is_counted_as_a_gap_and_told_to_operators_alone(
    session: Session, look: Look, client_for: ClientFor
) -> None:
    make_need(session, title="冷水鱼苗种繁育设施", visibility="private")
    make_capability(session, title="双语健康科普短视频")
    look()

    broker, operator = (
        client_for(role=role).get("/v1/statistics/gaps").json() for role in (Role.broker, Role.operator)
    )

    assert (broker["gaps"], broker["items"]) == (1, [])
    assert [item["title"] for item in operator["items"]] == ["冷水鱼苗种繁育设施"]


def test_unlike_needs_that_get_the_same_are_told_as_collapse(
    session: Session, owner: Organization, look: Look, client_for: ClientFor
) -> None:
    for title in ("棉田残膜回收机械", "双语健康科普短视频", "羊布病快速检测试纸"):
        make_need(session, owner, title=title)
    for title in ("红枣分级分选", "光伏板清洗"):
        make_capability(session, owner, title=title)

    look()

    # With two capabilities in all, everybody is shown the same two.
    [found] = drift.latest(session, 1)
    assert found.figures.pairs > 0
    assert found.figures.overlap_mean == found.figures.overlap_by_lot == 1
    assert found.figures.reached == 1
    metrics = client_for().get("/metrics").text
    assert "duijie_outlook_overlap 1.0" in metrics
    assert any("结果相同" in line for line in drift.warnings(session))


def test_a_jump_of_the_scores_is_told_by_the_doctor(session: Session) -> None:
    for middle, age in ((0.6, 2), (0.3, 1)):
        figures = Figures(needs=9, capabilities=9, pairs=0, best_scores=[middle] * 11)
        session.add(
            OutlookFigures(created_at=now() - timedelta(days=age), model="m", scoring="s", figures=figures)
        )
        session.commit()

    told = drift.warnings(session)
    table, _ = examine()

    assert [line for line in told if "0.60" in line and "0.30" in line]
    assert any("0.60" in str(cell) for column in table.columns for cell in column.cells)
