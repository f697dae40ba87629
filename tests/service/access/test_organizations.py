from typing import Any

import pytest
from sqlmodel import Session, select

from schemas.account import ApiKey
from schemas.vocabulary import Role
from service.access.key_text import key_hash
from tests.conftest import ClientFor
from tests.make import make_need, make_organization
from tests.service.sides import ABSENT

CODE = "91110000600037341L"
INSTITUTE = {"name": "塔里木大学", "kind": "university", "affiliation": "corps"}


def test_an_operator_registers_an_organisation_that_is_not_verified_yet(client_for: ClientFor) -> None:
    operator = client_for(role=Role.operator)

    answer = operator.post("/v1/organizations", json=INSTITUTE)

    assert answer.status_code == 201
    assert answer.json().items() >= {**INSTITUTE, "verified": False, "illustration": False}.items()


def test_every_field_of_an_organisation_comes_back(client_for: ClientFor) -> None:
    operator = client_for(role=Role.operator)
    body = {
        "name": "广东援疆农业技术队",
        "kind": "research_institute",
        "affiliation": "aid",
        "aid_province": "guangdong",
        "region": "659003.44",
        "credit_code": CODE,
        "website": "https://example.org/队?一=1",
        "introduction": "红枣\n加工",
    }

    made = operator.post("/v1/organizations", json=body).json()

    assert operator.get(f"/v1/organizations/{made['id']}").json() == made
    assert made.items() >= body.items()


@pytest.mark.parametrize("role", [Role.member, Role.broker, Role.integrator])
def test_nobody_but_an_operator_registers_organisations(client_for: ClientFor, role: Role) -> None:
    assert client_for(role=role).post("/v1/organizations", json=INSTITUTE).status_code == 403


def test_a_verified_organisation_publishes_without_review(session: Session, client_for: ClientFor) -> None:
    newcomer = make_organization(session, verified=False)
    member, operator = client_for(newcomer), client_for(role=Role.operator)
    before = member.post("/v1/needs", json={"title": "枣", "publish": True}).json()

    verified = operator.post(f"/v1/organizations/{newcomer.id}/verify").json()
    after = member.post("/v1/needs", json={"title": "枣", "publish": True}).json()

    assert verified["verified"] is True
    assert (before["status"], after["status"]) == ("submitted", "published")


def test_verifying_twice_is_the_same_as_once(session: Session, client_for: ClientFor) -> None:
    address = f"/v1/organizations/{make_organization(session, verified=False).id}"
    operator = client_for(role=Role.operator)

    first, second = operator.post(f"{address}/verify"), operator.post(f"{address}/verify")

    assert first.json() == second.json()
    assert operator.get(address).headers["etag"].startswith('"2-')


def test_the_text_of_a_key_is_shown_once(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)
    member = client_for(owner)
    keys = f"/v1/organizations/{owner.id}/api-keys"

    issued = member.post(keys, json={"role": "member", "name": "门户"}).json()
    listed = member.get(keys)

    assert client_for(owner).get("/v1/needs", headers={"Authorization": f"Bearer {issued['key']}"}).is_success
    assert issued["key"] not in listed.text
    assert listed.json()[0] == {name: value for name, value in issued.items() if name != "key"}


def test_the_text_of_a_key_is_kept_nowhere(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)

    issued = client_for(owner).post(f"/v1/organizations/{owner.id}/api-keys", json={"role": "member"}).json()

    row = session.exec(select(ApiKey).where(ApiKey.key_hash == key_hash(issued["key"]))).one()
    assert issued["key"] not in row.model_dump_json()
    assert issued["key"].startswith(row.prefix)
    assert len(row.prefix) < 10


def test_a_revoked_key_stays_in_the_list(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)
    member = client_for(owner)
    keys = f"/v1/organizations/{owner.id}/api-keys"
    issued = member.post(keys, json={"role": "integrator"}).json()

    for _ in range(2):
        assert member.delete(f"{keys}/{issued['id']}").status_code == 204

    listed = {key["id"]: key for key in member.get(keys).json()}
    assert listed[issued["id"]]["revoked_at"] is not None


