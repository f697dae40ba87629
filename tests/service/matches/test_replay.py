"""A shown list computed anew: what differs, and why."""

import json
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlmodel import Session
from typer.testing import CliRunner

from schemas.account import Organization
from schemas.capability import Capability
from schemas.match_list import MatchList, Reranked
from schemas.need import Need
from service.access.principal import ANYONE
from service.commands.cli import app
from service.matches.live_index import LiveIndex
from service.matches.replay import Replay, ReplayedPlace, replay
from service.postings import actions as postings
from service.postings.derived import derive
from tests.conftest import ClientFor, Refreshed
from tests.make import EVERYTHING, make_capability, make_need
from tests.service.outlooks import make_list

pytestmark = pytest.mark.model

ASKED = {"text": "棉田残膜回收", "looking_for": "capabilities", **EVERYTHING}


@pytest.fixture
def ask(owner: Organization, client_for: ClientFor, refreshed: Refreshed) -> Callable[..., UUID]:
    """Ask through the API once everything is indexed; gives the id of the shown list."""

    def asked(path: str = "/v1/matches", **more: Any) -> UUID:
        client = refreshed(client_for(owner))
        if path == "/v1/matches":
            answer = client.post(path, json={**ASKED, **more})
        else:
            answer = client.get(path, params={**EVERYTHING, **more})
        return UUID(answer.json()["list_id"])

    return asked


def again(session: Session, list_id: UUID, do_work: Callable[[], None]) -> Replay:
    do_work()
    index = LiveIndex()
    index.refresh()
    assert index.serving is not None
    session.expire_all()
    return replay(session, index.serving, session.get_one(MatchList, list_id))


def of(replayed: Replay, posting_id: UUID) -> ReplayedPlace:
    (found,) = (place for place in replayed.places if place.id == posting_id)
    return found


def rewrite(session: Session, posting: Need | Capability, **fields: Any) -> None:
    stored = cast("Need | Capability", session.get_one(type(posting), posting.id))
    for name, value in fields.items():
        setattr(stored, name, value)
    derive(stored)
    postings._changed(session, stored)
    session.commit()


def circumstances(replayed: Replay) -> dict[str, bool]:
    return {one.name: one.same for one in replayed.circumstances}


def test_where_nothing_changed_the_list_is_the_same(
    session: Session, owner: Organization, ask: Callable[..., UUID], do_work: Callable[[], None]
) -> None:
    make_capability(session, owner, title="地膜捡拾打包机", maturity="TRL7")
    make_capability(session, owner, title="羊布病检测试纸")
    list_id = ask()

    replayed = again(session, list_id, do_work)

    assert replayed.same
    assert [place.place_now for place in replayed.places] == [1, 2]
    assert {name for name, same in circumstances(replayed).items() if not same} <= {"index"}


def test_a_posting_that_was_deleted_or_closed_says_so(
    session: Session, owner: Organization, ask: Callable[..., UUID], do_work: Callable[[], None]
) -> None:
    first = make_capability(session, owner, title="棉田残膜回收机")
    second = make_capability(session, owner, title="残膜捡拾机")
    third = make_capability(session, owner, title="羊布病检测试纸")
    list_id = ask()
    postings.delete(session, ANYONE, session.get_one(Capability, first.id))
    postings.close(session, ANYONE, session.get_one(Capability, second.id))
    session.commit()

    replayed = again(session, list_id, do_work)

    assert not replayed.same
    assert (of(replayed, first.id).why, of(replayed, first.id).place_now) == (["deleted"], None)
    assert of(replayed, second.id).why == ["not_published"]
    assert (of(replayed, third.id).place_then, of(replayed, third.id).place_now) == (3, 1)


def test_a_posting_that_came_later_says_so_and_moves_the_others(
    session: Session, owner: Organization, ask: Callable[..., UUID], do_work: Callable[[], None]
) -> None:
    old = make_capability(session, owner, title="羊布病检测试纸")
    list_id = ask()
    new = make_capability(session, owner, title="棉田残膜回收机")

    replayed = again(session, list_id, do_work)

    assert of(replayed, new.id).why == ["joined", "new"]
    assert (of(replayed, new.id).place_then, of(replayed, new.id).place_now) == (None, 1)
    assert of(replayed, old.id).place_now == 2
    assert of(replayed, old.id).why
    assert not circumstances(replayed)["index"]


def test_a_posting_that_was_rewritten_says_which_signals_differ(
    session: Session, owner: Organization, ask: Callable[..., UUID], do_work: Callable[[], None]
) -> None:
    changed = make_capability(session, owner, title="棉田残膜回收机")
    untouched = make_capability(session, owner, title="羊布病检测试纸")
    list_id = ask()
    rewrite(session, changed, title="骏枣裂果控制")

    replayed = again(session, list_id, do_work)

    assert {"changed", "signals"} <= set(of(replayed, changed.id).why)
    assert "dense" in of(replayed, changed.id).signals
    assert "changed" not in of(replayed, untouched.id).why


