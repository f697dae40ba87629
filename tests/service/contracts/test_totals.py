"""However contracts are amended and cancelled, the totals are the sum of those that are registered."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from schemas.contract import ContractEntry
from schemas.contract_terms import ContractType
from service.api.openapi_examples import EXAMPLES
from service.contracts.registration_rules.working_days import today
from tests.conftest import ClientFor
from tests.service.contracting import Parties, agree, content, do, draft, number, parties, register, sign

_SUMS = st.integers(1, 10**9)
_STEPS = st.sampled_from(
    ["amend", "amend unsigned", "amend unregistered", "refused", "terminate", "void", "fulfil", "restore"]
)


class _Kept:
    """What ought to count: the registered figures of each contract that was not cancelled."""

    def __init__(self) -> None:
        self.counting: dict[str, tuple[str, int, int]] = {}

    def sums(self) -> tuple[int, int, int]:
        figures = self.counting.values()
        return len(self.counting), sum(one[1] for one in figures), sum(one[2] for one in figures)

    def by_type(self) -> dict[str, tuple[int, int, int]]:
        found: dict[str, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
        for type_, turnover, value in self.counting.values():
            before = found[type_]
            found[type_] = (before[0] + 1, before[1] + turnover, before[2] + value)
        return dict(found)


def _body(type_: str, turnover: int, share: int) -> tuple[dict[str, Any], int]:
    value = turnover * share // 100
    return content(type_, turnover=turnover, technology_value=value, equipment_value=None), value


@pytest.fixture
def two(session: Session, client_for: ClientFor) -> Parties:
    return parties(session, client_for)


@settings(
    max_examples=12,
    deadline=None,
    # The database is emptied after the test, and what was counted before an example is taken off.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(ContractType)),
            _SUMS,
            st.integers(0, 100),
            st.lists(
                st.tuples(_STEPS, st.sampled_from(list(ContractType)), _SUMS, st.integers(0, 100)), max_size=4
            ),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_totals_are_the_sum_of_the_registered_contracts(
    session: Session, two: Parties, lives: list[tuple[ContractType, int, int, list[Any]]]
) -> None:
    before = two.operator.get("/v1/contracts/totals").json()
    kept = _Kept()
    for type_, turnover, share, steps in lives:
        body, value = _body(type_, turnover, share)
        made = two.operator.post(
            "/v1/contracts",
            json={
                "seeker_id": str(two.buyer.id),
                "provider_id": str(two.seller.id),
                "signed_on": "2026-03-02",
                "content": body,
            },
        ).json()
        _register(two, made)
        kept.counting[made["id"]] = (type_.value, turnover, value)
        for step, *figures in steps:
            _live(two, kept, made, step, *figures)

    after = two.operator.get("/v1/contracts/totals").json()

    def change(old: dict[str, Any], new: dict[str, Any]) -> tuple[int, ...]:
        return tuple(new[name] - old[name] for name in ("contracts", "turnover", "technology_value"))

    assert change(before, after) == kept.sums()
    nothing = {"contracts": 0, "turnover": 0, "technology_value": 0}
    types_before, types_after = ({one["key"]: one for one in found["types"]} for found in (before, after))
    changed = {
        key: change(types_before.get(key, nothing), types_after.get(key, nothing))
        for key in types_before | types_after
    }
    assert {key: sums for key, sums in changed.items() if any(sums)} == kept.by_type()
    assert sum(one["turnover"] for one in after["months"]) == after["turnover"]


def _register(two: Parties, made: dict[str, Any]) -> None:
    do(two.provider, made, "submit")
    do(two.operator, made, "register", number=number())


def _live(
    two: Parties, kept: _Kept, made: dict[str, Any], step: str, type_: ContractType, turnover: int, share: int
) -> None:
    """One step, where it is possible, with what it ought to do to the totals."""
    now = two.operator.get(f"/v1/contracts/{made['id']}").json()["status"]
    body, value = _body(type_, turnover, share)
    if step == "void" and now != "cancelled":
        do(two.operator, made, "cancel", ground="void")
        kept.counting.pop(made["id"], None)
    elif step == "restore" and now == "amending":
        do(two.seeker, made, "restore")
    elif step == "fulfil" and now == "registered":
        do(two.seeker, made, "fulfil")
    elif now in ("registered", "refused", "signed") and step not in ("void", "restore", "fulfil"):
        _amend(two, kept, made, step, body, (type_.value, turnover, value))


def _amend(
    two: Parties,
    kept: _Kept,
    made: dict[str, Any],
    step: str,
    body: dict[str, Any],
    figures: tuple[str, int, int],
) -> None:
    do(two.seeker, made, "terminate") if step == "terminate" else do(two.seeker, made, "amend", **body)
    if step == "amend unsigned":
        return
    sign(two, made)
    ends: dict[str, Callable[[], Any]] = {
        "amend unregistered": lambda: None,
        "refused": lambda: (
            do(two.provider, made, "submit"),
            do(two.operator, made, "refuse", ground="other"),
        ),
    }
    if step in ends:
        ends[step]()
        return
    _register(two, made)
    if step == "terminate":
        kept.counting.pop(made["id"], None)
    else:
        kept.counting[made["id"]] = figures


def test_a_contract_of_several_domains_counts_in_each_and_once_in_all(session: Session, two: Parties) -> None:
    made = two.operator.post(
        "/v1/contracts",
        json={
            "seeker_id": str(two.buyer.id),
            "provider_id": str(two.seller.id),
            "signed_on": "2026-03-02",
            "content": content(domains=["fruit.fruit_processing", "fruit", "crops"]),
        },
    ).json()
    _register(two, made)

    found = two.operator.get("/v1/contracts/totals").json()

    assert [(one["key"], one["contracts"]) for one in found["domains"]] == [("crops", 1), ("fruit", 1)]
    assert found["contracts"] == 1


def test_breakdowns_are_for_operators_and_brokers(two: Parties) -> None:
    asked = [who.get("/v1/contracts/totals").status_code for who in (two.operator, two.broker, two.seeker)]

    assert asked == [200, 200, 403]


def test_the_funnel_goes_on_to_the_registered_contract(session: Session, two: Parties) -> None:
    agree(session, two)
    signed, ended = draft(session, two), draft(session, two)
    sign(two, signed)
    register(two, draft(session, two))
    do(two.operator, register(two, ended), "cancel", ground="void")

    funnel = two.broker.get("/v1/statistics").json()["funnel"]

    assert {name: funnel[name] for name in ("introductions", "agreed", "contracts", "registered")} == {
        "introductions": 4,
        "agreed": 4,
        "contracts": 2,
        "registered": 1,
    }


def test_what_is_counted_stands_beside_what_is_entered_and_neither_is_added_to_the_other(
    session: Session, two: Parties
) -> None:
    body = {**EXAMPLES["TargetCreate"], "first_year": 2025, "due_year": 2025}
    target = two.operator.post("/v1/targets", json=body).json()
    two.operator.put(f"/v1/targets/{target['id']}/values/2025", json={"value": 0.4})
    register(two, draft(session, two))
    [early, *_] = session.exec(select(ContractEntry)).all()
    early.booked_on = date(2025, 6, 1)
    session.commit()
    register(two, draft(session, two, turnover=1_000_000))

    [shown] = two.seeker.get("/v1/targets").json()
    counted = {one.pop("year"): one for one in shown["counted"]}

    assert (shown["latest"]["value"], shown["years"][0]["cumulative"]) == (0.4, 0.4)
    assert counted[2025] == {
        "contracts": 1,
        "turnover": 800_000,
        "technology_value": 720_000,
        "turnover_cumulative": 800_000,
        "technology_value_cumulative": 720_000,
    }
    assert counted[today().year] == {
        "contracts": 1,
        "turnover": 1_000_000,
        "technology_value": 720_000,
        "turnover_cumulative": 1_800_000,
        "technology_value_cumulative": 1_440_000,
    }


def test_a_target_that_is_no_sum_of_contracts_is_not_counted(two: Parties) -> None:
    two.operator.post("/v1/targets", json={**EXAMPLES["TargetCreate"], "key": "rd_gdp"})

    assert two.operator.get("/v1/targets").json()[0]["counted"] is None


def test_breakdowns_on_the_statistics_are_for_operators_and_brokers(session: Session, two: Parties) -> None:
    register(two, draft(session, two))

    told = [who.get("/v1/statistics").json()["contracts"] for who in (two.operator, two.broker, two.seeker)]

    assert [one and one["turnover"] for one in told] == [800_000, 800_000, None]


def test_totals_may_be_those_of_some_years(session: Session, two: Parties) -> None:
    register(two, draft(session, two))
    year = today().year

    def counted(**years: int) -> int:
        return int(two.operator.get("/v1/contracts/totals", params=years).json()["contracts"])

    assert counted(first_year=year, last_year=year) == 1
    assert (counted(last_year=year - 1), counted(first_year=year + 1)) == (0, 0)