@pytest.mark.parametrize("expires_at", ["0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59-12:00"])
def test_a_key_cannot_expire_outside_of_time(
    session: Session, client_for: ClientFor, expires_at: str
) -> None:
    owner = make_organization(session)

    answer = client_for(owner).post(
        f"/v1/organizations/{owner.id}/api-keys", json={"role": "member", "expires_at": expires_at}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/expires_at"


def test_a_member_cannot_revoke_another_organisations_key(session: Session, client_for: ClientFor) -> None:
    owner, stranger = make_organization(session), make_organization(session)
    theirs = client_for(owner)
    key_id = theirs.get(f"/v1/organizations/{owner.id}/api-keys").json()[0]["id"]
    client = client_for(stranger)

    answers = [
        client.delete(f"/v1/organizations/{place}/api-keys/{key_id}")
        for place in (owner.id, stranger.id, ABSENT)
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert theirs.get("/v1/needs").status_code == 200


@pytest.mark.parametrize(
    "code", ["911100006000373410", "91110000600037341", "枣枣", "９１１１0000600037341O"]
)
def test_a_wrong_credit_code_is_refused(client_for: ClientFor, code: str) -> None:
    answer = client_for(role=Role.operator).post("/v1/organizations", json={**INSTITUTE, "credit_code": code})

    assert answer.status_code == 422
    assert answer.json()["errors"][0].items() >= {"pointer": "/credit_code", "code": "credit_code"}.items()


def test_a_credit_code_is_registered_once(session: Session, client_for: ClientFor) -> None:
    make_organization(session, credit_code=CODE)
    other = make_organization(session)
    operator = client_for(role=Role.operator)

    created = operator.post("/v1/organizations", json={**INSTITUTE, "credit_code": CODE})
    changed = operator.patch(f"/v1/organizations/{other.id}", json={"credit_code": CODE})

    assert (created.status_code, changed.status_code) == (409, 409)
    assert created.json() == changed.json()


@pytest.mark.parametrize(
    ("affiliation", "status"), [("aid", 201), ("corps", 422), ("local", 422), ("domestic", 422)]
)
def test_only_an_aid_unit_has_a_sending_province(
    client_for: ClientFor, affiliation: str, status: int
) -> None:
    body = {**INSTITUTE, "affiliation": affiliation, "aid_province": "广东"}

    answer = client_for(role=Role.operator).post("/v1/organizations", json=body)

    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"][0]["code"] == "aid_province_without_aid"


def test_an_aid_unit_keeps_its_affiliation_while_it_has_a_sending_province(
    session: Session, client_for: ClientFor
) -> None:
    unit = make_organization(session, affiliation="aid", aid_province="guangdong")
    client = client_for(unit)
    address = f"/v1/organizations/{unit.id}"

    refused = client.patch(address, json={"affiliation": "local"})
    allowed = client.patch(address, json={"affiliation": "local", "aid_province": None})

    assert (refused.status_code, allowed.status_code) == (422, 200)
    assert refused.json()["errors"][0]["pointer"] == "/aid_province"


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "新名"}),
        ("GET", "/api-keys", None),
        ("POST", "/api-keys", {"role": "member"}),
    ],
)
def test_an_unverified_stranger_looks_absent(
    session: Session, client_for: ClientFor, method: str, rest: str, body: Any
) -> None:
    hidden = make_organization(session, verified=False)
    client = client_for()

    theirs = client.request(method, f"/v1/organizations/{hidden.id}{rest}", json=body)
    nobodys = client.request(method, f"/v1/organizations/{ABSENT}{rest}", json=body)

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()
    assert client_for(hidden).request(method, f"/v1/organizations/{hidden.id}{rest}", json=body).is_success


def test_a_verified_organisation_can_be_read_by_all_and_changed_by_its_own(
    session: Session, client_for: ClientFor
) -> None:
    owner = make_organization(session)
    stranger = client_for()

    answers = [stranger.get(f"/v1/organizations/{owner.id}")]
    answers += [
        client.patch(f"/v1/organizations/{owner.id}", json={"introduction": "枣"})
        for client in (stranger, client_for(owner), client_for(role=Role.operator))
    ]

    assert [answer.status_code for answer in answers] == [200, 404, 200, 200]


