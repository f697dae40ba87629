"""Rows with dull defaults: a test says only what matters to it."""

from itertools import count
from typing import Any

from sqlmodel import Session

from schemas.account import ApiKeyCreate, Organization, OrganizationCreate
from schemas.base import now
from schemas.capability import Capability, CapabilityCreate
from schemas.need import Need, NeedCreate
from schemas.regions import region_path
from schemas.vocabulary import Role
from service.access.key_text import new_key
from service.access.keys import keep_key
from service.access.principal import Principal
from service.postings import actions as postings

# No threshold, no cap and no folding, where a test is not about them.
EVERYTHING: dict[str, Any] = {"min_score": 0, "max_per_organization": 0, "fold": False}

_numbers = count(1)


def make_organization(session: Session, *, verified: bool = True, **fields: Any) -> Organization:
    body = OrganizationCreate.model_validate(
        {"name": f"单位{next(_numbers)}", "kind": "enterprise", "affiliation": "corps", **fields}
    )
    organization = Organization.model_validate(body.model_dump())
    organization.verified_at = now() if verified else None
    organization.region_path = region_path(organization.region) if organization.region else []
    session.add(organization)
    session.commit()
    return organization


def make_key(session: Session, organization: Organization, *, role: Role = Role.member, **fields: Any) -> str:
    key = new_key()
    keep_key(session, organization.id, ApiKeyCreate(role=role, **fields), key)
    session.commit()
    return key


def make_need(
    session: Session, owner: Organization | None = None, *, publish: bool = True, **fields: Any
) -> Need:
    body = NeedCreate.model_validate({"title": "棉田残膜回收技术", **fields})
    made, _ = postings.post(session, _caller(session, owner), Need, body, publish=publish)
    session.commit()
    return made


def make_capability(
    session: Session, owner: Organization | None = None, *, publish: bool = True, **fields: Any
) -> Capability:
    body = CapabilityCreate.model_validate({"title": "残膜捡拾打包机", "kind": "achievement", **fields})
    made, _ = postings.post(session, _caller(session, owner), Capability, body, publish=publish)
    session.commit()
    return made


def _caller(session: Session, owner: Organization | None) -> Principal:
    owner = owner or make_organization(session)
    return Principal(owner.id, Role.member, owner.id, verified=owner.verified_at is not None)
