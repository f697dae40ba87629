"""What an assistant hands over: what a search is narrowed by, and a need as it is drafted."""

from typing import Annotated

from pydantic import Field

from schemas.base import Shape
from schemas.domains import DOMAINS
from schemas.vocabulary import Affiliation, CapabilityKind, CooperationMode, NeedType

_BOXES = "、".join(f"{key} {domain.zh}" for key, domain in DOMAINS.items() if domain.parent is None)


class SearchFilters(Shape):
    """收窄查找。 What a search is narrowed by: several values of one mean any of them."""

    min_score: Annotated[
        float | None, Field(ge=0, le=1, description="最低得分；不填用默认门槛。 0 asks for everything.")
    ] = None
    kind: list[CapabilityKind] = Field(default=[], description="供给类别。 Kinds of capability.")
    need_type: list[NeedType] = Field(default=[], description="需求类型。 Types of need.")
    domain: list[str] = Field(
        default=[], description=f"技术领域。 Domains: {_BOXES}", examples=[["fruit"], ["crops", "fruit"]]
    )
    affiliation: list[Affiliation] = Field(
        default=[], description="对方单位归属。 Whose the other side is.", examples=[["aid"]]
    )
    region: list[str] = Field(
        default=[],
        description="行政区划或团场代码，含下辖。 Codes of regions or regiments, with all that lies within.",
        examples=[["6531"], ["659003.44"]],
    )
    cooperation_mode: list[CooperationMode] = Field(
        default=[], description="合作方式。 Modes of cooperation."
    )


class NeedDraft(Shape):
    """需求草稿，按用户的原话填写。 A need in the user's own words; leave out what the user did not say."""

    title: str = Field(
        description="一句话说清要解决什么。 What is to be solved.", examples=["红枣自动分级设备"]
    )
    description: str = Field(
        default="",
        description="现状、难点、条件和指标；不写联系方式和涉密内容。 No contacts, nothing classified.",
        examples=["现有人工分级日处理5吨，破损率高，寻求日处理20吨以上的视觉分级设备。"],
    )
    wanted_result: str = Field(
        default="", description="期望成果。 What is wanted in the end.", examples=["样机一台及操作培训"]
    )
    need_type: NeedType | None = Field(default=None, description="需求类型。 Type of need.")
    domains: list[str] = Field(
        default=[],
        description="技术领域，代码或名称。 Domains, by key or by name.",
        examples=[["特色林果产品精深加工"]],
    )
    keywords: list[str] = Field(default=[], description="关键词。 Keywords.", examples=[["红枣", "视觉分级"]])
    cooperation_modes: list[CooperationMode] = Field(
        default=[], description="合作方式。 Modes of cooperation."
    )
    indicators: list[str] = Field(
        default=[], description="技术指标，一项一条。 Figures to be met, one each.", examples=[["破损率≤2%"]]
    )
    budget: str | None = Field(
        default=None, description="预算，按原话写。 As it is said.", examples=["50-100万元", "面议"]
    )
    maturity: str | None = Field(
        default=None, description="技术成熟度。 A stage, or TRL.", examples=["中试", "TRL 6-8"]
    )
    region: str | None = Field(
        default=None, description="所在地区，名称或代码。 A name or a code.", examples=["四十四团"]
    )
    deadline: str | None = Field(
        default=None, description="期望完成日期。 When it is wanted.", examples=["2027-10-31"]
    )
    partner_wish: str = Field(
        default="",
        description="对合作方的要求。 What is wished of the other side.",
        examples=["有南疆应用案例"],
    )
