"""Judged needs and capabilities from a folder, encoded and indexed as postings are."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from matching.centre import mean_of
from matching.encoder import Encoder
from matching.index import Entry, MatchIndex
from schemas.base import LONGEST_TITLE
from schemas.capability import Capability, CapabilityCreate
from schemas.embedding import EncoderModel, ModelState
from schemas.need import Need, NeedCreate
from schemas.vocabulary import CapabilityKind, Side
from service.matches.encoders import PROMPT_OF, EncodedText, encode_with
from service.matches.live_index import Serving, serving_of
from service.matches.ranking import Asking
from service.matches.sample_texts import sample_texts
from service.platform.terminal_language import said
from service.platform.unable import Unable
from service.postings.derived import derive
from service.postings.facts import Posting, facts_of
from service.postings.texts import writing_of

Progress = Callable[[str, float], None]

_BATCH = 64
_NAMES = UUID(int=0)


class EvaluationFailed(Unable):
    """The folder does not hold what is needed; the message says what."""


@dataclass(frozen=True)
class JudgedSet:
    """Postings by their ids, and grades (0 to 3) by need and capability."""

    name: str
    needs: dict[str, Need]
    capabilities: dict[str, Capability]
    grades: dict[str, dict[str, int]]


@dataclass(frozen=True)
class IndexedSet:
    """A judged set as the service would serve it. ``key_of`` tells whose id in the index is whose in the set."""

    judged: JudgedSet
    serving: Serving
    asking: dict[str, Asking]
    key_of: dict[UUID, str]

    @staticmethod
    def id_of(key: str) -> UUID:
        return uuid5(_NAMES, key)


def read_judged(folder: Path) -> JudgedSet:
    """Read a folder of judged pairs, its rows checked as the API checks bodies. Raises ``EvaluationFailed``.

    Beside ``id``, ``title`` and ``text`` a row may have any field that a body has.
    """
    try:
        needs = {row["id"]: _posting(Need, NeedCreate, row) for row in _rows(folder / "needs.jsonl")}
        capabilities = {
            row["id"]: _posting(Capability, CapabilityCreate, row | {"kind": CapabilityKind.achievement})
            for row in _rows(folder / "capabilities.jsonl")
        }
        grades: dict[str, dict[str, int]] = {}
        for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            need, capability, grade = line.split("\t")
            grades.setdefault(need, {})[capability] = int(grade)
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise EvaluationFailed(f"{folder}: {error}") from error
    return JudgedSet(folder.name, needs, capabilities, grades)


def index_judged(judged: JudgedSet, encoder: Encoder, progress: Progress) -> IndexedSet:
    means = {side: mean_of(encoder.encode(sample_texts(side), side=PROMPT_OF[side])) for side in Side}
    encoded = {
        side: _encoded(encoder, means[side], side, list(postings.values()), progress)
        for side, postings in ((Side.needs, judged.needs), (Side.capabilities, judged.capabilities))
    }
    index = MatchIndex(encoder.dim)
    index.upsert(
        [
            Entry(
                uuid5(_NAMES, key),
                one.vectors,
                one.terms,
                # Nobody is told whose it is, so each is an organisation's of its own.
                group=str(uuid5(_NAMES, key)),
                facts=facts_of(posting),
                wish=one.wish,
            )
            for (key, posting), one in zip(
                judged.capabilities.items(), encoded[Side.capabilities], strict=True
            )
        ]
    )
    model = EncoderModel(
        name=encoder.name,
        source="",
        dim=encoder.dim,
        need_mean=means[Side.needs].tobytes(),
        capability_mean=means[Side.capabilities].tobytes(),
        state=ModelState.serving,
    )
    asking = {
        key: Asking(Side.needs, one.query, facts_of(posting))
        for (key, posting), one in zip(judged.needs.items(), encoded[Side.needs], strict=True)
    }
    serving = serving_of(model, {Side.needs: MatchIndex(encoder.dim), Side.capabilities: index})
    return IndexedSet(judged, serving, asking, {uuid5(_NAMES, key): key for key in judged.capabilities})


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _posting(table: Any, body: Any, row: dict[str, Any]) -> Any:
    title, text = _split(row)
    given = {name: value for name, value in row.items() if name in body.model_fields and value is not None}
    posted = body(**given | {"title": title, "description": text})
    posting = table.model_validate(posted.model_dump(exclude={"publish"}), update={"organization_id": _NAMES})
    derive(posting)
    if given.keys() <= {"title", "kind"}:
        # Nobody was asked for more, so that it says no more tells nothing.
        posting.completeness = None
    return posting


def _split(row: dict[str, Any]) -> tuple[str, str]:
    """Title and text as a posting has them; abstracts without a title give their beginning for it."""
    title = row["title"].strip()
    if title:
        return title[:LONGEST_TITLE], row["text"]
    return row["text"][:LONGEST_TITLE], row["text"][LONGEST_TITLE:]


def _encoded(
    encoder: Encoder,
    mean: npt.NDArray[np.float32],
    side: Side,
    postings: Sequence[Posting],
    progress: Progress,
) -> list[EncodedText]:
    encoded: list[EncodedText] = []
    for start in range(0, len(postings), _BATCH):
        some = [writing_of(posting) for posting in postings[start : start + _BATCH]]
        encoded += encode_with(encoder, mean, side, some)
        progress(said("编码 {side}", side=side), min(1.0, (start + _BATCH) / len(postings)))
    return encoded
