"""What a provider's claims say of a person: name, organisation, role, in the forms that providers send them."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlmodel import Session, and_, col, or_, select

from schemas.account import Organization
from schemas.vocabulary import Role
from schemas.wording import Wording
from service.platform.problems import Forbidden
from service.platform.settings import settings

_NOT_SENT = Wording(
    "统一身份认证没有提供您所在单位的信息（{claim}）。请联系统一身份认证的管理员开通该信息，或用本单位的密钥登录",
    "The identity provider did not say which organisation you belong to ({claim}). Ask its administrator to send that "
    "claim, or sign in with a key of your organisation",
)
_UNKNOWN = Wording(
    "您所在的单位尚未在本平台登记，或登记的统一社会信用代码与统一身份认证中的不一致，请联系平台管理方",
    "Your organisation is not registered here, or with another credit code than at the identity provider; ask the "
    "operator of this platform",
)
_SEVERAL = Wording(
    "统一身份认证提供了您所在的多个单位，无法确定您代表哪一个。请用要代表的单位的密钥登录",
    "The identity provider named several organisations of yours. Sign in with a key of the one that you act for",
)
_SUSPENDED = Wording(
    "该单位已被暂停使用，请联系平台管理方", "The organisation is suspended; ask the operator"
)
# Keycloak writes an organisation as its alias with these beside other attributes.
_IDENTIFYING = ("id", "credit_code")


class NotSignedIn(Forbidden):
    """Nobody is signed in by these claims. ``reason`` and ``claim`` are for the log, and name no person."""

    def __init__(self, detail: Wording, reason: str) -> None:
        super().__init__(detail)
        self.reason, self.claim = reason, settings().oidc_organization_claim


def name_of(claims: dict[str, Any]) -> str:
    return str(claims.get("name") or claims.get("preferred_username") or claims["sub"])


def role_of(claims: dict[str, Any]) -> Role:
    """The highest role that is named; a member if none is. Other names are somebody else's roles."""
    named = claims.get(settings().oidc_role_claim)
    if isinstance(named, dict):
        # So Keycloak writes realm_access.
        named = named.get("roles")
    roles = named if isinstance(named, list) else [named]
    return next((role for role in (Role.operator, Role.broker) if role in roles), Role.member)


def organization_of(session: Session, claims: dict[str, Any]) -> Organization:
    """By its id or its 统一社会信用代码. A name is no identification: organisations change theirs as they like.

    So they write their own credit codes, which count once an operator has vouched for them.
    """
    told = _identifiers(claims.get(settings().oidc_organization_claim))
    if not told:
        raise NotSignedIn(
            _NOT_SENT._replace(slots={"claim": settings().oidc_organization_claim}), "claim missing or empty"
        )
    ids = []
    for one in told:
        with suppress(ValueError):
            ids.append(UUID(one))
    codes = [one.upper() for one in told if one.isalnum()]
    vouched_for = and_(col(Organization.credit_code).in_(codes), col(Organization.verified_at).is_not(None))
    same = or_(col(Organization.id).in_(ids), vouched_for)
    found = session.exec(select(Organization).where(same).limit(2)).all()
    if not found:
        raise NotSignedIn(_UNKNOWN, "organisation unknown")
    if len(found) > 1:
        raise NotSignedIn(_SEVERAL, "several organisations")
    if found[0].suspended_at is not None:
        raise NotSignedIn(_SUSPENDED, "organisation suspended")
    return found[0]


def _identifiers(claim: object) -> list[str]:
    """From a string, a list, or a map by alias, such as ``{"alias": {"id": "…", "credit_code": ["…"]}}``."""
    if isinstance(claim, str):
        return [claim.strip()] if claim.strip() else []
    if isinstance(claim, list):
        return [one for item in claim for one in _identifiers(item)]
    if not isinstance(claim, dict):
        return []
    found = []
    for name, about in claim.items():
        if name in _IDENTIFYING:
            found += _identifiers(about)
        elif isinstance(about, dict):
            found += [name, *_identifiers(about)]
    return found
