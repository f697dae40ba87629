"""What each type of contract must say, and what no contract may."""

from typing import Any

import pytest
from sqlmodel import Session

from schemas.contract_terms import ContractType
from tests.conftest import ClientFor
from tests.service.contracting import TERMS, Parties, content, draft, parties
from tests.service.sides import ABSENT


@pytest.fixture
def two(session: Session, client_for: ClientFor) -> Parties:
    return parties(session, client_for)


@pytest.mark.parametrize("type_", list(ContractType), ids=str)
def test_each_type_is_drafted_with_its_own_fields(session: Session, two: Parties, type_: str) -> None:
    made = draft(session, two, type_)

    assert (made["type"], made["status"], made["version"]) == (type_, "draft", 1)
    assert {**made["content"]["terms"], **TERMS[type_]} == made["content"]["terms"]
    assert (made["seeker"]["id"], made["provider"]["id"]) == (str(two.buyer.id), str(two.seller.id))


REQUIRED = {
    "development": ("goal", "content", "plan", "acceptance", "risk", "kind"),
    "transfer": ("object", "ownership", "right"),
    "license": ("object", "ownership", "right", "kind", "territory", "term"),
    "consulting": ("question", "report", "acceptance"),
    "service": ("task", "conditions", "acceptance", "kind"),
}


@pytest.mark.parametrize(
    ("type_", "field"), [(one, name) for one, names in REQUIRED.items() for name in names]
)
def test_a_field_that_its_type_must_have_is_missed(
    session: Session, two: Parties, type_: str, field: str
) -> None:
    body = content(type_)
    del body["terms"][field]

    answer = two.seeker.post(f"/v1/introductions/{ABSENT}/contract", json=body)

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [f"/terms/{type_}/{field}"]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"technology_value": 800_001}, "/technology_value", "value_above_turnover"),
        ({"turnover": 800_000.5}, "/turnover", "int_from_float"),
        ({"turnover": -1, "technology_value": 0}, "/turnover", "greater_than_equal"),
        ({"valid_until": "2019-12-31"}, "/valid_until", "range_reversed"),
        ({"terms": {"type": "barter"}}, "/terms", "union_tag_invalid"),
        ({"terms": {"object": "不属于技术开发"}}, "/terms/development/object", "extra_forbidden"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(
    session: Session, two: Parties, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = two.seeker.post(f"/v1/introductions/{ABSENT}/contract", json=content(**changes))

    assert answer.status_code == 422
    assert (pointer, code) in [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("kind", "code"), [("training", "trainees_missing"), ("brokerage", "third_party_missing")]
)
def test_training_and_brokerage_say_whom(session: Session, two: Parties, kind: str, code: str) -> None:
    answer = two.seeker.post(
        f"/v1/introductions/{ABSENT}/contract", json=content("service", terms={"kind": kind})
    )

    assert [one["code"] for one in answer.json()["errors"]] == [code]
