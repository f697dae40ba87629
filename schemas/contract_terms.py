"""What a technology contract (技术合同) says: what all do, and what each of the five types of the Civil Code must.

Source: 《中华人民共和国民法典》 part three, chapter 20 (第843–887条); article 845 lists what a contract usually holds.
"""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from schemas.base import LONGEST_PASSAGE, CalendarDay, Label, Name, Passage, Remark, Shape, Title
from schemas.domains import DomainKey, read_domains
from schemas.forms import Yuan, from_words
from schemas.reading import CreditCode
from schemas.retention import EMPTIED
from schemas.vocabulary import Term

# What has to be there is at least one character; what stands in it is judged by the pre-check.
Clause = Annotated[Passage, Field(min_length=1)]
# Of the terms: no words of anybody, but what the right is.
_STAYS = {"type", "right_number"}


class ContractType(Term):
    development = "development", "技术开发合同", "Technology development"
    transfer = "transfer", "技术转让合同", "Technology transfer"
    license = "license", "技术许可合同", "Technology licence"
    consulting = "consulting", "技术咨询合同", "Technical consulting"
    service = "service", "技术服务合同", "Technical service"


class DevelopmentKind(Term):
    commissioned = "commissioned", "委托开发", "Commissioned"
    cooperative = "cooperative", "合作开发", "Cooperative"


class RightKind(Term):
    """What is transferred or licensed."""

    patent = "patent", "专利权", "Patent"
    application = "application", "专利申请权", "Right to apply for a patent"
    secret = "secret", "技术秘密", "Technical secret"
    software = "software", "计算机软件著作权", "Software copyright"
    variety = "variety", "植物新品种权", "Plant variety right"
    layout = "layout", "集成电路布图设计专有权", "IC layout"
    other = "other", "其他知识产权", "Other intellectual property"


class LicenseKind(Term):
    exclusive = "exclusive", "独占许可", "Exclusive"
    sole = "sole", "排他许可", "Sole"
    ordinary = "ordinary", "普通许可", "Ordinary"


class ServiceKind(Term):
    general = "general", "一般技术服务", "General"
    training = "training", "技术培训", "Training"
    brokerage = "brokerage", "技术中介", "Brokerage"


class IpOwnership(Term):
    """Whose the results are, or who holds the right afterwards."""

    buyer = "buyer", "归买方", "The buyer's"
    seller = "seller", "归卖方", "The seller's"
    shared = "shared", "双方共有", "Shared"
    by_law = "by_law", "依法律规定", "As the law has it"


class Mastery(Term):
    """Whether the seller had the technology when the contract was made."""

    unknown = "unknown", "订立合同时尚未掌握", "Not yet mastered"
    mastered = "mastered", "订立合同时已经掌握", "Mastered already"


class RightPassed(Term):
    none = "none", "不转移权利", "No right passes"
    licensed = "licensed", "许可使用", "A right to use is given"
    assigned = "assigned", "转让权利", "The right itself passes"
    equity = "equity", "技术入股", "The technology becomes a share"


class Delivery(Term):
    """What is mainly given."""

    technology = "technology", "技术成果", "A technology"
    advice = "advice", "咨询报告或意见", "A report or advice"
    work = "work", "解决特定技术问题", "A solved technical problem"
    training = "training", "传授专业技术知识", "Taught knowledge"
    mediation = "mediation", "促成技术交易", "A mediated deal"


class DevelopmentTerms(Shape):
    """第851条 and those after it; the risk of failure, 第858条."""

    type: Literal["development"]
    kind: DevelopmentKind
    goal: Clause = Field(description="研究开发的目标、指标。")
    content: Clause = Field(description="研究开发的内容、范围。")
    plan: Clause = Field(description="研究开发计划、进度。")
    acceptance: Clause = Field(description="验收标准和方法。")
    risk: Clause = Field(description="风险责任的承担。")


class TransferTerms(Shape):
    """第862条 and those after it."""

    type: Literal["transfer"]
    right: RightKind
    object: Clause = Field(description="转让的技术内容、范围。")
    ownership: Clause = Field(description="权属状况：权利人、共有、质押和已有许可。")
    right_number: Label | None = Field(default=None, description="专利号、登记号等；技术秘密没有。")
    delivery: Passage = Field(default="", description="技术资料和技术指导。")
    acceptance: Passage = Field(default="", description="验收标准和方法。")


class LicenseTerms(Shape):
    """第862条 and those after it. A licence lives within its right: 第865条."""

    type: Literal["license"]
    right: RightKind
    kind: LicenseKind
    object: Clause = Field(description="许可的技术内容、范围。")
    ownership: Clause = Field(description="权属状况：权利人、共有、质押和已有许可。")
    right_number: Label | None = Field(default=None, description="专利号、登记号等；技术秘密没有。")
    territory: Clause = Field(description="许可实施的地域。")
    term: Clause = Field(description="许可实施的期限。")
    sublicense: bool = Field(default=False, description="被许可人可否再许可。")


class ConsultingTerms(Shape):
    """第878条 and those after it."""

    type: Literal["consulting"]
    question: Clause = Field(description="咨询的问题：可行性论证、技术预测、专题调查、分析评价。")
    report: Clause = Field(description="咨询报告或意见的形式和要求。")
    acceptance: Clause = Field(description="验收、评价办法。")
    material: Passage = Field(default="", description="委托人提供的背景材料和数据。")


