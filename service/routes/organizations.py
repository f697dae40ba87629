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
    OrganizationShown,
)
from schemas.base import Page
from service import accounts
from service.accounts import OrganizationQuery, shown_organization
from service.auth import PrincipalDep
from service.db import SessionDep
from service.idempotency import IdempotencyKey, once
from service.versions import IfMatch, tag

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
    version: IfMatch,
) -> OrganizationShown:
    """Replace the fields that are sent."""
    organization = accounts.access_own_organization(session, caller, organization_id, version)
    accounts.change_organization(session, caller, organization, body)
    tag(response, organization.version)
    return shown_organization(organization)


@router.post("/{organization_id}/verify")
def verify_organization(
    session: SessionDep, caller: PrincipalDep, organization_id: UUID
) -> OrganizationShown:
    """Operators: vouch for an organisation. It publishes without review from then on."""
    return shown_organization(accounts.verify_organization(session, caller, organization_id))


@router.post("/{organization_id}/api-keys", status_code=201, response_model=ApiKeyIssued)
def issue_api_key(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    organization_id: UUID,
    body: ApiKeyCreate,
    key: IdempotencyKey = None,
) -> Response:
    """Issue a key. Its text is in this answer and nowhere else: sent again, the answer comes without it."""

    def issue() -> ApiKeyIssued:
        return accounts.issue_key(session, caller, organization_id, body)

    return once(session, caller, key, request, body, issue, secret="key")  # noqa: S106


@router.get("/{organization_id}/api-keys")
def get_api_keys(session: SessionDep, caller: PrincipalDep, organization_id: UUID) -> list[ApiKeyShown]:
    """List the organisation's keys, newest first, revoked ones too."""
    return accounts.list_keys(session, caller, organization_id)


@router.delete("/{organization_id}/api-keys/{key_id}", status_code=204)
def revoke_api_key(session: SessionDep, caller: PrincipalDep, organization_id: UUID, key_id: UUID) -> None:
    """Revoke a key. It is refused from the next request on."""
    accounts.revoke_key(session, caller, organization_id, key_id)
