"""科研诚信: the yearly declaration, and the one function that says whether an organisation may act."""

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import Page, now
from schemas.integrity import (
    DeclarationMake,
    DeclarationShown,
    DeclarationText,
    IntegrityDeclaration,
    Veto,
)
from schemas.wording import Wording
from service.access import audit
from service.access.principal import Permission, Principal
from service.platform.paging import ListQuery, page
from service.platform.problems import Conflict, Problem
from service.platform.settings import settings

_VALID = timedelta(days=365)

#: What an organisation agrees to. Whoever changes a word gives it another version.
TEXT = DeclarationText(
    version="2026-1",
    zh="我单位承诺：发布的技术需求和技术供给真实、准确，不含涉密内容，不侵犯他人知识产权；"
    "在对接、揭榜和履约中恪守科研诚信，不弄虚作假、不剽窃、不隐瞒利益冲突；"
    "如有严重失信行为，接受一票否决和有关部门的处理。",
    en="We declare that the needs and capabilities we publish are true and accurate, hold nothing classified and "
    "infringe nobody's rights; that we keep to research integrity in introductions, bids and contracts, without "
    "fabrication, plagiarism or hidden conflicts of interest; and that a serious breach bars us from this platform.",
)


class Vetoed(Problem):
    status, type = HTTPStatus.FORBIDDEN, "integrity-veto"
    title = Wording(
        "该单位在科研诚信一票否决名单中，不能进行此操作",
        "The organisation is barred for a serious breach of research integrity",
    )


class NotDeclared(Problem):
    status, type = HTTPStatus.FORBIDDEN, "integrity-declaration"
    title = Wording(
        "请先作出科研诚信承诺（每年一次）",
        "Declare research integrity first, once a year (POST /v1/integrity/declarations)",
    )


def require_integrity(session: Session, organization_id: UUID) -> None:
    """Call it before an organisation publishes, asks, bids or signs.

    Raises ``Vetoed`` while a veto is in force, ``NotDeclared`` where the settings want a declaration and none is valid.
    """
    if veto_in_force(session, organization_id) is not None:
        raise Vetoed
    if settings().require_declaration and valid_declaration(session, organization_id) is None:
        raise NotDeclared


def barred(organization_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Whether the organisation in this column is barred at this moment."""
    return exists(select(Veto.id).where(col(Veto.organization_id) == organization_id, _in_force()))


def veto_in_force(session: Session, organization_id: UUID) -> Veto | None:
    """The one that bars the longest, where there are several."""
    return session.exec(
        select(Veto)
        .where(col(Veto.organization_id) == organization_id, _in_force())
        .order_by(col(Veto.ends_on).desc().nulls_first())
    ).first()


def _in_force() -> ColumnElement[bool]:
    today = now().date()
    return and_(
        col(Veto.lifted_at).is_(None),
        col(Veto.starts_on) <= today,
        or_(col(Veto.ends_on).is_(None), col(Veto.ends_on) >= today),
    )


def valid_declaration(session: Session, organization_id: UUID) -> IntegrityDeclaration | None:
    """The newest that is still valid and of the text as it is now."""
    return session.exec(
        select(IntegrityDeclaration)
        .where(
            col(IntegrityDeclaration.organization_id) == organization_id,
            col(IntegrityDeclaration.valid_until) > now(),
            col(IntegrityDeclaration.text_version) == TEXT.version,
        )
        .order_by(col(IntegrityDeclaration.id).desc())
    ).first()


def declare(session: Session, caller: Principal, body: DeclarationMake) -> DeclarationShown:
    """Declare for the caller's organisation, for a year from now. Raises ``Conflict`` for a text of before."""
    caller.require(Permission.posting_write)
    if body.version != TEXT.version:
        raise Conflict(
            Wording("承诺书已更新，请阅读新的文本", "The text has changed; read the present one"),
            version_now=TEXT.version,
        )
    # Two at once are one after the other, and do not count twice.
    session.get_one(Organization, caller.organization_id, with_for_update=True)
    made = IntegrityDeclaration(
        organization_id=caller.organization_id,
        text_version=body.version,
        api_key_id=caller.key_id,
        valid_until=now() + _VALID,
    )
    session.add(made)
    session.flush()
    audit.note(session, caller, "integrity.declare", made.id, version=body.version)
    return shown_declaration(made)


def list_declarations(session: Session, caller: Principal, asked: ListQuery) -> Page[DeclarationShown]:
    """One's own organisation's; operators read all."""
    caller.require(Permission.posting_write)
    query = sql_select(IntegrityDeclaration)
    if not caller.may(Permission.veto_manage):
        query = query.where(col(IntegrityDeclaration.organization_id) == caller.organization_id)
    rows, cursor = page(session, query, IntegrityDeclaration.id, asked)
    return Page(items=[shown_declaration(row[0]) for row in rows], next_cursor=cursor)


def shown_declaration(declaration: IntegrityDeclaration) -> DeclarationShown:
    return DeclarationShown.model_validate(declaration.model_dump())
