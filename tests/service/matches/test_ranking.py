"""What is shown, and what is not: threshold, folding, caps, pages, both sides, weights and policy."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.match_list import MatchList
from schemas.vocabulary import Affiliation, Role
from service.matches.scoring import scoring
from service.platform.settings import settings
from tests.conftest import ClientFor, Refreshed
from tests.make import EVERYTHING, make_capability, make_need, make_organization

pytestmark = pytest.mark.model


def ask(client: TestClient, **more: Any) -> dict[str, Any]:
    body = {"text": "棉田残膜回收机械", "looking_for": "capabilities", **more}
    answer = client.post("/v1/matches", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def titles(told: dict[str, Any]) -> list[str]:
    return [item["capability"]["title"] for item in told["items"]]


def test_where_nothing_is_good_the_answer_says_so_and_what_was_nearest(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    make_capability(session, owner, title="双语健康科普短视频")
    client = refreshed(client_for(owner))

    told, everything = ask(client), ask(client, min_score=0)

    assert (told["status"], told["items"]) == ("nothing_good", [])
    assert told["nearest_miss"] == everything["items"][0]["score"] < told["threshold"]
    assert told["threshold"] == scoring().good_from
    assert f"{told['nearest_miss']:.2f}" in told["note"]
    assert everything["status"] == "ready"


def test_near_duplicates_of_one_organisation_are_one_entry(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    stranger = make_organization(session)
    same = [make_capability(session, owner, title="残膜回收机械") for _ in range(3)]
    other = make_capability(session, stranger, title="残膜回收机械")
    client = refreshed(client_for())

    told = ask(client, min_score=0)

    assert len(told["items"]) == 2
    [folded] = [item for item in told["items"] if item["capability"]["organization"]["id"] == str(owner.id)]
    assert {folded["capability"]["id"], *folded["alike"]} == {str(one.id) for one in same}
    assert str(other.id) in {item["capability"]["id"] for item in told["items"]}
    assert len(ask(client, **EVERYTHING)["items"]) == 4


def test_a_cap_leaves_the_best_of_each_organisation_and_fills_the_page(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    for name in ("甲", "乙", "丙"):
        organization = make_organization(session)
        for number in range(4):
            make_capability(session, organization, title=f"残膜回收机{name}{number}型")
    client = refreshed(client_for())

    free = ask(client, limit=6, **EVERYTHING)["items"]
    capped = ask(client, limit=6, **EVERYTHING | {"max_per_organization": 2})["items"]

    owners = [item["capability"]["organization"]["id"] for item in capped]
    assert len(free) == len(capped) == 6
    assert max(owners.count(one) for one in owners) == 2
    assert capped[0] == free[0]


def test_pages_neither_repeat_nor_skip_while_postings_come_and_go(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    owners = [make_organization(session) for _ in range(3)]
    names = [f"残膜回收机{number}型" for number in range(12)]
    for number, name in enumerate(names):
        make_capability(session, owners[number % 3], title=name)
    client = refreshed(client_for())
    first = ask(client, limit=4, min_score=0, max_per_organization=3, fold=False)

    make_capability(session, make_organization(session), title="棉田残膜回收机械")
    refreshed(client)
    second = ask(client, limit=4, cursor=first["next_cursor"])
    third = ask(client, limit=4, cursor=second["next_cursor"])

    shown = titles(first) + titles(second) + titles(third)
    assert len(shown) == len(set(shown)) == 9
    assert "棉田残膜回收机械" not in shown
    assert [item["rank"] for told in (first, second, third) for item in told["items"]] == list(range(1, 10))
    assert third["next_cursor"] is None
    assert first["list_id"] == third["list_id"]


def test_another_organisations_list_looks_like_not_there(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    for number in range(3):
        make_capability(session, owner, title=f"残膜回收机{number}型")
    cursor = ask(refreshed(client_for()), limit=1, **EVERYTHING)["next_cursor"]

    body = {"text": "棉田残膜回收机械", "looking_for": "capabilities", "cursor": cursor}
    answer = client_for().post("/v1/matches", json=body)

    assert answer.status_code == 404


def test_a_shown_list_is_kept_with_what_made_it(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    for number in range(3):
        make_capability(session, owner, title=f"残膜回收机{number}型")
    told = ask(
        refreshed(client_for(owner)),
        text="残膜回收，电话13800138000",
        limit=2,
        weight=["words:0.5"],
        **EVERYTHING,
    )

    [kept] = session.exec(select(MatchList)).all()
    assert str(kept.id) == told["list_id"]
    assert kept.organization_id == owner.id
    assert (kept.scoring, kept.model) == (told["scoring"], told["model"])
    assert kept.weights["words"] == pytest.approx(scoring().weights["words"].weight * 0.5)
    assert (len(kept.items), kept.shown) == (3, 2)
    assert [str(one.id) for one in kept.items[:2]] == [item["capability"]["id"] for item in told["items"]]
    assert kept.index_state > 0
    # Contacts are taken out before anything is kept.
    assert "13800138000" not in (kept.text or "")


def test_suggested_and_applied_weights_come_back(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    make_capability(session, owner, title="残膜回收机")
    client = refreshed(client_for(owner))

    weights = ask(client, weight=["dense:2"], **EVERYTHING)["weights"]

    assert weights["dense"]["applied"] == pytest.approx(2 * weights["dense"]["suggested"])
    assert weights["words"]["applied"] == weights["words"]["suggested"]


def test_unknown_conditions_stay_null_and_a_bare_title_still_matches(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    make_capability(session, owner, title="棉田残膜回收机械")

    [item] = ask(refreshed(client_for(owner)))["items"]

    assert item["signals"]["money"] is None
    assert item["signals"]["dense"] > 0.5
    assert 0 < item["known"] < 1
    assert item["one_sided"]
    assert item["for_capability"] is None
    assert [reason["silent"] for reason in item["reasons"] if reason["kind"] == "one_sided"] == ["capability"]


def test_a_provider_whose_wish_is_met_comes_before_one_whose_is_not(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    wishes = {"合意": "希望与棉花种植企业合作示范残膜回收", "不合意": "只与医院合作开展临床试验"}
    for name, wish in wishes.items():
        make_capability(session, make_organization(session, name=name), title="残膜回收机", partner_wish=wish)
    need = make_need(session, make_organization(session), title="棉花种植企业求残膜回收机")
    client = refreshed(client_for())

    items = client.get(f"/v1/needs/{need.id}/matches", params=EVERYTHING).json()["items"]

    assert [item["capability"]["organization"]["name"] for item in items] == ["合意", "不合意"]
    assert items[0]["for_capability"] > items[1]["for_capability"]
    assert items[0]["for_need"] == pytest.approx(items[1]["for_need"], abs=1e-3)
    assert not items[0]["one_sided"]
    assert min(items[1]["for_need"], items[1]["for_capability"]) < items[1]["score"]
    assert items[1]["score"] < (items[1]["for_need"] + items[1]["for_capability"]) / 2


def test_the_operators_policy_lifts_an_affiliation_and_says_so(
    session: Session, client_for: ClientFor, refreshed: Refreshed, monkeypatch: pytest.MonkeyPatch
) -> None:
    aid = make_organization(session, affiliation="aid", aid_province="广东")
    make_capability(session, make_organization(session, affiliation="national"), title="残膜回收机械")
    make_capability(session, aid, title="残膜回收机械")
    client = refreshed(client_for())
    without = ask(client, **EVERYTHING)

    monkeypatch.setattr(settings(), "policy_weights", {Affiliation.aid: 0.3})
    lifted = ask(client, **EVERYTHING)

    policies = [[one for one in item["reasons"] if one["kind"] == "policy"] for item in lifted["items"]]
    assert lifted["items"][0]["capability"]["organization"]["affiliation"] == "aid"
    assert lifted["items"][0]["score"] > lifted["items"][1]["score"]
    assert [len(some) for some in policies] == [1, 0]
    assert policies[0][0]["weight"] == 0.3
    assert "policy" not in str(without["items"])


def test_any_pair_can_be_explained_and_why_it_is_not_shown(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    owner = make_organization(session)
    need = make_need(session, owner, title="棉田残膜回收机械")
    shown = make_capability(session, owner, title="棉田残膜回收机械")
    alike = make_capability(session, owner, title="棉田残膜回收机械")
    unfit = make_capability(session, owner, title="双语健康科普短视频")
    draft = make_capability(session, owner, publish=False)
    client = refreshed(client_for(owner))

    def explained(capability: Any) -> Any:
        return client.get(f"/v1/needs/{need.id}/matches/{capability.id}")

    best, folded, far = (explained(one).json() for one in (shown, alike, unfit))
    assert (best["why_not"], best["rank"], best["need"]["id"]) == ([], 1, str(need.id))
    assert best["score"] == best["for_need"] > far["score"]
    assert folded["why_not"] == ["folded"]
    assert (far["why_not"], far["rank"]) == (["below_threshold"], 3)
    assert far["reasons"]
    assert explained(draft).status_code == 409


def test_a_pair_with_a_strangers_draft_looks_like_not_there(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    need, draft = make_need(session), make_capability(session, publish=False)
    client = refreshed(client_for())

    assert client.get(f"/v1/needs/{need.id}/matches/{draft.id}").status_code == 404


def test_what_the_cap_keeps_back_is_told_so(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    owner = make_organization(session)
    need = make_need(session, owner, title="棉田残膜回收机械")
    kinds = ("起膜铲", "打包装置", "搂膜耙", "卸膜机构", "除杂风机")
    offers = [make_capability(session, owner, title=f"残膜回收机械的{kind}") for kind in kinds]
    client = refreshed(client_for(role=Role.broker))

    reasons = [client.get(f"/v1/needs/{need.id}/matches/{one.id}").json()["why_not"] for one in offers]

    assert sorted(reasons) == [[], [], [], ["organization_cap"], ["organization_cap"]]


def test_a_need_in_uyghur_finds_the_chinese_capability_and_is_asked_for_a_summary_where_little_is_read(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    make_capability(session, owner, title="棉花膜下滴灌水肥一体化技术")
    for title in ("羊布病快速检测试纸", "建筑外墙保温板", "双语健康科普短视频"):
        make_capability(session, owner, title=title)
    client = refreshed(client_for(owner))

    told = ask(client, text="پاختا ئېتىزىدا تېمىتىپ سۇغىرىش ۋە ئوغۇتلاش تېخنىكىسى كېرەك", **EVERYTHING)
    hardly = ask(client, text="سىزنى كۆرگىنىمگە خۇشالمەن", **EVERYTHING)

    assert titles(told)[0] == "棉花膜下滴灌水肥一体化技术"
    assert "中文摘要" not in (told["note"] or "")
    assert "中文摘要" in hardly["note"]


def test_a_need_in_english_finds_the_chinese_capability(
    session: Session, owner: Organization, client_for: ClientFor, refreshed: Refreshed
) -> None:
    for title in ("棉花膜下滴灌水肥一体化技术", "羊布病快速检测试纸", "建筑外墙保温板"):
        make_capability(session, owner, title=title)
    client = refreshed(client_for(owner))

    told = ask(client, text="A quick test for brucellosis in sheep", **EVERYTHING)

    assert titles(told)[0] == "羊布病快速检测试纸"
    # No word of it is anywhere, which is unknown, and not nought.
    assert told["items"][0]["signals"]["words"] is None
