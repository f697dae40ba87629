"""``duijie match``: the API's own matching, without an API."""

from uuid import UUID

from rich.table import Table

from schemas.base import Wording
from schemas.embedding import Side
from schemas.match import CapabilityMatch, MatchRequest, Reason, TermsReason, TextReason
from schemas.vocabulary import Role
from service.auth import Principal
from service.db import transaction
from service.errors import Problem
from service.live_index import LiveIndex
from service.matches import match_text


def match_offline(text: str, looking_for: Side, limit: int) -> Table:
    index = LiveIndex()
    index.refresh()
    if not index.ready:
        raise Problem(
            Wording("还没有建立索引，请先运行 duijie run", "There is no index yet: start duijie run first")
        )
    nobody = UUID(int=0)
    caller = Principal(key_id=nobody, role=Role.operator, organization_id=nobody, verified=True)
    asked = MatchRequest(text=text, looking_for=looking_for, limit=limit)
    with transaction() as session:
        found = match_text(session, caller, index, asked, "zh")
    table = Table("名次", "得分", "名称", "单位", "理由")
    for item in found.items:
        posting = item.capability if isinstance(item, CapabilityMatch) else item.need
        told = "；".join(filter(None, (_told(reason, looking_for) for reason in item.reasons or [])))
        table.add_row(str(item.rank), f"{item.score:.2f}", posting.title, posting.organization.name, told)
    return table


def _told(reason: Reason, side: Side) -> str:
    """The other side's sentence, or the shared words: conditions a bare text does not state."""
    if isinstance(reason, TextReason):
        return f"“{reason.need if side is Side.needs else reason.capability}”"
    if isinstance(reason, TermsReason):
        return "共有：" + "、".join(reason.terms)
    return ""
