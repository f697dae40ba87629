"""From signals to one score."""

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float32]

# Logistic regression on judged pairs; docs/matching.md says on which, and how well it holds. The root
# of the lexical share fits better than the share itself: the first common words tell most.
_DENSE, _LEXICAL, _CONSTANT = 7.3, 3.4, -4.0


def score(dense: Signal, lexical: Signal) -> Signal:
    """Which share of such pairs was judged relevant, 0 to 1, elementwise; it grows with both signals.

    dense: cosine of the two texts with the means taken off, −1 to 1. lexical: BM25 over the most
    that the query could give, 0 to 1.
    """
    weight = _DENSE * dense + _LEXICAL * np.sqrt(lexical) + _CONSTANT
    return (1 / (1 + np.exp(-weight))).astype(np.float32)
