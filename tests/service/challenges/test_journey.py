"""One challenge from a supply gap to acceptance, as everybody lives through it, over HTTP."""

import pytest
from sqlmodel import Session

from schemas.base import now
from schemas.match_list import NeedOutlook
from schemas.vocabulary import Role
from service.access import audit
from tests.conftest import ClientFor, Refreshed
from tests.make import make_capability, make_need, make_organization
from tests.service.tenders import Tender, bid_body, challenge_body, met

pytestmark = pytest.mark.model

WORDS = "盐碱地红枣园节水灌溉与土壤改良一体化技术"


def test_from_a_supply_gap_to_acceptance(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    tender = Tender(session, client_for)
    enterprise = client_for(tender.owner)
    need = make_need(session, tender.owner, title=WORDS, description=WORDS, domains=["fruit"])
    session.add(NeedOutlook(need_id=need.id, looked_at=now(), best_score=0.1, best=[]))
    institute, station = make_organization(session, kind="research_institute"), make_organization(session)
    make_capability(session, institute, title=WORDS, description=WORDS)
    session.commit()
    refreshed(tender.operator)

    # The operator sees the gap and makes a challenge of it.
    [gap] = tender.operator.get("/v1/statistics/gaps").json()["items"]
    body = challenge_body(milestones=[{"title": "中期检查"}], commitment="未达标退还经费")
    del body["title"], body["goal"], body["domains"]
    made = tender.operator.post("/v1/challenges", json={**body, "need_id": gap["need_id"]})
    assert made.status_code == 201
    tender.id, tender.publisher = made.json()["id"], tender.operator
    assert made.json()["title"] == WORDS
    tender.opened()

    # The matcher names whom to tell; the institute bids with a station, sealed.
    suggested = tender.operator.get(f"{tender.place}/suggestions").json()["items"]
    told = [one["organization"]["id"] for one in suggested]
    assert told == [str(institute.id)]
    tender.do(tender.operator, "invite", {"organization_ids": told})
    lead, member = client_for(institute), client_for(station)
    partners = [{"organization_id": str(station.id), "role": "application", "task": "示范300亩"}]
    handed_in = tender.do(lead, "bids", bid_body(members=partners, commitment_accepted=True))
    bid = f"bids/{handed_in['id']}"
    tender.do(member, f"{bid}/agree", {"commitment_accepted": True})
    rival = tender.bid(commitment_accepted=True)
    other_operator = client_for(role=Role.operator)
    assert other_operator.get(f"{tender.place}/{bid}").status_code == 404
    assert tender.read(other_operator)["bids"] is None

    # The deadline passes, bids are opened, reviewed and ranked, and the best wins.
    tender.evaluating().awarded({handed_in["id"]: 88, rival: 75})
    opened = other_operator.get(f"{tender.place}/{bid}").json()
    assert opened["receipt"] == handed_in["receipt"]
    assert opened["content"]["price_yuan"] == bid_body()["price_yuan"]
    [winner] = tender.read(enterprise)["winners_now"]
    assert winner["organization"]["id"] == str(institute.id)
    assert [one["id"] for one in winner["members"]] == [str(station.id)]

    # A contract, work, a report on the way, delivery, and acceptance by each indicator.
    tender.do(tender.operator, "sign")
    tender.do(tender.operator, "start")
    tender.do(lead, f"{bid}/deliver", {"milestone": 0, "report": "已建成示范区100亩"})
    tender.do(lead, f"{bid}/deliver", {"report": "全部指标完成"})
    tender.do(tender.operator, f"{bid}/accept-delivery", met(94, 10))

    public = tender.read(client_for(role=Role.integrator))
    assert public["status"] == "solved"
    assert [step["verb"] for step in public["steps"]] == [
        "open",
        "invite",
        "close",
        "award",
        "sign",
        "start",
        "report",
        "take delivery",
        "pass acceptance",
    ]
    session.rollback()
    assert audit.verify(session).broken_at is None
