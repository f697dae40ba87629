"""What the registration pre-check finds. It is no decision: registries decide (技术合同登记机构)."""

from datetime import date

from pydantic import BaseModel, Field

from schemas.base import CalendarDay, Shape
from schemas.contract_terms import ContractType
from schemas.vocabulary import Term


class FindingLevel(Term):
    refusal = "refusal", "可能不予登记", "A ground on which it may be refused"
    missing = "missing", "需补正", "Something is missing"
    type = "type", "合同类型", "The type of the contract"
    remark = "remark", "提示", "To be known"


class EvidenceKind(Term):
    """Papers that are handed in beside the text."""

    rights = "rights", "权利证书或申请文件", "Proof of the right"
    secrecy = "secrecy", "技术秘密保密措施说明", "Measures that keep the secret"
    chinese_copy = "chinese_copy", "中文副本及一致性承诺", "A Chinese copy, with a statement that it is true"
    task = "task", "计划项目任务书或中标文件", "The task of a public programme, or a won tender"
    text = "text", "完整的合同文本", "The whole text of the contract"


class RefusalGround(Term):
    """Why a registry refuses: the six grounds of the draft's article 39, and three that come before them."""

    party_unclear = "party_unclear", "合同主体不明确", "The parties are not clear"
    object_unclear = "object_unclear", "合同标的不明确", "The object is not clear"
    price_unclear = "price_unclear", "价款、报酬或使用费约定不明确", "The price is not clear"
    monopoly = "monopoly", "含有非法垄断技术或侵害他人技术成果的条款", "Terms that monopolise technology"
    evidence = "evidence", "证明材料未出具或不符合要求", "Evidence is missing or does not fit"
    seal_mismatch = "seal_mismatch", "书写单位名称与印章不一致", "Names and seals differ"
    not_technical = "not_technical", "不属于技术合同", "No technology contract"
    not_in_force = "not_in_force", "合同未生效或已过有效期", "Not in force, or no longer"
    other = "other", "其他", "Other"


