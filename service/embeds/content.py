"""What embeds show: public postings and matches, few words each, as their settings allow."""

from typing import Any

from sqlmodel import Session

from schemas.embed import Embed, EmbeddedItem, EmbeddedList, EmbeddedQuery, EmbedElement
from schemas.match import MatchFilters, MatchRequest
from schemas.vocabulary import Side
from schemas.wording import Wording
from service.access.principal import ANYONE
from service.embeds.site_keys import access_embedded
from service.matches import matches
from service.matches.live_index import LiveIndex
from service.platform.phrases import label_of, named_domain
from service.platform.problems import Unfit
from service.postings.lists import CapabilityQuery, NeedQuery, list_capabilities, list_needs

_DOMAINS = 2
_NO_SUBJECT = Wording("请指明 need 或 capability", "Name a need or a capability")


def show(
    session: Session,
    index: LiveIndex,
    embed: Embed,
    element: EmbedElement,
    asked: EmbeddedQuery,
    language: str,
    base: str,
) -> EmbeddedList:
    """base: this site's own address, for links."""
    if element == "latest":
        return _latest(session, embed, asked, language, base)
    if element == "search":
        if not asked.q.strip():
            return EmbeddedList(status="ready", items=[])
        text = MatchRequest(
            text=asked.q.strip(),
            looking_for=asked.side,
            limit=min(asked.limit, embed.limit),
            domain=embed.domains,
        )
        found: Any = matches.match_text(session, ANYONE, index, text, language)
        return _as_shown(found, asked.side, language, base)
    side, subject = (
        (Side.needs, asked.need) if asked.need is not None else (Side.capabilities, asked.capability)
    )
    if subject is None:
        raise Unfit("query/need", "missing", _NO_SUBJECT)
    posting = access_embedded(session, embed, side, subject)
    filters = MatchFilters(limit=min(asked.limit, embed.limit), domain=embed.domains)
    match = matches.match_need if side is Side.needs else matches.match_capability
    found = match(session, ANYONE, index, posting, filters, language)  # type: ignore[arg-type]
    return _as_shown(found, side.other, language, base)


def _latest(session: Session, embed: Embed, asked: EmbeddedQuery, language: str, base: str) -> EmbeddedList:
    wanted: dict[str, Any] = {"limit": min(asked.limit, embed.limit), "status": ["published"]}
    if embed.own_only:
        wanted["organization_id"] = [embed.organization_id]
    # Of several domains an embed's own go first: naming another shows nothing more.
    domains = [asked.domain] if asked.domain else embed.domains
    if embed.domains and asked.domain:
        domains = [key for key in domains if key in embed.domains or key.split(".")[0] in embed.domains]
        if not domains:
            return EmbeddedList(status="ready", items=[])
    wanted["domain"] = domains
    rows: list[Any]
    if asked.side is Side.needs:
        rows = list(list_needs(session, ANYONE, NeedQuery(**wanted)).items)
    else:
        rows = list(list_capabilities(session, ANYONE, CapabilityQuery(**wanted)).items)
    return EmbeddedList(status="ready", items=[_item(one, asked.side, language, base) for one in rows])


def _as_shown(found: Any, side: Side, language: str, base: str) -> EmbeddedList:
    items = [
        _item(
            one.capability if side is Side.capabilities else one.need,
            side,
            language,
            base,
            score=one.score,
            summary=one.summary,
        )
        for one in found.items
    ]
    return EmbeddedList(status=found.status, note=found.note, items=items)


def _item(posting: Any, side: Side, language: str, base: str, **more: Any) -> EmbeddedItem:
    sort = posting.need_type if side is Side.needs else posting.kind
    about = [label_of(language, sort)] if sort else []
    about += [named_domain(language, key) for key in posting.domains[:_DOMAINS]]
    return EmbeddedItem(
        title=posting.title,
        href=f"{base}/{side.value}/{posting.id}?lang={language}",
        organization=posting.organization.name,
        illustration=posting.organization.illustration,
        about=about,
        **more,
    )
