"""The score adds up evidence over what is known, for each side, and never invents what is not."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from matching.facts import NOTHING, RECORD, record
from matching.index import Candidates
from matching.score import SIGNALS, Scores, Scoring, Weight, score, shipped_scoring, with_bonus

TODAY = date(2026, 11, 23)
UNKNOWN = float("nan")


def scored(
    facts: list[Any],
    *,
    asking: Any = NOTHING,
    dense: float = 0.4,
    words: float = 0.3,
    their_wish: float = UNKNOWN,
    our_wish: float = UNKNOWN,
    multipliers: dict[str, float] | None = None,
    asking_is_need: bool = True,
) -> Scores:
    """Candidates that differ in their facts alone."""
    count = len(facts)
    candidates = Candidates(
        ids=[None] * count,  # type: ignore[list-item]
        groups=[""] * count,
        facts=np.array(facts, RECORD),
        dense=np.full(count, dense, np.float32),
        words=np.full(count, words, np.float32),
        their_wish=np.full(count, their_wish, np.float32),
        our_wish=np.full(count, our_wish, np.float32),
        complete=True,
    )
    return score(
        shipped_scoring(),
        candidates,
        asking,
        asking_is_need=asking_is_need,
        today=TODAY,
        multipliers=multipliers,
    )


def test_more_of_either_text_signal_never_lowers_the_score() -> None:
    by_dense = [scored([NOTHING], dense=dense).both[0] for dense in np.linspace(-1, 1, 21)]
    by_words = [scored([NOTHING], words=words).both[0] for words in np.linspace(0, 1, 11)]

    assert (np.diff(by_dense) > 0).all()
    assert (np.diff(by_words) > 0).all()
    assert min(by_dense) >= 0
    assert max(by_dense) <= 1


def test_what_is_unknown_moves_nothing() -> None:
    bare = scored([NOTHING], words=UNKNOWN)

    told = scored([record(modes=3, money=(1, 2), region=["65"])], words=UNKNOWN)

    # The need says nothing of modes, money or region, so what the capability says cannot be held against it.
    assert told.for_need[0] == bare.for_need[0]
    assert np.isnan(told.signals["money"][0])
    assert bare.known[0] < scored([NOTHING]).known[0] < 1


def test_what_is_known_counts_by_weight_and_spread() -> None:
    model = shipped_scoring()
    pulls = {name: abs(one.weight) * one.spread for name, one in model.weights.items()}

    found = scored([NOTHING, record(completeness=1)], words=UNKNOWN)

    assert found.known.tolist() == pytest.approx(
        [
            sum(pulls[name] for name in names) / sum(pulls.values())
            for names in (["dense"], ["dense", "completeness"])
        ]
    )


@pytest.mark.parametrize(
    ("need", "met", "not_met"),
    [
        (record(modes=0b11), record(modes=0b10), record(modes=0b100)),
        (record(trl=(6, 9)), record(trl=(5, 7)), record(trl=(2, 4))),
        (record(money=(None, 500_000)), record(money=(300_000, None)), record(money=(900_000, None))),
        (record(domains=1, items=1), record(domains=1, items=1), record(domains=2, items=2)),
        (record(region=["65", "6531"]), record(region=["65", "6531"]), record(region=["44"])),
    ],
    ids=["modes", "maturity", "money", "domain", "region"],
)
def test_a_condition_that_is_met_raises_and_one_that_is_not_lowers(need: Any, met: Any, not_met: Any) -> None:
    found = scored([met, NOTHING, not_met], asking=need).for_need

    assert found[0] > found[1] > found[2]


def test_a_nearer_domain_is_worth_more() -> None:
    need = record(domains=0b01, items=0b01, near=0b10)

    found = scored(
        [
            record(domains=0b01, items=0b01),
            record(domains=0b01, items=0b10),
            record(domains=0b10),
            record(domains=0b100),
        ],
        asking=need,
    ).for_need

    assert (np.diff(found) < 0).all()


def test_a_provider_that_asks_for_nothing_leaves_its_side_unknown() -> None:
    found = scored([NOTHING, record(wishes=True)], their_wish=0.5)

    assert np.isnan(found.for_capability[0])
    assert found.both[0] == found.for_need[0]
    assert not np.isnan(found.for_capability[1])


def test_one_sided_pairs_are_punished_by_the_harmonic_mean() -> None:
    wanted, unwanted = (scored([record(wishes=True)], dense=0.5, their_wish=wish) for wish in (0.6, -0.3))

    assert unwanted.for_need[0] == wanted.for_need[0]
    assert unwanted.both[0] < (unwanted.for_need[0] + unwanted.for_capability[0]) / 2
    assert unwanted.both[0] < wanted.both[0]


def test_a_pair_has_the_same_facts_whoever_asks() -> None:
    need, capability = record(modes=1, money=(None, 10)), record(modes=1, money=(5, None))

    forth = scored([capability], asking=need)
    back = scored([need], asking=capability, asking_is_need=False)

    assert forth.for_need.tolist() == back.for_need.tolist()
    assert forth.for_capability.tolist() == back.for_capability.tolist()


def test_callers_can_switch_a_signal_off() -> None:
    need, capability = record(modes=1), record(modes=2)

    off = scored([capability], asking=need, multipliers={"cooperation_modes": 0})

    assert off.for_need[0] == scored([NOTHING], asking=need).for_need[0]


def test_a_bonus_moves_the_odds_and_stays_within_bounds() -> None:
    moved = with_bonus(np.array([0, 0.5, 1], np.float32), np.array([0.5] * 3, np.float32))

    assert moved.tolist() == pytest.approx([0, 0.6225, 1], abs=1e-4)


def test_fresher_and_fuller_postings_come_first_among_equals() -> None:
    found = scored(
        [
            record(day=TODAY, completeness=1),
            record(day=TODAY.replace(year=2022), completeness=1),
            record(day=TODAY.replace(year=2022), completeness=0),
        ]
    ).for_need

    assert (np.diff(found) < 0).all()


@pytest.mark.parametrize("missing", SIGNALS)
def test_a_scoring_without_a_weight_for_each_signal_is_refused(missing: str) -> None:
    whole = shipped_scoring()
    weights = {name: weight for name, weight in whole.weights.items() if name != missing}

    with pytest.raises(ValueError, match=missing):
        Scoring.read(whole.model_copy(update={"weights": weights}).model_dump_json())


def test_a_scoring_is_read_back_with_every_field() -> None:
    written = Scoring(
        version="7",
        bias=-0.125,
        weights={
            name: Weight(weight=place + 0.1, middle=0.2, spread=0.3, learned=place % 2 == 0)
            for place, name in enumerate(SIGNALS)
        },
        good_from=0.4,
        card={"date": "2026-11-23", "sets": {"one": {"needs": 3}}},
    )

    # With defaults a field could be missing above.
    assert all(one.is_required() for model in (Scoring, Weight) for one in model.model_fields.values())
    assert Scoring.read(written.model_dump_json()) == written
