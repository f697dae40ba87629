"""Reading texts of any length: their passages, their titles and their sentences as vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from matching.encoder import Encoder, PromptSide, Vectors, batches, unit

Span = tuple[int, int]

# A piece of a text may be cut into a token or two more than the same words within the whole.
_SLACK = 2


@dataclass(frozen=True)
class TextVectors:
    """Unit vectors of one text; of what is empty, noughts.

    passages: shape (passages, dim), one unless the text is longer than the model reads at once.
    title: shape (dim,). sentences: shape (sentences, dim).
    """

    passages: Vectors
    title: Vectors
    sentences: Vectors


@dataclass(frozen=True)
class _Piece:
    """What the model reads at once: of which text it is, and the spans in it that are asked for."""

    number: int
    text: str
    spans: Sequence[Span]


def read(
    encoder: Encoder,
    texts: Sequence[str],
    titles: Sequence[int],
    sentences: Sequence[Sequence[Span]],
    side: PromptSide,
) -> list[TextVectors]:
    """Read each text, of which the first ``titles`` characters are the title (nought for none).

    What the title and a sentence mean is the mean over their tokens as the network left them: it knows what
    stands around them, and costs no second pass. A model that does not pool by the mean reads each by itself.
    A text beyond the model's limit is read in passages of whole sentences, each under the title.
    Raises ``EncodingFailed``.

    Source: Günther et al. 2024, "Late chunking", arXiv:2409.04701.
    """
    pieces = [
        piece
        for number, text in enumerate(texts)
        for piece in _pieces(encoder, number, text, titles[number], sentences[number], side)
    ]
    parts = _read_late(encoder, pieces, side) if encoder.pools_late else _read_apart(encoder, pieces, side)
    found: list[list[tuple[Vectors, Vectors]]] = [[] for _ in texts]
    for piece, part in zip(pieces, parts, strict=True):
        found[piece.number].append(part)
    return [
        TextVectors(
            passages=np.stack([whole for whole, _ in some]),
            # The title's own span comes first in each piece.
            title=some[0][1][0],
            sentences=np.concatenate([spans[1:] for _, spans in some]),
        )
        for some in found
    ]


def _pieces(
    encoder: Encoder, number: int, text: str, title: int, sentences: Sequence[Span], side: PromptSide
) -> list[_Piece]:
    whole = [_Piece(number, text, [(0, title), *sentences])]
    # No tokenizer makes more tokens than there are bytes.
    if (
        encoder.limit is None
        or not encoder.knows_places
        or len(text.encode(errors="replace")) < encoder.limit // 2
    ):
        return whole
    [tokens] = encoder.token_offsets([text], side, cut=False)
    inside = tokens[:, 1] > 0
    # Prompt and marks are in each piece.
    room = encoder.limit - int((~inside).sum())
    tokens = tokens[inside]
    if len(tokens) <= room:
        return whole
    room = max(room - _SLACK, 1)
    head = int((tokens[:, 0] < title).sum()) + _SLACK
    # A title that would leave little room for anything else is not repeated.
    lead = text[:title] + "\n" if title and head <= room // 4 else ""
    spans = _windows(tokens, [start for start, _ in sentences], room, room - head if lead else room)
    pieces = []
    for start, end in spans:
        before = lead if start else ""
        shift = len(before) - start
        own = [(begin + shift, stop + shift) for begin, stop in sentences if start <= begin < end]
        named = (0, len(lead) - 1 if lead else 0) if start else (0, title)
        pieces.append(_Piece(number, before + text[start:end], [named, *own]))
    return pieces


def _windows(
    tokens: npt.NDArray[np.int64], sentence_starts: Sequence[int], first_room: int, room: int
) -> list[Span]:
    """Spans of a text, in order and without gaps, each of no more tokens than there is room for.

    tokens: start and end of each token in the text, shape (tokens, 2). A window ends where a sentence
    begins; within a sentence only where one alone is longer than a window.
    """
    begins = np.searchsorted(tokens[:, 0], np.array(sentence_starts, np.int64))
    cuts = [0]
    while cuts[-1] < len(tokens):
        end = cuts[-1] + (first_room if len(cuts) == 1 else room)
        within = begins[(begins > cuts[-1]) & (begins <= end)]
        cuts.append(len(tokens) if end >= len(tokens) else int(within[-1]) if len(within) else end)
    places = [0, *(int(tokens[cut, 0]) for cut in cuts[1:-1]), int(tokens[-1, 1])]
    return list(pairwise(places))


def _read_late(encoder: Encoder, pieces: Sequence[_Piece], side: PromptSide) -> list[tuple[Vectors, Vectors]]:
    found: dict[int, tuple[Vectors, Vectors]] = {}
    for batch in batches([piece.text for piece in pieces]):
        some = [pieces[place].text for place in batch]
        wholes, tokens = encoder.forward(some, side)
        offsets = encoder.token_offsets(some, side)
        for row, place in enumerate(batch):
            found[place] = wholes[row], unit(_shares(offsets[row], pieces[place].spans) @ tokens[row])
    return [found[place] for place in range(len(pieces))]


def _read_apart(
    encoder: Encoder, pieces: Sequence[_Piece], side: PromptSide
) -> list[tuple[Vectors, Vectors]]:
    wholes = encoder.encode([piece.text for piece in pieces], side=side)
    spans = [piece.text[start:end] for piece in pieces for start, end in piece.spans]
    parts = encoder.encode(spans, side=side)
    # What is empty has no direction, whatever the model makes of its prompt alone.
    parts[[not span for span in spans]] = 0
    ends = np.cumsum([len(piece.spans) for piece in pieces], dtype=np.int64)
    return list(zip(wholes, np.split(parts, ends)[:-1], strict=True))


def _shares(offsets: npt.NDArray[np.int64], spans: Sequence[Span]) -> Vectors:
    """Which tokens make up which span, shape (spans, tokens); a row adds up to one, or is of noughts."""
    places = np.array(spans, np.int64).reshape(-1, 2)
    starts, ends = offsets[:, 0], offsets[:, 1]
    # The model's own marks of beginning and end are empty and stand where the prompt begins: in no span.
    overlap = (starts < places[:, 1:]) & (ends > places[:, :1])
    shares: Vectors = (overlap / np.maximum(overlap.sum(axis=1, keepdims=True), 1)).astype(np.float32)
    return shares
