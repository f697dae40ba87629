"""What is looked at first of all that wait: vectors that are kept, and a quick look that passes over nothing."""

import pytest
from sqlmodel import Session, select

from schemas.need import Need
from schemas.subscription import StandingVector, Subscription
from schemas.vocabulary import Side
from service.matches.live_index import LiveIndex
from service.matches.percolator import Standing, _loaded
from service.matches.ranking import score_given
from tests.conftest import ClientFor
from tests.make import make_need
from tests.workers.test_standing import WANTED, Publish, subscribe
from tests.workers.test_standing import _fresh as _fresh  # noqa: PLC0414
from tests.workers.test_standing import published as published  # noqa: PLC0414

pytestmark = pytest.mark.model


def test_texts_are_encoded_once_and_kept(
    session: Session, client_for: ClientFor, published: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(client_for())
    make_need(session, title="棉田残膜回收机械")
    published()
    [kept] = session.exec(select(StandingVector)).all()
    index = LiveIndex()
    index.refresh()
    assert index.serving is not None
    monkeypatch.setattr("service.matches.percolator.encode", None)

    standing = Standing()
    standing.catch_up(session, index.serving)

    assert len(standing) == 1
    assert kept.model == index.serving.model.name


def test_what_is_passed_over_unscored_could_not_have_been_told(
    session: Session, client_for: ClientFor, published: Publish
) -> None:
    """Of every pair: what the exact score reaches is told, whatever the quick look made of it."""
    texts = [WANTED, "红枣视觉分级", "羊布病检测", "滴灌水肥一体化", "残膜", "光伏清洗机器人 沙尘"]
    for floor in (0.1, 0.3, 0.5, 0.7, 0.9):
        client = client_for()
        for text in texts:
            subscribe(client, text=text, min_score=floor)
    for title in ("棉田残膜回收机械", "红枣自动分级设备", "布鲁氏菌病试纸", "光伏板清洗"):
        make_need(session, title=title, domains=["crops"], budget="50万", partner_wish="能到现场安装")
    published()
    index, standing = LiveIndex(), Standing()
    index.refresh()
    serving = index.serving
    assert serving is not None
    standing.catch_up(session, serving)
    everybody = session.exec(select(Subscription.id)).all()

    reached = compared = 0
    for need in session.exec(select(Need)):
        quick = {one.subscription.id for one in standing.reached_by(session, serving, need, Side.needs)}
        exact = {
            subscription.id
            for subscription, _, asking in _loaded(session, serving, everybody)
            if score_given(serving, asking, [need.id], {})[0].score >= (subscription.min_score or 0)
        }
        assert quick == exact
        reached, compared = reached + len(exact), compared + len(everybody)
    assert 0 < reached < compared
