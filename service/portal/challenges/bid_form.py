"""The form for a bid: which fields, and what came back as a body of the API."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from schemas.account import Organization
from schemas.bid import BidShown, BidWrite, ConsortiumRole
from service.platform.locales import LANGUAGES
from service.platform.phrases import label_of
from service.portal.form_fields import FieldShown, Filled, Words
from service.portal.line_fields import (
    Row,
    comma_of,
    fields_shown,
    lines_of,
    one_a_line,
    parts_of,
    read_as,
    typed_in,
)

_REQUIRED = {"proposal", "plan", "price_yuan", "months"}
_ROLES = [role for role in ConsortiumRole if role is not ConsortiumRole.lead]


def bid_fields(
    language: str, _: Words, values: Mapping[str, Any], errors: Mapping[str, str]
) -> list[FieldShown]:
    roles = comma_of(language).join(label_of(language, role) for role in _ROLES)
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
            _("每行一家：单位全称，角色，分工。角色可填：%(roles)s。各成员同意后揭榜才生效。")
            % {"roles": roles},
            [],
        ),
    ]
    return fields_shown(rows, _REQUIRED, values, errors)


def bid_values(shown: BidShown, language: str) -> dict[str, Any]:
    """What a bid says, as it stands in the fields."""
    assert shown.content is not None
    told = shown.content.model_dump()
    told["team"] = one_a_line([[one.name, one.title, one.task] for one in shown.content.team], language)
    told["members"] = one_a_line(
        [
            [one.organization.name, label_of(language, one.role), one.task or ""]
            for one in shown.members
            if one.role is not ConsortiumRole.lead
        ],
        language,
    )
    return told


def read_bid(session: Session, form: FormData, language: str, _: Words) -> Filled:
    values = typed_in(form, set(BidWrite.model_fields), set())
    body: dict[str, Any] = {**values, "commitment_accepted": "commitment_accepted" in values}
    body["team"] = [
        dict(zip(("name", "title", "task"), parts_of(line, 3), strict=True))
        for line in lines_of(values.get("team"))
    ]
    rows = [parts_of(line, 3) for line in lines_of(values.get("members"))]
    known = _ids(session, [name for name, _role, _task in rows])
    unknown = [name for name, _role, _task in rows if name not in known]
    if unknown:
        return Filled(values, None, {"members": _("平台上没有这家单位：") + comma_of(language).join(unknown)})
    body["members"] = [
        {"organization_id": known[name], "role": _role_of(role), "task": task} for name, role, task in rows
    ]
    return read_as(BidWrite, values, body, language)


def _role_of(written: str) -> Any:
    """By its label in any of the four languages; what is none is left to the shape, which says so."""
    if not written:
        return ConsortiumRole.other
    labels = {label_of(language, role).casefold(): role for language in LANGUAGES for role in _ROLES}
    return labels.get(written.casefold(), written)


def _ids(session: Session, names: list[str]) -> dict[str, Any]:
    rows = session.exec(select(Organization.name, Organization.id).where(col(Organization.name).in_(names)))
    return dict(rows.all())
