"""Who may read and who may change a posting, and how it is shown to them."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import now
from schemas.capability import Capability
from schemas.leak import shown_leaks
from schemas.need import Need
from schemas.outbox import Topic
from schemas.posting import PostingRow, PostingShown
from schemas.vocabulary import PostingStatus, Scope, Side, Visibility
from service.access import audit
from service.access.briefs import brief
from service.access.integrity import barred
from service.access.principal import Permission, Principal
from service.platform.problems import NotThere
from service.platform.versions import Seen, require_version

Posting = Need | Capability


P = TypeVar("P", bound=Need | Capability)


S = TypeVar("S", bound=PostingShown)


TABLES: dict[Side, type[Need] | type[Capability]] = {Side.needs: Need, Side.capabilities: Capability}


TOPICS: dict[type[PostingRow], Topic] = {Need: Topic.need_changed, Capability: Topic.capability_changed}


# What each action may start from.
# How people are reached, and what was written.
_REACHED = {"contacts", "readings"}


def readable(table: type[P], caller: Principal, *, matched: bool = False) -> ColumnElement[bool]:
    """Which postings the caller may read: the one rule behind lists, single reads and, ``matched``, matches."""
    there = col(table.deleted_at).is_(None)
    if caller.may(Permission.posting_read_all):
        return there
    shown = {Visibility.public}
    if caller.may(Permission.posting_read_members):
        shown |= {Visibility.members, Visibility.matched_only} if matched else {Visibility.members}
    published = and_(
        col(table.status) == PostingStatus.published,
        col(table.visibility).in_(shown),
        ~barred(col(table.organization_id)),
    )
    return and_(there, or_(col(table.organization_id) == caller.organization_id, published))


def access_posting(session: Session, caller: Principal, table: type[P], posting_id: UUID) -> P:
    """Load a posting to read it. Raises ``NotThere`` also where it is not the caller's to see."""
    caller.require(Permission.posting_read)
    found = session.exec(select(table).where(col(table.id) == posting_id, readable(table, caller))).first()
    if found is None:
        raise NotThere
    return found


def access_own_posting(
    session: Session, caller: Principal, table: type[P], posting_id: UUID, seen: Seen = None
) -> P:
    """Load and lock a posting to change it. ``seen``: the versions that the caller last saw, if it says so.

    Raises ``NotThere`` for whatever the caller may not see, and for what it may only read.
    """
    caller.require(Permission.posting_write)
    mine: ColumnElement[bool] = col(table.deleted_at).is_(None)
    if not caller.may(Permission.posting_review):
        mine = and_(mine, col(table.organization_id) == caller.organization_id)
    found = session.exec(select(table).where(col(table.id) == posting_id, mine).with_for_update()).first()
    if found is None:
        raise NotThere
    require_version(seen, found.version)
    return found


def shown(
    session: Session, posting: Posting, caller: Principal, shape: type[S], *, contacts: bool = True
) -> S:
    """The posting as ``caller`` sees it. Where an operator reads others' contacts, the audit says so.

    contacts: not where what is shown has no place for them, as pages have none.
    """
    others = posting.contacts and not owns(posting, caller)
    if contacts and others and caller.may(Permission.posting_read_all) and Scope.contacts in caller.scopes:
        audit.note(session, caller, "contact.read", posting.id, [posting.organization_id])
    organization = session.get_one(Organization, posting.organization_id)
    return shown_with(organization, posting, caller, shape, operators_too=contacts)


def shown_with(
    organization: Organization,
    posting: Posting,
    caller: Principal,
    shape: type[S],
    *,
    operators_too: bool = False,
) -> S:
    """Contacts and readings are for its owner alone; operators see them in single postings, not in lists.

    Confidential detail is for its owner, and for nobody else.
    """
    hidden = {"organization", "leaks"} | (set() if Scope.contacts in caller.scopes else _REACHED)
    reviews = caller.may(Permission.posting_read_all)
    if not owns(posting, caller):
        hidden |= {"confidential_detail"}
        hidden |= set() if reviews and operators_too else _REACHED
        hidden |= set() if reviews else {"index_error"}
    fields = {name: getattr(posting, name) for name in set(shape.model_fields) - hidden}
    if reviews or owns(posting, caller):
        fields["leaks"] = shown_leaks(posting.leaks)
    return shape.model_validate({"index_error": "", **fields, "organization": brief(organization)})


def owns(posting: Posting, caller: Principal) -> bool:
    return posting.organization_id == caller.organization_id


def matchable(table: type[Need] | type[Capability], caller: Principal) -> ColumnElement[bool]:
    """What matches may show the caller at this moment, whatever the index or a kept list still holds."""
    return and_(
        readable(table, caller, matched=True),
        col(table.status) == PostingStatus.published,
        ~barred(col(table.organization_id)),
        or_(col(table.valid_until).is_(None), col(table.valid_until) >= now().date()),
    )
