"""What a form of reviewing or of a gate means where nothing, or the other thing, was chosen."""

from typing import Any

import pytest
from sqlmodel import Session

from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.portal.challenges.test_pages import visit
from tests.service.tenders import Tender

__all__ = ["visit"]


def test_whoever_does_not_say_that_nothing_binds_them_is_bound(
    session: Session, client_for: ClientFor, visit: Any
) -> None:
    tender = Tender(session, client_for).opened()
    tender.bid()
    tender.do(tender.operator, "reviewers", {"organization_id": str(tender.panel.id)})
    tender.pass_deadline()
    place = f"/challenges/{tender.id}"

    visit(tender.panel).post(f"{place}/reviews", f"{place}/declaration")

    [reviewer] = tender.operator.get(f"{tender.place}/reviews").json()["reviewers"]
    assert (reviewer["recused_for"], reviewer["declared_at"]) == ("declared", None)


@pytest.mark.parametrize(("chosen", "status"), [("go", "won"), ("stop", "stopped"), ("", "stopped")])
def test_at_a_gate_nobody_goes_on_unless_it_was_said(
    session: Session, client_for: ClientFor, visit: Any, chosen: str, status: str
) -> None:
    milestones = [{"title": "样机", "gate": True}]
    tender = Tender(session, client_for, mode="race", winners=2, milestones=milestones).opened()
    bid = tender.bid()
    tender.bid(client_for(make_organization(session)))
    tender.evaluating().working()
    page = f"/challenges/{tender.id}/bids/{bid}"

    answer = visit(tender.owner).post(
        page, f"{page}/decide", decision=chosen, milestone="0", reason="看过样机"
    )

    assert answer.status_code == 303
    assert tender.operator.get(f"{tender.place}/bids/{bid}").json()["status"] == status
