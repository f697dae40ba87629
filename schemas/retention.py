"""How long personal data is kept, and what asks for it (个人信息保护法 §19: no longer than its purpose needs)."""

from typing import NamedTuple, Protocol, Self, runtime_checkable

from schemas.vocabulary import Term

#: What stands where a part that must say something has nothing to say any more.
EMPTIED = "［保存期满，已清除］"


class Retention(Term):
    """From when the days count. How many comes from the settings."""

    posting = "posting", "发布关闭、过期或退回之后", "After a posting was closed, expired or returned"
    introduction = "introduction", "对接结束之后", "After an introduction ended"
    follow_up = "follow_up", "填报成效之后", "After an effect was reported"
    secrecy = (
        "secrecy",
        "签署保密协议的对接结束之后",
        "After the introduction ended for which it was signed",
    )
    answer = "answer", "答复之后", "After the answer"
    imported = "imported", "导入结束之后", "After the import ended"
    running = "running", "导入结束即删除", "Deleted as soon as the import has ended"
    lasting = (
        "lasting",
        "长期保存（科研诚信终身追究）",
        "For good: breaches of integrity are pursued for life",
    )
    contract = "contract", "合同履行完毕或解除之后", "After a contract was fulfilled or cancelled"
    tender = "tender", "榜单结束之后", "After a challenge came to its end"
    registered = "registered", "经纪人退出之后", "After a broker's standing ended"
    evaluated = "evaluated", "年度评价定稿之后", "After a yearly evaluation was last confirmed or answered"
    configured = "configured", "至登记单位删除为止", "Until its organisation deletes it"
    addressed = (
        "addressed",
        "至登记单位删除为止；未确认或已退订之后",
        "Until its organisation deletes it; and after it was not confirmed, or unsubscribed",
    )
    replaced = "replaced", "新密钥启用一天后即删除", "Deleted a day after another secret took its place"


class RetentionGround(Term):
    """Why for so long, and no longer."""

    purpose = (
        "purpose",
        "实现目的所必需的最短时间（个人信息保护法第十九条）",
        "The shortest time that its purpose needs (PIPL, article 19)",
    )
    disputes = (
        "disputes",
        "诉讼时效三年（民法典第一百八十八条）",
        "Claims may be brought for three years (Civil Code, article 188)",
    )
    secrecy = (
        "secrecy",
        "保密义务在合同终止后继续存在（民法典第五百五十八条）",
        "Secrecy is owed after the end as well (Civil Code, article 558)",
    )
    tax = (
        "tax",
        "涉税资料保存十年（税收征收管理法实施细则第二十九条）",
        "Papers that bear on taxes are kept for ten years (rules on tax collection, article 29)",
    )
    integrity = (
        "integrity",
        "科研失信行为终身追究",
        "Breaches of research integrity are pursued for life",
    )
    owner = "owner", "由登记单位自行管理", "It is its organisation's own affair"


class Period(NamedTuple):
    """``setting`` holds the days; None: ``kept`` itself says when it goes, or that it does not."""

    setting: str | None
    ground: RetentionGround


PERIODS: dict[Retention, Period] = {
    Retention.posting: Period("posting_forget_days", RetentionGround.purpose),
    Retention.introduction: Period("introduction_forget_days", RetentionGround.disputes),
    Retention.follow_up: Period("introduction_forget_days", RetentionGround.purpose),
    Retention.secrecy: Period("nda_forget_days", RetentionGround.secrecy),
    Retention.answer: Period("answer_days", RetentionGround.purpose),
    Retention.imported: Period("import_forget_days", RetentionGround.purpose),
    Retention.running: Period(None, RetentionGround.purpose),
    Retention.lasting: Period(None, RetentionGround.integrity),
    Retention.contract: Period("contract_forget_days", RetentionGround.tax),
    Retention.tender: Period("challenge_forget_days", RetentionGround.disputes),
    Retention.registered: Period("broker_forget_days", RetentionGround.disputes),
    Retention.evaluated: Period("broker_forget_days", RetentionGround.disputes),
    Retention.configured: Period(None, RetentionGround.owner),
    Retention.addressed: Period("mail_address_days", RetentionGround.purpose),
    Retention.replaced: Period(None, RetentionGround.purpose),
}


@runtime_checkable
class Fading(Protocol):
    """What keeps its figures when the time of its words is over, so that totals and lists still add up."""

    def without_words(self) -> Self: ...
