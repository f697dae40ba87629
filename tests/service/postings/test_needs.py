from typing import Any

import pytest
from sqlmodel import Session, select

from schemas.need import Need, NeedCreate
from schemas.vocabulary import Role
from tests.conftest import ClientFor

# Every field that a need may have, written as it is kept.
FULL: dict[str, Any] = {
    "title": "红枣低温真空脱水",
    "description": "枣片色泽和糖酸比不稳定。\n需要整套工艺。",
    "wanted_result": "可推广的工艺包",
    "keywords": ["红枣", "脱水"],
    "domains": ["fruit.fruit_processing", "agri_processing"],
    "cooperation_modes": ["commissioned", "training"],
    "indicators": [
        {"name": "损耗", "operator": "<=", "value": 3.5, "value_max": None, "unit": "%", "text": ""},
        {"name": "产能", "operator": "range", "value": 5, "value_max": 8, "unit": "t/h", "text": "5-8 t/h"},
    ],
    "maturity": {"scale": "trl", "value": 5, "trl_min": 5, "trl_max": 5},
    "ip": [{"type": "invention", "status": "granted", "number": "ZL201910123456.7", "owners": ["某公司"]}],
    "region": "659003.44",
    "partner_wish": "有同类案例",
    "publicly_funded": False,
    "attachments": [{"title": "照片", "url": "https://example.org/a.jpg"}],
    "visibility": "members",
    "confidentiality": "trade",
    "confidential_detail": "枣片酶解参数见内部工艺卡。",
    "external_id": "ERP/2027-001",
    "valid_until": "2027-12-31",
    "contacts": [{"name": "张工", "phone": "0998-5721234", "email": "zhang@tmsk.cn", "note": "工作日"}],
    "need_type": "process",
    "budget": {"min": 500_000, "max": 1_000_000, "method": "negotiated"},
    "deadline": "2027-06-30",
}


def test_every_field_of_a_need_comes_back_as_it_was_sent(client_for: ClientFor) -> None:
    client = client_for()

    made = client.post("/v1/needs", json=FULL).json()

    assert set(FULL) | {"publish"} == set(NeedCreate.model_fields)
    assert made.items() >= FULL.items()
    assert made["readings"] == []
    assert client.get(f"/v1/needs/{made['id']}").json() == made


def test_every_field_of_a_need_can_be_changed(client_for: ClientFor) -> None:
    client = client_for()
    made = client.post("/v1/needs", json={"title": "枣"}).json()

    changed = client.patch(f"/v1/needs/{made['id']}", json=FULL).json()

    assert changed.items() >= FULL.items()


@pytest.mark.parametrize(
    ("field", "written", "read"),
    [
        ("budget", "50-100万", {"min": 500_000, "max": 1_000_000, "method": None}),
        ("budget", "面议", {"min": None, "max": None, "method": "face_to_face"}),
        ("deadline", "2027年6月底", "2027-06-30"),
        ("valid_until", "二〇二七年底", "2027-12-31"),
        ("need_type", "技术难题", "tech_problem"),
        ("region", "第三师四十四团", "659003.44"),
        ("domains", "特色林果产品精深加工、种业", ["fruit.fruit_processing", "seed"]),
        ("cooperation_modes", ["委托开发", "培训"], ["commissioned", "training"]),
        ("cooperation_modes", "委托开发、培训", ["commissioned", "training"]),
        ("keywords", "红枣，脱水", ["红枣", "脱水"]),
        ("publicly_funded", "自筹", False),
        ("visibility", "会员可见", "members"),
        ("maturity", "中试", {"scale": "stage", "value": "middle", "trl_min": 6, "trl_max": 6}),
    ],
)
def test_words_are_read_and_what_was_written_is_kept(
    client_for: ClientFor, field: str, written: Any, read: Any
) -> None:
    made = client_for().post("/v1/needs", json={"title": "枣", field: written}).json()

    assert made[field] == read
    assert made["readings"] == [{"field": field, "written": written, "read": read}]


def test_an_indicator_in_words_is_read(client_for: ClientFor) -> None:
    made = client_for().post("/v1/needs", json={"title": "枣", "indicators": ["残膜回收率≥90%"]}).json()

    indicator = made["indicators"][0]
    assert (indicator["name"], indicator["operator"], indicator["value"]) == ("残膜回收率", ">=", 90)
    assert indicator["text"] == "残膜回收率≥90%"
    assert made["readings"][0]["written"] == ["残膜回收率≥90%"]


