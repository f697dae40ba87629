"""Postings and challenges in schema.org's words, fit to stand in a script element."""

import json
from typing import Any

from markupsafe import Markup

from schemas.account import OrganizationBrief
from schemas.capability import CapabilityShown
from schemas.challenge import ChallengeShown
from schemas.need import NeedShown
from schemas.vocabulary import Side
from service.platform.phrases import named_domain


def posting_json_ld(side: Side, posting: NeedShown | CapabilityShown, address: str) -> Markup:
    return _script(
        {
            "@type": "Demand" if side is Side.needs else "Offer",
            "@id": f"urn:uuid:{posting.id}",
            "name": posting.title,
            "description": posting.description or posting.title,
            "url": address,
            "offeredBy" if side is Side.capabilities else "author": _organization(posting.organization),
            "category": [named_domain("zh", key) for key in posting.domains],
            "inLanguage": "zh-CN",
            "validThrough": str(posting.valid_until) if posting.valid_until else None,
        }
    )


def challenge_json_ld(challenge: ChallengeShown, address: str) -> Markup:
    """What was published, and nothing of bids. A grant has no end; its amount is offered until the deadline."""
    amount = {
        "@type": "MonetaryAmount",
        "currency": "CNY",
        "value": challenge.reward_yuan,
        "validThrough": challenge.deadline.isoformat(timespec="seconds") if challenge.deadline else None,
    }
    return _script(
        {
            "@type": "MonetaryGrant",
            "@id": f"urn:uuid:{challenge.id}",
            "name": challenge.title,
            "description": challenge.goal or challenge.title,
            "url": address,
            "funder": _organization(challenge.organization),
            "amount": _filled(amount) if challenge.reward_yuan else None,
        }
    )


def _organization(organization: OrganizationBrief) -> dict[str, str]:
    return {"@type": "Organization", "name": organization.name}


def _filled(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value}


def _script(told: dict[str, Any]) -> Markup:
    plain = json.dumps({"@context": "https://schema.org", **_filled(told)}, ensure_ascii=False)
    escaped = plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(escaped)  # noqa: S704 -- it has no character that ends a script
