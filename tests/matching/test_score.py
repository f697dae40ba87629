"""The score is between nought and one, and grows with each signal."""

import numpy as np

from matching.score import score


def test_more_of_either_signal_never_lowers_the_score() -> None:
    dense, lexical = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(0, 1, 11))

    scores = score(dense.astype(np.float32), lexical.astype(np.float32))

    assert scores.min() >= 0
    assert scores.max() <= 1
    assert (np.diff(scores, axis=0) > 0).all()
    assert (np.diff(scores, axis=1) > 0).all()
