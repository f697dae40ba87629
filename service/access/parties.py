"""Who has a part in what is between two organisations, and perhaps a broker: introductions and contracts."""

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import col

from schemas.contract import Contract
from schemas.introduction import Introduction
from schemas.vocabulary import Role
from service.access.principal import Permission, Principal
from service.access.workflow import Part

Shared = Contract | Introduction


def readable(table: type[Shared], caller: Principal, every: Permission) -> ColumnElement[bool]:
    """Those the caller's organisation has a part in; whoever has the permission ``every`` reads all."""
    if caller.may(every):
        return true()
    mine = caller.organization_id
    conditions = [col(table.seeker_id) == mine, col(table.provider_id) == mine]
    if caller.role is Role.broker:
        conditions.append(col(table.broker_id) == mine)
    return or_(*conditions)


def parts_in(row: Shared, caller: Principal, every: Permission) -> set[Part]:
    """What the caller is to it; nothing for whom it is not ``readable``."""
    parts = set()
    if caller.organization_id == row.seeker_id:
        parts.add(Part.seeker)
    if caller.organization_id == row.provider_id:
        parts.add(Part.provider)
    if caller.role is Role.broker and caller.organization_id == row.broker_id:
        parts.add(Part.broker)
    if caller.may(every):
        parts.add(Part.operator)
    return parts
