"""The guided forms: which fields, with which help; and what came back, as a body of the API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError
from starlette.datastructures import FormData

from schemas.capability import CapabilityCreate
from schemas.domains import DOMAINS
from schemas.forms import Question
from schemas.need import NeedCreate
from schemas.posting import AsPosted
from schemas.vocabulary import CapabilityKind, CooperationMode, NeedType, Side, Visibility
from schemas.wording import Wording
from service.platform.messages import said
from service.platform.phrases import label_of, named_domain
from service.portal.field_errors import by_field

Control = Literal["line", "text", "choice", "choices", "date", "moment", "number"]
Words = Callable[[str], str]

BODIES: dict[Side, type[AsPosted]] = {Side.needs: NeedCreate, Side.capabilities: CapabilityCreate}


@dataclass(frozen=True)
class FieldShown:
    """One field as the page has it: what was typed stays, beside what is wrong with it."""

    name: str
    control: Control
    label: str
    hint: str = ""
    required: bool = False
    options: list[tuple[str, str]] = field(default_factory=list)
    value: str | list[str] = ""
    error: str = ""


@dataclass(frozen=True)
class Filled:
    """What a form held: the values as typed, the body if it is one, else what is wrong by field."""

    values: Mapping[str, Any]
    body: Any
    errors: Mapping[str, str]


def fields_of(
    side: Side, language: str, _: Words, values: Mapping[str, Any], errors: Mapping[str, str]
) -> list[FieldShown]:
    """In the order in which people think of them: what, then how, then for whom."""
    need = side is Side.needs

    def terms(vocabulary: Any) -> list[tuple[str, str]]:
        return [(term.value, label_of(language, term)) for term in vocabulary]

    items = [(key, named_domain(language, key)) for key, one in DOMAINS.items() if one.parent is not None]
    rows: list[tuple[str, Control, str, str, list[tuple[str, str]]]] = [
        (
            "title",
            "line",
            _("标题"),
            _("一句话说清要解决什么，例如“红枣分级设备”。")
            if need
            else _("一句话说清能提供什么，例如“视觉红枣分级机”。"),
            [],
        ),
        (
            "description",
            "text",
            _("详细说明"),
            _("现状、难点、条件和指标。请勿填写联系方式和涉密内容。")
            if need
            else _("技术内容、效果、应用情况和条件。请勿填写联系方式和涉密内容。"),
            [],
        ),
    ]
    if need:
        rows += [
            ("wanted_result", "text", _("期望成果"), _("希望得到什么：样机、工艺、品种、服务等。"), []),
            ("need_type", "choice", _("需求类型"), "", terms(NeedType)),
        ]
    else:
        rows.append(("kind", "choice", _("供给类别"), "", terms(CapabilityKind)))
    rows += [
        ("domains", "choices", _("技术领域"), _("可多选，最多十项。"), items),
        ("keywords", "line", _("关键词"), _("用逗号隔开。"), []),
        ("cooperation_modes", "choices", _("合作方式"), "", terms(CooperationMode)),
        (
            "budget" if need else "price",
            "line",
            _("预算") if need else _("报价"),
            _("例如：50-100万元、面议。"),
            [],
        ),
        ("maturity", "line", _("技术成熟度"), _("例如：中试、TRL 6-8。"), []),
        ("region", "line", _("所在地区"), _("例如：四十四团、喀什地区。"), []),
    ]
    if need:
        rows.append(("deadline", "date", _("期望完成日期"), "", []))
    else:
        rows += [
            ("publicly_funded", "choice", _("财政资金支持"), "", [("true", _("是")), ("false", _("否"))]),
            (
                "transfer_by",
                "date",
                _("转化期限"),
                _("财政资金支持形成的成果须限时转化；不填则自发布起按规定期限计算。"),
                [],
            ),
        ]
    rows += [
        ("partner_wish", "text", _("对合作方的要求"), "", []),
        (
            "confidential_detail",
            "text",
            _("保密内容"),
            _("仅在双方同意对接后向对方开放；要求签署保密协议的，双方签署后开放。请勿填写涉密内容。"),
            [],
        ),
        ("visibility", "choice", _("谁可以看到"), "", terms(Visibility)),
    ]
    required = {"title"} if need else {"title", "kind"}
    return [
        FieldShown(
            name, control, label, hint, name in required, options, values.get(name, ""), errors.get(name, "")
        )
        for name, control, label, hint, options in rows
    ]


def _question(asked: Question, language: str) -> str:
    return said(Wording(asked.zh, asked.en), language)


def filled(side: Side, form: FormData, language: str, *, publish: bool) -> Filled:
    """Read a form as a body of the API. Empty fields are left out, as if nobody had named them."""
    values: dict[str, Any] = {}
    for name in BODIES[side].model_fields.keys() & form.keys():
        given = [value.strip() for value in form.getlist(name) if isinstance(value, str) and value.strip()]
        if given:
            values[name] = given if name in ("domains", "cooperation_modes") else given[-1]
    try:
        body = BODIES[side].model_validate({**values, "publish": publish})
        # A person is there to be asked: 80 goes in once it says 80 of what.
        asked = {one.field: _question(one.question, language) for one in body.readings if one.question}
        return Filled(values, None if asked else body, asked)
    except ValidationError as error:
        return Filled(values, None, by_field(error.errors(), language))