def test_what_fell_below_the_threshold_has_left(
    session: Session, owner: Organization, ask: Callable[..., UUID], do_work: Callable[[], None]
) -> None:
    changed = make_capability(session, owner, title="棉田残膜回收机")
    list_id = ask(min_score=0.2)
    rewrite(session, changed, title="羊布病检测试纸")

    replayed = again(session, list_id, do_work)

    assert of(replayed, changed.id).why == ["left", "changed"]


def test_what_is_folded_into_another_says_so(
    session: Session, owner: Organization, ask: Callable[..., UUID], do_work: Callable[[], None]
) -> None:
    head = make_capability(session, owner, title="棉田残膜回收机")
    other = make_capability(session, owner, title="羊布病检测试纸")
    list_id = ask(fold=True)
    rewrite(session, other, title="棉田残膜回收机")

    replayed = again(session, list_id, do_work)

    assert of(replayed, other.id).why[0] == "folded"
    assert "folding" in of(replayed, head.id).why


def test_another_score_is_told_for_the_whole_and_for_each_place(
    session: Session, owner: Organization, ask: Callable[..., UUID], do_work: Callable[[], None]
) -> None:
    offer = make_capability(session, owner, title="棉田残膜回收机")
    list_id = ask()
    kept = session.get_one(MatchList, list_id)
    kept.scoring, kept.model = "0", "older"
    kept.weights = {**kept.weights, "dense": 0.5}
    kept.items = [one.model_copy(update={"score": 0.1}) for one in kept.items]
    session.commit()

    replayed = again(session, list_id, do_work)

    assert {"encoder", "scoring", "weights"} <= {
        name for name, same in circumstances(replayed).items() if not same
    }
    assert of(replayed, offer.id).why == ["encoder", "scoring"]
    (weights,) = (one for one in replayed.circumstances if one.name == "weights")
    assert weights.then == "dense 0.500"


def test_the_reranker_of_then_explains_another_order(
    session: Session, owner: Organization, ask: Callable[..., UUID], do_work: Callable[[], None]
) -> None:
    for title in ("棉田残膜回收机", "羊布病检测试纸"):
        make_capability(session, owner, title=title)
    list_id = ask()
    kept = session.get_one(MatchList, list_id)
    kept.items, kept.reranked = kept.items[::-1], Reranked.whole
    session.commit()

    replayed = again(session, list_id, do_work)

    assert [place.why for place in replayed.places] == [["reranker"], ["reranker"]]


def test_a_policy_that_was_given_up_since_says_so(
    session: Session, owner: Organization, ask: Callable[..., UUID], do_work: Callable[[], None]
) -> None:
    offer = make_capability(session, owner, title="棉田残膜回收机")
    list_id = ask()
    kept = session.get_one(MatchList, list_id)
    kept.items = [one.model_copy(update={"policy": 0.3, "score": one.score + 0.01}) for one in kept.items]
    session.commit()

    replayed = again(session, list_id, do_work)

    assert of(replayed, offer.id).why == ["policy"]


def test_a_list_of_a_need_is_computed_as_long_as_the_need_is_there(
    session: Session, owner: Organization, ask: Callable[..., UUID], do_work: Callable[[], None]
) -> None:
    make_capability(session, owner, title="棉田残膜回收机")
    need = make_need(session, owner, title="残膜回收")
    list_id = ask(f"/v1/needs/{need.id}/matches")
    unchanged = again(session, list_id, do_work)
    rewrite(session, need, title="残膜除杂")
    rewritten = again(session, list_id, do_work)
    postings.delete(session, ANYONE, session.get_one(Need, need.id))
    session.commit()

    gone = again(session, list_id, do_work)

    assert (unchanged.same, circumstances(unchanged)["asked"]) == (True, True)
    assert (rewritten.same, circumstances(rewritten)["asked"]) == (False, False)
    assert (gone.computed, gone.same, gone.places) == (False, False, [])


def test_the_command_prints_what_differs(
    session: Session, owner: Organization, ask: Callable[..., UUID], do_work: Callable[[], None]
) -> None:
    gone = make_capability(session, owner, title="棉田残膜回收机")
    make_capability(session, owner, title="羊布病检测试纸")
    list_id = ask()
    postings.close(session, ANYONE, session.get_one(Capability, gone.id))
    session.commit()

    table = CliRunner().invoke(app, ["replay", str(list_id)]).output
    written = CliRunner().invoke(app, ["replay", str(list_id), "--json"]).output

    read = Replay.model_validate(json.loads(written))
    assert "棉田残膜回收机" in table
    assert "已不在发布状态" in table
    assert of(read, gone.id).why == ["not_published"]


def test_the_command_says_where_nothing_differs(
    session: Session, owner: Organization, ask: Callable[..., UUID]
) -> None:
    make_capability(session, owner, title="棉田残膜回收机")
    list_id = ask()

    assert "完全相同" in CliRunner().invoke(app, ["replay", str(list_id)]).output


def test_a_list_that_is_not_there_is_said_to_be_none(session: Session, do_work: Callable[[], None]) -> None:
    list_id = make_list(session, [], shown=0).id
    session.execute(delete(MatchList))
    do_work()

    result = CliRunner().invoke(app, ["replay", str(list_id)])

    assert result.exit_code == 1
    assert "There is no such list" in str(result.exception)
