"""佣金: how much of a contract may go to its broker."""

from decimal import Decimal

from schemas.contract_terms import ContractContent
from schemas.wording import Wording
from service.platform.problems import Unfit
from service.platform.settings import settings


def commission_limit(value_yuan: int) -> int:
    """The most that a broker may get of this technology transaction value (技术交易额): whole yuan, rounded down."""
    return int(Decimal(value_yuan) * Decimal(str(settings().commission_limit)))


def check_commission(content: ContractContent) -> None:
    """Raises ``Unfit`` for a commission above the limit."""
    most = commission_limit(content.technology_value)
    if content.commission and (content.commission.amount or 0) > most:
        raise Unfit(
            "/commission/amount",
            "commission_above_limit",
            Wording("佣金不得超过{most}元", "The commission may be {most} yuan at most", {"most": most}),
        )
