"""Handing in, the registry's number, refusal, amendment and cancellation: and the totals, which follow."""

import re
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, select

from schemas.contract import Contract, ContractEntry
from service.contracts.registration_rules.working_days import today, working_days_after
from tests.conftest import ClientFor
from tests.service.contracting import Parties, content, do, draft, number, parties, register, sign


@pytest.fixture
def two(session: Session, client_for: ClientFor) -> Parties:
    return parties(session, client_for)


def totals(two: Parties, **asked: Any) -> dict[str, Any]:
    answer = two.operator.get("/v1/contracts/totals", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def sums(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["contracts"], found["turnover"], found["technology_value"]


def test_the_rules_of_the_day_stay_with_the_contract_with_what_they_found(
    session: Session, two: Parties
) -> None:
    made = draft(session, two)
    sign(two, made)

    handed_in = do(two.provider, made, "submit", evidence=["task"], seals_match=True)

    assert (handed_in["status"], handed_in["rule_version"]) == ("submitted", "2026-01-23")
    assert handed_in["due_on"] == working_days_after(today(), 15).isoformat()
    assert [one["code"] for one in handed_in["findings"]] == ["party_unclear", "party_unclear"]


def test_the_precheck_keeps_nothing_and_says_what_it_is_not(session: Session, two: Parties) -> None:
    made = draft(session, two, payment="")
    address = f"/v1/contracts/{made['id']}/precheck"

    chinese = two.seeker.get(address).json()
    english = two.seeker.get(address, headers={"Accept-Language": "en"}, params={"disputed": True}).json()

    assert "请写明价款的支付方式" in [one["message"] for one in chinese["findings"]]
    assert "Say how it is paid" in [one["message"] for one in english["findings"]]
    assert "征求意见稿" in chinese["notice"]
    assert "no decision by a registry" in english["notice"]
    assert (chinese["clock"]["days"], english["clock"]["days"]) == (15, 30)
    assert session.get_one(Contract, made["id"]).rule_version is None


@pytest.mark.parametrize(
    ("language", "payment", "source"),
    [
        ("zh", "请写明价款的支付方式", "《技术合同认定规则（征求意见稿）》第39条第3项"),
        ("en", "Say how it is paid", "Rules on recognising technology contracts (draft), article 39, item 3"),
        (
            "ru",
            "Укажите порядок оплаты",
            "«Правила признания технологических договоров» (проект), статья 39, пункт 3",
        ),
        (
            "ug",
            "پۇل تۆلەش ئۇسۇلىنى ئېنىق يېزىڭ",
            "«تېخنىكا توختاملىرىنى ئېتىراپ قىلىش قائىدىسى (پىكىر ئېلىش نۇسخىسى)» 39-ماددا 3-تارماق",
        ),
    ],
)
def test_the_precheck_is_told_in_the_readers_language_with_where_each_rule_is_from(
    session: Session, two: Parties, language: str, payment: str, source: str
) -> None:
    made = draft(session, two, payment="")
    address = f"/v1/contracts/{made['id']}/precheck"

    told = [
        two.seeker.get(address, headers={"Accept-Language": language}, params=asked).json()
        for asked in ({}, {"received_on": "2020-01-01"})
    ]

    assert (payment, source) in [(one["message"], one["source"]) for one in told[0]["findings"]]
    said = [
        told[0]["notice"],
        *(one[name] for of in told for one in of["findings"] for name in ("message", "source")),
    ]
    assert [one for one in said if bool(re.search(r"[\u3400-\u9fff]", one)) is not (language == "zh")] == []


def test_an_operator_enters_when_the_registry_got_it_and_the_older_rules_count(
    session: Session, two: Parties
) -> None:
    made = draft(session, two, "license")
    sign(two, made)

    by_seller = two.provider.post(f"/v1/contracts/{made['id']}/submit", json={"received_on": "2025-12-01"})
    tomorrow = two.operator.post(f"/v1/contracts/{made['id']}/submit", json={"received_on": "2199-01-01"})
    handed_in = do(two.operator, made, "submit", received_on="2025-12-01")
    do(two.operator, made, "register", number=number())

    assert [one["code"] for one in by_seller.json()["errors"]] == ["not_by_you"]
    assert [one["code"] for one in tomorrow.json()["errors"]] == ["in_the_future"]
    assert (handed_in["rule_version"], handed_in["due_on"]) == ("2001", "2025-12-31")
    assert [one["key"] for one in totals(two)["types"]] == ["transfer"]


def test_taken_back_and_handed_in_again_the_clock_starts_anew(session: Session, two: Parties) -> None:
    made = draft(session, two)
    sign(two, made)
    do(two.operator, made, "submit", received_on="2026-03-02")

    back = do(two.operator, made, "withdraw")
    again = do(two.provider, made, "submit")

    assert (back["status"], back["due_on"]) == ("signed", None)
    assert again["received_on"] == today().isoformat()


def test_a_registered_contract_is_in_the_totals_with_both_sums_apart(session: Session, two: Parties) -> None:
    made = register(two, draft(session, two))

    found = totals(two)

    assert (made["status"], made["registered_version"], made["registered_on"]) == (
        "registered",
        1,
        today().isoformat(),
    )
    assert sums(found) == (1, 800_000, 720_000)
    line = {"contracts": 1, "turnover": 800_000, "technology_value": 720_000}
    assert found["types"] == [{"key": "development", **line}]
    assert found["domains"] == [{"key": "fruit", **line}]
    assert found["seeker_affiliations"] == [{"key": "corps", **line}]
    assert found["provider_affiliations"] == [{"key": "aid", **line}]
    assert found["months"] == [{"key": f"{today():%Y-%m}", **line}]
    assert sums(totals(two, last_year=today().year - 1)) == (0, 0, 0)


def test_the_registry_may_come_to_another_value_and_type(session: Session, two: Parties) -> None:
    made = draft(session, two)
    sign(two, made)
    do(two.provider, made, "submit")

    above = two.operator.post(
        f"/v1/contracts/{made['id']}/register", json={"number": number(), "technology_value": 800_001}
    )
    do(two.operator, made, "register", number=number(), technology_value=500_000, type="service")

    assert [one["code"] for one in above.json()["errors"]] == ["value_above_turnover"]
    assert sums(totals(two)) == (1, 800_000, 500_000)
    assert [one["key"] for one in totals(two)["types"]] == ["service"]


@pytest.mark.parametrize(
    "wrong", ["123", "12345678901234567", "123456789012345a", "１２３４５６７８９０１２３４５６"]
)
def test_a_registration_number_has_sixteen_digits(session: Session, two: Parties, wrong: str) -> None:
    made = draft(session, two)
    sign(two, made)
    do(two.provider, made, "submit")

    answer = two.operator.post(f"/v1/contracts/{made['id']}/register", json={"number": wrong})

    assert answer.status_code == 422


def test_a_registration_number_is_of_one_contract(session: Session, two: Parties) -> None:
    taken = register(two, draft(session, two))
    made = draft(session, two)
    sign(two, made)
    do(two.provider, made, "submit")

    answer = two.operator.post(
        f"/v1/contracts/{made['id']}/register", json={"number": taken["registration_number"]}
    )

    assert answer.status_code == 409
    assert two.seeker.get(f"/v1/contracts/{made['id']}").json()["status"] == "submitted"
    assert sums(totals(two)) == (1, 800_000, 720_000)


def test_a_refusal_has_a_ground_and_counts_nowhere(session: Session, two: Parties) -> None:
    made = draft(session, two)
    sign(two, made)
    do(two.provider, made, "submit")

    refused = do(two.operator, made, "refuse", ground="object_unclear", remark="请补充考核指标")

    assert (refused["status"], refused["refusal"], refused["refusal_remark"]) == (
        "refused",
        "object_unclear",
        "请补充考核指标",
    )
    assert two.broker.get(f"/v1/contracts/{made['id']}").json()["refusal_remark"] == ""
    assert sums(totals(two)) == (0, 0, 0)
    assert do(two.provider, made, "amend", **content())["status"] == "amending"


def test_an_amendment_counts_once_it_is_registered_again_and_then_in_place_of_the_first(
    session: Session, two: Parties
) -> None:
    made = register(two, draft(session, two))
    do(two.seeker, made, "amend", **content("service", turnover=300_000, technology_value=200_000))
    sign(two, made)
    before = sums(totals(two))

    do(two.provider, made, "submit")
    do(two.operator, made, "register", number=made["registration_number"])

    assert before == (1, 800_000, 720_000)
    assert sums(totals(two)) == (1, 300_000, 200_000)
    assert [one["key"] for one in totals(two)["types"]] == ["service"]
    entries = session.exec(select(ContractEntry).order_by(ContractEntry.id)).all()  # type: ignore[arg-type]
    assert [(one.contracts, one.turnover) for one in entries] == [(1, 800_000), (-1, -800_000), (1, 300_000)]


def test_an_agreed_end_of_a_registered_contract_is_registered_and_takes_it_out_of_the_totals(
    session: Session, two: Parties
) -> None:
    made = register(two, draft(session, two))
    do(two.seeker, made, "terminate")
    signed = sign(two, made)
    do(two.provider, made, "submit")

    ended = do(two.operator, made, "register", number=made["registration_number"])

    assert (signed["status"], signed["kind"]) == ("signed", "termination")
    assert (ended["status"], ended["cancel_ground"]) == ("cancelled", "by_agreement")
    assert sums(totals(two)) == (0, 0, 0)
    assert totals(two)["types"] == []


def test_what_is_void_is_taken_out_by_an_operator_fulfilled_or_not(session: Session, two: Parties) -> None:
    made = register(two, draft(session, two))
    do(two.seeker, made, "fulfil")
    fulfilled = sums(totals(two))

    ended = do(two.operator, made, "cancel", ground="void")

    assert fulfilled == (1, 800_000, 720_000)
    assert (ended["status"], ended["cancel_ground"]) == ("cancelled", "void")
    assert sums(totals(two)) == (0, 0, 0)


def test_a_reversal_counts_in_its_own_month_so_that_what_was_published_stays(
    session: Session, two: Parties
) -> None:
    made = register(two, draft(session, two))
    [entry] = session.exec(select(ContractEntry)).all()
    entry.booked_on = date(2025, 6, 1)
    session.commit()

    do(two.operator, made, "cancel", ground="void")

    assert sums(totals(two, last_year=2025)) == (1, 800_000, 720_000)
    assert sums(totals(two, first_year=2026)) == (-1, -800_000, -720_000)
    assert sums(totals(two)) == (0, 0, 0)
