"""Keys of an organisation: issued, listed, revoked. Each sees and touches those alone that may no more than it."""

from collections.abc import Collection, Sequence
from ipaddress import ip_network
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from schemas.account import ApiKey, ApiKeyCreate, ApiKeyIssued, ApiKeyShown, Organization
from schemas.base import now
from schemas.vocabulary import Scope
from schemas.wording import Wording
from service.access import audit
from service.access.key_text import key_hash, new_key, shown_prefix
from service.access.organizations import access_own_organization
from service.access.principal import Permission, Principal, roles_within
from service.platform.problems import Conflict, Forbidden, NotThere

MOST_LIVE = 50


def issue_key(session: Session, caller: Principal, organization_id: UUID, body: ApiKeyCreate) -> ApiKeyIssued:
    """A new key, whose text leaves with the answer and is kept nowhere."""
    caller.require(Permission.key_manage)
    access_own_organization(session, caller, organization_id)
    body = _within_the_callers(caller, body)
    key = new_key()
    api_key = keep_key(session, organization_id, body, key, made_by=caller.key_id)
    audit.note(session, caller, "key.issue", api_key.id, [organization_id], to_role=body.role.value)
    return ApiKeyIssued(**shown_key(api_key).model_dump(), key=key)


def _within_the_callers(caller: Principal, body: ApiKeyCreate) -> ApiKeyCreate:
    """The key as it is asked for, limited to what the caller's own may."""
    scopes = body.scopes or (sorted(caller.scopes) if caller.limited else None)
    networks = body.networks or list(caller.networks)
    if body.role not in roles_within(caller.role) or not set(scopes or Scope) <= caller.scopes:
        raise Forbidden(
            Wording(
                "签发的密钥，权限不能超出您自己的密钥",
                "A key that you issue may do no more than your own",
            )
        )
    if caller.networks and not all(_lies_within(network, caller.networks) for network in networks):
        raise Forbidden(
            Wording(
                "签发的密钥，网络地址范围不能超出您自己的密钥",
                "A key that you issue may be used from no more networks than your own",
            )
        )
    return body.model_copy(update={"scopes": scopes, "networks": networks})


def _lies_within(network: str, others: Sequence[str]) -> bool:
    inner = ip_network(network)
    # Of the two kinds of address neither lies within the other.
    alike = [other for other in map(ip_network, others) if other.version == inner.version]
    return any(inner.subnet_of(other) for other in alike)  # type: ignore[arg-type]


def keep_key(
    session: Session,
    organization_id: UUID,
    body: ApiKeyCreate,
    key: str,
    *,
    made_by: UUID | None = None,
    for_sign_in: bool = False,
) -> ApiKey:
    if not for_sign_in:
        _require_room(session, organization_id)
    api_key = ApiKey(
        organization_id=organization_id,
        role=body.role,
        name=body.name,
        expires_at=body.ends_at,
        prefix=shown_prefix(key),
        key_hash=key_hash(key),
        made_by=made_by,
        scopes=None if body.scopes is None else sorted({scope.value for scope in body.scopes}),
        networks=body.networks,
        for_sign_in=for_sign_in,
    )
    session.add(api_key)
    session.flush()
    return api_key


def _require_room(session: Session, organization_id: UUID) -> None:
    # Two at once: the second waits here, and then counts the first one's key.
    session.get(Organization, organization_id, with_for_update=True)
    owned = col(ApiKey.organization_id) == organization_id
    live = session.execute(
        select(func.count()).select_from(ApiKey).where(owned, ~col(ApiKey.for_sign_in), _live())
    ).scalar_one()
    if live >= MOST_LIVE:
        raise Conflict(
            Wording(
                "一个单位最多有 {most} 个有效密钥，请先撤销不用的",
                "An organisation has at most {most} keys in use; revoke one first",
                {"most": MOST_LIVE},
            )
        )


def list_keys(session: Session, caller: Principal, organization_id: UUID) -> list[ApiKeyShown]:
    caller.require(Permission.key_manage)
    access_own_organization(session, caller, organization_id)
    owned = col(ApiKey.organization_id) == organization_id
    query = select(ApiKey).where(owned, _touchable(caller)).order_by(col(ApiKey.id).desc())
    return [shown_key(api_key) for api_key in session.execute(query).scalars()]


def revoke_key(
    session: Session, caller: Principal, organization_id: UUID, key_id: UUID, *, with_made: bool = False
) -> None:
    """From the next request on the key is refused. Revoking twice is the same as once.

    with_made: those that it issued as well, and what they issued.
    """
    caller.require(Permission.key_manage)
    access_own_organization(session, caller, organization_id)
    found = session.execute(
        select(col(ApiKey.id)).where(
            col(ApiKey.id) == key_id, col(ApiKey.organization_id) == organization_id, _touchable(caller)
        )
    ).first()
    if found is None:
        raise NotThere
    revoke(session, caller, key_id, with_made=with_made)


def revoke(session: Session, caller: Principal | None, key_id: UUID, *, with_made: bool) -> int:
    """How many were live until now. caller: None for whoever has the machine."""
    ids = [key_id, *(issued_by(session, [key_id])[key_id] if with_made else ())]
    rows = session.execute(
        update(ApiKey)
        .where(col(ApiKey.id).in_(ids), col(ApiKey.revoked_at).is_(None))
        .values(revoked_at=now(), updated_at=now())
        .returning(col(ApiKey.id), col(ApiKey.organization_id))
    ).all()
    for revoked, organization_id in rows:
        audit.note(session, caller, "key.revoke", revoked, [organization_id])
    return len(rows)


def issued_by(session: Session, key_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The live keys that each of these issued, those that they issued, and so on."""
    first: Any = select(col(ApiKey.made_by).label("root"), col(ApiKey.id).label("id"))
    made = first.where(col(ApiKey.made_by).in_(key_ids)).cte("made", recursive=True)
    further = aliased(ApiKey)
    made = made.union(select(made.c.root, col(further.id)).join(made, col(further.made_by) == made.c.id))
    query = select(made.c.root, made.c.id).join(ApiKey, col(ApiKey.id) == made.c.id).where(_live())
    found: dict[UUID, list[UUID]] = {key_id: [] for key_id in key_ids}
    for root, key_id in session.execute(query):
        found[root].append(key_id)
    return found


def shown_key(api_key: ApiKey) -> ApiKeyShown:
    return ApiKeyShown.model_validate(api_key.model_dump())


def _live() -> ColumnElement[bool]:
    ends = col(ApiKey.expires_at)
    return and_(col(ApiKey.revoked_at).is_(None), or_(ends.is_(None), ends > now()))


def _touchable(caller: Principal) -> ColumnElement[bool]:
    role = col(ApiKey.role).in_(roles_within(caller.role))
    if not caller.limited:
        return role
    return and_(
        role,
        col(ApiKey.scopes).op("<@")(cast(array([scope.value for scope in caller.scopes]), ARRAY(Text))),
    )
