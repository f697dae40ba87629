"""Ranked, explained pairs: computed on each request, never stored."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from schemas.capability import Capability
from schemas.embedding import Embedding, Side
from schemas.match import (
    CapabilityMatch,
    CapabilityMatches,
    MatchedCapability,
    MatchedNeed,
    MatchFilters,
    MatchRequest,
    NeedMatch,
    NeedMatches,
    Reason,
    Signals,
)
from schemas.need import Need
from service.auth import Permission, Principal
from service.encoders import encode
from service.explain import Explained, explain
from service.live_index import LiveIndex, Serving, read_encoded
from service.postings import Posting, brief
from service.ranking import Found, best

_SUMMARY = 200


def match_need(
    session: Session, caller: Principal, index: LiveIndex, need: Need, asked: MatchFilters, language: str
) -> CapabilityMatches:
    """What fits a need. The caller has been let to it already."""
    serving, asking = _asking(session, caller, index, need)
    if serving is None or asking is None:
        return CapabilityMatches(status="indexing", model=serving.model.name if serving else None, items=[])
    items = _items(session, caller, serving, asking, Side.capabilities, asked, language)
    return CapabilityMatches(status="ready", model=serving.model.name, items=items)


def match_capability(
    session: Session,
    caller: Principal,
    index: LiveIndex,
    capability: Capability,
    asked: MatchFilters,
    language: str,
) -> NeedMatches:
    """What a capability would fit. The caller has been let to it already."""
    serving, asking = _asking(session, caller, index, capability)
    if serving is None or asking is None:
        return NeedMatches(status="indexing", model=serving.model.name if serving else None, items=[])
    items = _items(session, caller, serving, asking, Side.needs, asked, language)
    return NeedMatches(status="ready", model=serving.model.name, items=items)


def match_text(
    session: Session, caller: Principal, index: LiveIndex, asked: MatchRequest, language: str
) -> CapabilityMatches | NeedMatches:
    """What fits a text that is posted nowhere, read as a posting of the side that is not looked for."""
    caller.require(Permission.match)
    side = asked.looking_for
    shape: type[CapabilityMatches | NeedMatches] = (
        CapabilityMatches if side is Side.capabilities else NeedMatches
    )
    serving = index.serving
    if serving is None:
        return shape(status="indexing", model=None, items=[])
    asking = Explained(side.other, asked.text, encode(serving.model, side.other, [asked.text])[0])
    items = _items(session, caller, serving, asking, side, asked, language)
    return shape(status="ready", model=serving.model.name, items=items)


def _asking(
    session: Session, caller: Principal, index: LiveIndex, posting: Posting
) -> tuple[Serving | None, Explained | None]:
    """The index as it serves, and the posting as it was encoded for it; None for what is not there yet."""
    caller.require(Permission.match)
    serving = index.serving
    stored = session.get(Embedding, (posting.id, serving.model.name)) if serving else None
    return serving, Explained.of(posting, read_encoded(stored)) if stored else None


def _items(
    session: Session,
    caller: Principal,
    serving: Serving,
    asking: Explained,
    side: Side,
    asked: MatchFilters,
    language: str,
) -> list[Any]:
    found = best(session, caller, serving, asking.encoded, side, asked)
    reasons = _reasons(session, serving, asking, side, found, language) if asked.reasons else {}
    return [
        _item(side, rank, one, reasons.get(one[0].id, []) if asked.reasons else None)
        for rank, one in enumerate(found, 1)
    ]


def _reasons(
    session: Session, serving: Serving, asking: Explained, side: Side, found: list[Found], language: str
) -> dict[UUID, list[Reason]]:
    # A word's rarity is counted over all that have it, and the words of one text come again and again.
    rarity = cache(serving.side(side).rarity)
    query = select(Embedding).where(
        col(Embedding.posting_id).in_([ranked.id for ranked, _, _ in found]),
        col(Embedding.model) == serving.model.name,
    )
    stored = {embedding.posting_id: embedding for embedding in session.execute(query).scalars()}
    return {
        ranked.id: explain(asking, Explained.of(posting, read_encoded(stored[ranked.id])), rarity, language)
        for ranked, posting, _ in found
        if ranked.id in stored
    }


def _item(side: Side, rank: int, found: Found, reasons: list[Reason] | None) -> Any:
    ranked, posting, organization = found
    match = {
        "rank": rank,
        "score": round(ranked.score, 4),
        "signals": Signals(dense=round(ranked.dense, 4), lexical=round(ranked.lexical, 4)),
        "reasons": reasons,
    }
    shape = MatchedCapability if side is Side.capabilities else MatchedNeed
    made = {"summary": posting.description[:_SUMMARY], "organization": brief(organization)}
    # Only what is shown: the rest was not loaded.
    fields = {name: getattr(posting, name) for name in shape.model_fields if name not in made}
    shown = shape.model_validate(fields | made)
    return (
        CapabilityMatch(**match, capability=shown)
        if side is Side.capabilities
        else NeedMatch(**match, need=shown)
    )
