"""Which words of a posting are embedded, and read for reasons."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.capability import Capability
from schemas.need import Need
from schemas.reading import without_masks
from schemas.reading.contacts import MASK
from schemas.reason import Quote, QuotedField

_ROOM = re.compile(rf"(?<! ) {{{len(MASK)},}}")


@dataclass(frozen=True)
class Writing:
    """What is encoded of a posting, or of a free text, which has neither title nor wish.

    title: how many of the text's first characters are the title. wish: what it wishes of the other side.
    """

    text: str
    title: int = 0
    wish: str = ""

    def __post_init__(self) -> None:
        # What stands where something was taken out is nobody's words. Blanks, so that places stay.
        object.__setattr__(self, "text", without_masks(self.text))
        object.__setattr__(self, "wish", without_masks(self.wish).strip())

    @property
    def hash(self) -> str:
        return hashlib.sha256(f"{self.text}\0{self.wish}".encode()).hexdigest()[:32]


def writing_of(posting: Need | Capability) -> Writing:
    return Writing(text_of(posting), len(posting.title), posting.partner_wish)


def text_of(posting: Need | Capability) -> str:
    """Title, wanted result, description and keywords, a line each, without marks of what was taken out."""
    return "\n".join(text for _, text in fields_of(posting))


def fields_of(posting: Need | Capability) -> list[tuple[QuotedField, str]]:
    """The fields that make up the text, by name, in order, without those that are empty.

    What stands where a contact was taken out is nobody's words: blanks, so that places are those of the field.
    """
    fields: list[tuple[QuotedField, str]] = [("title", posting.title)]
    if isinstance(posting, Need):
        fields.append(("wanted_result", posting.wanted_result))
    fields += [("description", posting.description), ("keywords", "，".join(posting.keywords))]
    return [(name, without_masks(text)) for name, text in fields if text]


def quote(fields: Sequence[tuple[QuotedField, str]], start: int, end: int) -> Quote:
    """What stands at a span of the text that ``fields`` make up, as a piece of one field.

    A short title is read as one sentence with what follows it: of a span over several fields the longest
    piece is quoted, of equally long ones the first.
    """
    longest: Quote | None = None
    before = 0
    for name, text in fields:
        begin, stop = max(start - before, 0), min(end - before, len(text))
        if begin < stop and (longest is None or stop - begin > longest.end - longest.start):
            longest = Quote(text=_tidy(without_masks(text[begin:stop])), field=name, start=begin, end=stop)
        before += len(text) + 1
    assert longest is not None
    return longest


def _tidy(words: str) -> str:
    """Without the room that was left where a contact stood."""
    return _ROOM.sub(" ", words)
