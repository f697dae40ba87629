"""From signals to one score: evidence added up in log-odds, over what is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from matching.facts import Records, Signal, compare, freshness, stated
from matching.index import Candidates

# Signals of a pair as a whole, then those that speak to one side only.
TEXT_SIGNALS = ("dense", "words")
PAIR_SIGNALS = (*TEXT_SIGNALS, "domain", "cooperation_modes", "maturity", "money", "region")
SIDE_SIGNALS = ("wish", "freshness", "completeness")
SIGNALS = PAIR_SIGNALS + SIDE_SIGNALS


class Weight(BaseModel):
    """One signal's part: ``weight · (value − middle)`` in log-odds.

    ``spread`` is how far the signal strays from its middle, which says how much is unknown without it.
    ``learned`` tells what was fitted on judged pairs from what is a judgement of our own.
    """

    model_config = ConfigDict(frozen=True)

    weight: float
    middle: float
    spread: float
    learned: bool


class Scoring(BaseModel):
    """The small learned model: ``bias`` in log-odds, a weight for each signal, and its card."""

    model_config = ConfigDict(frozen=True)

    version: str
    bias: float
    weights: dict[str, Weight]
    #: From this score on, pairs are good enough to be shown unasked.
    good_from: float
    card: dict[str, Any]

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ``ValueError``, with the place, for anything but a scoring."""
        made = cls.model_validate_json(text)
        if set(made.weights) != set(SIGNALS):
            raise ValueError(f"A weight is needed for each of {', '.join(SIGNALS)}, and for nothing else.")
        return made


def shipped_scoring() -> Scoring:
    """What ``duijie train`` made of the development sets, as the package carries it."""
    return Scoring.read((files("matching") / "data" / "scoring.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Scores:
    """Arrays, aligned with the candidates; each 0 to 1.

    for_need: what the capability is worth to the need: which share of such pairs was judged relevant.
    for_capability: what the need is worth to the capability; NaN where the provider asks for nothing.
    both: their harmonic mean, which punishes what suits one side only; ``for_need`` where the other is
    unknown. known: which share of what could be weighed was known. signals: by name, NaN for unknown.
    """

    for_need: Signal
    for_capability: Signal
    both: Signal
    known: Signal
    signals: dict[str, Signal]


def score(
    model: Scoring,
    candidates: Candidates,
    asking: np.void,
    *,
    asking_is_need: bool,
    today: date,
    multipliers: Mapping[str, float] | None = None,
) -> Scores:
    """Score each candidate against who asks. ``multipliers`` (1 by default) scale the weights by name."""
    need: Records = asking if asking_is_need else candidates.facts
    capability: Records = candidates.facts if asking_is_need else asking
    ours, theirs = candidates.our_wish, candidates.their_wish
    wish_of_need, wish_of_capability = (ours, theirs) if asking_is_need else (theirs, ours)
    pair = {"dense": candidates.dense, "words": candidates.words, **compare(need, capability)}
    to_need = _particulars(wish_of_need, capability, today, len(candidates.ids))
    to_capability = _particulars(wish_of_capability, need, today, len(candidates.ids))
    evidence = model.bias + _evidence(model, pair, multipliers)
    for_need = _share(evidence + _evidence(model, to_need, multipliers))
    asks = np.broadcast_to(stated(capability), for_need.shape)
    for_capability = np.where(
        asks, _share(evidence + _evidence(model, to_capability, multipliers)), np.nan
    ).astype(np.float32)
    harmonic = 2 * for_need * for_capability / np.maximum(for_need + for_capability, 1e-9)
    signals = pair | to_need
    return Scores(
        for_need,
        for_capability,
        np.where(asks, harmonic, for_need).astype(np.float32),
        _known(model, signals, multipliers),
        signals,
    )


def with_bonus(scores: Signal, log_odds: Signal) -> Signal:
    """Scores moved by so much in log-odds, as a policy asks for."""
    odds = scores * np.exp(log_odds)
    moved: Signal = (odds / (1 - scores + odds)).astype(np.float32)
    return moved


def _particulars(wish: Signal, other: Records, today: date, count: int) -> dict[str, Signal]:
    """What one side weighs by itself: how its wish is met, and how fresh and complete the other posting is."""
    return {
        "wish": wish,
        "freshness": np.broadcast_to(freshness(other, today), count),
        "completeness": np.broadcast_to(np.float32(other["completeness"]), count),
    }


def _weight(model: Scoring, name: str, multipliers: Mapping[str, float] | None) -> float:
    return model.weights[name].weight * (multipliers or {}).get(name, 1.0)


def _evidence(
    model: Scoring, signals: Mapping[str, Signal], multipliers: Mapping[str, float] | None
) -> Signal:
    """What is unknown adds nothing."""
    total: Any = np.float32(0)
    for name, values in signals.items():
        part = _weight(model, name, multipliers) * (values - model.weights[name].middle)
        total = total + np.where(np.isnan(values), 0, part)
    return np.asarray(total, np.float32)


def _known(model: Scoring, signals: Mapping[str, Signal], multipliers: Mapping[str, float] | None) -> Signal:
    pulls = {name: abs(_weight(model, name, multipliers)) * model.weights[name].spread for name in signals}
    known: Any = sum(pulls[name] * ~np.isnan(values) for name, values in signals.items())
    return np.asarray(known / max(sum(pulls.values()), 1e-9), np.float32)


def _share(log_odds: Any) -> Signal:
    share: npt.NDArray[np.float32] = (1 / (1 + np.exp(-log_odds))).astype(np.float32)
    return share
