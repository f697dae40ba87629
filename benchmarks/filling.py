"""Any number of postings, written straight into the tables as posting and indexing would leave them."""

from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from sqlalchemy import insert, text
from uuid_utils.compat import uuid7

from benchmarks.stage import Progress
from schemas.account import Organization
from schemas.base import now
from schemas.capability import Capability
from schemas.embedding import Embedding, EncoderModel, ModelState
from schemas.need import Need
from schemas.operation import WorkerSeen
from schemas.posting import IndexStatus
from schemas.vocabulary import Affiliation, CapabilityKind, OrganizationKind, PostingStatus, Side
from service.platform.db import engine, transaction
from service.postings.access import TABLES
from service.postings.texts import Writing

# One capability in a hundred is of this kind.
RARE_KIND = CapabilityKind.dataset
_RARE = 100

_MODEL, _DIM = "benchmark", 384
_ORGANIZATIONS = 500
_WORDS, _SENTENCES, _WORDS_A_SENTENCE = 20_000, 4, 10
_ROWS_AT_ONCE = 2_000

Drawn = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float16]


def prepare() -> list[UUID]:
    """Write what else is needed: organisations, a model that serves, a worker that never falls silent."""
    organizations = [
        Organization(
            name=f"单位{number}",
            kind=OrganizationKind.enterprise,
            affiliation=Affiliation.corps,
            verified_at=now(),
        )
        for number in range(_ORGANIZATIONS)
    ]
    nothing = np.zeros(_DIM, np.float32).tobytes()
    model = EncoderModel(
        name=_MODEL,
        source="default",
        dim=_DIM,
        need_mean=nothing,
        capability_mean=nothing,
        state=ModelState.serving,
    )
    far_off = now().replace(year=now().year + 1, day=1)
    with transaction() as session:
        session.add_all([*organizations, model, WorkerSeen(name="benchmark:0:0", seen_at=far_off)])
    return [organization.id for organization in organizations]


def fill(side: Side, count: int, organizations: list[UUID], progress: Progress) -> list[UUID]:
    """Put in ``count`` postings. Vectors point anywhere; words are about as frequent as words are."""
    numbers = np.random.default_rng(count)
    frequency = 1 / np.arange(1, _WORDS + 1)
    frequency /= frequency.sum()
    like = _like(side)
    ids: list[UUID] = []
    with engine().begin() as connection:
        while len(ids) < count:
            some = min(_ROWS_AT_ONCE, count - len(ids))
            drawn = numbers.choice(_WORDS, (some, _SENTENCES, _WORDS_A_SENTENCE), p=frequency)
            vectors = numbers.standard_normal((some, 1 + _SENTENCES, _DIM), np.float32)
            vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
            rows = [
                _row(side, like, organizations[number % _ORGANIZATIONS], number, words, found)
                for number, (words, found) in enumerate(
                    zip(drawn, vectors.astype(np.float16), strict=True), len(ids)
                )
            ]
            connection.execute(insert(TABLES[side]), [posting for posting, _ in rows])
            connection.execute(insert(Embedding), [embedding for _, embedding in rows])
            ids += [posting["id"] for posting, _ in rows]
            progress(f"writing {count} {side}", len(ids) / count)
        # As autovacuum does within a minute; until then the planner knows nothing of the tables.
        connection.execute(text("ANALYZE"))
    return ids


def _like(side: Side) -> dict[str, Any]:
    """Every column of a published posting, most of them empty."""
    nobody = UUID(int=0)
    row = (
        Need(title="", organization_id=nobody)
        if side is Side.needs
        else Capability(title="", organization_id=nobody, kind=CapabilityKind.achievement)
    )
    said: dict[str, Any] = {
        "status": PostingStatus.published,
        "index_status": IndexStatus.indexed,
        "published_at": now(),
        "cooperation_modes": ["joint"],
        "domains": ["fruit"],
        "domain_path": ["fruit"],
        "keywords": ["红枣"],
    }
    return row.model_dump(exclude={"changed_xid"}) | said


def _row(
    side: Side, like: dict[str, Any], organization: UUID, number: int, drawn: Drawn, vectors: Vectors
) -> tuple[dict[str, Any], dict[str, Any]]:
    """One posting, and its embedding."""
    words = [[_word(one) for one in sentence] for sentence in drawn.tolist()]
    title, *others = ["".join(sentence) for sentence in words]
    description = "。".join(others)
    text_hash = Writing(f"{title}\n{description}", len(title)).hash
    posting = like | {
        "id": uuid7(),
        "organization_id": organization,
        "title": title,
        "description": description,
        "text_hash": text_hash,
    }
    if side is Side.capabilities:
        posting |= {"kind": CapabilityKind.achievement if number % _RARE else RARE_KIND}
    # Title and sentences are equally long, with one mark between them.
    starts = range(0, _SENTENCES * (len(title) + 1), len(title) + 1)
    embedding = {
        "posting_id": posting["id"],
        "model": _MODEL,
        "side": side,
        "text_hash": text_hash,
        "vectors": vectors[0].tobytes(),
        "wish": None,
        "title_terms": len(words[0]),
        "terms": [word for sentence in words for word in sentence],
        "spans": [place for start in starts for place in (start, start + len(title))],
        "sentences": vectors[1:].tobytes(),
    }
    return posting, embedding


def _word(number: int) -> str:
    """Two Chinese characters, others for each number."""
    return chr(0x4E00 + number % 200) + chr(0x4F00 + number // 200)
