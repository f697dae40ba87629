"""The form for a challenge: which fields, and what came back as a body of the API."""

from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any

from starlette.datastructures import FormData

from schemas.challenge import (
    ChallengeChange,
    ChallengeCreate,
    ChallengeFields,
    ChallengeKind,
    ChallengeMode,
    Criterion,
    IpOwnershipWish,
    PriceRule,
)
from schemas.domains import DOMAINS
from schemas.vocabulary import Affiliation, OrganizationKind
from service.platform.locales import LANGUAGES, messages_of
from service.platform.phrases import label_of, named_domain, named_region
from service.portal.form_fields import FieldShown, Filled, Words
from service.portal.line_fields import (
    COMMA,
    Row,
    comma_of,
    fields_shown,
    lines_of,
    one_a_line,
    parts_of,
    read_as,
    typed_in,
)
from service.postings.exports import indicator_said

_LISTS = {"eligible_kinds", "eligible_affiliations", "domains"}
_REQUIRED = {"title", "goal"}
# What people type as a local time is meant as in Beijing.
_ZONE, _BEIJING = "+08:00", timezone(timedelta(hours=8))


def challenge_fields(
    language: str, _: Words, values: Mapping[str, Any], errors: Mapping[str, str], *, with_kind: bool = False
) -> list[FieldShown]:
    """In the order in which people think of them: what for, for how much, by which rules, for whom.

    with_kind: whether to ask whose challenge it is, as operators are.
    """

    def terms(vocabulary: Any) -> list[tuple[str, str]]:
        return [(term.value, label_of(language, term)) for term in vocabulary]

    boxes = [(key, named_domain(language, key)) for key, one in DOMAINS.items() if one.parent is None]
    rows: list[Row] = [
        ("title", "line", _("标题"), "", []),
        (
            "goal",
            "text",
            _("技术目标"),
            _("要解决什么、达到什么。全部内容都会公开，请勿填写联系方式和涉密内容。"),
            [],
        ),
        ("indicators", "text", _("考核指标"), _("每行一项，例如：残膜回收率≥90%。验收时逐项给出结论。"), []),
        ("public_yuan", "number", _("财政资金（元）"), "", []),
        ("own_yuan", "number", _("自筹资金（元）"), "", []),
        ("price_rule", "choice", _("报价与榜金"), "", terms(PriceRule)),
        ("solver_share", "number", _("财政资金支付揭榜方的比例（%）"), "", []),
        ("months", "number", _("完成时限（月）"), "", []),
        ("deadline", "moment", _("揭榜截止时间"), _("北京时间。截止前任何人都看不到揭榜内容。"), []),
        ("mode", "choice", _("揭榜方式"), "", terms(ChallengeMode)),
        ("winners", "number", _("并行家数"), _("赛马制填2至10，揭榜挂帅填1。"), []),
        (
            "milestones",
            "text",
            _("节点"),
            _("每行一个：名称，日期。淘汰节点在行首写“%(gate)s”。") % {"gate": _("淘汰：")},
            [],
        ),
        ("commitment", "text", _("军令状"), _("揭榜方必须接受的承诺，可不填。"), []),
        ("ip_ownership", "choice", _("知识产权归属"), "", terms(IpOwnershipWish)),
        ("eligible_kinds", "choices", _("可揭榜的单位类型"), _("不选即不限。"), terms(OrganizationKind)),
        ("eligible_affiliations", "choices", _("可揭榜的单位归属"), _("不选即不限。"), terms(Affiliation)),
        ("eligible_regions", "line", _("可揭榜的地区"), _("用逗号隔开，不填即不限。"), []),
        ("conditions", "text", _("对揭榜方的其他条件"), "", []),
        ("criteria", "text", _("评分指标"), _("每行一项：名称，权重。权重合计为100。"), []),
        ("least_reviewers", "number", _("评审人数下限"), "", []),
        (
            "publisher_may_review",
            "choice",
            _("发榜单位人员可以参加评审"),
            "",
            [("true", _("是")), ("false", _("否"))],
        ),
        ("publicity_days", "number", _("公示天数"), "", []),
        ("domains", "choices", _("技术领域"), "", boxes),
        ("region", "line", _("所在地区"), _("例如：四十四团、喀什地区。"), []),
    ]
    if with_kind:
        rows.insert(1, ("kind", "choice", _("榜单类别"), "", terms(ChallengeKind)))
    return fields_shown(rows, _REQUIRED, values, errors)


def challenge_values(shown: ChallengeFields, language: str) -> dict[str, Any]:
    """What a challenge says, as it stands in the fields."""
    told: dict[str, Any] = {name: getattr(shown, name) for name in ChallengeChange.model_fields}
    gate = messages_of(language).gettext("淘汰：")
    told["deadline"] = f"{shown.deadline.astimezone(_BEIJING):%Y-%m-%dT%H:%M}" if shown.deadline else ""
    told["indicators"] = "\n".join(indicator_said(one) for one in shown.indicators)
    told["milestones"] = one_a_line(
        [[f"{gate if one.gate else ''}{one.title}", str(one.due or "")] for one in shown.milestones], language
    )
    told["criteria"] = criteria_typed(shown.criteria, language)
    told["publisher_may_review"] = str(shown.publisher_may_review).lower()
    told["eligible_regions"] = comma_of(language).join(
        named_region("zh", code) for code in shown.eligible_regions
    )
    told["region"] = named_region("zh", shown.region) if shown.region else ""
    return told


def criteria_typed(criteria: list[Criterion], language: str) -> str:
    return one_a_line([[one.name, str(one.weight)] for one in criteria], language)


def read_challenge(form: FormData, language: str, need_id: str | None) -> Filled:
    values = typed_in(form, set(ChallengeCreate.model_fields) - {"need_id"}, _LISTS)
    body: dict[str, Any] = dict(values)
    if "deadline" in body:
        body["deadline"] = f"{body['deadline']}{_ZONE}"
    body["milestones"] = [_milestone(line) for line in lines_of(values.get("milestones"))]
    body["indicators"] = "；".join(lines_of(values.get("indicators")))
    if "criteria" in body:
        body["criteria"] = [_criterion(line) for line in lines_of(values["criteria"])]
    regions = COMMA.split(values.get("eligible_regions", ""))
    body["eligible_regions"] = [one.strip() for one in regions if one.strip()]
    if need_id:
        body["need_id"] = need_id
    return read_as(ChallengeCreate, values, body, language)


def as_change(created: ChallengeCreate) -> ChallengeChange:
    """All that stood in the form replaces what was."""
    fields = {name: getattr(created, name) for name in ChallengeChange.model_fields}
    return ChallengeChange.model_validate(fields)


def _milestone(line: str) -> dict[str, Any]:
    gates = {messages_of(language).gettext("淘汰：").strip() for language in LANGUAGES}
    gate = next((mark for mark in gates if line.casefold().startswith(mark.casefold())), "")
    title, due = parts_of(line[len(gate) :], 2)
    return {"title": title, "due": due or None, "gate": bool(gate)}


def _criterion(line: str) -> dict[str, Any]:
    """What follows the last comma is its weight, so that a name may hold others."""
    *names, weight = COMMA.split(line)
    name = line[: len(line) - len(weight) - 1] if names else line
    return {"name": name.strip(), "weight": weight.strip("%％ ") if names else ""}
