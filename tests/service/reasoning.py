"""Postings that no database holds, and encodings that no model made: reasons need neither."""

from functools import cache
from typing import Any, TypeVar
from uuid import UUID
from zlib import crc32

import numpy as np

from matching.text import sentences, terms
from schemas.capability import Capability, CapabilityCreate
from schemas.need import Need, NeedCreate
from schemas.posting import IndexStatus
from schemas.vocabulary import Side
from service import demo
from service.matches.encoders import EncodedText
from service.matches.explain import Explained, Explanation, explain
from service.postings.derived import derive
from service.postings.texts import text_of

DIM = 64
P = TypeVar("P", Need, Capability)


def need(**fields: Any) -> Need:
    body = NeedCreate.model_validate({"title": "棉田残膜回收技术", **fields})
    posting = Need.model_validate(
        body.model_dump(exclude={"publish"}), update={"organization_id": UUID(int=0)}
    )
    return _indexed(posting)


def capability(**fields: Any) -> Capability:
    body = CapabilityCreate.model_validate({"title": "残膜捡拾打包机", "kind": "achievement", **fields})
    posting = Capability.model_validate(
        body.model_dump(exclude={"publish"}), update={"organization_id": UUID(int=1)}
    )
    return _indexed(posting)


def encoded(text: str) -> EncodedText:
    """Sentences are close that share many characters; some are by chance."""
    spans = sentences(text)
    vectors = np.zeros((len(spans), DIM), np.float32)
    for row, (start, end) in enumerate(spans):
        for character in text[start:end]:
            vectors[row, crc32(character.encode()) % DIM] += 1
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return EncodedText(vectors[:1], terms(text), 0, spans, vectors)


def explained(posting: Need | Capability) -> Explained:
    return Explained.of(posting, encoded(text_of(posting)))


def explanation(asking: Need, other: Capability, language: str = "zh") -> Explanation:
    return explain(explained(asking), explained(other), len, language)


@cache
def demo_side(side: Side) -> list[Explained]:
    """The demonstration data, as it would be stored and encoded."""
    make: Any = need if side is Side.needs else capability
    rows = [
        {name: value for name, value in row.items() if name != "organization"} for row in demo._rows(side)
    ]
    return [explained(make(**row)) for row in rows]


def _indexed(posting: P) -> P:
    derive(posting)
    posting.index_status = IndexStatus.indexed
    return posting
