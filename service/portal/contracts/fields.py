"""The fields of a contract, in the order in which it is read: one table for the page that shows it and its form."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from pydantic import ValidationError
from starlette.datastructures import FormData

from schemas.contract_terms import (
    ContractContent,
    ContractType,
    Delivery,
    DevelopmentKind,
    IpOwnership,
    LicenseKind,
    Mastery,
    RightKind,
    RightPassed,
    ServiceKind,
)
from schemas.domains import DOMAINS
from schemas.vocabulary import Term
from service.platform.locales import messages_of
from service.platform.phrases import label_of, named_domain, yuan
from service.platform.problems import field_problems
from service.portal.form_fields import Control, FieldShown, Filled
from service.portal.line_fields import lines_of as text_lines
from service.portal.line_fields import one_a_line, parts_of

Words = Callable[[str], str]


@dataclass(frozen=True)
class Line:
    """One field: where it is in the content, with dots, and how it is written."""

    path: str
    label: str
    control: Control = "text"
    words: type[Term] | None = None
    required: bool = False
    flag: bool = False
    money: bool = False
    hint: str = ""


class Told(NamedTuple):
    label: str
    value: str


def lines_of(type_: ContractType, _: Words) -> list[Line]:
    """What a contract of this type holds."""
    return [
        Line("title", _("项目名称"), "line", required=True),
        *_terms(_)[type_],
        Line("turnover", _("成交额（元）"), "line", required=True, money=True),
        Line("technology_value", _("技术交易额（元）"), "line", required=True, money=True),
        Line("equipment_value", _("设备、材料等非技术性费用（元）"), "line", money=True),
        Line("payment", _("支付方式")),
        Line("valid_from", _("有效期起"), "date", required=True),
        Line("valid_until", _("有效期止"), "date", required=True),
        Line("place", _("履行地点和方式"), "line"),
        Line("ip.ownership", _("知识产权归属"), "choice", IpOwnership),
        Line("ip.note", _("知识产权约定")),
        Line("secrecy", _("保密")),
        Line("domains", _("技术领域"), "choices"),
        Line("nature.mastery", _("技术掌握情况"), "choice", Mastery, required=True),
        Line("nature.right_passed", _("权利转移"), "choice", RightPassed, required=True),
        Line("nature.delivers", _("主要交付内容"), "choice", Delivery, required=True),
        Line("nature.innovative", _("有技术创新内容"), "choice", flag=True),
        Line("nature.routine", _("仅为一般检验、测试、仿制、应用或简单改型"), "choice", flag=True),
        Line("nature.public_domain", _("已进入公有领域"), "choice", flag=True),
        Line("nature.product_training", _("仅为产品使用培训或员工一般培训"), "choice", flag=True),
        Line("commission.amount", _("经纪佣金（元）"), "line", money=True),
        Line("commission.note", _("佣金说明"), "line"),
        Line("new_investment", _("预计新增投入（元）"), "line", money=True),
        Line("new_output", _("预计新增产值（元）"), "line", money=True),
        Line("foreign_language", _("合同原文为外文"), "choice", flag=True),
        Line("further_parties", _("其他当事人"), hint=_("每行一个：名称，角色，统一社会信用代码。")),
        Line("text", _("合同全文")),
    ]


def _terms(_: Words) -> dict[ContractType, list[Line]]:
    acceptance = Line("terms.acceptance", _("验收标准和方法"), required=True)
    number = Line("terms.right_number", _("权利编号"), "line")
    right = Line("terms.right", _("权利类别"), "choice", RightKind, required=True)
    held = [
        Line("terms.object", _("技术内容、范围"), required=True),
        Line("terms.ownership", _("权属状况"), required=True),
        number,
    ]
    return {
        ContractType.development: [
            Line("terms.kind", _("开发方式"), "choice", DevelopmentKind, required=True),
            Line("terms.goal", _("开发目标和指标"), required=True),
            Line("terms.content", _("开发内容"), required=True),
            Line("terms.plan", _("开发计划"), required=True),
            acceptance,
            Line("terms.risk", _("风险责任"), required=True),
        ],
        ContractType.transfer: [
            right,
            *held,
            Line("terms.delivery", _("技术资料和技术指导")),
            Line("terms.acceptance", _("验收标准和方法")),
        ],
        ContractType.license: [
            right,
            Line("terms.kind", _("许可方式"), "choice", LicenseKind, required=True),
            *held,
            Line("terms.territory", _("许可地域"), required=True),
            Line("terms.term", _("许可期限"), required=True),
            Line("terms.sublicense", _("可以再许可"), "choice", flag=True),
        ],
        ContractType.consulting: [
            Line("terms.question", _("咨询的问题"), required=True),
            Line("terms.report", _("咨询报告的要求"), required=True),
            acceptance,
            Line("terms.material", _("背景材料和数据")),
        ],
        ContractType.service: [
            Line("terms.kind", _("服务类别"), "choice", ServiceKind, required=True),
            Line("terms.task", _("服务内容"), required=True),
            Line("terms.conditions", _("工作条件和协作事项"), required=True),
            acceptance,
            Line("terms.trainees", _("培训对象（技术培训必填）")),
            Line("terms.third_party", _("第三方和所促成的交易（技术中介必填）")),
        ],
    }


def told(content: ContractContent, language: str) -> Iterator[Told]:
    """Everything that is filled in, in the page's language."""
    _ = messages_of(language).gettext
    whole = content.model_dump()
    for line in lines_of(content.type, _):
        value = _at(whole, line.path)
        if value not in (None, "", []) and line.path != "further_parties":
            yield Told(line.label, _said(line, value, language, _))
    for party in content.further_parties:
        yield Told(_("其他当事人"), " · ".join([party.name, party.role, party.credit_code or ""]).strip(" ·"))


