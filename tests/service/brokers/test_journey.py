"""A broker's proposal over HTTP: worklist, proposal, both sides' consent, contract, record, evaluation."""

from sqlmodel import Session

from tests.conftest import ClientFor
from tests.service.contracting import content
from tests.service.proposals import Brokerage


def test_from_a_proposal_to_a_broker_who_has_proved_it(session: Session, client_for: ClientFor) -> None:
    brokerage = Brokerage(session, client_for)
    made = brokerage.propose(human_score=0.8)
    early = brokerage.seeker.get(f"/v1/introductions/{made}/contacts")

    one = brokerage.seeker.post(
        f"/v1/introductions/{made}/accept", json={"contacts": [{"phone": "13800000001"}]}
    )
    both = brokerage.provider.post(f"/v1/introductions/{made}/accept", json={})
    contacts = brokerage.provider.get(f"/v1/introductions/{made}/contacts").json()["contacts"]
    brokers_try = brokerage.broker.get(f"/v1/introductions/{made}/contacts")
    drafted = brokerage.seeker.post(f"/v1/introductions/{made}/contract", json=content()).json()
    for side in (brokerage.seeker, brokerage.provider):
        side.post(f"/v1/contracts/{drafted['id']}/sign", json={"version": 1, "hash": drafted["hash"]})
    record = brokerage.broker.get(f"{brokerage.place}/record").json()["figures"]
    seen = brokerage.broker.get(f"/v1/contracts/{drafted['id']}").json()
    year = int(seen["signed_on"][:4])
    brokerage.operator.post(f"{brokerage.place}/evaluations", json={"year": year})
    confirmed = brokerage.operator.post(f"{brokerage.place}/evaluations/{year}/confirm", json={}).json()
    told = brokerage.broker.get("/v1/notifications").json()["items"]

    assert early.status_code == 409
    assert [answer.json()["status"] for answer in (one, both)] == ["awaiting_provider", "accepted"]
    assert contacts[0]["phone"] == "13800000001"
    assert brokers_try.status_code == 403
    assert (both.json()["human_score"], both.json()["broker"]["id"]) == (0.8, str(brokerage.own.id))
    assert (record["proposals"], record["agreed"], record["contracts"]) == (1, 1, 1)
    assert seen["content"] is None
    assert confirmed["figures"]["contracts"] == 1
    assert {"introduction.accepted", "contract.signed"} <= {notice["kind"] for notice in told}
