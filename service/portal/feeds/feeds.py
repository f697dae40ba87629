"""What is new, in forms that portals and search engines already read: Atom, JSON Feed, sitemap, oEmbed, JSON-LD."""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from sqlmodel import Session

from schemas.base import Plain, Shape, now
from schemas.capability import CapabilityShown
from schemas.domains import DomainKey
from schemas.need import NeedShown
from schemas.regions import RegionCode
from schemas.vocabulary import Affiliation, Side
from schemas.wording import Wording
from service.access.principal import ANYONE
from service.catalogue.harvest import KINDS, pages
from service.challenges.challenges import ChallengeQuery, list_challenges
from service.http.addresses import address_of, base_of, is_of_this_site
from service.http.caching import with_validators
from service.http.dependencies import SessionDep
from service.http.rate_limits import by_address
from service.platform.phrases import named_domain
from service.platform.problems import NotThere, Problem
from service.platform.settings import settings
from service.postings import access as posting_access
from service.postings.lists import CapabilityQuery, NeedQuery, list_capabilities, list_needs

router = APIRouter(include_in_schema=False, dependencies=[Depends(by_address)])

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_TITLES = {"needs": "技术需求", "capabilities": "技术供给", "challenges": "揭榜挂帅"}
_MOST_ADDRESSES = 45_000
# Whoever reads it later than this is to fetch it anew.
_TOLD_FOR = timedelta(days=180)
_PAGE = re.compile(r"/(needs|capabilities)/([0-9a-f-]{36})/?$")
# What XML 1.0 cannot hold.
UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


Feed = Literal["needs", "capabilities", "challenges"]


class Entry(NamedTuple):
    """What a feed tells of one thing, whatever it is."""

    id: UUID
    title: str
    text: str
    author: str
    domains: list[str]
    published_at: datetime | None
    updated_at: datetime


class FeedQuery(Shape):
    domain: list[DomainKey] = Field(default_factory=list)
    region: list[RegionCode] = Field(default_factory=list)
    affiliation: list[Affiliation] = Field(default_factory=list)


class OEmbedFormat(Problem):
    status, type = 501, "format"  # type: ignore[assignment]
    title = Wording("只提供 JSON 格式", "JSON alone is offered")


@router.get("/feeds/{side}.atom")
def atom(request: Request, session: SessionDep, side: Feed, asked: Annotated[FeedQuery, Query()]) -> Response:
    base = base_of(request)
    found = _newest(session, side, asked)
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": "zh-CN"})
    _add(feed, _ATOM, "id", address_of(request))
    _add(feed, _ATOM, "title", f"{_TITLES[side]} · 技术供需对接平台")
    _add(feed, _ATOM, "updated", _stamp(max((one.updated_at for one in found), default=None)))
    _add(feed, _ATOM, "link", None, rel="self", href=address_of(request))
    _add(feed, _ATOM, "link", None, rel="alternate", href=f"{base}/{side}", type="text/html")
    for one in found:
        entry = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        _add(entry, _ATOM, "id", f"urn:uuid:{one.id}")
        _add(entry, _ATOM, "title", one.title)
        _add(entry, _ATOM, "updated", _stamp(one.updated_at))
        _add(entry, _ATOM, "published", _stamp(one.published_at))
        _add(ET.SubElement(entry, f"{{{_ATOM}}}author"), _ATOM, "name", one.author)
        _add(entry, _ATOM, "link", None, rel="alternate", href=f"{base}/{side}/{one.id}")
        for key in one.domains:
            _add(entry, _ATOM, "category", None, term=key, label=named_domain("zh", key))
        _add(entry, _ATOM, "summary", one.text)
    return with_validators(session, xml_of(feed, "application/atom+xml"))


@router.get("/feeds/{side}.json")
def json_feed(
    request: Request, session: SessionDep, side: Feed, asked: Annotated[FeedQuery, Query()]
) -> Response:
    base = base_of(request)
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{_TITLES[side]} · 技术供需对接平台",
        "home_page_url": f"{base}/{side}",
        "feed_url": address_of(request),
        "language": "zh-CN",
        "items": [
            {
                "id": f"urn:uuid:{one.id}",
                "url": f"{base}/{side}/{one.id}",
                "title": one.title,
                "content_text": one.text or one.title,
                "date_published": _stamp(one.published_at),
                "date_modified": _stamp(one.updated_at),
                "authors": [{"name": one.author}],
                "tags": [named_domain("zh", key) for key in one.domains],
            }
            for one in _newest(session, side, asked)
        ],
    }
    answer = Response(json.dumps(told, ensure_ascii=False), media_type="application/feed+json")
    return with_validators(session, answer)


