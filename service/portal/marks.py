"""Pieces of a text, of which those that were a reason for a match are marked, each with its number."""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.reason import Quote, QuotedField, Reason, TextReason


class Piece(NamedTuple):
    text: str
    #: Which reason it belongs to, counted from one; 0 for none.
    number: int


def pieces(text: str, field: QuotedField, quotes: Iterable[tuple[int, Quote]]) -> list[Piece]:
    """Cut ``text``, which stands in ``field``, at its quotes. Quotes of other fields are passed over.

    quotes: with their numbers. Of two that overlap, the later begins where the earlier ends.
    """
    found: list[Piece] = []
    at = 0
    for number, quote in sorted(quotes, key=lambda one: one[1].start):
        if quote.field != field or quote.end <= at:
            continue
        start = max(quote.start, at)
        found += [Piece(text[at:start], 0), Piece(text[start : quote.end], number)]
        at = quote.end
    found.append(Piece(text[at:], 0))
    return [one for one in found if one.text]


def quotes_of(reasons: Iterable[Reason] | None, *, of_need: bool) -> list[tuple[int, Quote]]:
    """One side's quotes, numbered alike on both sides."""
    pairs = [reason for reason in reasons or () if isinstance(reason, TextReason)]
    return [(number, one.need if of_need else one.capability) for number, one in enumerate(pairs, 1)]