def form_of(
    type_: ContractType, language: str, values: Mapping[str, Any], errors: Mapping[str, str]
) -> list[FieldShown]:
    _ = messages_of(language).gettext

    def options(line: Line) -> list[tuple[str, str]]:
        if line.flag:
            return [("true", _("是")), ("false", _("否"))]
        if line.words is not None:
            return [(one.value, label_of(language, one)) for one in line.words]
        if line.path == "domains":
            return [(key, named_domain(language, key)) for key, one in DOMAINS.items() if one.parent is None]
        return []

    return [
        FieldShown(
            line.path,
            line.control,
            line.label,
            line.hint,
            line.required,
            options(line),
            values.get(line.path, [] if line.path == "domains" else ""),
            errors.get(line.path, ""),
        )
        for line in lines_of(type_, _)
    ]


def typed(content: ContractContent, language: str) -> dict[str, Any]:
    """As the form would have it typed."""
    whole = content.model_dump(mode="json")
    parties = [[one.name, one.role, one.credit_code or ""] for one in content.further_parties]
    whole["further_parties"] = one_a_line(parties, language) or None
    values = {line.path: _at(whole, line.path) for line in lines_of(content.type, str)}
    return {
        path: value
        if isinstance(value, list)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
        for path, value in values.items()
        if value is not None
    }


def read_form(type_: ContractType, form: FormData, before: ContractContent | None, language: str) -> Filled:
    """Read a form as the content of a contract. What the form has no field for stays as it was before."""
    values: dict[str, Any] = {}
    for line in lines_of(type_, str):
        given = [one.strip() for one in form.getlist(line.path) if isinstance(one, str) and one.strip()]
        if given:
            values[line.path] = given if line.path == "domains" else given[-1]
    body: dict[str, Any] = {"terms": {"type": type_.value}}
    if "further_parties" in form:
        body["further_parties"] = [_party(line) for line in text_lines(values.get("further_parties"))]
    elif before is not None:
        body["further_parties"] = [one.model_dump() for one in before.further_parties]
    for path, value in values.items():
        if path == "further_parties":
            continue
        *parents, name = path.split(".")
        inside = body
        for parent in parents:
            inside = inside.setdefault(parent, {})
        inside[name] = value
    try:
        return Filled(values, ContractContent.model_validate(body), {})
    except ValidationError as error:
        return Filled(values, None, _by_path(type_, error, language))


def _by_path(type_: ContractType, error: ValidationError, language: str) -> dict[str, str]:
    located = [
        {**one, "loc": ("body", *(part for part in one["loc"] if part != type_.value))}
        for one in error.errors()
    ]
    errors: dict[str, str] = {}
    for problem in field_problems(located, language):
        path = problem.pointer.strip("/").replace("/", ".")
        if path.startswith("further_parties"):
            path = "further_parties"
        named = next((one.path for one in lines_of(type_, str) if one.path == path), None)
        # What belongs to no one field stands beside the first of its part.
        first = next((one.path for one in lines_of(type_, str) if one.path.startswith(path)), "title")
        errors.setdefault(named or first, problem.message)
    return errors


def _party(line: str) -> dict[str, Any]:
    name, role, code = parts_of(line, 3)
    return {"name": name, "role": role, "credit_code": code or None}


def _at(whole: Mapping[str, Any], path: str) -> Any:
    found: Any = whole
    for part in path.split("."):
        found = None if found is None else found.get(part)
    return found


def _said(line: Line, value: Any, language: str, _: Words) -> str:
    if line.flag:
        return _("是") if value else _("否")
    if line.words is not None:
        return label_of(language, line.words(value))
    if line.money:
        return yuan(language, value, value)
    if line.path == "domains":
        return "; ".join(named_domain(language, key) for key in value)
    return value.isoformat() if isinstance(value, date) else str(value)
