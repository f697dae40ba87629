"""What a challenge must say before it is opened, and what its money must be like.

The figures are those of rules in force elsewhere (Ganzhou 2023: three years at most, four times the public money from
the enterprise itself, 40 % of the public money to the solver); a region sets its own.
"""

from sqlalchemy import func
from sqlmodel import Session, select

from schemas.challenge import Challenge, ChallengeKind, ChallengeMode
from schemas.wording import Wording
from service.platform.problems import Unfit
from service.platform.settings import settings


def require_fit_to_open(session: Session, challenge: Challenge) -> None:
    """Raises ``Unfit``, which names the field."""
    for field, missing in (
        ("title", not challenge.title),
        ("goal", not challenge.goal),
        ("indicators", not challenge.indicators),
        ("deadline", challenge.deadline is None),
    ):
        if missing:
            raise Unfit(f"/{field}", "missing", Wording("发榜前必须填写", "Needed before it is handed in"))
    if challenge.deadline is not None and challenge.deadline <= session.exec(select(func.now())).one():
        raise Unfit("/deadline", "past", Wording("截止时间必须晚于现在", "The deadline must lie ahead"))
    racing = challenge.mode is ChallengeMode.race
    if racing != (challenge.winners > 1):
        raise Unfit(
            "/winners",
            "mode",
            Wording("赛马制须有2家以上，揭榜挂帅只有1家", "Two or more in a race, else one"),
        )
    if racing and not any(milestone.gate for milestone in challenge.milestones):
        raise Unfit(
            "/milestones", "gate", Wording("赛马制须设至少一个淘汰节点", "A race needs a gate at least")
        )
    if challenge.months > settings().challenge_months:
        most = settings().challenge_months
        raise Unfit(
            "/months",
            "too_long",
            Wording("完成时限不得超过{most}个月", "At most {most} months", {"most": most}),
        )
    _require_money(challenge)


def _require_money(challenge: Challenge) -> None:
    if not challenge.reward_yuan:
        raise Unfit("/own_yuan", "missing", Wording("须写明榜金", "Say what the reward is"))
    if not challenge.public_yuan:
        return
    least, times = settings().challenge_solver_share, settings().challenge_own_to_public
    if challenge.solver_share < least:
        raise Unfit(
            "/solver_share",
            "too_small",
            Wording(
                "财政资金支付揭榜方的比例不得低于{least}%",
                "At least {least} percent of the public money go to the solver",
                {"least": least},
            ),
        )
    if challenge.kind is ChallengeKind.enterprise and challenge.own_yuan < times * challenge.public_yuan:
        raise Unfit(
            "/own_yuan",
            "too_small",
            Wording(
                "企业自筹资金不得低于财政资金的{times}倍",
                "An enterprise puts in {times} times the public money of its own",
                {"times": f"{times:g}"},
            ),
        )
