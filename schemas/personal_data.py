"""Words for personal data that is kept (个人信息保护法 §55), and what is asked about it and answered.

Which column holds what is in ``schemas/personal_data_register.py``.
"""

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from schemas.base import Remark, Shape
from schemas.vocabulary import Term
from schemas.wording import Told


class DataKind(Term):
    contacts = "contacts", "联系人姓名、电话、邮箱", "Names, telephone numbers and addresses of contacts"
    wording = "wording", "填报时的原文", "Words as they were filled in"
    message = "message", "对接双方的留言", "Messages of an introduction's sides"
    remark = "remark", "谢绝、结束等环节的备注", "Remarks on declining, ending and the like"
    answer = "answer", "已答复请求的副本", "Copies of answers to requests"
    file = "file", "导入的文件", "Files that are imported"
    decision = "decision", "失信认定的事由和认定单位", "Grounds and deciders of a veto"
    detail = "detail", "签署保密协议后可见的详情", "Confidential detail that opens once an NDA is signed"
    agreement = "agreement", "保密协议文本和签署人", "Texts of non-disclosure agreements, and who signed"
    technology_contract = (
        "technology_contract",
        "技术合同文本、签署人和登记意见",
        "Texts of technology contracts, who signed, and what the registry remarked",
    )
    bid = "bid", "揭榜方案、团队和交付报告", "Bids, with their teams, and what was delivered"
    opinion = "opinion", "评审意见和阶段决定的理由", "Reviewers' remarks, and grounds of decisions at gates"
    certificate = "certificate", "技术经纪人证书编号", "Numbers of brokers' certificates"
    evaluation = "evaluation", "经纪人评价的理由和申辩", "Grounds of brokers' evaluations, and their answers"
    address = "address", "接收通知的邮箱", "Addresses to which notices are mailed"
    webhook = "webhook", "推送地址和密钥", "Addresses and secrets of webhooks"


class DataPurpose(Term):
    docking = "docking", "供需双方同意对接后相互联系", "Let two sides reach each other once both agree"
    checking = "checking", "供填报人核对系统如何理解所填内容", "Let posters see how their words were read"
    answering = "answering", "重复提交时给出同一答复", "Give the same answer to a request that is sent again"
    importing = "importing", "完成批量导入", "Carry out an import"
    mediating = "mediating", "平台改进匹配和处理争议", "Improve matching, and settle disputes"
    integrity = "integrity", "科研诚信管理", "Keep to research integrity"
    protecting = "protecting", "保护对接中的保密信息", "Protect what is confidential in an introduction"
    contracting = (
        "contracting",
        "订立、履行和登记技术合同",
        "Conclude, perform and register technology contracts",
    )
    tendering = "tendering", "揭榜、评审和交付验收", "Bid, review, deliver and accept"
    brokering = "brokering", "技术经纪人登记和年度评价", "Register brokers, and evaluate them each year"
    telling = "telling", "向本单位发送通知", "Tell an organisation what happened"


class LegalBasis(Term):
    consent = "consent", "个人同意（第十三条第一项）", "Consent (PIPL, article 13, 1)"
    contract = "contract", "订立、履行合同所必需（第十三条第二项）", "Needed for a contract (article 13, 2)"
    duty = "duty", "履行法定职责所必需（第十三条第三项）", "Needed for a statutory duty (article 13, 3)"


class StaysBecause(Term):
    """What an erasure leaves, and why."""

    audit = (
        "audit",
        ("审计记录依法留存，用于证明处理活动，其中只有编号、状态和数字，没有姓名和联系方式"),
        "The audit is kept as evidence; it holds ids, states and figures, no names and no contacts",
    )
    contract = (
        "contract",
        ("已签订的技术合同及其登记材料按法定期限保存"),
        "Contracts that were signed and what was registered of them are kept for the time the law prescribes",
    )
    integrity = (
        "integrity",
        ("科研失信记录依规定终身追究，不予删除"),
        "Records of serious breaches of integrity are kept for good by regulation",
    )
    backup = (
        "backup",
        ("此前的备份仍含加密的旧数据，到期销毁；恢复旧备份后须再次删除"),
        "Earlier backups hold it, sealed, until they are destroyed; after a restore, erase again",
    )
    importing = (
        "importing",
        ("有导入正在进行，其文件在导入结束后删除，请随后再次删除"),
        "An import is under way; its file is deleted when it ends. Erase again afterwards",
    )
    nda = (
        "nda",
        ("任何一方已签署的保密协议作为签约凭证保存，到期清除"),
        "Non-disclosure agreements that a side has signed are kept as evidence until their time is over",
    )
    sealed_bid = (
        "sealed_bid",
        ("未开启的揭榜材料处于密封状态，平台不能查看，由揭榜单位自行修改或撤回"),
        "Bids that were not opened are sealed, from operators too; their bidders replace or withdraw them",
    )
    configured = (
        "configured",
        ("推送地址由登记单位自行删除"),
        "Webhooks are deleted by the organisation that made them",
    )
    published = (
        "published",
        ("已发布文字由发布单位自行修改，见 to_change"),
        "Words that an organisation published are its own to change; see to_change",
    )


class PersonAsked(Shape):
    """Whose data it is. At least one of the three; a name alone finds everybody of that name."""

    email: Remark = ""
    phone: Remark = ""
    name: Remark = ""

    @model_validator(mode="after")
    def says_who(self) -> Self:
        digits = sum(character.isdigit() for character in self.phone)
        if not (self.email or self.phone or self.name):
            raise PydanticCustomError("nobody_named", "Give an e-mail address, a telephone number or a name")
        if self.phone and digits < _SHORTEST_NUMBER:
            raise PydanticCustomError("number_too_short", "A telephone number has at least seven digits")
        if self.email and "@" not in self.email:
            raise PydanticCustomError("no_address", "An e-mail address has an @ in it")
        if self.name and len(self.name) < _SHORTEST_NAME:
            raise PydanticCustomError("name_too_short", "A name has at least two characters")
        return self


_SHORTEST_NUMBER, _SHORTEST_NAME = 7, 2


class PurposeShown(BaseModel):
    where: str = Field(description="Table and column.")
    what: Told
    purpose: Told
    basis: Told
    kept: Told
    days: int | None = Field(description="After what `kept` says; null where that has no number of days.")
    ground: Told = Field(description="Why for so long.")


class FoundData(BaseModel):
    """One place that holds something of the person."""

    where: str
    row: str
    organization_id: UUID | None
    what: Told
    purpose: Told
    data: list[Any]


class WordsToChange(BaseModel):
    """Published words that name the person."""

    where: str
    id: UUID
    organization_id: UUID


class ErasedData(BaseModel):
    where: str
    rows: int


class StaysShown(BaseModel):
    why: Told
    rows: int | None = Field(default=None, description="How many there are, where they were looked for.")
    kept: Told | None = Field(default=None, description="Until when, where that is settled.")
    days: int | None = Field(default=None, description="After what `kept` says.")


class PersonalDataExport(BaseModel):
    found: list[FoundData]
    to_change: list[WordsToChange]
    stays: list[StaysShown]


class PersonalDataErasure(BaseModel):
    erased: list[ErasedData]
    to_change: list[WordsToChange]
    stays: list[StaysShown]


def told(term: Term) -> Told:
    return Told(key=term.value, zh=term.zh, en=term.en)
