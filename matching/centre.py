"""Spreading a model's cosines by taking off what all its vectors have in common.

Vectors of the e5 family lie in a narrow cone: any two texts have a cosine between 0.79 and 0.95,
whether they fit or not. With each side's mean taken off, pairs at random lie near nought.
"""

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


def mean_of(vectors: Vectors) -> Vectors:
    """The mean of a sample, shape (dim,). Some hundred varied texts are enough."""
    mean: Vectors = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def centred(vectors: Vectors, mean: Vectors) -> Vectors:
    """``vectors``, shape (n, dim), less ``mean``, of unit length again; rows of noughts stay noughts."""
    moved = np.where(vectors.any(axis=1, keepdims=True), vectors - mean, 0)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    spread: Vectors = (moved / np.maximum(lengths, 1e-12)).astype(np.float32)
    return spread
