"""Vectors as the tables keep them, read back."""

import numpy as np
import numpy.typing as npt

from schemas.embedding import Embedding
from service.matches.encoders import EncodedText


def read_vectors(stored: bytes, dim: int) -> npt.NDArray[np.float32]:
    """Stored vectors as float32, shape (n, dim), of unit length again after their rounding to float16."""
    vectors = np.frombuffer(stored, np.float16).astype(np.float32).reshape(-1, dim)
    unit: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def read_encoded(stored: Embedding, dim: int) -> EncodedText:
    return EncodedText(
        vectors=read_vectors(stored.vectors, dim),
        terms=stored.terms,
        title_terms=stored.title_terms,
        spans=list(zip(stored.spans[::2], stored.spans[1::2], strict=True)),
        # Not renormalised: empty sentences are zero vectors.
        sentences=np.frombuffer(stored.sentences, np.float16).astype(np.float32).reshape(-1, dim),
        wish=read_vectors(stored.wish, dim)[0] if stored.wish is not None else None,
    )
