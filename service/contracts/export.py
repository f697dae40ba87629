"""Contracts as a file, in the columns of the national registration form (技术合同登记表).

Source: its notes for filling in (填写说明). Codes that they do not settle are left empty, for a person to fill in.
"""

from collections.abc import Iterator
from typing import Any, Literal

from sqlalchemy import or_
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.contract import Contract, ContractVersion
from schemas.contract_terms import (
    ContractContent,
    DevelopmentTerms,
    LicenseTerms,
    ServiceTerms,
    TransferTerms,
)
from schemas.domains import DOMAINS
from schemas.regions import REGIONS
from schemas.vocabulary import Affiliation, OrganizationKind
from schemas.wording import Wording
from service.access import audit
from service.access.principal import Permission, Principal
from service.contracts.versions import counting_versions
from service.platform.db import take_longer
from service.platform.problems import TooLarge
from service.platform.settings import settings
from service.platform.sheets import XLSX, csv_file, xlsx_file

Format = Literal["csv", "xlsx"]
KINDS: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}

_CHINA = "142"  # 国别（地区）统计代码
_PARTY = ("名称", "统一社会信用代码", "国别代码", "行政区划代码", "性质代码", "性质")
_HEAD = (
    "合同登记编号",
    "项目名称",
    "合同类别",
    "合同子类别",
    "合同有效期起",
    "合同有效期止",
    "合同签订日期",
    *(f"卖方{name}" for name in _PARTY),
    *(f"买方{name}" for name in _PARTY),
    "技术领域",
    "知识产权类别",
    "权利编号",
    "知识产权归属",
    "合同成交额（元）",
    "技术交易额（元）",
    "支付方式",
    "预计新增投入（元）",
    "预计新增产值（元）",
    "登记日期",
    "合同状态",
    "规则版本",
    "平台编号",
)
# 性质代码, where the notes give one for the kind as a whole.
_KIND_CODES = {
    OrganizationKind.government: "010",
    OrganizationKind.research_institute: "021",
    OrganizationKind.university: "022",
    OrganizationKind.hospital: "023",
}


def export_contracts(session: Session, caller: Principal, wanted: Format) -> bytes:
    """Of the caller's organisation, as buyer or seller; of all, for operators. Oldest first."""
    take_longer(session)
    caller.require(Permission.contract)
    found = _contracts(session, caller)
    versions = counting_versions(session, found)
    parties = {
        one.id: one
        for one in session.exec(
            select(Organization).where(
                col(Organization.id).in_(
                    {side for each in found for side in (each.seeker_id, each.provider_id)}
                )
            )
        )
    }
    table = [list(_HEAD), *_lines(found, versions, parties)]
    audit.note(session, caller, "contract.export", None, contracts=len(found))
    return csv_file(table) if wanted == "csv" else xlsx_file({"技术合同登记表": table})


def _contracts(session: Session, caller: Principal) -> list[Contract]:
    most = settings().import_rows_limit
    query = select(Contract).order_by(col(Contract.id)).limit(most + 1)
    if not caller.may(Permission.contract_register):
        mine = caller.organization_id
        query = query.where(or_(col(Contract.seeker_id) == mine, col(Contract.provider_id) == mine))
    found = list(session.exec(query))
    if len(found) > most:
        raise TooLarge(Wording("超过 {most} 条", "More than {most} contracts", {"most": most}))
    return found


def _lines(
    contracts: list[Contract], versions: dict[Any, ContractVersion], parties: dict[Any, Organization]
) -> Iterator[list[Any]]:
    for one in contracts:
        content = versions[one.id].content
        right, number = _right(content)
        yield [
            one.registration_number or "",
            content.title,
            content.type.zh,
            _kind(content),
            content.valid_from.isoformat(),
            content.valid_until.isoformat(),
            one.signed_on.isoformat() if one.signed_on else "",
            *_party(parties[one.provider_id]),
            *_party(parties[one.seeker_id]),
            "；".join(DOMAINS[key].zh for key in content.domains),
            right,
            number,
            content.ip.ownership.zh if content.ip else "",
            content.turnover,
            content.technology_value,
            content.payment,
            content.new_investment,
            content.new_output,
            one.registered_on.isoformat() if one.registered_on else "",
            one.status.zh,
            one.rule_version or "",
            str(one.id),
        ]


def _party(organization: Organization) -> list[str]:
    return [
        organization.name,
        organization.credit_code or "",
        "" if organization.affiliation is Affiliation.overseas else _CHINA,
        _area(organization.region),
        _KIND_CODES.get(organization.kind, ""),
        organization.kind.zh,
    ]


def _area(region: str | None) -> str:
    """GB/T 2260, six digits. A regiment lies in its city."""
    if region is None or region not in REGIONS:
        return ""
    return region.partition(".")[0].ljust(6, "0")


def _kind(content: ContractContent) -> str:
    terms = content.terms
    if isinstance(terms, DevelopmentTerms | LicenseTerms | ServiceTerms):
        return terms.kind.zh
    return terms.right.zh if isinstance(terms, TransferTerms) else ""


def _right(content: ContractContent) -> tuple[str, str]:
    terms = content.terms
    if isinstance(terms, TransferTerms | LicenseTerms):
        return terms.right.zh, terms.right_number or ""
    return "", ""
