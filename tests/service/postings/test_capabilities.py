from typing import Any

import pytest

from schemas.capability import CapabilityCreate
from schemas.vocabulary import CapabilityKind
from tests.conftest import ClientFor
from tests.service.postings.test_needs import FULL as FULL_NEED

_OF_NEEDS = {"need_type", "budget", "deadline", "wanted_result"}
FULL: dict[str, Any] = {name: value for name, value in FULL_NEED.items() if name not in _OF_NEEDS} | {
    "kind": "patent",
    "price": {"min": None, "max": 300_000, "method": "listed"},
    "transfer_by": "2028-06-30",
}


def test_every_field_of_a_capability_comes_back_as_it_was_sent(client_for: ClientFor) -> None:
    client = client_for()

    made = client.post("/v1/capabilities", json=FULL).json()

    assert set(FULL) | {"publish"} == set(CapabilityCreate.model_fields)
    assert made.items() >= FULL.items()
    assert made["readings"] == []
    assert client.get(f"/v1/capabilities/{made['id']}").json() == made


def test_every_field_of_a_capability_can_be_changed(client_for: ClientFor) -> None:
    client = client_for()
    made = client.post("/v1/capabilities", json={"title": "枣", "kind": "team"}).json()

    changed = client.patch(f"/v1/capabilities/{made['id']}", json=FULL).json()

    assert changed.items() >= FULL.items()


def test_a_capability_needs_a_kind(client_for: ClientFor) -> None:
    answer = client_for().post("/v1/capabilities", json={"title": "枣"})

    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/kind", "missing")]


def test_a_change_without_a_kind_leaves_the_kind(client_for: ClientFor) -> None:
    client = client_for()
    made = client.post("/v1/capabilities", json={"title": "枣", "kind": "team"}).json()

    changed = client.patch(f"/v1/capabilities/{made['id']}", json={"title": "杏"}).json()

    assert (changed["title"], changed["kind"]) == ("杏", "team")


@pytest.mark.parametrize("written", [*CapabilityKind, "科技成果", "仪器设备", "result"], ids=str)
def test_a_kind_is_a_key_a_label_or_a_usual_word(client_for: ClientFor, written: str) -> None:
    meant = {"科技成果": "achievement", "仪器设备": "facility", "result": "achievement"}

    made = client_for().post("/v1/capabilities", json={"title": "枣", "kind": written}).json()

    assert made["kind"] == meant.get(written, written)


def test_a_price_in_words_is_read(client_for: ClientFor) -> None:
    body = {"title": "枣", "kind": "service", "price": "30万元以内"}

    made = client_for().post("/v1/capabilities", json=body).json()

    assert made["price"] == {"min": None, "max": 300_000, "method": None}
    assert made["readings"] == [{"field": "price", "written": "30万元以内", "read": made["price"]}]


@pytest.mark.parametrize("field", ["budget", "deadline", "need_type", "wanted_result"])
def test_a_capability_has_no_fields_of_a_need(client_for: ClientFor, field: str) -> None:
    body = {"title": "枣", "kind": "team", field: FULL_NEED[field]}

    answer = client_for().post("/v1/capabilities", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0].items() >= {"pointer": f"/{field}", "code": "extra_forbidden"}.items()
