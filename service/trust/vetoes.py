"""The veto list (一票否决): whom operators bar from publishing and from introductions, why, and until when."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import Field
from sqlalchemy import select as sql_select
from sqlalchemy import update
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import Page, now
from schemas.integrity import (
    IntegrityShown,
    Veto,
    VetoChange,
    VetoLift,
    VetoMake,
    VetoShown,
    VetoState,
)
from schemas.vocabulary import PostingStatus
from schemas.wording import Wording
from service.access import audit
from service.access.briefs import briefs_of
from service.access.integrity import TEXT, barred, shown_declaration, valid_declaration, veto_in_force
from service.access.principal import Permission, Principal
from service.platform.changes import assign
from service.platform.paging import ListQuery, page
from service.platform.problems import NotThere, Unfit, WrongState
from service.platform.settings import settings
from service.platform.versions import Seen, require_version
from service.postings.access import TABLES


class VetoQuery(ListQuery):
    organization_id: UUID | None = None
    in_force: bool | None = Field(default=None, description="Only organisations that are barred now.")


def integrity_status(session: Session, caller: Principal) -> IntegrityShown:
    caller.require(Permission.posting_write)
    declared = valid_declaration(session, caller.organization_id)
    veto = veto_in_force(session, caller.organization_id)
    return IntegrityShown(
        text=TEXT,
        required=settings().require_declaration,
        declared=shown_declaration(declared) if declared else None,
        veto=shown_veto(session, veto) if veto else None,
    )


def list_vetoes(session: Session, caller: Principal, asked: VetoQuery) -> Page[VetoShown]:
    """Operators read all, an organisation its own, nobody else any."""
    caller.require(Permission.posting_write)
    query = sql_select(Veto)
    if not caller.may(Permission.veto_manage):
        query = query.where(col(Veto.organization_id) == caller.organization_id)
    if asked.organization_id is not None:
        query = query.where(col(Veto.organization_id) == asked.organization_id)
    if asked.in_force is not None:
        now_barred = barred(col(Veto.organization_id))
        query = query.where(now_barred if asked.in_force else ~now_barred)
    rows, cursor = page(session, query, Veto.id, asked)
    return Page(items=_shown_all(session, [row[0] for row in rows]), next_cursor=cursor)


def access_veto(
    session: Session, caller: Principal, veto_id: UUID, verb: str = "read", seen: Seen = None
) -> Veto:
    """Load a veto; locked, to change it. Raises ``NotThere`` for another organisation's."""
    caller.require(Permission.posting_write)
    query = select(Veto).where(Veto.id == veto_id)
    if not caller.may(Permission.veto_manage):
        query = query.where(col(Veto.organization_id) == caller.organization_id)
    found = session.exec(query if verb == "read" else query.with_for_update()).first()
    if found is None:
        raise NotThere
    if verb == "read":
        return found
    caller.require(Permission.veto_manage)
    require_version(seen, found.version)
    state = state_of(found)
    if state in (VetoState.lifted, VetoState.over):
        raise WrongState(
            Wording("当前状态为“{status}”", "It is “{status}” now", {"status": state}), status_now=state.value
        )
    return found


def enter(session: Session, caller: Principal, body: VetoMake) -> Veto:
    caller.require(Permission.veto_manage)
    if session.get(Organization, body.organization_id) is None:
        raise Unfit(
            "/organization_id",
            "unknown_organization",
            Wording("没有这个单位", "There is no such organisation"),
        )
    veto = Veto(**body.model_dump())
    session.add(veto)
    session.flush()
    return _changed(session, caller, veto, "enter")


def change(session: Session, caller: Principal, veto: Veto, body: VetoChange) -> Veto:
    if not assign(veto, body):
        return veto
    if veto.ends_on is not None and veto.ends_on < veto.starts_on:
        raise Unfit(
            "/ends_on", "range_reversed", Wording("下限高于上限", "The lower end is above the upper end")
        )
    return _changed(session, caller, veto, "change")


def lift(session: Session, caller: Principal, veto: Veto, body: VetoLift) -> Veto:
    """End it before its day. It stays on the list, as lifted."""
    veto.lifted_at, veto.lift_reason = now(), body.reason
    return _changed(session, caller, veto, "lift")


def state_of(veto: Veto) -> VetoState:
    today = now().date()
    if veto.lifted_at is not None:
        return VetoState.lifted
    if veto.starts_on > today:
        return VetoState.coming
    return VetoState.over if veto.ends_on is not None and veto.ends_on < today else VetoState.in_force


def shown_veto(session: Session, veto: Veto) -> VetoShown:
    return _shown_all(session, [veto])[0]


def _shown_all(session: Session, vetoes: Sequence[Veto]) -> list[VetoShown]:
    briefs = briefs_of(session, [veto.organization_id for veto in vetoes])
    return [
        VetoShown(
            **veto.model_dump(exclude={"organization_id", "updated_at"}),
            organization=briefs[veto.organization_id],
            state=state_of(veto),
        )
        for veto in vetoes
    ]


def _changed(session: Session, caller: Principal, veto: Veto, verb: str) -> Veto:
    veto.version += verb != "enter"
    veto.updated_at = now()
    for table in TABLES.values():
        # Harvesters ask for what changed since they last came: its postings are gone, or back.
        session.execute(
            update(table)
            .where(
                col(table.organization_id) == veto.organization_id,
                col(table.status) == PostingStatus.published,
            )
            .values(updated_at=now())
        )
    audit.note(
        session,
        caller,
        f"veto.{verb}",
        veto.id,
        [veto.organization_id],
        state=state_of(veto).value,
        starts_on=veto.starts_on.isoformat(),
        ends_on=veto.ends_on.isoformat() if veto.ends_on else None,
    )
    return veto
