"""Every page of the portal, with those to whom it shows something of their own."""

import re
from typing import NamedTuple

#: Routes that answer GET with something that is no page, or with the way to another.
NO_PAGES = {
    "/feeds/{side}.atom",
    "/feeds/{side}.json",
    "/sitemap.xml",
    "/robots.txt",
    "/.well-known/security.txt",
    "/oembed",
    "/oai",
    "/statistics.{ending}",
    "/contracts/export.{ending}",
    "/widget.js",
    "/widget-{version}.js",
    "/widget.json",
    "/sign-in/provider",
    "/healthz",
    "/readyz",
    "/metrics",
}

_VISITOR = (
    "/",
    "/needs",
    "/needs?q=%01",
    "/needs/{need}",
    "/needs/{need}/matches/{capability}",
    "/capabilities?affiliation=aid",
    "/capabilities/{capability}",
    "/search?q=棉花打顶机械",
    "/search?q=红烧肉怎么做",
    "/search?q=%01",
    "/challenges",
    "/challenges/{open}",
    "/challenges/{evaluated}",
    "/statistics",
    "/privacy",
    "/docs",
    "/sign-in",
    "/sign-in/back",
    "/mail/confirm/{confirm}",
    "/mail/unsubscribe/{unsubscribe}",
    "/embed/{latest}?key={site_key}&side=needs",
    "/embed/{search}?key={site_key}&q=棉花打顶机械",
    "/embed/{matches}?key={site_key}&need={need}",
    "/embed/{latest}?key=djs_nobodys",
    "/nowhere",
)
_SEEKER = (
    "/my",
    "/account",
    "/needs/new",
    "/needs/{wanted}",
    "/capabilities/new",
    "/introductions",
    "/introductions/new?need_id={wanted}&capability_id={capability}",
    "/introductions/{visit}",
    "/introductions/{visit}/contacts",
    "/introductions/{visit}/details",
    "/introductions/{visit}/contract",
    "/contracts/{drafted}",
    "/contracts/{drafted}/content",
    "/challenges/{open}/bid",
    "/challenges/{open}/bids/{sealed}",
    "/notifications",
    "/subscriptions",
    "/subscriptions/new?q=枣园病虫害识别",
    "/webhooks",
    "/audit",
)
_PUBLISHER = (
    "/contracts",
    "/contracts/{contract}",
    "/challenges/new?need_id={hers}",
    "/challenges?mine=true",
    "/challenges/{draft}",
    "/challenges/{draft}/edit",
    "/challenges/{amendable}/amend",
    "/challenges/{review}",
)
_REVIEWER = ("/challenges/{evaluated}/bids/{opened}", "/challenges/{evaluated}/reviews")
_BROKER = ("/broker", "/broker/{broker}", "/introductions", "/introductions/{proposed}", "/statistics")
_OPERATOR = (
    "/desk",
    "/account",
    "/audit",
    "/statistics",
    "/contracts",
    "/contracts/new",
    "/contracts/{contract}",
    "/introductions",
    "/introductions/{visit}",
    "/broker",
    "/broker/{broker}",
    "/challenges/{review}",
    "/challenges/{open}",
    "/challenges/{evaluated}",
    "/challenges/{evaluated}/bids/{opened}",
    "/challenges/{evaluated}/reviews",
    "/challenges/{delivered}/bids/{won}",
    "/webhooks",
)
_INTEGRATOR = ("/my", "/account", "/webhooks")


class Look(NamedTuple):
    """Who looks at which page; what stands in braces is named by ``Dealings``."""

    who: str
    address: str


LOOKS = [
    Look(who, address)
    for who, addresses in {
        "visitor": _VISITOR,
        "seeker": _SEEKER,
        "publisher": _PUBLISHER,
        "reviewer": _REVIEWER,
        "broker": _BROKER,
        "operator": _OPERATOR,
        "integrator": _INTEGRATOR,
    }.items()
    for address in addresses
]


def shape(address: str) -> str:
    """A route, or the address of a page, without what differs from one to the next."""
    return re.sub(r"{\w+}", "{}", address.partition("?")[0])