def test_words_inside_an_object_are_kept_too(client_for: ClientFor) -> None:
    written = [{"type": "发明专利", "number": "1"}]

    made = client_for().post("/v1/needs", json={"title": "枣", "ip": written}).json()

    assert made["ip"][0]["type"] == "invention"
    assert [reading["written"] for reading in made["readings"]] == [written]


def test_a_bare_number_is_the_whole_budget(client_for: ClientFor) -> None:
    made = client_for().post("/v1/needs", json={"title": "枣", "budget": 80_000}).json()

    assert made["budget"] == {"min": 80_000, "max": 80_000, "method": None}
    assert made["readings"] == []


def test_a_field_that_is_written_anew_loses_its_old_reading(client_for: ClientFor) -> None:
    client = client_for()
    made = client.post("/v1/needs", json={"title": "枣", "budget": "面议", "deadline": "2027年底"}).json()

    changed = client.patch(f"/v1/needs/{made['id']}", json={"budget": None}).json()

    assert [reading["field"] for reading in changed["readings"]] == ["deadline"]


@pytest.mark.parametrize(
    ("field", "written", "pointer", "code"),
    [
        ("budget", "大约很多", "/budget", "unreadable"),
        ("budget", {"min": 2, "max": 1}, "/budget", "range_reversed"),
        ("budget", {"min": -1}, "/budget/min", "greater_than_equal"),
        ("deadline", "尽快", "/deadline", "unreadable"),
        ("need_type", "别的什么", "/need_type", "enum"),
        ("region", "火星", "/region", "unknown_region"),
        ("domains", ["fruit", "占星"], "/domains/1", "unknown_domain"),
        ("maturity", {"scale": "trl", "value": 12}, "/maturity", "unreadable"),
        ("maturity", {"scale": "trl", "value": [5]}, "/maturity/value", "level"),
        ("publicly_funded", "也许", "/publicly_funded", "unreadable"),
        ("keywords", ["枣"] * 21, "/keywords", "too_long"),
        ("attachments", [{"url": "javascript:alert(1)"}], "/attachments/0/url", "string_pattern_mismatch"),
        ("title", " ", "/title", "string_too_short"),
    ],
)
def test_words_that_cannot_be_read_are_told_with_their_place(
    session: Session, client_for: ClientFor, field: str, written: Any, pointer: str, code: str
) -> None:
    answer = client_for().post("/v1/needs", json={"title": "枣", field: written})

    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert session.exec(select(Need)).all() == []


@pytest.mark.parametrize("budget", ["80", "50-100", 90, {"min": 80, "max": 80}, "不超过80"])
def test_a_sum_that_is_hardly_meant_is_asked_about(client_for: ClientFor, budget: Any) -> None:
    client = client_for()

    made = client.post("/v1/needs", json={"title": "核桃去青皮机", "budget": budget}).json()

    [reading] = [one for one in made["readings"] if one["field"] == "budget"]
    assert "万元" in reading["question"]["zh"]
    assert reading["question"]["en"]


@pytest.mark.parametrize("budget", ["80元", "80万元", "面议", 800_000, "1200", {"min": 50_000, "max": None}])
def test_a_sum_with_a_unit_or_of_some_size_is_taken_as_it_is(client_for: ClientFor, budget: Any) -> None:
    made = client_for().post("/v1/needs", json={"title": "核桃去青皮机", "budget": budget}).json()

    assert [one["question"] for one in made["readings"] if one.get("question")] == []


@pytest.mark.parametrize(("language", "label"), [("zh-CN", "企业"), ("en", "Enterprise")])
def test_a_label_that_a_message_lists_is_taken(client_for: ClientFor, language: str, label: str) -> None:
    client = client_for(role=Role.operator)
    body = {"name": "绿华枣业", "kind": "x", "affiliation": "local"}

    told = client.post("/v1/organizations", json=body, headers={"Accept-Language": language}).json()
    made = client.post("/v1/organizations", json={**body, "kind": label})

    assert label in told["errors"][0]["message"]
    assert "enterprise" not in told["errors"][0]["message"]
    assert (made.status_code, made.json()["kind"]) == (201, "enterprise")
