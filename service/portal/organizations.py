"""Organisations, and who acts for them, as people name them in forms."""

from uuid import UUID

from sqlmodel import Session, col, select

from schemas.account import ApiKey, Organization
from schemas.base import refuse_unstorable


def named_organization(session: Session, named: str) -> UUID | None:
    """By its name, its credit code or its id; None where that is not exactly one."""
    try:
        refuse_unstorable(named)
    except ValueError:
        return None
    same = [col(Organization.name) == named, col(Organization.credit_code) == named]
    for condition in same:
        found = session.exec(select(Organization.id).where(condition).limit(2)).all()
        if len(found) == 1:
            return found[0]
    there = session.get(Organization, wanted) if (wanted := _id(named)) else None
    return there.id if there else None


def named_key(session: Session, organization_id: UUID, named: str) -> UUID | None:
    """A key of theirs that counts, by its name, its first characters or its id; None where that is not exactly one."""
    keys = session.exec(
        select(ApiKey).where(col(ApiKey.organization_id) == organization_id, col(ApiKey.revoked_at).is_(None))
    ).all()
    found = [one.id for one in keys if named in (one.name, one.prefix, str(one.id))]
    return found[0] if len(found) == 1 else None


def _id(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
