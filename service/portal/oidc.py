"""Sign-in with a provider of the region's own: OpenID Connect, code flow with PKCE."""

import secrets
from functools import lru_cache
from typing import Any, NamedTuple

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import ClaimError, JoseError, MissingClaimError
from joserfc.jwk import KeySet
from pydantic import BaseModel
from sqlmodel import Session

from schemas.account import ApiKeyCreate
from schemas.base import now
from schemas.wording import Wording
from service.access import audit
from service.access.key_text import new_key
from service.access.keys import keep_key
from service.access.principal import Principal
from service.platform.problems import Unauthorized
from service.platform.settings import settings
from service.portal.oidc_claims import NotSignedIn, name_of, organization_of, role_of
from service.portal.sessions import lasts

log = structlog.get_logger()

_PATIENCE = 10
_ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
_TIMES = {"exp", "nbf", "iat"}

_AWAY = Wording(
    "统一身份认证暂时无法访问，请稍后再试或用密钥登录",
    "The identity provider cannot be reached; try again later or sign in with a key",
)
_CLOCKS = Wording(
    "统一身份认证与本平台的时间不一致，请稍后重新登录；仍不成功的，请联系平台管理方校准时间",
    "The clocks of the identity provider and of this platform differ; sign in again, and if that fails ask the "
    "operator to set the clock",
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


class SignedInThere(NamedTuple):
    """person: the same each time, whatever their name, their role or their organisation has become."""

    principal: Principal
    name: str
    person: str


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


def come_back(session: Session, address: str, redirect_uri: str, attempt: Attempt) -> SignedInThere:
    """Whoever the provider says it is.

    Raises ``Unauthorized`` for an answer that is not the provider's to this attempt, ``Forbidden`` where the
    person belongs to no organisation that is registered here.
    """
    claims = _claims(address, redirect_uri, attempt)
    try:
        organization = organization_of(session, claims)
    except NotSignedIn as refused:
        log.warning("sign-in refused", reason=refused.reason, claim=refused.claim, claims_sent=sorted(claims))
        raise
    name = name_of(claims)
    key = keep_key(
        session,
        organization.id,
        ApiKeyCreate(role=role_of(claims), name=name[:100], expires_at=now() + lasts()),
        new_key(),
        for_sign_in=True,
    )
    session.flush()
    principal = Principal(key.id, key.role, organization.id, organization.verified_at is not None)
    audit.note(session, principal, "key.issue", key.id, to_role=key.role.value)
    return SignedInThere(principal, name, f"{claims['iss']} {claims['sub']}")


def _claims(address: str, redirect_uri: str, attempt: Attempt) -> dict[str, Any]:
    """Those of the id token, and of the user info what the id token lacks."""
    client = _client(redirect_uri)
    try:
        token = client.fetch_token(
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
            leeway=settings().oidc_leeway,
            iss={"essential": True, "value": _provider()["issuer"]},
            aud={"essential": True, "value": settings().oidc_client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": attempt.nonce},
        ).validate(claims)
    except (AuthlibBaseError, JoseError, KeyError, ValueError, requests.RequestException) as error:
        claim = error.claim if isinstance(error, ClaimError) else None
        log.warning("sign-in refused", reason=type(error).__name__, claim=claim)
        clocks = claim in _TIMES and not isinstance(error, MissingClaimError)
        raise Unauthorized(_CLOCKS if clocks else _FAILED) from error
    if {settings().oidc_organization_claim, settings().oidc_role_claim} <= claims.keys():
        return claims
    return {**_user_info(client, claims["sub"]), **claims}


def _user_info(client: OAuth2Session, subject: str) -> dict[str, Any]:
    """Nothing where the provider has none, or none of this person."""
    if "userinfo_endpoint" not in _provider():
        return {}
    try:
        answer = client.get(_provider()["userinfo_endpoint"])
        answer.raise_for_status()
        found = answer.json()
    except (AuthlibBaseError, ValueError, requests.RequestException) as error:
        log.warning("no user info", reason=type(error).__name__)
        return {}
    if not isinstance(found, dict) or found.get("sub") != subject:
        # Another person's claims, as OpenID Connect Core warns in 5.3.2.
        log.warning("no user info", reason="not of the person who signs in")
        return {}
    return found


def _client(redirect_uri: str) -> OAuth2Session:
    secret = settings().oidc_client_secret
    return OAuth2Session(
        client_id=settings().oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        scope=settings().oidc_scope,
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
