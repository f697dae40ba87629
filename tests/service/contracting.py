"""Contracts as the parties make them, over HTTP: a test says only what matters to it."""

from copy import deepcopy
from itertools import count
from typing import Any, NamedTuple

from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.account import Organization
from schemas.vocabulary import Role
from service.api.openapi_examples import CONTRACT
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization

_numbers = count(1)

TERMS: dict[str, dict[str, Any]] = {
    "development": CONTRACT["terms"],
    "transfer": {
        "type": "transfer",
        "right": "patent",
        "object": "一种残膜捡拾打包机的发明专利及其全部技术资料。",
        "ownership": "卖方为唯一专利权人，未质押，未许可他人。",
        "right_number": "ZL202310000001.1",
    },
    "license": {
        "type": "license",
        "right": "patent",
        "kind": "ordinary",
        "object": "一种残膜捡拾打包机的发明专利的制造和使用。",
        "ownership": "卖方为唯一专利权人，未质押。",
        "right_number": "ZL202310000001.1",
        "territory": "新疆维吾尔自治区",
        "term": "自合同生效之日起三年",
    },
    "consulting": {
        "type": "consulting",
        "question": "论证在四十四团建设红枣分级加工线的技术可行性。",
        "report": "书面可行性报告，含方案比较和投资估算。",
        "acceptance": "由委托方组织三名以上专家评审。",
    },
    "service": {
        "type": "service",
        "kind": "general",
        "task": "为三条枣园滴灌首部的堵塞问题提供诊断和改造技术方案。",
        "conditions": "委托方提供现场条件和水质资料。",
        "acceptance": "改造后连续运行30天，流量偏差不超过10%。",
    },
}
NATURES: dict[str, dict[str, Any]] = {
    "development": {"mastery": "unknown", "right_passed": "none", "delivers": "technology"},
    "transfer": {"mastery": "mastered", "right_passed": "assigned", "delivers": "technology"},
    "license": {"mastery": "mastered", "right_passed": "licensed", "delivers": "technology"},
    "consulting": {"mastery": "mastered", "right_passed": "none", "delivers": "advice"},
    "service": {"mastery": "mastered", "right_passed": "none", "delivers": "work"},
}


def content(type_: str = "development", **changes: Any) -> dict[str, Any]:
    """What a contract of this type says; fields of ``terms`` and ``nature`` may be changed one by one."""
    made = deepcopy(CONTRACT) | {
        "terms": deepcopy(TERMS[type_]),
        "nature": deepcopy(NATURES[type_]),
        "valid_from": "2020-01-01",
        "valid_until": "2099-12-31",
    }
    for name, value in changes.items():
        made[name] = {**made[name], **value} if name in ("terms", "nature") else value
    return made


def number() -> str:
    """A registration number that nobody has."""
    return f"{next(_numbers):016d}"


class Parties(NamedTuple):
    seeker: TestClient
    provider: TestClient
    broker: TestClient
    operator: TestClient
    buyer: Organization
    seller: Organization
    agent: Organization


def parties(session: Session, client_for: ClientFor, **seller: Any) -> Parties:
    buyer, agent = make_organization(session), make_organization(session, kind="broker")
    sold_by = make_organization(session, **{"kind": "research_institute", "affiliation": "aid", **seller})
    return Parties(
        client_for(buyer),
        client_for(sold_by),
        client_for(agent, Role.broker),
        client_for(role=Role.operator),
        buyer,
        sold_by,
        agent,
    )


def agree(session: Session, two: Parties) -> str:
    """An introduction that the broker proposed and both agreed to."""
    asked = two.broker.post(
        "/v1/introductions",
        json={
            "need_id": str(make_need(session, two.buyer).id),
            "capability_id": str(make_capability(session, two.seller).id),
        },
    )
    assert asked.status_code == 201, asked.text
    found: str = asked.json()["id"]
    for side in (two.seeker, two.provider):
        assert side.post(f"/v1/introductions/{found}/accept", json={}).is_success
    return found


def draft(session: Session, two: Parties, type_: str = "development", **changes: Any) -> dict[str, Any]:
    answer = two.seeker.post(
        f"/v1/introductions/{agree(session, two)}/contract", json=content(type_, **changes)
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def sign(two: Parties, contract: dict[str, Any]) -> dict[str, Any]:
    """Both sign the version that counts."""
    shown: dict[str, Any] = two.seeker.get(f"/v1/contracts/{contract['id']}").json()
    for side in (two.seeker, two.provider):
        answer = side.post(
            f"/v1/contracts/{shown['id']}/sign", json={"version": shown["version"], "hash": shown["hash"]}
        )
        assert answer.status_code == 200, answer.text
        shown = answer.json()
    return shown


def do(client: TestClient, contract: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/v1/contracts/{contract['id']}/{verb}", json=body)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


def register(two: Parties, contract: dict[str, Any], **body: Any) -> dict[str, Any]:
    """Signed by both, handed in, and registered."""
    sign(two, contract)
    do(two.provider, contract, "submit")
    return do(two.operator, contract, "register", number=number(), **body)
