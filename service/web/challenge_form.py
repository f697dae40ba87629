"""The forms for a challenge and for a bid: which fields, and what came back as a body of the API."""

from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from schemas.account import Organization
from schemas.bid import BidShown, BidWrite, ConsortiumRole
from schemas.challenge import (
    Challenge,
    ChallengeChange,
    ChallengeCreate,
    ChallengeMode,
    IpOwnershipWish,
)
from schemas.domains import DOMAINS
from schemas.reading import read_term
from schemas.vocabulary import Affiliation, OrganizationKind
from service.exports import indicator_said
from service.phrases import label_of, named_domain, named_region
from service.web.field_errors import by_field
from service.web.posting_form import Control, FieldShown, Filled, Words

Row = tuple[str, Control, str, str, list[tuple[str, str]]]

_LISTS = {"eligible_kinds", "eligible_affiliations", "domains"}
_REQUIRED = {"title", "goal", "proposal", "plan", "price_yuan", "months"}
# What people type as a local time is meant as in Beijing.
_ZONE, _BEIJING = "+08:00", timezone(timedelta(hours=8))
_GATE = "淘汰："


def challenge_fields(
    language: str, _: Words, values: Mapping[str, Any], errors: Mapping[str, str]
) -> list[FieldShown]:
    """In the order in which people think of them: what for, for how much, by which rules, for whom."""

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
        ("solver_share", "number", _("财政资金支付揭榜方的比例（%）"), "", []),
        ("months", "number", _("完成时限（月）"), "", []),
        ("deadline", "moment", _("揭榜截止时间"), _("北京时间。截止前任何人都看不到揭榜内容。"), []),
        ("mode", "choice", _("揭榜方式"), "", terms(ChallengeMode)),
        ("winners", "number", _("并行家数"), _("赛马制填2至10，揭榜挂帅填1。"), []),
        ("milestones", "text", _("节点"), _("每行一个：名称，日期。淘汰节点在行首写“淘汰：”。"), []),
        ("commitment", "text", _("军令状"), _("揭榜方必须接受的承诺，可不填。"), []),
        ("ip_ownership", "choice", _("知识产权归属"), "", terms(IpOwnershipWish)),
        ("eligible_kinds", "choices", _("可揭榜的单位类型"), _("不选即不限。"), terms(OrganizationKind)),
        ("eligible_affiliations", "choices", _("可揭榜的单位归属"), _("不选即不限。"), terms(Affiliation)),
        ("eligible_regions", "line", _("可揭榜的地区"), _("用逗号隔开，不填即不限。"), []),
        ("conditions", "text", _("对揭榜方的其他条件"), "", []),
        ("least_reviewers", "number", _("评审人数下限"), "", []),
        ("publicity_days", "number", _("公示天数"), "", []),
        ("domains", "choices", _("技术领域"), "", boxes),
        ("region", "line", _("所在地区"), _("例如：四十四团、喀什地区。"), []),
    ]
    return _shown(rows, values, errors)


def bid_fields(_: Words, values: Mapping[str, Any], errors: Mapping[str, str]) -> list[FieldShown]:
    rows: list[Row] = [
        ("proposal", "text", _("揭榜方案"), _("如何解决，达到哪些指标。"), []),
        ("plan", "text", _("实施计划"), _("步骤、时间和条件保障。"), []),
        ("price_yuan", "number", _("报价（元）"), "", []),
        ("months", "number", _("完成时限（月）"), "", []),
        ("team", "text", _("团队"), _("每行一人：姓名，职称，分工。"), []),
        (
            "members",
            "text",
            _("创新联合体成员"),
            _(
                "每行一家：单位全称，角色（研发单位、工程化单位、中试验证单位、应用示范单位、其他参与单位）。各成员同意后揭榜才生效。"
            ),
            [],
        ),
    ]
    return _shown(rows, values, errors)


def challenge_values(shown: Challenge) -> dict[str, Any]:
    """What a challenge says, as it stands in the fields."""
    told: dict[str, Any] = {name: getattr(shown, name) for name in ChallengeChange.model_fields}
    told["deadline"] = f"{shown.deadline.astimezone(_BEIJING):%Y-%m-%dT%H:%M}" if shown.deadline else ""
    told["indicators"] = "\n".join(indicator_said(one) for one in shown.indicators)
    told["milestones"] = "\n".join(
        f"{_GATE if one.gate else ''}{one.title}{f'，{one.due}' if one.due else ''}"
        for one in shown.milestones
    )
    told["eligible_regions"] = "，".join(named_region("zh", code) for code in shown.eligible_regions)
    told["region"] = named_region("zh", shown.region) if shown.region else ""
    return told


