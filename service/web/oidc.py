"""Sign-in with a provider of the region's own: OpenID Connect, code flow with PKCE."""

import secrets
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel
from sqlmodel import Session, col, or_, select

from schemas.account import ApiKeyCreate, Organization
from schemas.base import Wording, now
from schemas.vocabulary import Role
from service import audit
from service.accounts import keep_key
from service.auth import Principal, new_key
from service.errors import Forbidden, Unauthorized
from service.settings import settings
from service.web.sessions import lasts

_PATIENCE = 10
_ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]

_AWAY = Wording(
    "统一身份认证暂时无法访问，请稍后再试或用密钥登录",
    "The identity provider cannot be reached; try again later or sign in with a key",
)
_FAILED = Wording("统一身份认证没有成功，请重新登录", "The provider's answer was not accepted; sign in again")


class Attempt(BaseModel):
    """What the browser keeps, in a cookie, while it is at the provider's."""

    state: str
    nonce: str
    verifier: str
    onward: str


class Leaving(NamedTuple):
    """Where the browser goes to sign in, and what it keeps meanwhile."""

    address: str
    attempt: Attempt


def is_set_up() -> bool:
    return settings().oidc_issuer is not None


def leave(redirect_uri: str, onward: str) -> Leaving:
    attempt = Attempt(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        onward=onward,
    )
    address, _ = _client(redirect_uri).create_authorization_url(
        _provider()["authorization_endpoint"],
        state=attempt.state,
        nonce=attempt.nonce,
        code_verifier=attempt.verifier,
    )
    return Leaving(address, attempt)


def come_back(session: Session, address: str, redirect_uri: str, attempt: Attempt) -> tuple[Principal, str]:
    """Whoever the provider says it is, and their name.

    Raises ``Unauthorized`` for an answer that is not the provider's to this attempt, ``Forbidden`` where the
    person belongs to no organisation that is registered here.
    """
    claims = _claims(address, redirect_uri, attempt)
    organization = _organization(session, str(claims.get(settings().oidc_organization_claim) or ""))
    name = str(claims.get("name") or claims.get("preferred_username") or claims["sub"])
    key = keep_key(
        session,
        organization.id,
        ApiKeyCreate(role=_role(claims), name=name[:100], expires_at=now() + lasts()),
        new_key(),
    )
    session.flush()
    principal = Principal(key.id, key.role, organization.id, organization.verified_at is not None)
    audit.note(session, principal, "key.issue", key.id, to_role=key.role.value)
    return principal, name


def _claims(address: str, redirect_uri: str, attempt: Attempt) -> dict[str, Any]:
    try:
        token = _client(redirect_uri).fetch_token(
            _provider()["token_endpoint"],
            authorization_response=address,
            state=attempt.state,
            code_verifier=attempt.verifier,
        )
        answer = requests.get(_provider()["jwks_uri"], timeout=_PATIENCE)
        answer.raise_for_status()
        claims = jwt.decode(
            token["id_token"], KeySet.import_key_set(answer.json()), algorithms=_ALGORITHMS
        ).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": _provider()["issuer"]},
            aud={"essential": True, "value": settings().oidc_client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": attempt.nonce},
        ).validate(claims)
    except (AuthlibBaseError, JoseError, KeyError, ValueError, requests.RequestException) as error:
        raise Unauthorized(_FAILED) from error
    return claims


def _organization(session: Session, told: str) -> Organization:
    """By its id, its 统一社会信用代码 or its name."""
    same = [col(Organization.credit_code) == told, col(Organization.name) == told]
    with suppress(ValueError):
        same.append(col(Organization.id) == UUID(told))
    found = session.exec(select(Organization).where(or_(*same))).first() if told else None
    if found is None:
        raise Forbidden(
            Wording(
                "您所在的单位尚未在本平台登记，请联系平台管理方",
                "Your organisation is not registered here; ask the operator",
            )
        )
    return found


def _role(claims: dict[str, Any]) -> Role:
    """A member, unless the provider says more; what it says otherwise is not believed."""
    told = claims.get(settings().oidc_role_claim)
    return Role(told) if told in (Role.broker, Role.operator) else Role.member


def _client(redirect_uri: str) -> OAuth2Session:
    secret = settings().oidc_client_secret
    return OAuth2Session(
        client_id=settings().oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        scope="openid profile",
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        default_timeout=_PATIENCE,
    )


def _provider() -> dict[str, Any]:
    return _discovered(settings().oidc_issuer or "")


@lru_cache
def _discovered(issuer: str) -> dict[str, Any]:
    try:
        answer = requests.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", timeout=_PATIENCE)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
    except requests.RequestException as error:
        raise Unauthorized(_AWAY) from error
    return found
