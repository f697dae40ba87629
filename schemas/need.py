"""技术需求: what an enterprise, a regiment or a cooperative looks for."""

from typing import Annotated

from pydantic import ConfigDict
from sqlalchemy import Date, Text
from sqlmodel import Field

from schemas.base import Passage, Title, choice, structured, without_empty_defaults
from schemas.forms import Day, Money, term
from schemas.posting import AsPosted, PostingFields, PostingRow, PostingShown, posting_indexes
from schemas.vocabulary import NeedType


class NeedFields(PostingFields):
    wanted_result: Passage = Field(default="", sa_type=Text)
    need_type: Annotated[NeedType | None, term(NeedType)] = Field(default=None, sa_type=choice(NeedType))
    budget: Money | None = Field(
        default=None,
        sa_type=structured(Money),
        description="Whole yuan; words such as 50-100万 or 面议 are read.",
    )
    deadline: Day | None = Field(default=None, sa_type=Date, description="When the result is wanted.")


class NeedCreate(AsPosted, NeedFields):
    publish: bool = Field(
        default=False, description="Publish at once, where the caller may; else hand in for review."
    )


class NeedChange(AsPosted, NeedFields):
    """Every field may be left out; what is sent replaces what was."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=without_empty_defaults)  # type: ignore[assignment]

    title: Title = ""


class Need(NeedFields, PostingRow, table=True):
    __table_args__ = posting_indexes("need")


class NeedShown(PostingShown, NeedFields):
    pass