def bid_values(shown: BidShown) -> dict[str, Any]:
    assert shown.content is not None
    told = shown.content.model_dump()
    told["team"] = "\n".join(f"{one.name}，{one.title}，{one.task}" for one in shown.content.team)
    told["members"] = "\n".join(
        f"{one.organization.name}，{one.role.zh}"
        for one in shown.members
        if one.role is not ConsortiumRole.lead
    )
    return told


def read_challenge(form: FormData, language: str, need_id: str | None) -> Filled:
    values = _typed(form, set(ChallengeChange.model_fields))
    body: dict[str, Any] = dict(values)
    if "deadline" in body:
        body["deadline"] = f"{body['deadline']}{_ZONE}"
    body["milestones"] = [_milestone(line) for line in _lines(values.get("milestones"))]
    body["indicators"] = "；".join(_lines(values.get("indicators")))
    body["eligible_regions"] = [
        one.strip() for one in values.get("eligible_regions", "").replace("，", ",").split(",") if one.strip()
    ]
    if need_id:
        body["need_id"] = need_id
    return _read(ChallengeCreate, values, body, language)


def as_change(created: ChallengeCreate) -> ChallengeChange:
    """All that stood in the form replaces what was."""
    fields = {name: getattr(created, name) for name in ChallengeChange.model_fields}
    return ChallengeChange.model_validate(fields)


def read_bid(session: Session, form: FormData, language: str, _: Words) -> Filled:
    values = _typed(form, set(BidWrite.model_fields))
    body: dict[str, Any] = {**values, "commitment_accepted": "commitment_accepted" in values}
    body["team"] = [
        dict(zip(("name", "title", "task"), parts[:3], strict=False)) for parts in _parts(values.get("team"))
    ]
    rows = _parts(values.get("members"))
    known = _ids(session, [parts[0] for parts in rows])
    unknown = [parts[0] for parts in rows if parts[0] not in known]
    if unknown:
        return Filled(values, None, {"members": _("平台上没有这家单位：") + "、".join(unknown)})
    body["members"] = [
        {
            "organization_id": known[parts[0]],
            "role": read_term(ConsortiumRole, parts[1])
            if len(parts) > 1 and parts[1]
            else ConsortiumRole.other,
        }
        for parts in rows
    ]
    return _read(BidWrite, values, body, language)


def _shown(rows: list[Row], values: Mapping[str, Any], errors: Mapping[str, str]) -> list[FieldShown]:
    return [
        FieldShown(
            name, control, label, hint, name in _REQUIRED, options, values.get(name, ""), errors.get(name, "")
        )
        for name, control, label, hint, options in rows
    ]


def _typed(form: FormData, names: set[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in names & form.keys():
        given = [value.strip() for value in form.getlist(name) if isinstance(value, str) and value.strip()]
        if given:
            values[name] = given if name in _LISTS else given[-1]
    return values


def _read(
    shape: type[BaseModel], values: Mapping[str, Any], body: Mapping[str, Any], language: str
) -> Filled:
    try:
        return Filled(values, shape.model_validate(body), {})
    except ValidationError as error:
        return Filled(values, None, by_field(error.errors(), language))


def _lines(typed: Any) -> list[str]:
    return [line.strip() for line in str(typed or "").splitlines() if line.strip()]


def _parts(typed: Any) -> list[list[str]]:
    return [[part.strip() for part in line.replace(",", "，").split("，")] for line in _lines(typed)]


def _milestone(line: str) -> dict[str, Any]:
    title, _, due = line.removeprefix(_GATE).replace(",", "，").partition("，")
    return {"title": title.strip(), "due": due.strip() or None, "gate": line.startswith(_GATE)}


def _ids(session: Session, names: list[str]) -> dict[str, Any]:
    rows = session.exec(select(Organization.name, Organization.id).where(col(Organization.name).in_(names)))
    return dict(rows.all())
