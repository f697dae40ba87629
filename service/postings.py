"""What is done alike with a need and with a capability. ``needs`` and ``capabilities`` give the names."""

from typing import TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from schemas.account import Organization, OrganizationBrief
from schemas.base import Wording, now
from schemas.capability import Capability
from schemas.embedding import Side
from schemas.leak import shown_leaks
from schemas.need import Need
from schemas.outbox import Topic, Urgency
from schemas.posting import AsPosted, PostingRow, PostingShown
from schemas.vocabulary import PostingStatus, Scope, Visibility
from service import audit
from service.auth import Permission, Principal
from service.changes import in_known_order, is_changed
from service.derived import derive
from service.errors import Conflict, Forbidden, NotThere, WrongState
from service.integrity import barred, require_integrity
from service.leaks import find_leaks, reason, to_review
from service.outbox import announce
from service.publishing import check_again, hand_in
from service.transfer_dates import set_due
from service.versions import Seen, require_version

Posting = Need | Capability
P = TypeVar("P", bound=Need | Capability)
S = TypeVar("S", bound=PostingShown)

TABLES: dict[Side, type[Need] | type[Capability]] = {Side.needs: Need, Side.capabilities: Capability}
TOPICS: dict[type[PostingRow], Topic] = {Need: Topic.need_changed, Capability: Topic.capability_changed}

# What each action may start from.
# How people are reached, and what was written.
_REACHED = {"contacts", "readings"}
_SUBMITTABLE = {PostingStatus.draft, PostingStatus.rejected}
_PUBLISHABLE = {PostingStatus.draft, PostingStatus.submitted, PostingStatus.rejected, PostingStatus.expired}
_REJECTABLE = {PostingStatus.submitted, PostingStatus.published}
_CLOSABLE = {PostingStatus.draft, PostingStatus.submitted, PostingStatus.published, PostingStatus.expired}


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


def post(
    session: Session,
    caller: Principal,
    table: type[P],
    body: AsPosted,
    *,
    publish: bool,
    urgency: Urgency = Urgency.awaited,
) -> tuple[P, bool]:
    """Keep a new posting, or a new state of the one with its ``external_id``. Says whether it is new."""
    caller.require(Permission.posting_write)
    if body.external_id is not None:
        known = session.exec(
            select(table)
            .where(
                col(table.organization_id) == caller.organization_id,
                col(table.external_id) == body.external_id,
                col(table.deleted_at).is_(None),
            )
            .with_for_update()
        ).first()
        if known is not None:
            changed = _write(session, known, caller, body, set(type(body).model_fields) - {"publish"})
            before = known.status
            if publish:
                hand_in(session, known, caller)
            if not changed and known.status is before:
                return known, False
            if urgency is Urgency.awaited:
                _note(session, caller, "change", known)
            return _changed(session, known, urgency), False
    fields = body.model_dump(exclude={"publish"})
    posting = cast("P", table.model_validate(fields, update={"organization_id": caller.organization_id}))
    posting.readings = body.readings
    posting.leaks = body.taken_out
    derive(posting)
    if publish:
        hand_in(session, posting, caller)
    else:
        owner = session.get_one(Organization, posting.organization_id)
        posting.leaks = [*posting.leaks, *find_leaks(owner, posting)]
    session.add(posting)
    _flush(session)
    # Of an import there is one entry, not one a row.
    if urgency is Urgency.awaited:
        _note(session, caller, "post", posting)
    return _changed(session, posting, urgency), True


def post_again(
    session: Session, caller: Principal, table: type[P], posting_id: UUID, body: AsPosted, *, publish: bool
) -> P:
    """What a file of ours brings back: a new state of the posting that it was, and no other one.

    Of contacts and rights a file has the first alone; the others stay. What says nothing new changes nothing.
    """
    posting = access_own_posting(session, caller, table, posting_id)
    names = {name for name in body.model_fields_set - {"publish"} if not _has_said(posting, body, name)}
    if names:
        _write(session, posting, caller, body, names)
        _flush(session)
    if publish:
        hand_in(session, posting, caller)
    return _changed(session, posting, Urgency.bulk) if names or publish else posting


def _has_said(posting: Posting, body: AsPosted, name: str) -> bool:
    there, sent = getattr(posting, name), getattr(body, name)
    if name in {"contacts", "ip"} and len(there) > 1 and len(sent) == 1:
        said = sent[0].model_dump(exclude_defaults=True)
        return bool(said.items() <= there[0].model_dump().items())
    return bool(there == sent)


def change(session: Session, caller: Principal, posting: P, body: AsPosted) -> P:
    """Replace what was sent. What was published stays so, where the caller may publish."""
    if "confidential_detail" in body.model_fields_set and not _owns(posting, caller):
        raise Forbidden(
            Wording("保密内容只能由发布单位填写", "The confidential detail is written by its owner alone")
        )
    if not _write(session, posting, caller, body, body.model_fields_set):
        return posting
    _flush(session)
    _note(session, caller, "change", posting)
    return _changed(session, posting)


