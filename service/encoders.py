"""Encoding postings: the models that this process has loaded, and each side's mean."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
import numpy.typing as npt

from matching.centre import centred
from matching.encoder import Encoder, PromptSide
from matching.text import sentences, terms
from schemas.embedding import EncoderModel, Side
from service.settings import settings

Vectors = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]

_lock = Lock()

# Needs ask, capabilities answer: a model with prompts knows the two apart.
PROMPT_OF: dict[Side, PromptSide] = {Side.needs: "query", Side.capabilities: "passage"}


@dataclass(frozen=True)
class EncodedText:
    """All that an index and its reasons need of a text. Vectors are centred and of unit length."""

    vector: Vectors
    terms: list[str]
    spans: list[tuple[int, int]]
    sentences: Vectors


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


def encode(model: EncoderModel, side: Side, texts: Sequence[str]) -> list[EncodedText]:
    """Encode texts as postings of ``side``. Raises ``EncodingFailed``."""
    spans = [sentences(text) for text in texts]
    found = encoder_for(model.source).encode_with_sentences(texts, spans, side=PROMPT_OF[side])
    mean = mean_for(model, side)
    return [
        EncodedText(
            vector=centred(whole[np.newaxis], mean)[0],
            terms=terms(text),
            spans=places,
            sentences=centred(parts, mean),
        )
        for text, places, (whole, parts) in zip(texts, spans, found, strict=True)
    ]


def mean_for(model: EncoderModel, side: Side) -> Vectors:
    return np.frombuffer(model.need_mean if side is Side.needs else model.capability_mean, np.float32)