def test_what_was_changed_meanwhile_is_not_overwritten(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)
    client = client_for(owner)
    address = f"/v1/organizations/{owner.id}"
    seen = client.get(address).headers["etag"]

    first = client.patch(address, json={"name": "甲"}, headers={"If-Match": seen})
    second = client.patch(address, json={"name": "乙"}, headers={"If-Match": seen})

    assert (first.status_code, second.status_code) == (200, 412)
    assert client.get(address).json()["name"] == "甲"


def test_a_posting_is_filtered_by_what_its_organisation_has_become(
    session: Session, client_for: ClientFor
) -> None:
    owner = make_organization(session)
    need = make_need(session, owner)
    client = client_for(owner)

    client.patch(f"/v1/organizations/{owner.id}", json={"affiliation": "national"})

    found = client.get("/v1/needs", params={"affiliation": "national"}).json()["items"]
    assert [item["id"] for item in found] == [str(need.id)]


def test_a_change_of_an_organisation_marks_its_postings_for_the_indexes(
    session: Session, client_for: ClientFor
) -> None:
    owner = make_organization(session)
    need, others = make_need(session, owner), make_need(session)
    session.expire_all()
    before = need.changed_xid, others.changed_xid
    session.commit()

    client_for(owner).patch(f"/v1/organizations/{owner.id}", json={"affiliation": "national"})

    session.expire_all()
    assert need.changed_xid != before[0]
    assert others.changed_xid == before[1]


@pytest.mark.parametrize(
    ("change", "verified"),
    [
        ({"name": "另一家公司"}, False),
        ({"kind": "university"}, False),
        ({"affiliation": "local"}, False),
        ({"credit_code": CODE}, False),
        ({"introduction": "新的介绍", "website": "https://example.cn"}, True),
    ],
)
def test_what_was_vouched_for_is_verified_anew_where_the_organisation_changes_it(
    session: Session, client_for: ClientFor, change: dict[str, Any], verified: bool
) -> None:
    owner = make_organization(session, name="原名公司")
    need = make_need(session, owner)
    client = client_for(owner)

    answer = client.patch(f"/v1/organizations/{owner.id}", json=change)
    same = client_for(owner).get(f"/v1/needs/{need.id}").json()["status"]
    later = client_for(owner).post("/v1/needs", json={"title": "红枣分级", "publish": True}).json()

    assert answer.json()["verified"] is verified
    assert same == "published"
    assert later["status"] == ("published" if verified else "submitted")


def test_what_stays_as_it_is_or_an_operator_changes_needs_no_verification(
    session: Session, client_for: ClientFor
) -> None:
    owner = make_organization(session, name="原名公司")
    address = f"/v1/organizations/{owner.id}"

    same = client_for(owner).patch(address, json={"name": "原名公司"})
    vouched = client_for(role=Role.operator).patch(address, json={"name": "新名公司"})

    assert (same.json()["verified"], vouched.json()["verified"]) == (True, True)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("塔里木\u200b大学", "塔里木大学"),
        ("塔里木\ufe0f大学", "塔里木大学"),
        ("\u202e塔里木大学", "塔里木大学"),
        ("ＡＢＣ  １２３公司", "ABC 123公司"),
        ("图木舒克（新疆）公司", "图木舒克（新疆）公司"),
    ],
)
def test_a_name_loses_what_nobody_sees(client_for: ClientFor, written: str, kept: str) -> None:
    answer = client_for(role=Role.operator).post("/v1/organizations", json={**INSTITUTE, "name": written})

    assert answer.json()["name"] == kept


def test_a_name_without_a_letter_is_refused(client_for: ClientFor) -> None:
    answer = client_for(role=Role.operator).post("/v1/organizations", json={**INSTITUTE, "name": "\u200b·"})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "empty_name")
