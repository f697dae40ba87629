"""Challenges and bids, brought over HTTP to where a test begins."""

from copy import copy
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.account import Organization
from schemas.base import now
from schemas.challenge import Challenge
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.make import make_organization

#: Words that stand nowhere but in a bid.
SECRETS = ("北斗导航自走式捡膜方案", "分三期完成样机与熟化", "2468013", "阿依古丽教授")


def challenge_body(**fields: Any) -> dict[str, Any]:
    """All that a challenge must say before it is opened."""
    return {
        "title": "棉田残膜高效回收装备",
        "goal": "研制一次作业回收率不低于90%的捡拾打包一体机。",
        "indicators": ["残膜回收率≥90%", "作业效率≥8亩/小时"],
        "own_yuan": 4_000_000,
        "public_yuan": 1_000_000,
        "solver_share": 60,
        "deadline": (now() + timedelta(days=30)).isoformat(),
        "domains": ["crops"],
        "region": "659003",
        "least_reviewers": 1,
        "publicity_days": 0,
        **fields,
    }


def bid_body(**fields: Any) -> dict[str, Any]:
    return {
        "proposal": SECRETS[0],
        "plan": SECRETS[1],
        "price_yuan": int(SECRETS[2]),
        "months": 18,
        "team": [{"name": SECRETS[3], "title": "教授"}],
        **fields,
    }


class Tender:
    """A challenge with everybody around it."""

    def __init__(self, session: Session, client_for: ClientFor, **fields: Any) -> None:
        self.session, self.client_for = session, client_for
        self.owner = make_organization(session, region="659003.44")
        self.publisher = client_for(self.owner)
        self.operator = client_for(role=Role.operator)
        self.panel = make_organization(session, kind="government")
        self.reviewer = client_for(self.panel)
        self.firm = make_organization(session, kind="research_institute", affiliation="aid")
        self.bidder = client_for(self.firm)
        self.fields = fields
        self._draft()

    def _draft(self) -> None:
        answer = self.publisher.post("/v1/challenges", json=challenge_body(**self.fields))
        assert answer.status_code == 201, answer.text
        self.id = answer.json()["id"]

    def again(self) -> "Tender":
        """Another challenge among the same people."""
        other = copy(self)
        other._draft()
        return other

    @property
    def place(self) -> str:
        return f"/v1/challenges/{self.id}"

    def do(self, client: TestClient, verb: str, body: Any = None) -> dict[str, Any]:
        """Do it, and see that it worked."""
        answer = client.post(f"{self.place}/{verb}", json=body)
        assert answer.is_success, (verb, answer.text)
        done: dict[str, Any] = answer.json() if answer.content else {}
        return done

    def opened(self) -> "Tender":
        self.do(self.publisher, "submit")
        self.do(self.operator, "open")
        return self

    def bid(self, client: TestClient | None = None, **fields: Any) -> str:
        made: str = self.do(client or self.bidder, "bids", bid_body(**fields))["id"]
        return made

    def another_bidder(self, **fields: Any) -> tuple[Organization, TestClient]:
        firm = make_organization(self.session, **{"kind": "university", **fields})
        return firm, self.client_for(firm)

    def pass_deadline(self) -> None:
        """The clock has gone on; nobody has come by to write it down."""
        challenge = self.session.get_one(Challenge, UUID(self.id), populate_existing=True)
        challenge.deadline = now() - timedelta(seconds=1)
        self.session.commit()

    def evaluating(self) -> "Tender":
        """Bids are opened, and one reviewer, whom nothing binds, may read them."""
        self.do(self.operator, "reviewers", {"organization_id": str(self.panel.id)})
        self.pass_deadline()
        self.do(self.reviewer, "declaration", {"conflict": False})
        return self

    def score(
        self, bid: str, scores: tuple[int, ...] = (80, 70, 60), client: TestClient | None = None
    ) -> None:
        answer = (client or self.reviewer).put(
            f"{self.place}/bids/{bid}/sheet", json={"scores": scores, "remark": "可行"}
        )
        assert answer.status_code == 204, answer.text

    def scored(self, points: dict[str, int] | None = None) -> "Tender":
        """A sheet for each bid, all its scores the same: by bid, else 80."""
        for one in self.operator.get(f"{self.place}/bids").json()["items"]:
            if one["status"] == "opened":
                given = (points or {}).get(one["id"], 80)
                self.score(one["id"], (given, given, given))
        return self

    def awarded(self, points: dict[str, int] | None = None) -> "Tender":
        self.scored(points).do(self.operator, "award")
        return self

    def working(self, points: dict[str, int] | None = None) -> "Tender":
        self.awarded(points)
        self.do(self.publisher, "sign")
        self.do(self.publisher, "start")
        return self

    def read(self, client: TestClient | None = None) -> dict[str, Any]:
        read: dict[str, Any] = (client or self.operator).get(self.place).json()
        return read


def met(*figures: float | None) -> dict[str, Any]:
    return {
        "results": [
            {"indicator": place, "outcome": "met", "figure": figure} for place, figure in enumerate(figures)
        ]
    }
