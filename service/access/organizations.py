"""Organisations."""

from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, and_, cast, func, or_, update
from sqlalchemy import select as sql_select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import Text
from sqlmodel import Session, col, select

from schemas.account import (
    Organization,
    OrganizationChange,
    OrganizationCreate,
    OrganizationShown,
)
from schemas.base import Label, Page, now
from schemas.capability import Capability
from schemas.need import Need
from schemas.regions import RegionCode, region_path
from schemas.vocabulary import Affiliation, OrganizationKind
from schemas.wording import Wording
from service.access import audit
from service.access.principal import Permission, Principal
from service.platform.changes import assign
from service.platform.facets import facet_counts
from service.platform.paging import ListQuery, page
from service.platform.problems import Conflict, NotThere, Unfit
from service.platform.versions import Seen, require_version

#: By these others know an organisation.
_VOUCHED_FOR = ("name", "kind", "affiliation", "credit_code")


class OrganizationQuery(ListQuery):
    q: Label | None = Field(default=None, description="Part of the name.")
    kind: list[OrganizationKind] = Field(default_factory=list)
    affiliation: list[Affiliation] = Field(default_factory=list)
    region: list[RegionCode] = Field(default_factory=list, description="With all that lies within.")
    verified: bool | None = None


def readable_organizations(caller: Principal) -> ColumnElement[bool]:
    """Verified ones, and one's own; operators see all."""
    if caller.may(Permission.organization_manage):
        return col(Organization.id).is_not(None)
    return or_(col(Organization.verified_at).is_not(None), col(Organization.id) == caller.organization_id)


def access_organization(session: Session, caller: Principal, organization_id: UUID) -> Organization:
    caller.require(Permission.organization_read)
    found = session.exec(
        select(Organization).where(Organization.id == organization_id, readable_organizations(caller))
    ).first()
    if found is None:
        raise NotThere
    return found


def access_own_organization(
    session: Session, caller: Principal, organization_id: UUID, seen: Seen = None
) -> Organization:
    """Load and lock an organisation to change it, or what belongs to it."""
    if not caller.may(Permission.organization_manage):
        caller.require(Permission.organization_write)
        if organization_id != caller.organization_id:
            raise NotThere
    found = session.exec(
        select(Organization).where(Organization.id == organization_id).with_for_update()
    ).first()
    if found is None:
        raise NotThere
    require_version(seen, found.version)
    return found


def list_organizations(
    session: Session, caller: Principal, asked: OrganizationQuery
) -> Page[OrganizationShown]:
    caller.require(Permission.organization_read)
    filters: dict[str, ColumnElement[bool]] = {}
    if asked.q:
        filters["q"] = col(Organization.name).icontains(asked.q, autoescape=True)
    if asked.kind:
        filters["kind"] = col(Organization.kind).in_(asked.kind)
    if asked.affiliation:
        filters["affiliation"] = col(Organization.affiliation).in_(asked.affiliation)
    if asked.region:
        filters["region"] = col(Organization.region_path).op("&&")(cast(array(asked.region), ARRAY(Text)))
    if asked.verified is not None:
        verified = col(Organization.verified_at).is_not(None)
        filters["verified"] = verified if asked.verified else ~verified
    base = sql_select(Organization).where(readable_organizations(caller))
    rows, cursor = page(session, base.where(and_(True, *filters.values())), Organization.id, asked)
    facets = None
    if asked.facets:
        columns = {
            "kind": col(Organization.kind),
            "affiliation": col(Organization.affiliation),
            "region": func.unnest(Organization.region_path),
        }
        facets = facet_counts(session, base, columns, filters)
    return Page(items=[shown_organization(row[0]) for row in rows], next_cursor=cursor, facets=facets)


def create_organization(session: Session, caller: Principal, body: OrganizationCreate) -> Organization:
    caller.require(Permission.organization_manage)
    organization = _keep(session, Organization.model_validate(body.model_dump()))
    audit.note(session, caller, "organization.create", organization.id, [organization.id])
    return organization


def change_organization(
    session: Session, caller: Principal, organization: Organization, body: OrganizationChange
) -> Organization:
    """Replace what was sent. Its postings are touched, since they are filtered by what it is.

    What an operator vouched for is looked at anew where its organisation changes it; what was published stays.
    """
    before = {name: getattr(organization, name) for name in _VOUCHED_FOR}
    if not assign(organization, body):
        return organization
    vouches = caller.may(Permission.organization_manage)
    if not vouches and any(getattr(organization, name) != value for name, value in before.items()):
        organization.verified_at = None
    if organization.aid_province is not None and organization.affiliation is not Affiliation.aid:
        raise Unfit(
            "/aid_province",
            "aid_province_without_aid",
            Wording("只有援疆单位才有派出省市", "Only an aid unit has a sending province"),
        )
    organization.version += 1
    _keep(session, organization)
    audit.note(
        session,
        caller,
        "organization.change",
        organization.id,
        [organization.id],
        fields=sorted(body.model_fields_set),
        verified=organization.verified_at is not None,
    )
    for table in (Need, Capability):
        # Writes nothing new, but marks the rows as changed, so that indexes read them again.
        session.execute(
            update(table).where(col(table.organization_id) == organization.id).values(version=table.version)
        )
    return organization


def verify_organization(session: Session, caller: Principal, organization_id: UUID) -> Organization:
    """Vouch for an organisation: from now on it publishes without review."""
    caller.require(Permission.organization_manage)
    organization = access_own_organization(session, caller, organization_id)
    if organization.verified_at is None:
        organization.verified_at = now()
        organization.version += 1
        audit.note(session, caller, "organization.verify", organization.id, [organization.id])
    return organization


def shown_organization(organization: Organization) -> OrganizationShown:
    return OrganizationShown.model_validate(
        {**organization.model_dump(), "verified": organization.verified_at is not None}
    )


def _keep(session: Session, organization: Organization) -> Organization:
    organization.region_path = region_path(organization.region) if organization.region else []
    organization.updated_at = now()
    session.add(organization)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(
            Wording("该统一社会信用代码已登记", "An organisation with this credit code is registered already")
        ) from error
    return organization
