"""What winners report and deliver, gates of a race, and acceptance by indicator."""

from typing import Any

import pytest
from sqlmodel import Session

from tests.conftest import ClientFor
from tests.service.challenges.test_awards import RACE, broken
from tests.service.tenders import Tender, met

STOP = {"milestone": 0, "decision": "stop", "reason": "指标落后"}
GO = {"milestone": 0, "decision": "go", "reason": "达到阶段目标"}


class Race:
    """Two who won and set out together."""

    def __init__(self, session: Session, client_for: ClientFor) -> None:
        self.tender = Tender(session, client_for, **RACE).opened()
        self.other = self.tender.another_bidder()[1]
        self.bids = [self.tender.bid(), self.tender.bid(self.other)]
        self.tender.evaluating().working()


@pytest.fixture
def race(session: Session, client_for: ClientFor) -> Race:
    return Race(session, client_for)


@pytest.fixture
def tender(session: Session, client_for: ClientFor) -> Tender:
    return Tender(session, client_for).opened()


def delivered(tender: Tender) -> str:
    bid = tender.bid()
    tender.evaluating().working()
    tender.do(tender.bidder, f"bids/{bid}/deliver", {"report": "样机两台，检测报告一份"})
    return bid


def test_a_report_at_a_milestone_is_read_by_its_publisher_and_only_named_in_public(race: Race) -> None:
    tender, bid = race.tender, race.bids[0]

    tender.do(tender.bidder, f"bids/{bid}/deliver", {"milestone": 0, "report": "首台样机试验数据"})

    read = tender.publisher.get(f"{tender.place}/bids/{bid}").json()["deliveries"]
    assert [(one["milestone"], one["report"]) for one in read] == [(0, "首台样机试验数据")]
    public = tender.read(tender.client_for())
    assert (public["steps"][-1]["verb"], public["steps"][-1]["figures"]) == ("report", {"milestone": 1})
    assert "首台样机" not in str(public)
    assert race.other.get(f"{tender.place}/bids/{bid}").status_code == 404


def test_at_a_gate_one_goes_on_and_another_is_stopped(race: Race) -> None:
    tender, (first, second) = race.tender, race.bids

    went_on = tender.do(tender.publisher, f"bids/{first}/decide", GO)
    stopped = tender.do(tender.publisher, f"bids/{second}/decide", STOP)
    late = race.other.post(f"{tender.place}/bids/{second}/deliver", json={"report": "样机"})

    assert (went_on["status"], stopped["status"]) == ("won", "stopped")
    assert (late.status_code, late.json()["status_now"]) == (409, "stopped")
    assert tender.read()["status"] == "working"


def test_with_the_last_one_stopped_it_ends(session: Session, race: Race) -> None:
    for bid in race.bids:
        race.tender.do(race.tender.operator, f"bids/{bid}/decide", STOP)

    assert race.tender.read()["status"] == "terminated"
    assert race.tender.read()["steps"][-1]["verb"] == "stop all"
    assert broken(session) == []


@pytest.mark.parametrize("milestone", [1, 29])
def test_there_is_no_gate_where_there_is_no_milestone(race: Race, milestone: int) -> None:
    answer = race.tender.publisher.post(
        f"{race.tender.place}/bids/{race.bids[0]}/decide", json={**GO, "milestone": milestone}
    )

    assert answer.status_code == 422


def test_a_milestone_that_is_no_gate_stops_nobody(session: Session, client_for: ClientFor) -> None:
    tender = Tender(session, client_for, milestones=[{"title": "中期检查"}]).opened()
    bid = tender.bid()
    tender.evaluating().working()

    answer = tender.publisher.post(f"{tender.place}/bids/{bid}/decide", json=STOP)

    assert answer.status_code == 422


def test_nothing_is_delivered_before_work_has_begun(tender: Tender) -> None:
    bid = tender.bid()
    tender.evaluating().awarded()

    answer = tender.bidder.post(f"{tender.place}/bids/{bid}/deliver", json={"report": "样机"})

    assert (answer.status_code, answer.json()["status_now"]) == (409, "awarded")


def test_with_every_indicator_met_it_is_solved(session: Session, tender: Tender) -> None:
    bid = delivered(tender)
    assert tender.read()["status"] == "acceptance"

    accepted = tender.do(tender.publisher, f"bids/{bid}/accept-delivery", met(93.5, None))

    assert accepted["status"] == "accepted"
    assert [(one["indicator"], one["figure"]) for one in accepted["results"]] == [(0, 93.5), (1, None)]
    assert tender.read(tender.client_for())["status"] == "solved"
    assert tender.read()["steps"][-1]["figures"] == {"met": 2, "indicators": 2}
    assert broken(session) == []


def test_what_does_not_meet_an_indicator_goes_back_to_work_and_is_delivered_anew(tender: Tender) -> None:
    bid = delivered(tender)
    results = met(91, 7)
    results["results"][1]["outcome"] = "not_met"

    sent_back = tender.do(tender.publisher, f"bids/{bid}/accept-delivery", results)
    assert (sent_back["status"], tender.read()["status"]) == ("won", "working")
    tender.do(tender.bidder, f"bids/{bid}/deliver", {"report": "改进后的样机"})
    tender.do(tender.publisher, f"bids/{bid}/accept-delivery", met(92, 8))

    read = tender.operator.get(f"{tender.place}/bids/{bid}").json()
    assert [one["report"] for one in read["deliveries"]] == ["样机两台，检测报告一份", "改进后的样机"]
    assert tender.read()["status"] == "solved"


WRONG: list[tuple[str, list[dict[str, Any]]]] = [
    ("one is missing", [{"indicator": 0, "outcome": "met"}]),
    ("one comes twice", [{"indicator": 0, "outcome": "met"}, {"indicator": 0, "outcome": "met"}]),
    ("there is no third", [{"indicator": 0, "outcome": "met"}, {"indicator": 2, "outcome": "met"}]),
    (
        "met, and its figure says no",
        [{"indicator": 0, "outcome": "met", "figure": 89.9}, {"indicator": 1, "outcome": "met"}],
    ),
    (
        "not met, and its figure says yes",
        [{"indicator": 0, "outcome": "not_met", "figure": 90}, {"indicator": 1, "outcome": "met"}],
    ),
]


@pytest.mark.parametrize("results", [results for _, results in WRONG], ids=[name for name, _ in WRONG])
def test_acceptance_says_it_of_each_indicator_once_and_as_its_figure_does(
    tender: Tender, results: list[dict[str, Any]]
) -> None:
    bid = delivered(tender)

    answer = tender.publisher.post(f"{tender.place}/bids/{bid}/accept-delivery", json={"results": results})

    assert answer.status_code == 422
    assert tender.read()["status"] == "acceptance"


def test_in_a_race_another_may_deliver_while_the_first_is_looked_at(race: Race) -> None:
    tender, (first, second) = race.tender, race.bids
    tender.do(tender.bidder, f"bids/{first}/deliver", {"report": "甲样机"})
    tender.do(race.other, f"bids/{second}/deliver", {"report": "乙样机"})
    results = met(80, 9)
    results["results"][0]["outcome"] = "not_met"

    tender.do(tender.publisher, f"bids/{first}/accept-delivery", results)
    still = tender.read()["status"]
    tender.do(tender.publisher, f"bids/{second}/accept-delivery", met(95, 9))

    assert (still, tender.read()["status"]) == ("acceptance", "solved")
