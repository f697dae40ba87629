"""Embeds: made and revoked by an organisation, asked by browsers on the sites it lists."""

import secrets
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import now
from schemas.embed import Embed, EmbedCreate, EmbedElement, EmbedShown, EmbedUse
from schemas.vocabulary import Side
from schemas.wording import Wording
from service.access import audit
from service.access.principal import ANYONE, Permission, Principal
from service.matches.encoding_queue import first_round
from service.platform.problems import NotThere, Problem, TooMany, Unfit
from service.postings import access as posting_access
from service.postings.access import Posting

_DAYS = timedelta(days=30)
_SEARCH_OF_ONE = Wording(
    "只展示本单位内容（own_only）时不能提供查找，查找会显示其他单位的内容",
    "With own_only there can be no search: it would show what others posted",
)
# In the memory of each API process: a site that is asked for a lot may get as much of each.
_limiter = MovingWindowRateLimiter(MemoryStorage())


class NotForThisSite(Problem):
    """Unknown, revoked, of another site or not for this: nobody learns which."""

    status, type = HTTPStatus.FORBIDDEN, "site-key"
    title = Wording("此站点密钥在这里不可用", "This site key does not work here")


def make_embed(session: Session, caller: Principal, body: EmbedCreate) -> EmbedShown:
    caller.require(Permission.embed_manage)
    if body.own_only and "search" in body.elements:
        raise Unfit("/elements", "search_of_one", _SEARCH_OF_ONE)
    embed = Embed(
        **body.model_dump(),
        organization_id=caller.organization_id,
        site_key=f"djs_{secrets.token_urlsafe(18)}",
    )
    session.add(embed)
    session.flush()
    audit.note(session, caller, "embed.make", embed.id)
    return _shown(embed, {})


def access_own_embed(session: Session, caller: Principal, embed_id: UUID) -> Embed:
    caller.require(Permission.embed_manage)
    found = session.exec(select(Embed).where(Embed.id == embed_id, _own(caller))).first()
    if found is None:
        raise NotThere
    return found


def list_embeds(session: Session, caller: Principal) -> list[EmbedShown]:
    """Newest first, revoked ones too. Operators see all."""
    caller.require(Permission.embed_manage)
    found = session.exec(select(Embed).where(_own(caller)).order_by(col(Embed.id).desc())).all()
    since = now().date() - _DAYS
    uses: dict[UUID, dict[object, int]] = {}
    for use in session.exec(
        select(EmbedUse).where(
            col(EmbedUse.embed_id).in_([one.id for one in found]), col(EmbedUse.day) >= since
        )
    ):
        uses.setdefault(use.embed_id, {})[use.day] = use.requests
    return [_shown(one, uses.get(one.id, {})) for one in found]


def revoke_embed(session: Session, caller: Principal, embed_id: UUID) -> None:
    embed = access_own_embed(session, caller, embed_id)
    embed.revoked_at = embed.revoked_at or now()
    audit.note(session, caller, "embed.revoke", embed.id, [embed.organization_id])


def embed_for(session: Session, site_key: str, element: EmbedElement, origin: str | None) -> Embed:
    """The embed with this key, if it may be asked for this, from there. It counts as a use.

    origin: None for a frame, of which the browser itself keeps other sites away.
    """
    embed = session.exec(
        select(Embed)
        .join(Organization, col(Organization.id) == col(Embed.organization_id))
        .where(
            Embed.site_key == site_key,
            col(Embed.revoked_at).is_(None),
            col(Organization.suspended_at).is_(None),
        )
    ).first()
    if embed is None or element not in embed.elements or (origin is not None and origin not in embed.origins):
        raise NotForThisSite
    # Such an embed was made before they were refused: a search goes through everybody's postings.
    if element == "search" and embed.own_only:
        raise NotForThisSite
    # Carried out again with its text encoded, a request has been counted.
    if first_round() and not _limiter.hit(RateLimitItemPerMinute(embed.requests_a_minute), str(embed.id)):
        raise TooMany
    session.execute(
        insert(EmbedUse)
        .values(embed_id=embed.id, day=now().date(), requests=1)
        .on_conflict_do_update(index_elements=["embed_id", "day"], set_={"requests": EmbedUse.requests + 1})
    )
    return embed


def access_embedded(session: Session, embed: Embed, side: Side, posting_id: UUID) -> Posting:
    """A public posting whose matches this embed may show. Raises ``NotThere``, for others' too where it has to."""
    found: Posting = posting_access.access_posting(session, ANYONE, posting_access.TABLES[side], posting_id)
    if embed.own_only and found.organization_id != embed.organization_id:
        raise NotThere
    if embed.domains and not set(embed.domains) & set(found.domain_path):
        raise NotThere
    return found


def _own(caller: Principal) -> ColumnElement[bool]:
    if caller.may(Permission.organization_manage):
        return col(Embed.id).is_not(None)
    return col(Embed.organization_id) == caller.organization_id


def _shown(embed: Embed, uses: dict[object, int]) -> EmbedShown:
    return EmbedShown(**embed.model_dump(exclude={"organization_id", "updated_at"}), uses=uses)
