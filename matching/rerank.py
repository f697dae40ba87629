"""Putting the first answers in order by a cross-encoder, which reads both texts at once."""

import hashlib
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

Item = TypeVar("Item")

# So few, that the clock is looked at often.
_BATCH = 4


class Reranker:
    """One loaded model. Safe for use by several threads, one after the other.

    name: which model this is: the same on every machine, another one when its weights change.
    """

    def __init__(self, model: "CrossEncoder", name: str) -> None:
        self.name = name
        self._model = model
        self._lock = Lock()

    @classmethod
    def load(cls, model: str, threads: int) -> Self:
        """Load a sentence-transformers CrossEncoder by folder or hub name.

        threads: how many it may use; it holds for all that torch does in this process. Raises ``ValueError``
        for a model that gives a pair more than one figure.
        """
        # These take seconds to import, and most processes rerank nothing.
        import torch  # noqa: PLC0415
        from sentence_transformers import CrossEncoder  # noqa: PLC0415

        # Untyped, so it is not imported by name.
        import_module("transformers.utils.logging").disable_progress_bar()
        torch.set_num_threads(threads)
        loaded = CrossEncoder(model, device="cpu").eval()
        if loaded.num_labels != 1:
            raise ValueError(f"{model} gives a pair {loaded.num_labels} figures; a reranker gives one.")
        label = Path(model).name if Path(model).is_dir() else model
        return cls(loaded, f"{label}@{_fingerprint(loaded)}")

    def scores(self, query: str, texts: Sequence[str], seconds: float) -> list[float]:
        """How well each text answers, 0 to 1, for as many texts, from the first, as there is time for.

        Waiting for another thread counts as time.
        """
        import torch  # noqa: PLC0415 -- as in load()

        # Whatever a model's own last step is, the order is that of its figures; this one ends in 0 to 1.
        last_step = torch.nn.Sigmoid()
        ends = time.monotonic() + seconds
        found: list[float] = []
        while len(found) < len(texts):
            batch = texts[len(found) : len(found) + _BATCH]
            pairs = [(_encodable(query), _encodable(text)) for text in batch]
            with self._lock:
                if time.monotonic() >= ends:
                    break
                found += self._model.predict(
                    pairs, batch_size=_BATCH, show_progress_bar=False, activation_fn=last_step
                ).tolist()
        return found


def reorder(items: Sequence[Item], scores: Sequence[float]) -> list[Item]:
    """Those that have a score by it, the highest first, equals as they stood; then the others as they stood."""
    read = sorted(zip(items, scores, strict=False), key=lambda pair: -pair[1])
    return [*(item for item, _ in read), *items[len(scores) :]]


def _encodable(text: str) -> str:
    # JSON can carry halves of surrogate pairs, which tokenizers refuse.
    return text.encode(errors="replace").decode()


def _fingerprint(model: "CrossEncoder") -> str:
    digest = hashlib.sha256(str(model.max_seq_length).encode())
    for weight in model.parameters():
        digest.update(weight.detach().float().contiguous().numpy().data)
    return digest.hexdigest()[:12]
