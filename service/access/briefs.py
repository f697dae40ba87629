"""Organisations as others see them: name, kind, affiliation."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.account import Organization, OrganizationBrief


def brief(organization: Organization) -> OrganizationBrief:
    return OrganizationBrief.model_validate(
        {**organization.model_dump(), "verified": organization.verified_at is not None}
    )


def briefs_of(session: Session, ids: Iterable[UUID | None]) -> dict[UUID, OrganizationBrief]:
    wanted = {one for one in ids if one is not None}
    found = session.exec(select(Organization).where(col(Organization.id).in_(wanted)))
    return {organization.id: brief(organization) for organization in found}
