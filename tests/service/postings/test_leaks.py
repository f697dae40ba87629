"""What is found before publishing is shown with its place, held for review, and published by an operator alone."""

from typing import Any

import pytest
from sqlmodel import Session

from schemas.account import Organization
from schemas.vocabulary import Role, Side
from service.platform.settings import settings
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.postings.test_imports import post as post_file
from tests.service.postings.test_imports import work
from tests.service.sides import body_of, both_sides

SECRET = "图纸为机密★，见附件"
IDENTITY = "65312319900307123X"


@both_sides
@pytest.mark.parametrize(
    ("fields", "field", "kind"),
    [
        ({"description": SECRET}, "description", "classified"),
        ({"title": "涉密材料"}, "title", "classified"),
        ({"partner_wish": SECRET}, "partner_wish", "classified"),
        ({"keywords": ["红枣", "13800138000"]}, "keywords/1", "phone"),
        ({"keywords": ["zhang@tmsk.cn"]}, "keywords/0", "email"),
        (
            {"attachments": [{"title": IDENTITY, "url": "https://a.cn/1"}]},
            "attachments/0/title",
            "identity_number",
        ),
        (
            {"attachments": [{"title": "微信：zhang_01", "url": "https://a.cn/1"}]},
            "attachments/0/title",
            "account",
        ),
        ({"description": f"负责人{IDENTITY}"}, "description", "identity_number"),
        ({"description": "打款到6222021234567890128"}, "description", "bank_card"),
        ({"description": "绿华枣业招标", "confidentiality": "trade"}, "description", "own_name"),
    ],
)
def test_what_might_leak_is_told_with_its_place_and_held_for_review(
    session: Session, client_for: ClientFor, side: Side, fields: dict[str, Any], field: str, kind: str
) -> None:
    verified = client_for(make_organization(session, name="图木舒克市绿华枣业有限公司"))

    made = verified.post(f"/v1/{side}", json=body_of(side, **fields, publish=True)).json()

    (leak,) = made["leaks"]
    assert (leak["field"], leak["kind"]) == (field, kind)
    assert leak["zh"]
    assert leak["en"]
    assert leak["zh"] in made["status_reason"]
    assert made["status"] == "submitted"
    assert verified.post(f"/v1/{side}/{made['id']}/publish").json()["status"] == "submitted"


@both_sides
def test_the_place_is_where_the_words_stand(client_for: ClientFor, side: Side) -> None:
    made = client_for().post(f"/v1/{side}", json=body_of(side, description=SECRET)).json()

    (leak,) = made["leaks"]
    assert made["description"][leak["start"] : leak["end"]] == "机密★"
    assert leak["taken_out"] is False


@both_sides
def test_an_identity_number_is_taken_out_kept_from_contacts_and_looked_at(
    client_for: ClientFor, side: Side
) -> None:
    written = f"负责人张工 {IDENTITY}，电话13800138000"

    made = client_for().post(f"/v1/{side}", json=body_of(side, description=written, publish=True)).json()

    told = {leak["kind"]: leak for leak in made["leaks"]}
    assert IDENTITY not in made["description"]
    assert [contact["phone"] for contact in made["contacts"]] == ["13800138000"]
    assert {kind: leak["taken_out"] for kind, leak in told.items()} == {
        "identity_number": True,
        "phone": True,
    }
    assert written[told["identity_number"]["start"] : told["identity_number"]["end"]] == IDENTITY
    assert made["status"] == "submitted"


@both_sides
def test_a_telephone_number_that_was_taken_out_is_told_and_holds_nothing_up(
    client_for: ClientFor, side: Side
) -> None:
    body = body_of(side, description="致电13800138000", publish=True)

    made = client_for().post(f"/v1/{side}", json=body).json()

    assert [(leak["kind"], leak["taken_out"]) for leak in made["leaks"]] == [("phone", True)]
    assert (made["status"], made["status_reason"]) == ("published", "")


def test_by_a_setting_it_is_held_all_the_same(client_for: ClientFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "hold_contacts", True)

    made = (
        client_for()
        .post("/v1/needs", json={"title": "枣", "description": "致电13800138000", "publish": True})
        .json()
    )

    assert made["status"] == "submitted"


@both_sides
def test_a_name_that_is_not_masked_may_stand_in_its_own_posting(
    session: Session, client_for: ClientFor, side: Side
) -> None:
    client = client_for(make_organization(session, name="图木舒克市绿华枣业有限公司"))

    made = client.post(f"/v1/{side}", json=body_of(side, description="绿华枣业招标", publish=True)).json()

    assert (made["status"], made["leaks"]) == ("published", [])


