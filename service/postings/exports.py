"""One's own postings as a file: in the columns that imports read, so that it can be changed and sent back."""

import json
from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any, Literal, cast

from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.capability import CapabilityCreate
from schemas.domains import DOMAINS
from schemas.forms import IndicatorFields, MaturityRange, MoneyRange
from schemas.need import NeedCreate
from schemas.regions import REGIONS
from schemas.vocabulary import IndicatorOperator, MaturityScale, MaturityStage, Scope, Side, Term
from schemas.wording import Wording
from service.access import audit
from service.access.principal import Permission, Principal
from service.platform.db import take_longer
from service.platform.phrases import yuan
from service.platform.problems import TooLarge
from service.platform.settings import settings
from service.platform.sheets import XLSX, csv_file, xlsx_file
from service.postings.access import TABLES, Posting
from service.postings.headings import OWN_ID, columns_of

Format = Literal["jsonl", "csv", "xlsx"]
KINDS: dict[Format, str] = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8", "xlsx": XLSX}

_BODIES: dict[Side, Any] = {Side.needs: NeedCreate, Side.capabilities: CapabilityCreate}
_SHEETS = {Side.needs: "需求", Side.capabilities: "供给"}
# Beside what imports read.
_ALSO = (OWN_ID, "单位", "状态", "发布时间")
_SIGNS = {
    IndicatorOperator.equal: "=",
    IndicatorOperator.above: ">",
    IndicatorOperator.at_least: "≥",
    IndicatorOperator.below: "<",
    IndicatorOperator.at_most: "≤",
    IndicatorOperator.range: "",
}


def export_file(session: Session, caller: Principal, side: Side, wanted: Format) -> bytes:
    """All postings of the caller's organisation, drafts too; for operators, of all. Oldest first.

    Confidential detail is in it where it is the caller's own.
    """
    take_longer(session)
    caller.require(Permission.posting_write)
    found = _postings(session, caller, side)
    # With the contacts in it: whose they are can read that it was taken.
    owners = {posting.organization_id for posting, _ in found}
    audit.note(session, caller, f"{side.value}.export", None, owners, rows=len(found), format=wanted)
    if wanted == "jsonl":
        fields = set(_BODIES[side].model_fields) - {"publish"}
        lines = [json.dumps(_body(posting, fields, caller), ensure_ascii=False) for posting, _ in found]
        return "".join(f"{line}\n" for line in lines).encode()
    table = _table(side, found, caller)
    return csv_file(table) if wanted == "csv" else xlsx_file({_SHEETS[side]: table})


def _postings(session: Session, caller: Principal, side: Side) -> list[tuple[Posting, str]]:
    table = TABLES[side]
    query = (
        select(table, Organization.name)
        .join(Organization, col(Organization.id) == col(table.organization_id))
        .where(col(table.deleted_at).is_(None))
        .order_by(col(table.id))
        .limit(settings().import_rows_limit + 1)
    )
    if not caller.may(Permission.posting_read_all):
        query = query.where(col(table.organization_id) == caller.organization_id)
    found = session.exec(query).all()
    if len(found) > settings().import_rows_limit:
        most = settings().import_rows_limit
        raise TooLarge(Wording("超过 {most} 条", "More than {most} postings", {"most": most}))
    return cast("list[tuple[Posting, str]]", found)


def _hidden(posting: Posting, caller: Principal) -> set[str]:
    hidden = set() if posting.organization_id == caller.organization_id else {"confidential_detail"}
    return hidden if Scope.contacts in caller.scopes else {*hidden, "contacts"}


def _body(posting: Posting, fields: set[str], caller: Principal) -> dict[str, Any]:
    """As the API takes it, without what was never said."""
    told = posting.model_dump(mode="json", include=fields - _hidden(posting, caller))
    return {
        "id": str(posting.id),
        **{name: value for name, value in told.items() if value not in (None, "", [])},
    }


def _table(side: Side, found: list[tuple[Posting, str]], caller: Principal) -> Iterator[list[Any]]:
    columns = columns_of(side)
    yield [*(headings[0] for headings in columns.values()), *_ALSO]
    for posting, organization in found:
        hidden = _hidden(posting, caller)
        cells = [
            "" if field in hidden else _cell(field, _part(getattr(posting, field), part))
            for field, part in columns
        ]
        day = posting.published_at.date().isoformat() if posting.published_at else ""
        yield [*cells, str(posting.id), organization, posting.status.zh, day]


def _part(value: Any, part: str) -> Any:
    """One column of the first contact or right."""
    if not part:
        return value
    return getattr(value[0], part) if value else None


def _cell(field: str, value: Any) -> str:
    """In the words that imports read back."""
    if isinstance(value, list):
        return "；".join(_cell(field, one) for one in value)
    if field == "domains":
        return DOMAINS[value].zh
    if field == "region" and value is not None:
        return REGIONS[value].name
    return next((write(value) for kind, write in _WRITERS.items() if isinstance(value, kind)), str(value))


def _money(sums: MoneyRange) -> str:
    if sums.min is None and sums.max is None:
        return sums.method.zh if sums.method else ""
    return yuan("zh", sums.min, sums.max)


def _maturity(range_: MaturityRange) -> str:
    """A stage by its name; a level, or a narrower word (小试, 中试), as the TRL that it stands for."""
    if range_.scale is MaturityScale.stage:
        usual = MaturityRange(scale=range_.scale, value=range_.value)
        if (usual.trl_min, usual.trl_max) == (range_.trl_min, range_.trl_max):
            return MaturityStage(str(range_.value)).zh
    return f"TRL {range_.trl_min}-{range_.trl_max}"


def indicator_said(one: IndicatorFields) -> str:
    """As people write it; reading it gives the same."""
    if one.text or one.value is None:
        return str(one.text or one.name)
    span = f"-{one.value_max:g}" if one.value_max is not None else ""
    return f"{one.name}{_SIGNS.get(one.operator, '')}{one.value:g}{span}{one.unit}"


_WRITERS: dict[type, Callable[[Any], str]] = {
    NoneType: lambda _: "",
    bool: lambda flag: "是" if flag else "否",
    Term: lambda term: term.zh,
    MoneyRange: _money,
    MaturityRange: _maturity,
    IndicatorFields: indicator_said,
}