@router.get("/sitemap.xml")
def sitemap(request: Request, session: SessionDep) -> Response:
    """The pages that anybody may read, the newest first."""
    base = base_of(request)
    ET.register_namespace("", _SITEMAP)
    listed = ET.Element(f"{{{_SITEMAP}}}urlset")
    for path in ("", "needs", "capabilities", "challenges"):
        _add(ET.SubElement(listed, f"{{{_SITEMAP}}}url"), _SITEMAP, "loc", f"{base}/{path}")
    for kind, one, updated_at in pages(session, _MOST_ADDRESSES // len(KINDS)):
        address = ET.SubElement(listed, f"{{{_SITEMAP}}}url")
        _add(address, _SITEMAP, "loc", f"{base}/{kind}/{one}")
        _add(address, _SITEMAP, "lastmod", _stamp(updated_at))
    return with_validators(session, xml_of(listed, "application/xml"))


@router.get("/robots.txt")
def robots(request: Request) -> Response:
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in ("/search", "/my", "/embed/")),
        f"Sitemap: {base_of(request)}/sitemap.xml",
    ]
    return Response("\n".join(lines) + "\n", media_type="text/plain")


@router.get("/.well-known/security.txt")
def security_txt(request: Request) -> Response:
    """Whom to tell of a weakness. https://www.rfc-editor.org/rfc/rfc9116"""
    lines = [
        f"Contact: mailto:{settings().admin_email}",
        f"Expires: {now() + _TOLD_FOR:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: zh, en",
        f"Canonical: {base_of(request)}/.well-known/security.txt",
    ]
    return Response("\n".join(lines) + "\n", media_type="text/plain")


@router.get("/oembed")
def oembed(request: Request, session: SessionDep, url: Plain, format: Literal["json", "xml"] = "json") -> Any:  # noqa: A002 -- oEmbed's own word
    """What stands at a posting's address, for whoever pastes it somewhere. https://oembed.com"""
    if format != "json":
        raise OEmbedFormat
    found = _PAGE.search(url)
    if found is None or not is_of_this_site(request, url):
        raise NotThere
    side = Side(found[1])
    try:
        posting_id = UUID(found[2])
    except ValueError:
        raise NotThere from None
    posting = posting_access.access_posting(session, ANYONE, posting_access.TABLES[side], posting_id)
    return {
        "version": "1.0",
        "type": "link",
        "title": posting.title,
        "provider_name": "技术供需对接平台",
        "provider_url": base_of(request),
        "cache_age": 3600,
    }


def xml_of(root: ET.Element, kind: str) -> Response:
    """Without what XML cannot hold. Texts refuse it; those that were imported before they did may have some."""
    for element in root.iter():
        element.text = UNFIT.sub("", element.text) if element.text else element.text
        for name, value in element.attrib.items():
            element.attrib[name] = UNFIT.sub("", value)
    content = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(content, media_type=f"{kind}; charset=utf-8")


def _newest(session: Session, side: Feed, asked: FeedQuery) -> list[Entry]:
    wanted: dict[str, Any] = {**asked.model_dump(), "limit": 50}
    if side == "challenges":
        return [
            Entry(
                one.id,
                one.title,
                f"{one.status.zh}。{one.goal}",
                one.organization.name,
                one.domains,
                one.opened_at,
                one.updated_at,
            )
            for one in list_challenges(session, ANYONE, ChallengeQuery(**wanted)).items
        ]
    found: Sequence[NeedShown | CapabilityShown] = (
        list_needs(session, ANYONE, NeedQuery(**wanted)).items
        if side == "needs"
        else list_capabilities(session, ANYONE, CapabilityQuery(**wanted)).items
    )
    return [
        Entry(
            one.id,
            one.title,
            one.description,
            one.organization.name,
            one.domains,
            one.published_at,
            one.updated_at,
        )
        for one in found
    ]


def _add(parent: ET.Element, namespace: str, tag: str, text: str | None, **attributes: str) -> None:
    made = ET.SubElement(parent, f"{{{namespace}}}{tag}", attributes)
    if text is not None:
        made.text = text


def _stamp(moment: datetime | None) -> str:
    """RFC 3339; of a feed with nothing in it, the beginning of time as computers count it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else "1970-01-01T00:00:00Z"
