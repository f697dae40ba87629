"""What a broker's work on a pair may be expected to bring: value × probability × age, each told.

expected = V × S × P × A, in yuan:

- V, the value: the middle of the need's budget, its one end where it has one, else the median of stated budgets.
- S, the score of the match, which is calibrated: which share of such pairs was judged relevant, 0 to 1.
- P, by stage: which share of pairs that are relevant comes to a contract. Known are that 2.4 % of what is posted on an
  open exchange gets signed (10,784 of 449,565), that 14.5 % of submissions lead to an introduction on a curated one,
  and that 25 of 100 needs that brokers worked on were closed (Zhenhai); docs/decisions/0030 has the sources. So a match
  that nobody introduced has 0.024; one that was introduced 0.024 / 0.145 = 0.17; one that has come to talks 0.25. From
  there to the contract (1) no rate is published, and equal ratios stand for it: 0.40 at the visit, 0.63 at the letter
  of intent.
- A, for age: a half for every 180 days. No source has it; it keeps old needs from standing first for ever.
"""

from statistics import median

from schemas.forms import MoneyRange
from schemas.introduction import IntroductionStage as Stage
from schemas.worklist import Expectation, ValueFrom

HALF_LIFE_DAYS = 180
#: Counts while no need states a budget at all.
ASSUMED_YUAN = 500_000
_SIGNED, _INTRODUCED, _CLOSED = 0.024, 0.145, 0.25
_RATIO = (1 / _CLOSED) ** (1 / 3)
_OPEN_WHY = "2.4% of results posted on an open exchange get signed (10,784 of 449,565)"
_FACTORS: dict[Stage | None, tuple[float, str]] = {
    None: (_SIGNED, _OPEN_WHY),
    Stage.contact: (
        _SIGNED / _INTRODUCED,
        f"{_OPEN_WHY}, and 14.5% of submissions lead to an introduction",
    ),
    Stage.negotiation: (_CLOSED, "25 of 100 needs that brokers worked on were closed (Zhenhai)"),
    Stage.visit: (_CLOSED * _RATIO, "assumed: equal ratios from 25% in talks to the contract"),
    Stage.intent: (_CLOSED * _RATIO**2, "assumed: equal ratios from 25% in talks to the contract"),
    Stage.contract: (1.0, "the contract is being drawn up"),
}
#: Stages in which a broker may still bring a contract about.
BEFORE_CONTRACT = frozenset(stage for stage in _FACTORS if stage is not None)


def middle_of(budget: MoneyRange | None) -> int | None:
    """In whole yuan; None where no sum is stated."""
    ends = [end for end in (budget.min, budget.max) if end is not None] if budget else []
    return sum(ends) // len(ends) if ends else None


def median_of(budgets: list[int]) -> tuple[int, ValueFrom]:
    return (int(median(budgets)), ValueFrom.median) if budgets else (ASSUMED_YUAN, ValueFrom.assumed)


def expectation(
    budget: MoneyRange | None,
    usual: tuple[int, ValueFrom],
    score: float,
    stage: Stage | None,
    days: int,
    *,
    score_assumed: bool = False,
) -> Expectation:
    """usual: what counts without a budget. stage: None where nobody introduced the two yet."""
    stated = middle_of(budget)
    value, value_from = usual if stated is None else (stated, ValueFrom.budget)
    factor, why = _FACTORS[stage]
    age = 0.5 ** (days / HALF_LIFE_DAYS)
    return Expectation(
        expected_yuan=round(value * score * factor * age),
        value_yuan=value,
        value_from=value_from,
        score=round(score, 4),
        score_assumed=score_assumed,
        stage_factor=round(factor, 4),
        stage_factor_why=why,
        days=days,
        age_factor=round(age, 4),
    )
