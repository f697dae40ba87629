"""Where a pair of postings leads whoever looks at it."""

import pytest
from sqlmodel import Session

from schemas.account import Organization
from schemas.vocabulary import Role
from service.access.briefs import brief
from service.access.principal import Principal
from service.portal.introductions.links import Way, way_to_introduce
from service.portal.sessions import SignedIn
from tests.make import make_capability, make_need, make_organization


def way(session: Session, who: Organization, role: Role, *sides: Organization) -> Way | None:
    need, capability = make_need(session, sides[0]), make_capability(session, sides[1])
    visitor = SignedIn(Principal(who.id, role, who.id, verified=True), who.name, "", who.id)
    pair = (need.id, brief(sides[0])), (capability.id, brief(sides[1]))
    return way_to_introduce(session, visitor, *pair)


@pytest.mark.parametrize(
    ("who", "role", "kind"),
    [
        ("seeker", Role.member, "ask"),
        ("provider", Role.member, "ask"),
        ("stranger", Role.broker, "propose"),
        ("stranger", Role.operator, "propose"),
        ("stranger", Role.member, None),
        ("seeker", Role.integrator, None),
    ],
)
def test_sides_ask_brokers_propose_and_others_find_no_way(
    session: Session, who: str, role: Role, kind: str | None
) -> None:
    people = {name: make_organization(session) for name in ("seeker", "provider", "stranger")}

    found = way(session, people[who], role, people["seeker"], people["provider"])

    assert (found.kind if found else None) == kind


def test_two_postings_of_one_organisation_lead_nowhere(session: Session, owner: Organization) -> None:
    assert way(session, owner, Role.member, owner, owner) is None
