"""The plan's targets: data that operators edit, beside what was counted."""

from typing import Any

import pytest
from sqlmodel import Session, select

from schemas.target import Target
from schemas.vocabulary import Measured, Role
from service.statistics.targets import load_plan_targets, plan_targets
from tests.conftest import ClientFor

BODY = {
    "plan": "“十五五”科技创新规划",
    "key": "tech_contract_value",
    "name": "技术合同成交额",
    "unit": "亿元",
    "at_least": 2,
    "first_year": 2026,
    "due_year": 2028,
    "accumulates": True,
}


def target(client: Any, **fields: Any) -> dict[str, Any]:
    answer = client.post("/v1/targets", json={**BODY, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_annual_and_cumulative_stand_side_by_side_until_a_year_lacks(client_for: ClientFor) -> None:
    operator = client_for(role=Role.operator)
    made = target(operator)
    for year, value in ((2026, 0.5), (2027, 0.75), (2029, 1)):
        operator.put(f"/v1/targets/{made['id']}/values/{year}", json={"value": value, "source": "统计公报"})

    [shown] = operator.get("/v1/targets").json()

    assert [(one["year"], one["value"], one["cumulative"]) for one in shown["years"]] == [
        (2026, 0.5, 0.5),
        (2027, 0.75, 1.25),
        (2028, None, None),
        (2029, 1, None),
    ]
    assert shown["latest"]["year"] == 2029


def test_what_is_no_sum_is_never_added_up(client_for: ClientFor) -> None:
    operator = client_for(role=Role.operator)
    made = target(operator, accumulates=False)

    shown = operator.put(f"/v1/targets/{made['id']}/values/2026", json={"value": 2}).json()

    assert shown["latest"] == {"year": 2026, "value": 2, "cumulative": None, "source": ""}


def test_a_figure_is_corrected_and_taken_away(client_for: ClientFor) -> None:
    operator = client_for(role=Role.operator)
    address = f"/v1/targets/{target(operator)['id']}/values/2026"

    operator.put(address, json={"value": 1})
    corrected = operator.put(address, json={"value": 3}).json()
    gone = operator.delete(address)

    assert corrected["latest"]["value"] == 3
    assert gone.status_code == 204
    assert operator.get("/v1/targets").json()[0]["latest"] is None


def test_a_target_is_changed_and_taken_away_with_its_figures(session: Session, client_for: ClientFor) -> None:
    operator = client_for(role=Role.operator)
    made = target(operator)
    operator.put(f"/v1/targets/{made['id']}/values/2026", json={"value": 1})

    changed = operator.patch(f"/v1/targets/{made['id']}", json={"at_least": 4}, headers={"If-Match": '"1"'})
    stale = operator.patch(f"/v1/targets/{made['id']}", json={"at_least": 5}, headers={"If-Match": '"1"'})
    refused = operator.patch(f"/v1/targets/{made['id']}", json={"due_year": 2025})
    operator.delete(f"/v1/targets/{made['id']}")

    assert (changed.json()["at_least"], changed.headers["etag"][:3]) == (4, '"2-')
    assert stale.status_code == 412
    assert refused.json()["errors"][0]["pointer"] == "/due_year"
    assert operator.get("/v1/targets").json() == []
    assert session.exec(select(Target)).all() == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.operator])
def test_everybody_reads_them_and_operators_alone_write(client_for: ClientFor, role: Role) -> None:
    made = target(client_for(role=Role.operator))
    other = client_for(role=role)

    answers = [
        other.post("/v1/targets", json=BODY),
        other.patch(f"/v1/targets/{made['id']}", json={"at_least": 0}),
        other.put(f"/v1/targets/{made['id']}/values/2026", json={"value": 9}),
        other.delete(f"/v1/targets/{made['id']}"),
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert [one["at_least"] for one in other.get("/v1/targets").json()] == [2]


def test_a_key_stands_once_in_a_plan(client_for: ClientFor) -> None:
    operator = client_for(role=Role.operator)
    target(operator)

    assert operator.post("/v1/targets", json=BODY).status_code == 409
    assert operator.post("/v1/targets", json={**BODY, "plan": "另一规划"}).status_code == 201


def test_the_plans_own_targets_come_with_their_places_and_what_they_leave_open(session: Session) -> None:
    targets = {one.key: one for one in plan_targets()}

    contracts = targets["tech_contract_value"]
    assert len(targets) == 12
    assert (contracts.at_least, contracts.baseline, contracts.baseline_year) == (0.5, 0.07263, 2020)
    assert contracts.place == "第三章第三节，第14页"
    assert "累计" in contracts.ambiguity
    assert targets["rd_gdp"].measured is Measured.no
    assert all(one.measured_how for one in targets.values())


def test_what_operators_changed_stays_changed(session: Session) -> None:
    load_plan_targets(session)
    kept = session.exec(select(Target).where(Target.key == "rd_gdp")).one()
    kept.at_least = 3
    session.flush()

    load_plan_targets(session)
    session.commit()

    assert len(session.exec(select(Target)).all()) == 12
    assert session.exec(select(Target).where(Target.key == "rd_gdp")).one().at_least == 3
