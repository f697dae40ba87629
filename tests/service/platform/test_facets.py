from typing import Any

import pytest
from sqlmodel import Session

from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization


def _values(item: dict[str, Any], facet: str) -> set[str]:
    """What a posting counts under, worked out from what the API shows of it."""
    organization = item["organization"]
    return {
        "domain": {part for key in item["domains"] for part in (key, key.partition(".")[0])},
        # The path by the rule: 65 · 659003 · 659003.44.
        "region": {code for code in ("65", "659003", "659003.44") if (item["region"] or "").startswith(code)},
        "cooperation_mode": set(item["cooperation_modes"]),
        "affiliation": {organization["affiliation"]},
        "organization_kind": {organization["kind"]},
        "status": {item["status"]},
        "visibility": {item["visibility"]},
        "index_status": {item["index_status"]},
        "kind": {item.get("kind")},
        "need_type": {item.get("need_type")} - {None},
    }[facet]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"domain": "fruit"},
        {"domain": "fruit", "affiliation": "aid"},
        {"region": "659003", "cooperation_mode": "license"},
        {"q": "枣", "need_type": "process"},
        {"trl_min": 5, "mine": "true"},
    ],
    ids=str,
)
def test_facets_count_what_each_value_would_leave(
    session: Session, client_for: ClientFor, asked: dict[str, Any]
) -> None:
    owners = [
        make_organization(session),
        make_organization(session, kind="university", affiliation="aid", aid_province="guangdong"),
    ]
    for number in range(24):
        make_need(
            session,
            owners[number % 2],
            title="枣" if number % 3 else "杏",
            domains=[["fruit"], ["fruit.fruit_processing", "crops"], ["fruit.fruit_processing", "fruit"]][
                number % 3
            ],
            region=["659003.44", "659003", "65", None][number % 4],
            cooperation_modes=[["license", "joint"], ["license"], []][number % 3],
            need_type=["process", None][number // 12],
            maturity=["TRL 5-7", "TRL 3", None][number % 3],
            visibility=["public", "members"][number // 8 % 2],
        )
    client = client_for(owners[0])

    facets = client.get("/v1/needs", params={**asked, "facets": "true", "limit": 1}).json()["facets"]

    counted = {}
    for facet in facets:
        others = {name: value for name, value in asked.items() if name != facet}
        items = client.get("/v1/needs", params={**others, "limit": 200}).json()["items"]
        counts: dict[str, int] = {}
        for item in items:
            for value in _values(item, facet):
                counts[value] = counts.get(value, 0) + 1
        counted[facet] = counts
    assert facets == counted
    assert sum(facets["status"].values()) > 0


def test_facets_are_given_only_when_asked_for(client_for: ClientFor) -> None:
    assert client_for().get("/v1/capabilities").json()["facets"] is None


def test_the_facets_of_capabilities_count_their_kinds(session: Session, client_for: ClientFor) -> None:
    for kind in ("team", "team", "patent"):
        make_capability(session, kind=kind)

    answer = client_for().get("/v1/capabilities", params={"facets": "true", "kind": "team"}).json()

    assert len(answer["items"]) == 2
    assert answer["facets"]["kind"] == {"team": 2, "patent": 1}
    assert answer["facets"]["status"] == {"published": 2}


def test_the_facets_of_organisations_count_them(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session, kind="university", region="659003.44")
    make_organization(session, kind="university", affiliation="aid")
    make_organization(session, verified=False)

    answer = client_for(owner).get("/v1/organizations", params={"facets": "true", "kind": "university"})

    assert answer.json()["facets"] == {
        "kind": {"university": 2},
        "affiliation": {"aid": 1, "corps": 1},
        "region": {"65": 1, "659003": 1, "659003.44": 1},
    }