def submit(session: Session, caller: Principal, posting: P) -> P:
    _require_status(posting, _SUBMITTABLE)
    require_integrity(session, posting.organization_id)
    waiting = to_review(posting.leaks)
    posting.status, posting.status_reason = PostingStatus.submitted, reason(waiting) if waiting else ""
    _note(session, caller, "submit", posting)
    return _changed(session, posting)


def publish(session: Session, caller: Principal, posting: P) -> P:
    """Publish, or hand in for review where the caller may not publish by itself, or something might leak.

    Whoever reviews has seen what was found, and publishes all the same.
    """
    _require_status(posting, _PUBLISHABLE)
    hand_in(session, posting, caller, looked_at=caller.may(Permission.posting_review))
    _note(session, caller, "publish", posting)
    return _changed(session, posting)


def reject(session: Session, caller: Principal, posting: P, reason: str) -> P:
    caller.require(Permission.posting_review)
    _require_status(posting, _REJECTABLE)
    posting.status, posting.status_reason = PostingStatus.rejected, reason
    _note(session, caller, "reject", posting)
    return _changed(session, posting)


def close(session: Session, caller: Principal, posting: P) -> P:
    _require_status(posting, _CLOSABLE)
    posting.status = PostingStatus.closed
    _note(session, caller, "close", posting)
    return _changed(session, posting)


def delete(session: Session, caller: Principal, posting: P) -> None:
    """Take a posting away. The row stays, emptied, so that indexes and harvesters learn of it."""
    posting.deleted_at, posting.status = now(), PostingStatus.closed
    posting.title, posting.description, posting.partner_wish = "", "", ""
    posting.contacts, posting.readings, posting.attachments, posting.keywords = [], [], [], []
    posting.confidential_detail = None
    posting.leaks = []
    if isinstance(posting, Need):
        posting.wanted_result = ""
    _note(session, caller, "delete", posting)
    _changed(session, posting)


def shown(
    session: Session, posting: Posting, caller: Principal, shape: type[S], *, contacts: bool = True
) -> S:
    """The posting as ``caller`` sees it. Where an operator reads others' contacts, the audit says so.

    contacts: not where what is shown has no place for them, as pages have none.
    """
    others = posting.contacts and not _owns(posting, caller)
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
    if not _owns(posting, caller):
        hidden |= {"confidential_detail"}
        hidden |= set() if reviews and operators_too else _REACHED
        hidden |= set() if reviews else {"index_error"}
    fields = {name: getattr(posting, name) for name in set(shape.model_fields) - hidden}
    if reviews or _owns(posting, caller):
        fields["leaks"] = shown_leaks(posting.leaks)
    return shape.model_validate({"index_error": "", **fields, "organization": brief(organization)})


def _owns(posting: Posting, caller: Principal) -> bool:
    return posting.organization_id == caller.organization_id


def brief(organization: Organization) -> OrganizationBrief:
    return OrganizationBrief.model_validate(
        {**organization.model_dump(), "verified": organization.verified_at is not None}
    )


def _note(session: Session, caller: Principal, verb: str, posting: Posting) -> None:
    noun = type(posting).__name__.lower()
    audit.note(
        session, caller, f"{noun}.{verb}", posting.id, [posting.organization_id], status=posting.status.value
    )


def _require_status(posting: Posting, allowed: set[PostingStatus]) -> None:
    if posting.status not in allowed:
        raise WrongState(
            Wording("当前状态为“{status}”", "It is “{status}” now", {"status": posting.status}),
            status_now=posting.status.value,
        )


def _write(session: Session, posting: Posting, caller: Principal, body: AsPosted, names: set[str]) -> bool:
    """Says whether anything differs from before."""
    # Looked up before anything is changed: a query flushes, and what then conflicts is told by ``_flush``.
    owner = session.get_one(Organization, posting.organization_id)
    same = {name for name in type(body).model_fields if name not in names or _says(posting, body, name)}
    for name in names:
        setattr(posting, name, getattr(body, name))
    if "contacts" not in names:
        # Those that were taken out of the texts come to those that are there.
        new = [contact for contact in body.contacts if contact not in posting.contacts]
        posting.contacts = [*posting.contacts, *new]
    kept = [reading for reading in posting.readings if reading.field not in names]
    posting.readings = in_known_order([*kept, *body.readings], posting.readings)
    check_again(posting, owner, caller, body, same)
    derive(posting)
    if not is_changed(posting):
        return False
    posting.version += 1
    # What is written now is kept as long as anything new.
    posting.forgotten_at = None
    return True


def _says(posting: Posting, body: AsPosted, name: str) -> bool:
    """Whether the field says already what is sent."""
    return bool(getattr(posting, name, None) == getattr(body, name))


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(
            Wording("该 external_id 已用于另一条目", "Another posting has this external_id")
        ) from error


def _changed(session: Session, posting: P, urgency: Urgency = Urgency.awaited) -> P:
    posting.updated_at = now()
    if isinstance(posting, Capability):
        set_due(posting)
    session.add(posting)
    announce(session, TOPICS[type(posting)], posting.id, urgency=urgency)
    return posting
