"""What people of the demonstration have to do with each other, by the names that addresses of pages have for it."""

import re
from typing import Any

import httpx2 as httpx

from tests.mail_server import Mailbox
from tests.running import OPERATOR_KEY, Program, wait_for
from tests.service.contracting import content
from tests.service.tenders import bid_body, challenge_body


class Dealings:
    """``ids``: what stands in braces in an address. ``keys``: of each who looks at pages."""

    def __init__(self, site: Program, letters: Mailbox) -> None:
        self.site, self.operator = site, site.client()
        self.ids: dict[str, str] = {one: one for one in ("latest", "search", "matches")}
        self.keys = {"operator": OPERATOR_KEY}
        self._match()
        self._introduce()
        self._tender()
        self._write_to(letters)

    def client(self, who: str) -> httpx.Client:
        return self.site.client(self.keys[who])

    def issue(self, organization_id: str, role: str = "member") -> str:
        """A new key of an organisation."""
        made = self.operator.post(f"/v1/organizations/{organization_id}/api-keys", json={"role": role})
        return str(made.json()["key"])

    def _match(self) -> None:
        found = _items(self.operator, "/v1/needs", q="枣园病虫害手机识别")
        self.ids["need"] = found[0]["id"]
        [best, *_] = _items(self.operator, f"/v1/needs/{self.ids['need']}/matches")
        self.ids["capability"] = best["capability"]["id"]
        body = {"name": "门户", "origins": [self.site.address], "elements": ["matches", "search", "latest"]}
        self.ids["site_key"] = _made(self.operator, "/v1/embeds", body)["site_key"]

    def _introduce(self) -> None:
        found = _items(self.operator, "/v1/introductions", limit=50)
        by_state = {f"{one['status']}-{one['stage']}": one for one in found}
        visit, contracted = by_state["accepted-visit"], by_state["accepted-contract"]
        proposed = by_state["proposed-None"]
        self.ids |= {
            "visit": visit["id"],
            "wanted": visit["need"]["id"],
            "hers": contracted["need"]["id"],
            "proposed": proposed["id"],
        }
        self.keys |= {
            "seeker": self.issue(visit["seeker"]["id"]),
            "provider": self.issue(visit["provider"]["id"]),
            "publisher": self.issue(contracted["seeker"]["id"]),
            "broker": self.issue(proposed["broker"]["id"], "broker"),
            "integrator": self.issue(contracted["seeker"]["id"], "integrator"),
        }
        # Other tests draft contracts, too, of others.
        self.ids["contract"] = _items(self.client("publisher"), "/v1/contracts")[0]["id"]
        place = f"/v1/introductions/{visit['id']}/contract"
        self.ids["drafted"] = _made(self.client("seeker"), place, content("license", payment=""))["id"]
        registered = {"level": "middle", "domains": ["fruit"], "certificate": "65-18"}
        self.ids["broker"] = _made(self.client("broker"), "/v1/brokers", registered)["id"]
        # The first look over all needs comes a moment after the start.
        wait_for(lambda: _items(self.client("broker"), "/v1/brokers/worklist"))

    def _tender(self) -> None:
        by_status = {one["status"]: one for one in _items(self.operator, "/v1/challenges")}
        evaluated, delivered = by_status["evaluating"], by_status["acceptance"]
        self.ids |= {
            "open": by_status["open"]["id"],
            "review": by_status["review"]["id"],
            "evaluated": evaluated["id"],
            "opened": _items(self.operator, f"/v1/challenges/{evaluated['id']}/bids")[0]["id"],
            "delivered": delivered["id"],
            "won": delivered["winners_now"][0]["bid_id"],
            "draft": _made(self.client("publisher"), "/v1/challenges", challenge_body())["id"],
        }
        amendable = _made(self.client("publisher"), "/v1/challenges", challenge_body())["id"]
        for client, verb in ((self.client("publisher"), "submit"), (self.operator, "open")):
            client.post(f"/v1/challenges/{amendable}/{verb}").raise_for_status()
        self.ids["amendable"] = amendable
        bid = bid_body(commitment_accepted=True)
        self.ids["sealed"] = _made(self.client("seeker"), f"/v1/challenges/{self.ids['open']}/bids", bid)[
            "id"
        ]
        reviewers = self.operator.get(f"/v1/challenges/{evaluated['id']}/reviews").json()["reviewers"]
        self.keys["reviewer"] = self.issue(reviewers[0]["organization"]["id"])

    def _write_to(self, letters: Mailbox) -> None:
        """An address is confirmed, and then told of something: each of the two mails has a link."""
        address = {"email": "keji@example.cn", "frequency": "at_once", "whole_organization": True}
        _made(self.client("seeker"), "/v1/mail-addresses", address)
        self.ids["confirm"] = wait_for(lambda: _links(letters, "confirm"))[0]
        with httpx.Client(base_url=self.site.address) as anybody:
            anybody.post(f"/mail/confirm/{self.ids['confirm']}").raise_for_status()
        place = f"/v1/introductions/{self.ids['visit']}/messages"
        _made(self.client("provider"), place, {"text": "下周二到厂实测，请安排电工配合。"})
        self.ids["unsubscribe"] = wait_for(lambda: _links(letters, "unsubscribe"))[0]


def _links(letters: Mailbox, action: str) -> list[str]:
    headers = [str(letter.get("List-Unsubscribe", "")) for letter in letters.messages]
    return re.findall(rf"/mail/{action}/([\w=-]+)", "\n".join([*letters.texts(), *headers]))


def _items(client: httpx.Client, path: str, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(path, params=asked).json()["items"]
    return found


def _made(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made
