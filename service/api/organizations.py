"""/v1/organizations: organisations and their keys."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from schemas.account import (
    ApiKeyCreate,
    ApiKeyIssued,
    ApiKeyShown,
    OrganizationChange,
    OrganizationCreate,
    OrganizationMerge,
    OrganizationShown,
    OrganizationSuspend,
)
from schemas.base import Page
from service.access import keys
from service.access import organizations as accounts
from service.access.organizations import OrganizationQuery, shown_organization
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.etags import IfMatch, tag
from service.http.once import IdempotencyKey, once
from service.trust import standing as organization_standing

router = APIRouter(prefix="/v1/organizations", tags=["organizations"])


@router.post("", status_code=201, response_model=OrganizationShown)
def create_organization(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    body: OrganizationCreate,
    key: IdempotencyKey = None,
) -> Response:
    """Operators: register an organisation. It is not verified yet."""

    def create() -> OrganizationShown:
        return shown_organization(accounts.create_organization(session, caller, body))

    return once(session, caller, key, request, body, create)


@router.get("")
def get_organizations(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[OrganizationQuery, Query()]
) -> Page[OrganizationShown]:
    """List verified organisations and one's own; operators see all."""
    return accounts.list_organizations(session, caller, asked)


@router.get("/{organization_id}")
def get_organization(
    session: SessionDep, caller: PrincipalDep, organization_id: UUID, response: Response
) -> OrganizationShown:
    """Read one organisation."""
    organization = accounts.access_organization(session, caller, organization_id)
    tag(response, organization.version)
    return shown_organization(organization)


@router.patch("/{organization_id}")
def change_organization(
    session: SessionDep,
    caller: PrincipalDep,
    organization_id: UUID,
    body: OrganizationChange,
    response: Response,
    seen: IfMatch,
) -> OrganizationShown:
    """Replace the fields that are sent."""
    organization = accounts.access_own_organization(session, caller, organization_id, seen)
    accounts.change_organization(session, caller, organization, body)
    tag(response, organization.version)
    return shown_organization(organization)


@router.post("/{organization_id}/verify")
def verify_organization(
    session: SessionDep, caller: PrincipalDep, organization_id: UUID
) -> OrganizationShown:
    """Operators: vouch for an organisation. It publishes without review from then on."""
    return shown_organization(accounts.verify_organization(session, caller, organization_id))


@router.get("/{organization_id}/look-alikes")
def get_look_alikes(
    session: SessionDep, caller: PrincipalDep, organization_id: UUID
) -> list[OrganizationShown]:
    """Operators: others whose names a reader could take for this one's, in whatever width or script."""
    organization = accounts.access_organization(session, caller, organization_id)
    found = organization_standing.look_alikes(session, caller, [organization.id])
    return [shown_organization(one) for one in found[organization.id]]


@router.post("/{organization_id}/suspend")
def suspend_organization(
    session: SessionDep, caller: PrincipalDep, organization_id: UUID, body: OrganizationSuspend
) -> OrganizationShown:
    """Operators: from the next request on none of its keys works, nor any session. What it published stays."""
    return shown_organization(organization_standing.suspend(session, caller, organization_id, body))


@router.post("/{organization_id}/reinstate")
def reinstate_organization(
    session: SessionDep, caller: PrincipalDep, organization_id: UUID
) -> OrganizationShown:
    """Operators: end a suspension. Keys that were not revoked work again."""
    return shown_organization(organization_standing.reinstate(session, caller, organization_id))


@router.post("/{organization_id}/merge")
def merge_organization(
    session: SessionDep, caller: PrincipalDep, organization_id: UUID, body: OrganizationMerge
) -> OrganizationShown:
    """Operators: give all that this organisation has, keys included, to another, which is answered with."""
    return shown_organization(organization_standing.merge(session, caller, organization_id, body))


@router.post("/{organization_id}/api-keys", status_code=201, response_model=ApiKeyIssued)
def issue_api_key(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    organization_id: UUID,
    body: ApiKeyCreate,
    key: IdempotencyKey = None,
) -> Response:
    """Issue a key that may no more than one's own. Its text is in this answer alone: sent again, it comes without."""

    def issue() -> ApiKeyIssued:
        return keys.issue_key(session, caller, organization_id, body)

    return once(session, caller, key, request, body, issue, secret="key")  # noqa: S106


@router.get("/{organization_id}/api-keys")
def get_api_keys(session: SessionDep, caller: PrincipalDep, organization_id: UUID) -> list[ApiKeyShown]:
    """List the organisation's keys within one's own, newest first, revoked ones too."""
    return keys.list_keys(session, caller, organization_id)


@router.delete("/{organization_id}/api-keys/{key_id}", status_code=204)
def revoke_api_key(
    session: SessionDep,
    caller: PrincipalDep,
    organization_id: UUID,
    key_id: UUID,
    with_made: Annotated[
        bool, Query(description="Revoke those, too, that it issued, and what they issued (`made_by`).")
    ] = False,
) -> None:
    """Revoke a key. It is refused from the next request on."""
    keys.revoke_key(session, caller, organization_id, key_id, with_made=with_made)
