"""Operators suspend organisations, reinstate them, merge them, and see whose names look alike."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session, col, select

from schemas.account import ApiKey, Organization
from schemas.audit import AuditEntry
from schemas.need import Need
from schemas.notice import Notice, NoticeKind
from schemas.vocabulary import Role
from service.notices.feed import notify
from service.trust.standing import _owned
from tests.conftest import ClientFor
from tests.make import make_capability, make_key, make_need, make_organization
from tests.service.portal.test_signed_in import browser as browser  # noqa: PLC0414
from tests.service.portal.test_signed_in import token_of
from tests.service.two_sides import TwoSides
from tests.service.two_sides import two as two  # noqa: PLC0414

REASON = {"reason": "冒用名称"}


def audited(session: Session, action: str) -> list[AuditEntry]:
    session.rollback()
    return list(session.exec(select(AuditEntry).where(AuditEntry.action == action)))


def test_keys_of_a_suspended_organisation_do_not_work_until_it_is_reinstated(
    session: Session, client_for: ClientFor
) -> None:
    owner = make_organization(session)
    need, client, operator = make_need(session, owner), client_for(owner), client_for(role=Role.operator)
    address = f"/v1/organizations/{owner.id}"

    suspended = operator.post(f"{address}/suspend", json=REASON)
    refused = client.get("/v1/needs")
    others = client_for().get(f"/v1/needs/{need.id}")
    reinstated = operator.post(f"{address}/reinstate")
    again = client.get("/v1/needs")

    assert suspended.json()["suspended_at"] is not None
    assert (refused.status_code, others.status_code) == (401, 200)
    assert "暂停" in refused.json()["detail"]
    assert (reinstated.json()["suspended_at"], again.status_code) == (None, 200)
    for action in ("organization.suspend", "organization.reinstate"):
        assert [one.subject_id for one in audited(session, action)] == [owner.id]


@pytest.mark.parametrize("verb", ["suspend", "merge"])
def test_nobody_suspends_or_merges_away_the_organisation_they_belong_to(
    session: Session, client_for: ClientFor, verb: str
) -> None:
    own = make_organization(session)
    body: dict[str, Any] = {"into_id": str(make_organization(session).id)} if verb == "merge" else REASON

    answer = client_for(own, Role.operator).post(f"/v1/organizations/{own.id}/{verb}", json=body)

    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("verb", "body"), [("suspend", REASON), ("reinstate", None), ("merge", {}), ("look-alikes", None)]
)
@pytest.mark.parametrize("role", [Role.integrator, Role.member, Role.broker])
def test_only_operators_do_any_of_it(
    session: Session, client_for: ClientFor, verb: str, body: dict[str, Any] | None, role: Role
) -> None:
    other, own = make_organization(session), make_organization(session)
    sent = {"into_id": str(own.id)} if verb == "merge" else body
    client, address = client_for(own, role), f"/v1/organizations/{other.id}/{verb}"

    answer = client.get(address) if verb == "look-alikes" else client.post(address, json=sent)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("ＡＢＣ科技", "abc科技", True),
        ("АВС科技", "ABC科技", True),
        ("绿华（枣业）公司", "绿华(枣业) 公司", True),
        ("绿华枣业", "绿华果业", False),
    ],
)
def test_names_that_look_alike_are_shown_to_the_operator(
    session: Session, client_for: ClientFor, one: str, other: str, *, alike: bool
) -> None:
    known = make_organization(session, name=one)
    new = make_organization(session, name=other, verified=False)

    found = client_for(role=Role.operator).get(f"/v1/organizations/{new.id}/look-alikes").json()

    assert [row["id"] for row in found] == ([str(known.id)] if alike else [])


def test_all_that_an_organisation_has_goes_to_the_surviving_one(two: TwoSides) -> None:
    session, old, new = two.session, two.seeking, make_organization(two.session)
    place = two.accepted()
    two.seeker.post("/v1/subscriptions", json={"text": "残膜", "looking_for": "capabilities"})
    two.seeker.post(
        "/v1/embeds", json={"name": "站", "origins": ["https://a.example.cn"], "elements": ["latest"]}
    )

    answer = two.operator.post(f"/v1/organizations/{old.id}/merge", json={"into_id": str(new.id)})

    assert (answer.status_code, answer.json()["id"]) == (200, str(new.id))
    session.expire_all()
    assert session.get_one(Need, two.need.id).organization_id == new.id
    assert two.row(place).seeker_id == new.id
    # The key goes over, and works.
    assert two.seeker.get(place).json()["seeker"]["id"] == str(new.id)
    for table, column in _owned():
        left = session.execute(
            text(f"SELECT count(*) FROM {table.name} WHERE {column.name} = :old"), {"old": old.id}
        )
        assert left.scalar() == 0, (table.name, column.name)
    merged = session.get_one(Organization, old.id)
    assert (merged.merged_into, merged.verified_at) == (new.id, None)
    [entry] = audited(session, "organization.merge")
    assert set(entry.concerns) >= {old.id, new.id}
    assert entry.detail["moved"]["api_key"] == len(
        session.exec(select(ApiKey).where(col(ApiKey.organization_id) == new.id)).all()
    )


def test_what_both_call_by_one_external_id_stays_two_postings(
    session: Session, client_for: ClientFor
) -> None:
    old, new = make_organization(session), make_organization(session)
    theirs = [make_need(session, one, external_id="A-1") for one in (old, new)]

    answer = client_for(role=Role.operator).post(
        f"/v1/organizations/{old.id}/merge", json={"into_id": str(new.id)}
    )

    assert answer.status_code == 200, answer.text
    session.expire_all()
    assert [session.get_one(Need, one.id).external_id for one in theirs] == [None, "A-1"]


def test_the_surviving_one_gets_the_credit_code_that_it_lacks(
    session: Session, client_for: ClientFor
) -> None:
    old, new = make_organization(session, credit_code="91110000600037341L"), make_organization(session)

    answer = client_for(role=Role.operator).post(
        f"/v1/organizations/{old.id}/merge", json={"into_id": str(new.id)}
    )

    assert answer.json()["credit_code"] == "91110000600037341L"


def test_two_that_deal_with_each_other_are_not_merged(two: TwoSides) -> None:
    two.ask()

    answer = two.operator.post(
        f"/v1/organizations/{two.seeking.id}/merge", json={"into_id": str(two.providing.id)}
    )

    assert (answer.status_code, answer.json()["type"]) == (409, "conflict")
    two.session.expire_all()
    assert two.session.get_one(Need, two.need.id).organization_id == two.seeking.id


def test_what_was_merged_is_neither_reinstated_nor_merged_again(
    session: Session, client_for: ClientFor
) -> None:
    old, new = make_organization(session), make_organization(session)
    operator, address = client_for(role=Role.operator), f"/v1/organizations/{old.id}"
    body = {"into_id": str(new.id)}
    operator.post(f"{address}/merge", json=body)

    answers = [operator.post(f"{address}/reinstate"), operator.post(f"{address}/merge", json=body)]

    assert [one.status_code for one in answers] == [409, 409]


def test_a_posting_that_went_over_is_found_under_its_new_organisation(
    session: Session, client_for: ClientFor
) -> None:
    old, new = make_organization(session), make_organization(session)
    made = make_capability(session, old)

    client_for(role=Role.operator).post(f"/v1/organizations/{old.id}/merge", json={"into_id": str(new.id)})

    found = client_for().get(f"/v1/capabilities?organization_id={new.id}").json()["items"]
    assert [one["id"] for one in found] == [str(made.id)]


def test_what_both_were_told_is_kept_for_both(session: Session, client_for: ClientFor) -> None:
    old, new = make_organization(session), make_organization(session)
    notify(session, NoticeKind.webhook_disabled, old.id, [old.id, new.id], once="the same")
    session.commit()

    answer = client_for(role=Role.operator).post(
        f"/v1/organizations/{old.id}/merge", json={"into_id": str(new.id)}
    )

    assert answer.status_code == 200, answer.text
    session.expire_all()
    assert [one.organization_id for one in session.exec(select(Notice))] == [new.id, new.id]


def test_at_the_desk_an_organisation_is_suspended_reinstated_and_merged(
    session: Session, browser: TestClient
) -> None:
    [impostor, known] = [
        make_organization(session, name=name, verified=verified)
        for name, verified in (("ＡＢＣ科技", False), ("abc科技", True))
    ]
    browser.post("/sign-in", data={"key": make_key(session, make_organization(session), role=Role.operator)})
    token = {"form_token": token_of(browser)["form_token"]}
    seen = browser.get("/desk").text

    unnamed = browser.post(
        "/desk/organizations/suspend", data={**token, "organization": "没有", "reason": "x"}
    )
    answers = [
        browser.post(
            "/desk/organizations/suspend", data={**token, "organization": known.name, "reason": "核查"}
        ),
        browser.post(f"/desk/organizations/{known.id}/reinstate", data=token),
        browser.post(
            "/desk/organizations/merge", data={**token, "organization": str(impostor.id), "into": known.name}
        ),
    ]

    assert "名称相近的单位" in seen
    assert (unnamed.status_code, "请填写已登记单位" in unnamed.text) == (422, True)
    assert [one.status_code for one in answers] == [303, 303, 303]
    for verb in ("suspend", "reinstate", "merge"):
        assert len(audited(session, f"organization.{verb}")) == 1
    session.expire_all()
    assert session.get_one(Organization, impostor.id).merged_into == known.id
