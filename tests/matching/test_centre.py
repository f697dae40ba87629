"""Taking off the mean spreads cosines."""

import numpy as np

from matching.centre import centred, mean_of


def test_vectors_of_a_narrow_cone_spread_around_nought() -> None:
    rng = np.random.default_rng(1)
    cone = rng.normal(size=(500, 32)).astype(np.float32) * 0.1 + np.eye(32, dtype=np.float32)[0]
    cone /= np.linalg.norm(cone, axis=1, keepdims=True)

    spread = centred(cone, mean_of(cone))

    narrow, wide = (vectors @ vectors.T for vectors in (cone, spread))
    off_diagonal = ~np.eye(500, dtype=bool)
    assert narrow[off_diagonal].min() > 0.3
    assert abs(wide[off_diagonal].mean()) < 0.01


def test_centred_vectors_are_of_unit_length_and_empty_rows_stay_empty() -> None:
    vectors = np.array([[0.6, 0.8], [0, 0]], np.float32)

    spread = centred(vectors, np.array([0.5, 0.1], np.float32))

    assert np.allclose(np.linalg.norm(spread, axis=1), [1, 0])
    assert np.allclose(spread[0], np.array([0.1, 0.7]) / np.hypot(0.1, 0.7))
