"""Encoding postings: the models that this process has loaded, and each side's mean."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock

import numpy as np
import numpy.typing as npt

from matching.centre import centred, mean_of
from matching.encoder import Encoder, PromptSide
from matching.index import Query
from matching.language import Language, language_of_text, language_samples
from matching.readable import readable
from matching.reading import TextVectors, read
from matching.text import query_weights, sentences, terms
from schemas.embedding import EncoderModel
from schemas.vocabulary import Side
from service.platform.settings import settings
from service.postings.texts import Writing

Vectors = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]

_lock = Lock()

# Needs ask, capabilities answer: a model with prompts knows the two apart.
PROMPT_OF: dict[Side, PromptSide] = {Side.needs: "query", Side.capabilities: "passage"}

# A need's vectors lean towards its title by so much, since half of a real form is the company's history.
# A capability's do not: on both judged sets its title told less than its whole. docs/matching.md has the figures.
_TITLE_LEAN = {Side.needs: 2.0, Side.capabilities: 0.0}


@dataclass(frozen=True)
class EncodedText:
    """All that an index and its reasons need of a text. Vectors are centred and of unit length.

    vectors: shape (passages, dim). terms: its words in order, of which the first ``title_terms`` are the
    title's. sentences: shape (len(spans), dim). wish: shape (dim,).
    """

    vectors: Vectors
    terms: list[str]
    title_terms: int
    spans: list[tuple[int, int]]
    sentences: Vectors
    wish: Vectors | None = None

    @property
    def query(self) -> Query:
        return Query(self.vectors, query_weights(self.terms, self.terms[: self.title_terms]), self.wish)


def encoder_for(source: str, progress: Progress | None = None) -> Encoder:
    """The encoder of a ``DUIJIE_MODEL`` value. Loading takes seconds, and happens once a process."""
    with _lock:
        return _loaded(source, progress)


@lru_cache(maxsize=2)  # The model that serves, and the one that is being built beside it.
def _loaded(source: str, progress: Progress | None) -> Encoder:
    return Encoder.load(
        source,
        settings().data_dir / "models",
        precision=settings().encoder_precision,
        threads=settings().encoder_threads,
        progress=progress,
    )


def encode(model: EncoderModel, side: Side, writings: Sequence[Writing]) -> list[EncodedText]:
    """Encode texts as postings of ``side``. Raises ``EncodingFailed``."""
    return encode_with(encoder_for(model.source), mean_for(model, side), side, writings)


def encode_with(
    encoder: Encoder, mean: Vectors, side: Side, writings: Sequence[Writing]
) -> list[EncodedText]:
    """The same with a model that is not registered in the database."""
    written = [language_of_text(one.text) for one in writings]
    readings = [_reading(one, language) for one, language in zip(writings, written, strict=True)]
    means = [_mean_of_language(encoder, side, language_of_text(one.text), mean) for one in readings]
    spans = [sentences(one.text) for one in writings]
    found = read(
        encoder,
        [one.text for one in readings],
        [one.title for one in readings],
        [sentences(one.text) for one in readings],
        PROMPT_OF[side],
    )
    wished = [place for place, one in enumerate(readings) if one.wish]
    wishes = encoder.encode([readings[place].wish for place in wished], side=PROMPT_OF[side])
    wish_of = {
        place: centred(wish[np.newaxis], means[place])[0] for place, wish in zip(wished, wishes, strict=True)
    }
    encoded = []
    for place, (one, reading, vectors) in enumerate(zip(writings, readings, found, strict=True)):
        parts = vectors.sentences
        if reading.text != one.text:
            # Reasons quote what was written, so its own sentences are read, one by one.
            parts = encoder.encode(
                [readable(one.text[start:end], written[place]) for start, end in spans[place]],
                side=PROMPT_OF[side],
            )
        title_terms = terms(reading.text[: reading.title])
        encoded.append(
            EncodedText(
                vectors=_leaning(vectors, means[place], _TITLE_LEAN[side]),
                terms=title_terms + terms(reading.text[reading.title :]),
                title_terms=len(title_terms),
                spans=spans[place],
                sentences=centred(parts, means[place]),
                wish=wish_of.get(place),
            )
        )
    return encoded


def _reading(one: Writing, language: Language | None) -> Writing:
    """What the encoder and the lexical side get of a text: the same, unless they hardly know its language."""
    text = readable(one.text, language)
    if text == one.text:
        return replace(one, wish=readable(one.wish))
    # Lines stay lines. Where too few words were known, the text itself still comes first.
    title = one.title if text.startswith(one.text) else text.find("\n")
    return replace(one, text=text, title=title if one.title else 0, wish=readable(one.wish))


@lru_cache(maxsize=16)
def _samples_mean(encoder: Encoder, side: Side, language: Language) -> Vectors:
    return mean_of(encoder.encode(language_samples()[language], side=PROMPT_OF[side]))


def _mean_of_language(encoder: Encoder, side: Side, language: Language | None, mean: Vectors) -> Vectors:
    """A language's own mean where there are samples of it, else the side's, which is of Chinese texts."""
    return (
        mean
        if language is None or language not in language_samples()
        else _samples_mean(encoder, side, language)
    )


def mean_for(model: EncoderModel, side: Side) -> Vectors:
    return np.frombuffer(model.need_mean if side is Side.needs else model.capability_mean, np.float32)


def _leaning(vectors: TextVectors, mean: Vectors, lean: float) -> Vectors:
    passages, title = centred(vectors.passages, mean), centred(vectors.title[np.newaxis], mean)
    leaning = passages + lean * title
    unit: Vectors = leaning / np.linalg.norm(leaning, axis=1, keepdims=True)
    return unit
