"""Demonstration data: written from the plan as illustration, so that the first page makes sense."""

import json
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sqlmodel import Session, col, select

from schemas.account import ApiKeyCreate, Organization, OrganizationCreate
from schemas.base import now
from schemas.capability import Capability, CapabilityCreate
from schemas.need import Need, NeedCreate
from schemas.outbox import Urgency
from schemas.posting import AsPosted
from schemas.regions import region_path
from schemas.vocabulary import Role, Side
from service.access import audit
from service.access.key_text import new_key
from service.access.keys import keep_key
from service.access.principal import Principal
from service.demo.docking import load_docking, written
from service.demo.tenders import load_tenders
from service.postings import actions as postings

Progress = Callable[[str, float], None]

_BODIES: dict[Side, tuple[type[Need] | type[Capability], type[AsPosted]]] = {
    Side.needs: (Need, NeedCreate),
    Side.capabilities: (Capability, CapabilityCreate),
}


@lru_cache
def _rows(name: str) -> tuple[dict[str, Any], ...]:
    text = (files("service.demo") / f"{name}.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines() if line)


def load_demo(session: Session, progress: Progress) -> int:
    """Put in the organisations and their postings, published. Run again, it changes nothing. How many."""
    organizations = {row["key"]: _organization(session, row) for row in _rows("organizations")}
    rows = [(side, row) for side in Side for row in _rows(side)]
    audit.note(session, None, "demo.load", None, organizations=len(organizations), postings=len(rows))
    for done, (side, row) in enumerate(rows, 1):
        _post(session, side, row, organizations[row["organization"]])
        progress("演示数据", done / len(rows))
    newcomer = written("docking")["newcomer"]
    # What it posts waits for an operator, as it does itself.
    _post(
        session,
        Side.needs,
        newcomer["need"],
        _organization(session, newcomer["organization"], verified=False),
    )
    load_docking(session)
    load_tenders(session)
    return len(rows)


def _organization(session: Session, row: dict[str, Any], *, verified: bool = True) -> Organization:
    known = session.exec(select(Organization).where(col(Organization.name) == row["name"])).first()
    if known is not None:
        return known
    body = OrganizationCreate.model_validate({name: value for name, value in row.items() if name != "key"})
    organization = Organization.model_validate(body.model_dump())
    organization.illustration, organization.verified_at = True, now() if verified else None
    organization.region_path = region_path(organization.region) if organization.region else []
    session.add(organization)
    session.flush()
    return organization


def _post(session: Session, side: Side, row: dict[str, Any], organization: Organization) -> None:
    table, body = _BODIES[side]
    known = select(table.id).where(
        col(table.organization_id) == organization.id, col(table.external_id) == row["external_id"]
    )
    if session.exec(known).first() is not None:
        return
    fields = {name: value for name, value in row.items() if name != "organization"}
    caller = Principal(
        key_id=organization.id,
        role=Role.member,
        organization_id=organization.id,
        verified=organization.verified_at is not None,
    )
    postings.post(session, caller, table, body.model_validate(fields), publish=True, urgency=Urgency.bulk)


def demo_keys(session: Session) -> dict[Role, str]:
    """A new key for each role but the operator's, each of an organisation that suits it."""
    keys = {}
    for role, kind in ((Role.member, "enterprise"), (Role.integrator, "government"), (Role.broker, "broker")):
        row = next(row for row in _rows("organizations") if row["kind"] == kind)
        organization = _organization(session, row)
        keys[role] = new_key()
        made = keep_key(session, organization.id, ApiKeyCreate(role=role, name="演示"), keys[role])
        audit.note(session, None, "key.issue", made.id, [organization.id], to_role=role.value)
    return keys