@both_sides
def test_asking_first_tells_the_same_and_keeps_nothing(client_for: ClientFor, side: Side) -> None:
    client = client_for()

    checked = client.post(f"/v1/{side}/check", json=body_of(side, description=SECRET)).json()
    clean = client.post(f"/v1/{side}/check", json=body_of(side)).json()

    assert (checked["status"], [leak["kind"] for leak in checked["leaks"]]) == ("submitted", ["classified"])
    assert "涉密" in checked["reason"]
    assert clean == {"status": "published", "reason": "", "leaks": []}
    assert client.get(f"/v1/{side}?mine=true").json()["items"] == []
    assert client.get("/v1/audit").json()["items"] == []


@both_sides
def test_an_operator_publishes_what_was_held_and_it_stays_so(
    client_for: ClientFor, owner: Organization, side: Side
) -> None:
    poster, operator = client_for(owner), client_for(role=Role.operator)
    made = poster.post(f"/v1/{side}", json=body_of(side, description=SECRET, publish=True)).json()
    address = f"/v1/{side}/{made['id']}"

    seen = operator.get(address).json()
    published = operator.post(f"{address}/publish").json()
    elsewhere = poster.patch(address, json={"keywords": ["红枣"]}).json()
    same = poster.patch(address, json={"description": SECRET}).json()

    assert [leak["kind"] for leak in seen["leaks"]] == ["classified"]
    assert (published["status"], published["status_reason"]) == ("published", "")
    assert [elsewhere["status"], same["status"]] == ["published", "published"]


@both_sides
def test_new_words_are_looked_at_anew(client_for: ClientFor, owner: Organization, side: Side) -> None:
    poster, operator = client_for(owner), client_for(role=Role.operator)
    made = poster.post(f"/v1/{side}", json=body_of(side, description=SECRET, publish=True)).json()
    address = f"/v1/{side}/{made['id']}"
    operator.post(f"{address}/publish")

    again = poster.patch(address, json={"description": f"{SECRET}，另有涉密材料"}).json()
    mended = poster.patch(address, json={"description": "按大小分级"}).json()

    assert (again["status"], len(again["leaks"])) == ("submitted", 2)
    assert (mended["status"], mended["status_reason"], mended["leaks"]) == ("submitted", "", [])
    assert poster.post(f"{address}/publish").json()["status"] == "published"


@both_sides
def test_masking_a_posting_looks_for_the_name_in_what_stands_there(
    session: Session, client_for: ClientFor, side: Side
) -> None:
    client = client_for(make_organization(session, name="图木舒克市绿华枣业有限公司"))
    made = client.post(f"/v1/{side}", json=body_of(side, title="绿华枣业分级", publish=True)).json()

    masked = client.patch(f"/v1/{side}/{made['id']}", json={"confidentiality": "trade"}).json()

    assert (made["status"], masked["status"]) == ("published", "submitted")
    assert [leak["kind"] for leak in masked["leaks"]] == ["own_name"]


@both_sides
def test_others_do_not_read_what_was_found(client_for: ClientFor, owner: Organization, side: Side) -> None:
    made = client_for(owner).post(f"/v1/{side}", json=body_of(side, description=SECRET, publish=True)).json()
    client_for(role=Role.operator).post(f"/v1/{side}/{made['id']}/publish")

    assert client_for().get(f"/v1/{side}/{made['id']}").json()["leaks"] is None


def test_an_import_holds_those_rows_and_says_where(session: Session, client_for: ClientFor) -> None:
    client = client_for()
    file = f"需求名称,description\n红枣分级,按大小分级\n残膜回收,{SECRET}\n".encode()
    posted = post_file(client, file, publish="true").json()

    work(session)

    run = client.get(f"/v1/imports/{posted['id']}").json()
    listed = client.get("/v1/needs", params={"mine": True}).json()["items"]
    statuses = {one["title"]: one["status"] for one in listed}
    assert (run["accepted"], run["held"]) == (2, 1)
    assert [(leak["row"], leak["field"], leak["kind"]) for leak in run["leaks"]] == [
        (3, "description", "classified")
    ]
    assert statuses == {"红枣分级": "published", "残膜回收": "submitted"}


@both_sides
def test_who_may_not_post_may_not_try_either(client_for: ClientFor, side: Side) -> None:
    asked = client_for(role=Role.integrator).post(f"/v1/{side}/check", json=body_of(side))

    assert asked.status_code == 403
