"""Who calls, and what their role may do."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.account import ApiKey, Organization
from schemas.base import now
from schemas.vocabulary import Role, Scope
from schemas.wording import Wording
from service.access.key_text import is_mistyped, key_hash
from service.platform.problems import Forbidden, Unauthorized

# Writing the time of each use would make every read a write.
_LAST_USED_STEP = timedelta(minutes=1)


class Permission(StrEnum):
    posting_read = auto()  # what is published to all
    posting_read_members = auto()  # what is published to members
    posting_read_all = auto()  # drafts and private postings of anybody
    posting_write = auto()  # one's own
    posting_review = auto()  # publish, reject
    match = auto()
    organization_read = auto()
    organization_write = auto()  # one's own
    organization_manage = auto()  # create, verify, change any
    key_manage = auto()  # keys of one's own organisation, within one's own role
    statistics_read = auto()
    embed_manage = auto()  # one's own organisation's
    audit_read = auto()  # what concerns one's own organisation
    audit_read_all = auto()
    introduce = auto()  # ask, answer, and read what one has a part in
    introduction_propose = auto()  # two others to each other
    introduction_read_all = auto()
    broker_work = auto()  # the worklist, and one's own record
    broker_manage = auto()  # register, evaluate and end any
    veto_manage = auto()  # whom a breach of integrity bars
    personal_data_manage = auto()  # of one's own people
    personal_data_manage_all = auto()
    challenge = auto()  # publish, bid, review, as one has a part
    challenge_manage = auto()  # review before opening, assign reviewers, read all
    notice_read = auto()  # what one's organisation, or oneself, is told
    subscribe = auto()  # saved searches, and addresses for mails
    webhook_manage = auto()  # one's own organisation's
    webhook_manage_all = auto()  # anybody's deliveries
    target_manage = auto()  # what the plan wants, and what was counted
    contract = auto()  # draft, sign, and read what one has a part in
    contract_register = auto()  # enter, register, refuse and cancel anybody's


_MEMBER = {
    Permission.posting_read,
    Permission.posting_read_members,
    Permission.posting_write,
    Permission.match,
    Permission.organization_read,
    Permission.organization_write,
    Permission.key_manage,
    Permission.embed_manage,
    Permission.audit_read,
    Permission.introduce,
    Permission.contract,
    Permission.personal_data_manage,
    Permission.challenge,
    Permission.notice_read,
    Permission.subscribe,
    Permission.webhook_manage,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.integrator: frozenset(
        {
            Permission.posting_read,
            Permission.match,
            Permission.organization_read,
            Permission.embed_manage,
            Permission.notice_read,
            Permission.subscribe,
            Permission.webhook_manage,
        }
    ),
    Role.member: frozenset(_MEMBER),
    Role.broker: frozenset(
        {*_MEMBER, Permission.statistics_read, Permission.introduction_propose, Permission.broker_work}
    ),
    Role.operator: frozenset(Permission),
}


def roles_within(role: Role) -> set[Role]:
    """Those that may do nothing that this one may not, itself among them."""
    return {one for one in Role if GRANTS[one] <= GRANTS[role]}


@dataclass(frozen=True)
class Principal:
    """The caller: a key, its role, and the organisation it belongs to."""

    key_id: UUID
    role: Role
    organization_id: UUID
    verified: bool
    scopes: frozenset[Scope] = frozenset(Scope)
    networks: tuple[str, ...] = ()

    @property
    def limited(self) -> bool:
        """Whether its key is for some things only."""
        return self.scopes != frozenset(Scope)

    def may(self, permission: Permission) -> bool:
        return permission in GRANTS[self.role]

    def require(self, permission: Permission) -> None:
        if not self.may(permission):
            raise Forbidden(
                Wording(
                    "角色“{role}”没有这项权限",
                    "The role “{role}” does not have this permission",
                    {"role": self.role},
                )
            )

    def require_scope(self, scope: Scope) -> None:
        if scope not in self.scopes:
            raise KeyLimited(
                Wording("此密钥不包含“{scope}”用途", "This key is not for “{scope}”", {"scope": scope})
            )

    def require_address(self, address: IPv4Address | IPv6Address | None) -> None:
        """Raises ``KeyLimited`` where the key is bound to networks, and ``address`` lies in none of them.

        Requests alone come from an address; commands on the machine itself and the worker do not ask this.
        """
        if self.networks and not any(address in ip_network(one) for one in self.networks if address):
            raise KeyLimited(
                Wording("此密钥不能从当前网络地址使用", "This key may not be used from your network address")
            )


class KeyLimited(Forbidden):
    type = "key-limited"
    title = Wording("此密钥不能这样使用", "This key may not be used so")


#: Somebody who is not signed in: reads what is public, and matches it. Nothing is kept in their name.
ANYONE = Principal(UUID(int=0), Role.integrator, UUID(int=0), verified=False)


def reading_as(role: Role, organization_id: UUID) -> Principal:
    """Whoever reads later what was kept for an organisation and a role: nobody is calling."""
    return Principal(UUID(int=0), role, organization_id, verified=False)


def principal_for(session: Session, key: str) -> Principal:
    """The caller with this key. Raises ``Unauthorized`` for one that is mistyped, unknown, revoked or expired."""
    if is_mistyped(key):
        raise Unauthorized(
            Wording("密钥有误：可能抄错或漏了字符", "The key is mistyped: a character is wrong or missing")
        )
    return _principal_where(session, ApiKey.key_hash == key_hash(key))


def principal_of(session: Session, key_id: UUID) -> Principal:
    """Whoever signed in, or asked for work that is done later, as they stand now. Raises ``Unauthorized``."""
    return _principal_where(session, ApiKey.id == key_id)


def _principal_where(session: Session, condition: Any) -> Principal:
    found = session.exec(
        select(ApiKey, Organization)
        .join(Organization, col(Organization.id) == col(ApiKey.organization_id))
        .where(condition)
    ).first()
    if found is None:
        raise Unauthorized(Wording("密钥无效", "The key is not known"))
    api_key, organization = found
    moment = now()
    if organization.suspended_at is not None:
        raise Unauthorized(
            Wording("该单位已被暂停使用，请联系平台管理方", "The organisation is suspended; ask the operator")
        )
    if api_key.revoked_at is not None:
        raise Unauthorized(Wording("密钥已被撤销", "The key has been revoked"))
    if api_key.expires_at is not None and api_key.expires_at <= moment:
        raise Unauthorized(Wording("密钥已过期", "The key has expired"))
    if api_key.last_used_at is None or moment - api_key.last_used_at > _LAST_USED_STEP:
        api_key.last_used_at = moment
    return Principal(
        api_key.id,
        api_key.role,
        organization.id,
        organization.verified_at is not None,
        scopes=frozenset(Scope if api_key.scopes is None else map(Scope, api_key.scopes)),
        networks=tuple(api_key.networks),
    )