class FindingCode(Term):
    """Stable. The words say what to do; where they are from stands beside each finding."""

    other_type = "other_type", "按约定内容更像另一类合同", "By what is agreed it is rather of another type"
    type_unclear = "type_unclear", "仅凭填报内容不能判断属于哪一类技术合同", "Its type cannot be told"
    license_in_transfer = (
        "license_in_transfer",
        "旧规则把许可合同计入技术转让合同",
        "The older rules count a licence as a transfer",
    )
    equity_as_transfer = (
        "equity_as_transfer",
        "以技术入股方式订立的合同可按技术转让合同认定",
        "A share for technology may be registered as a transfer",
    )
    not_innovative = (
        "not_innovative",
        "技术开发合同须有相应的技术创新内容",
        "Development needs something that is new",
    )
    already_mastered = (
        "already_mastered",
        "标的在订立合同时已经掌握的，不属于技术开发合同",
        "What was mastered already is not developed",
    )
    not_mastered = (
        "not_mastered",
        "转让、许可的标的须为订立合同时已经掌握的技术成果",
        "What is not mastered yet cannot be transferred or licensed",
    )
    routine_work = (
        "routine_work",
        "一般检验、测试、鉴定、仿制、应用和简单改型不属于技术开发合同",
        "Routine testing, copying or resizing is no development",
    )
    public_domain = (
        "public_domain",
        "标的已进入公有领域的，不应认定为技术转让或技术许可合同",
        "What is in the public domain is neither transferred nor licensed",
    )
    product_training = (
        "product_training",
        "产品使用培训和员工一般培训不属于技术培训合同",
        "Training in a product's use is no technical training",
    )
    party_unclear = (
        "party_unclear",
        "当事人没有统一社会信用代码，主体可能不明确",
        "A party has no unified social credit code",
    )
    object_unclear = (
        "object_unclear",
        "标的写得过于简略，登记人员无法了解技术内容",
        "The object is too short to tell what the technology is",
    )
    price_unclear = (
        "price_unclear",
        "价款、报酬或使用费约定不明确",
        "The price is not clear",
    )
    payment_missing = "payment_missing", "请写明价款的支付方式", "Say how it is paid"
    no_technology_value = (
        "no_technology_value",
        "没有技术交易额，不能作为技术合同登记",
        "Without a technology transaction value it cannot be registered",
    )
    value_has_equipment = (
        "value_has_equipment",
        "技术交易额中含有设备、材料等非技术性费用",
        "Equipment or material is counted in the technology transaction value",
    )
    monopoly_words = (
        "monopoly_words",
        "条款可能非法垄断技术或限制改进，请核对",
        "A clause may monopolise technology or forbid its improvement",
    )
    right_number_missing = (
        "right_number_missing",
        "请填写专利号、登记号等权利编号",
        "The number of the right is missing",
    )
    rights_evidence_missing = (
        "rights_evidence_missing",
        "请附权利证书或申请文件",
        "Proof of the right is missing",
    )
    secrecy_evidence_missing = (
        "secrecy_evidence_missing",
        "技术秘密请附保密措施说明",
        "For a secret, say by which measures it is kept",
    )
    secrecy_clause_missing = (
        "secrecy_clause_missing",
        "标的为技术秘密的，请写明保密条款",
        "For a secret, a clause on secrecy is missing",
    )
    chinese_copy_missing = (
        "chinese_copy_missing",
        "外文合同请附中文副本及一致性承诺",
        "A contract in another language needs a Chinese copy",
    )
    text_missing = "text_missing", "请附完整的合同文本", "The whole text of the contract is missing"
    ip_missing = "ip_missing", "请约定知识产权归属", "Say whose the intellectual property is"
    seal_mismatch = "seal_mismatch", "书写单位名称与印章不一致", "Names and seals differ"
    seal_unchecked = (
        "seal_unchecked",
        "请核对书写单位名称与印章是否一致",
        "Compare the names with the seals",
    )
    not_signed = "not_signed", "双方尚未签署同一版本", "Both sides have not signed the same version yet"
    not_in_force = "not_in_force", "合同尚未生效", "It is not in force yet"
    validity_over = "validity_over", "应在合同有效期内申请登记", "It has to be handed in while it is valid"
    import_by_buyer = (
        "import_by_buyer",
        "技术进口合同由境内买方申请登记",
        "A technology import is handed in by the buyer in China",
    )
    training_inside = (
        "training_inside",
        "开发、转让、许可合同中的培训内容不单独登记",
        "Training inside another contract is not registered by itself",
    )
    expert_review = (
        "expert_review",
        "大额（不低于500万元）或有争议的合同由专家审核，时限较长",
        "From 5,000,000 yuan on, or where disputed, experts look at it, and it takes longer",
    )


class Finding(BaseModel):
    """Ids, codes and places alone: what people wrote stays in the contract."""

    code: FindingCode
    level: FindingLevel
    pointer: str = Field(description="JSON pointer into the content; `/buyer` and `/seller` are the parties.")
    source: str = Field(description="The rule that it follows.")


class FindingShown(Finding):
    message: str


class Clock(BaseModel):
    """How long the registry has, from the day on which everything was handed in."""

    days: int
    working_days: bool
    begins: date = Field(description="The day of receipt, which is not counted.")
    due_on: date
    estimated: bool = Field(
        description="It reaches into a year whose holidays had not been announced when this release was made."
    )


class Precheck(BaseModel):
    rule_version: str
    declared: ContractType
    found: ContractType | None = Field(
        description="Null: it cannot be told, or it is no technology contract."
    )
    findings: list[Finding]
    clock: Clock


class PrecheckShown(Precheck):
    findings: list[FindingShown]  # type: ignore[assignment]
    notice: str = Field(description="What the rules follow, and that this is no decision by a registry.")


class PrecheckQuery(Shape):
    """What only those know who hand it in."""

    disputed: bool = False
    seals_match: bool | None = None
    evidence: list[EvidenceKind] = Field(default_factory=list, max_length=10)
    received_on: CalendarDay | None = Field(
        default=None, description="When the registry got everything; today, if left out."
    )
