"""Whether a trained encoder may serve: what its card has to say."""

from datetime import UTC, datetime

import numpy as np
import pytest

from service.learning.encoder_card import Difference, EncoderCard, is_better, refuse_unless_better
from service.learning.encoder_comparison import mean_difference
from service.platform.problems import WrongState


def test_a_difference_comes_with_how_sure_it_is() -> None:
    sure = mean_difference(np.array([0.1] * 20 + [0.05] * 20))
    unsure = mean_difference(np.array([0.5, -0.5] * 20 + [0.1]))

    assert sure.mean == pytest.approx(0.075)
    assert 0.05 < sure.low < sure.mean < sure.high
    assert unsure.low < 0 < unsure.high


@pytest.mark.parametrize(
    ("judged_only", "everything", "better"),
    [
        ((0.01, 0.05), (-0.01, 0.05), True),
        ((-0.01, 0.05), (0.01, 0.05), False),
        ((0.01, 0.05), (-0.05, -0.01), False),
    ],
)
def test_better_means_surely_better_where_judged_and_not_surely_worse_elsewhere(
    judged_only: tuple[float, float], everything: tuple[float, float], better: bool
) -> None:
    assert is_better(between(*judged_only), between(*everything)) is better


def between(low: float, high: float) -> Difference:
    return Difference(mean=(low + high) / 2, low=low, high=high)


def a_card(*, better: bool = True) -> EncoderCard:
    return EncoderCard(
        made_at=datetime(2026, 11, 23, tzinfo=UTC),
        base="old",
        model="new",
        judged_pairs=1,
        bare_pairs=1,
        pairs_from=["judged"],
        epochs=1,
        sets=[],
        ndcg_judged=between(0.01, 0.02),
        ndcg=between(0.01, 0.02),
        better=better,
    )


def test_a_card_of_other_weights_is_refused() -> None:
    with pytest.raises(WrongState, match="other weights"):
        refuse_unless_better(a_card(), "folder@changed", "default@old", unproven=False)


def test_better_than_another_than_the_one_that_serves_is_not_enough() -> None:
    refuse_unless_better(a_card(), "folder@new", "default@old", unproven=False)

    with pytest.raises(WrongState, match="Train again"):
        refuse_unless_better(a_card(), "folder@new", "default@third", unproven=False)


def test_a_folder_without_a_card_needs_a_word_from_the_operator() -> None:
    refuse_unless_better(None, "folder@any", "default@old", unproven=True)

    with pytest.raises(WrongState, match="unproven"):
        refuse_unless_better(None, "folder@any", "default@old", unproven=False)
