"""What it takes to carry out an operation that changes something, and which entry it should leave in the audit."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import Session

from schemas.vocabulary import Role
from service.api.openapi_examples import EXAMPLES
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization
from tests.service.walks.walk import Walk


class World:
    """Two organisations with clients, and what may be needed to have something to change."""

    def __init__(self, session: Session, client_for: ClientFor) -> None:
        self.session, self.client_for = session, client_for
        self.own, self.other = make_organization(session), make_organization(session)
        self.member, self.second = client_for(self.own), client_for(self.other)
        self.operator = client_for(make_organization(session), Role.operator)

    def posting(self, side: str, status: str = "published") -> str:
        make = make_need if side == "needs" else make_capability
        return str(make(self.session, self.own, publish=status == "published").id)

    def pair(self) -> dict[str, str]:
        return {
            "need_id": str(make_need(self.session, self.own).id),
            "capability_id": str(make_capability(self.session, self.other).id),
        }

    def introduction(self, status: str = "asked") -> str:
        made = self.member.post("/v1/introductions", json=self.pair()).json()["id"]
        if status == "accepted":
            self.second.post(f"/v1/introductions/{made}/accept", json={})
        return f"/v1/introductions/{made}"

    def made(self, client: TestClient, path: str, body: dict[str, Any]) -> str:
        return f"{path}/{client.post(path, json=body).json()['id']}"

    def veto(self) -> str:
        return self.made(self.operator, "/v1/vetoes", self.veto_body())

    def veto_body(self) -> dict[str, Any]:
        return {**EXAMPLES["VetoMake"], "organization_id": str(self.other.id), "starts_on": "2026-01-01"}

    def target(self) -> str:
        return self.made(self.operator, "/v1/targets", EXAMPLES["TargetCreate"])


#: Brings what is needed, does it, and gives the answer.
Doing = Callable[[World], Response]
#: By operation: the action of its entry, and how to do it.
Doings = dict[str, tuple[str, Doing]]


def walked(walk: type[Walk], state: str, who: str, verb: str) -> Doing:
    """As those do it who walk its workflow."""

    def do(world: World) -> Response:
        walker = walk(world.session, world.client_for)
        work = walker.bring(state)
        walker.prepare(work, verb)
        return walker.send(walker.actors[who].client, work, verb)

    return do