class ServiceTerms(Shape):
    """第878条 and those after it; training and brokerage, 第887条."""

    type: Literal["service"]
    kind: ServiceKind
    task: Clause = Field(description="服务内容：要解决的特定技术问题。")
    conditions: Clause = Field(description="工作条件和协作事项。")
    acceptance: Clause = Field(description="验收标准和方法。")
    trainees: Passage = Field(default="", description="技术培训：培训对象、人数和时间。")
    third_party: Passage = Field(default="", description="技术中介：第三方和所促成的技术交易。")

    @model_validator(mode="after")
    def of_its_kind(self) -> Self:
        if self.kind is ServiceKind.training and not self.trainees:
            raise PydanticCustomError("trainees_missing", "Say who is trained, in 'trainees'")
        if self.kind is ServiceKind.brokerage and not self.third_party:
            raise PydanticCustomError("third_party_missing", "Say who is brought together, in 'third_party'")
        return self


Terms = Annotated[
    DevelopmentTerms | TransferTerms | LicenseTerms | ConsultingTerms | ServiceTerms,
    Field(discriminator="type"),
]


class IpArrangement(Shape):
    ownership: IpOwnership
    note: Passage = Field(default="", description="后续改进成果的归属、收益的分配办法等。")


class Nature(Shape):
    """What decides of which type a contract really is, whatever it is called."""

    mastery: Mastery
    right_passed: RightPassed
    delivers: Delivery
    innovative: bool = Field(default=True, description="研究开发工作及其预期成果有技术创新内容。")
    routine: bool = Field(
        default=False, description="只是一般检验、测试、鉴定、仿制和应用，或简单改型、配方调整。"
    )
    public_domain: bool = Field(default=False, description="标的已进入公有领域，如专利权已经终止。")
    product_training: bool = Field(default=False, description="培训只为销售产品，或属于员工一般培训。")


class FurtherParty(Shape):
    """Beside the buyer and the seller: a third developer, a guarantor, an agent."""

    name: Name
    role: Label
    credit_code: CreditCode | None = None


class Commission(Shape):
    """What a broker gets, as far as the parties wish to note it."""

    amount: Yuan | None = None
    note: Remark = ""


class ContractContent(Shape):
    """All that the parties sign. Sums are in whole yuan."""

    title: Title
    terms: Terms
    turnover: Yuan = Field(description="成交额：合同总金额。")
    technology_value: Yuan = Field(
        description="技术交易额：成交额中扣除设备、仪器、零部件、原材料等非技术性费用后的部分。"
    )
    equipment_value: Yuan | None = Field(
        default=None, description="成交额中购置设备、仪器、零部件、原材料等非技术性费用。"
    )
    payment: Passage = Field(default="", description="价款、报酬或使用费的支付方式。")
    ip: IpArrangement | None = None
    nature: Nature
    valid_from: CalendarDay
    valid_until: CalendarDay
    place: Remark = Field(default="", description="履行地点和方式。")
    secrecy: Passage = Field(default="", description="技术信息和资料的保密。")
    further_parties: list[FurtherParty] = Field(default_factory=list, max_length=10)
    commission: Commission | None = None
    domains: Annotated[list[DomainKey], from_words(read_domains, LONGEST_PASSAGE)] = Field(
        default_factory=list, max_length=10
    )
    new_investment: Yuan | None = Field(default=None, description="预计新增投入。")
    new_output: Yuan | None = Field(default=None, description="预计新增产值。")
    foreign_language: bool = Field(default=False, description="合同原文为外文。")
    text: Passage = Field(default="", description="合同全文，如有。")

    @field_validator("technology_value")
    @classmethod
    def within_turnover(cls, value: int, info: ValidationInfo) -> int:
        turnover: Any = info.data.get("turnover")
        if turnover is not None and value > turnover:
            raise PydanticCustomError(
                "value_above_turnover", "The technology transaction value is above the turnover"
            )
        return value

    @field_validator("valid_until")
    @classmethod
    def after_its_beginning(cls, until: date, info: ValidationInfo) -> date:
        begins: Any = info.data.get("valid_from")
        if begins is not None and until < begins:
            raise PydanticCustomError("range_reversed", "The lower end is above the upper end")
        return until

    @property
    def type(self) -> ContractType:
        return ContractType(self.terms.type)

    def without_words(self) -> Self:
        """Title, type, sums and days stay; clauses and whoever is named in them go."""
        told = self.terms.model_dump()
        terms = {
            name: EMPTIED if type(value) is str and value and name not in _STAYS else value
            for name, value in told.items()
        }
        gone = dict.fromkeys(("payment", "place", "secrecy", "text"), "")
        commission = self.commission and Commission(amount=self.commission.amount)
        ip = self.ip and IpArrangement(ownership=self.ip.ownership)
        changed: dict[str, Any] = {
            **gone,
            "terms": terms,
            "further_parties": [],
            "commission": commission,
            "ip": ip,
        }
        return type(self)(**{**self.model_dump(), **changed})
