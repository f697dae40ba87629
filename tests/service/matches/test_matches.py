"""Matches through HTTP, with the real encoder and the real index."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session, select

from matching.text import terms
from schemas.account import Organization
from schemas.embedding import Embedding
from schemas.reading.contacts import MASK
from schemas.vocabulary import Role
from tests.conftest import ClientFor, Refreshed
from tests.make import EVERYTHING, make_capability, make_need, make_organization

pytestmark = pytest.mark.model


def asked(client: TestClient, wanted: str = "残膜回收", **more: Any) -> list[dict[str, Any]]:
    body = {"text": wanted, "looking_for": "capabilities", **EVERYTHING, **more}
    answer = client.post("/v1/matches", json=body)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def titles(items: list[dict[str, Any]]) -> list[str]:
    return [item["capability"]["title"] for item in items]


def test_the_best_comes_first_in_both_directions(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    need = make_need(session, owner, title="棉田残膜回收", description="捡拾耕层残膜并除杂。")
    make_need(session, owner, title="骏枣裂果控制")
    fitting = make_capability(session, owner, title="地膜捡拾打包一体机", description="起膜、脱杂、打捆。")
    make_capability(session, owner, title="羊布病快速检测试纸")
    client = refreshed(client_for(owner))

    of_need = client.get(f"/v1/needs/{need.id}/matches", params=EVERYTHING).json()
    of_capability = client.get(f"/v1/capabilities/{fitting.id}/matches", params=EVERYTHING).json()

    assert of_need["status"] == of_capability["status"] == "ready"
    assert [item["rank"] for item in of_need["items"]] == [1, 2]
    assert of_need["items"][0]["capability"]["id"] == str(fitting.id)
    assert of_capability["items"][0]["need"]["id"] == str(need.id)
    # One pair, one score, from whichever side it is asked.
    assert of_need["items"][0]["score"] > of_need["items"][1]["score"]
    assert of_need["items"][0]["signals"]["dense"] == pytest.approx(
        of_capability["items"][0]["signals"]["dense"], abs=2e-3
    )


def test_a_posting_that_is_not_encoded_yet_is_answered_with_indexing(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    client = refreshed(client_for(owner))
    need = make_need(session, owner)

    answer = client.get(f"/v1/needs/{need.id}/matches")

    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["items"]) == ("indexing", [])


def test_before_the_index_is_there_a_text_is_answered_with_indexing(client_for: ClientFor) -> None:
    answer = client_for().post("/v1/matches", json={"text": "残膜", "looking_for": "needs"})

    told = answer.json()
    assert (told["status"], told["model"], told["items"]) == ("indexing", None, [])
    assert told["note"] == "正在建立索引，请稍后再试"


def test_what_was_taken_out_of_a_text_is_neither_read_nor_quoted(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    need = make_need(
        session,
        owner,
        description="耕层残膜多，联系13800138000，或zhang@tmsk.cn。",
        partner_wish="拨13800138000",
    )
    offer = make_capability(session, owner, description="链耙起膜，联系13900139000，气流除杂后打包。")
    client = refreshed(client_for(owner))

    listed = client.get(f"/v1/needs/{need.id}/matches", params=EVERYTHING).json()["items"]
    free = client.post(
        "/v1/matches",
        json={"text": f"残膜打包，{MASK}，请联系13800138000", "looking_for": "capabilities", **EVERYTHING},
    ).json()["items"]

    kept = session.exec(select(Embedding)).all()
    assert {one.posting_id for one in kept} == {need.id, offer.id}
    assert not {word for one in kept for word in one.terms if word in set(terms(MASK)) - {"联系"}}
    assert MASK in need.description
    for item in (*listed, *free):
        assert "隐去" not in json.dumps(item["reasons"], ensure_ascii=False)
        assert "隐去" not in item["summary"]


def test_a_text_is_encoded_as_if_nothing_had_stood_where_something_was_taken_out(
    session: Session, owner: Organization, do_work: Callable[[], None]
) -> None:
    masked = make_need(session, owner, description="耕层残膜多，联系13800138000。")
    plain = make_need(session, owner, description="耕层残膜多，联系 。")
    do_work()

    vectors = {
        one.posting_id: np.frombuffer(one.vectors, np.float16) for one in session.exec(select(Embedding))
    }
    assert np.allclose(vectors[masked.id], vectors[plain.id], atol=1e-2)


def test_reasons_quote_both_postings_word_for_word(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    need = make_need(
        session,
        owner,
        description="耕层残膜多。需要除杂打包。",
        cooperation_modes=["技术许可"],
        budget="50万",
    )
    offer = make_capability(
        session, owner, description="链耙起膜。气流除杂后打包。", cooperation_modes=["许可"], price="80万"
    )
    client = refreshed(client_for(owner))

    (item,) = client.get(f"/v1/needs/{need.id}/matches", params=EVERYTHING).json()["items"]

    quotes = [reason for reason in item["reasons"] if reason["kind"] == "text"]
    fits = {reason["field"]: reason["state"] for reason in item["reasons"] if reason["kind"] == "fit"}
    assert quotes
    for reason in quotes:
        for side, posting in (("need", need), ("capability", offer)):
            quote = reason[side]
            assert getattr(posting, quote["field"])[quote["start"] : quote["end"]] == quote["text"]
    assert fits == {"cooperation_modes": "met", "money": "not_met"}
    assert item["summary"]


def test_reasons_are_told_in_the_callers_language_and_left_out_on_request(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    need = make_need(session, owner, domains=["fruit"])
    make_capability(session, owner, domains=["fruit"])
    client = refreshed(client_for(owner))
    address = f"/v1/needs/{need.id}/matches"

    chinese = client.get(address, params=EVERYTHING).json()["items"][0]["reasons"]
    english = client.get(address, params=EVERYTHING, headers={"Accept-Language": "en"}).json()["items"][0][
        "reasons"
    ]
    none = client.get(address, params=EVERYTHING | {"reasons": False}).json()["items"][0]["reasons"]

    assert "林果标准化生产及高质量发展" in str(chinese)
    assert "Standardised fruit" in str(english)
    assert none is None


@pytest.mark.parametrize(
    ("name", "value", "fields"),
    [
        ("kind", "expert", {"kind": "expert"}),
        ("domain", "fruit", {"domains": ["fruit.fruit_processing"]}),
        ("domain", "fruit.fruit_processing", {"domains": ["fruit.fruit_processing"]}),
        ("region", "65", {"region": "659003.44"}),
        ("cooperation_mode", "equity", {"cooperation_modes": ["equity", "joint"]}),
    ],
)
def test_a_filter_keeps_what_fits_and_nothing_else(
    session: Session,
    owner: Organization,
    client_for: ClientFor,
    refreshed: Refreshed,
    name: str,
    value: str,
    fields: dict[str, Any],
) -> None:
    make_capability(session, owner, title="合用的", **fields)
    make_capability(session, owner, title="不合用的", region="44", domains=["textile"])
    client = refreshed(client_for(owner))

    filters: dict[str, Any] = {name: [value]}
    assert titles(asked(client, **filters)) == ["合用的"]


def test_the_affiliation_of_the_organisation_can_be_asked_for(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    make_capability(
        session, make_organization(session, affiliation="aid", aid_province="广东"), title="援疆的"
    )
    make_capability(session, make_organization(session, affiliation="corps"), title="兵团的")
    client = refreshed(client_for())

    assert titles(asked(client, affiliation=["aid"])) == ["援疆的"]
    assert sorted(titles(asked(client, affiliation=["aid", "corps"]))) == ["兵团的", "援疆的"]


def test_a_floor_leaves_out_what_scores_below_it(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    make_capability(session, owner, title="残膜回收机")
    make_capability(session, owner, title="双语健康科普短视频")
    client = refreshed(client_for(owner))

    everything = asked(client)
    floor = (everything[0]["score"] + everything[1]["score"]) / 2
    above = asked(client, min_score=floor)

    assert len(everything) == 2
    assert titles(above) == ["残膜回收机"]


@pytest.mark.parametrize(
    ("visibility", "seen_by"),
    [
        ("public", {"owner", "member", "integrator"}),
        ("members", {"owner", "member"}),
        ("matched_only", {"owner", "member"}),
        ("private", {"owner"}),
    ],
)
def test_who_is_shown_a_posting_in_a_match(
    session: Session,
    owner: Organization,
    client_for: ClientFor,
    refreshed: Refreshed,
    visibility: str,
    seen_by: set[str],
) -> None:
    make_capability(session, owner, visibility=visibility)
    clients = {
        "owner": client_for(owner),
        "member": client_for(),
        "integrator": client_for(role=Role.integrator),
    }
    refreshed(clients["owner"])

    assert {name for name, client in clients.items() if asked(client)} == seen_by


def test_what_was_closed_is_gone_though_the_index_has_not_looked_again(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    offers = [make_capability(session, owner, title=f"残膜回收机{number}型") for number in range(3)]
    client = refreshed(client_for(owner))
    session.execute(
        text("UPDATE capability SET valid_until = '2020-01-01' WHERE id = :id"), {"id": offers[1].id}
    )
    session.commit()

    client.post(f"/v1/capabilities/{offers[0].id}/close")

    assert titles(asked(client, limit=1)) == [offers[2].title]


def test_a_strangers_posting_has_no_matches_to_ask_for(
    session: Session, owner: Organization, client_for: ClientFor
) -> None:
    draft = make_need(session, owner, publish=False)

    answer = client_for().get(f"/v1/needs/{draft.id}/matches")

    assert answer.status_code == 404


def test_contacts_are_in_no_match(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    make_capability(
        session, owner, description="电话13800138000，邮箱a@example.com", contacts=[{"name": "张三"}]
    )
    client = refreshed(client_for())

    found = str(asked(client))

    assert "［联系方式已隐去］" in found
    assert not any(secret in found for secret in ("13800138000", "a@example.com", "张三"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", 0),
        ("limit", 1001),
        ("min_score", 1.5),
        ("domain", ["没有的"]),
        ("kind", ["x"]),
        ("weight", ["dense:4"]),
        ("weight", ["dense"]),
        ("cursor", "x"),
        ("zzz", 1),
        ("text", ""),
    ],
)
def test_what_does_not_fit_is_told(client_for: ClientFor, field: str, value: object) -> None:
    body = {"text": "残膜", "looking_for": "needs", field: value}

    answer = client_for().post("/v1/matches", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{field}")
