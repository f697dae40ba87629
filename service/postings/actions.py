"""What is done alike with a need and with a capability. ``needs`` and ``capabilities`` give the names."""

from typing import cast
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import now
from schemas.capability import Capability
from schemas.need import Need
from schemas.outbox import Urgency
from schemas.posting import AsPosted
from schemas.vocabulary import PostingStatus
from schemas.wording import Wording
from service.access import audit
from service.access.integrity import require_integrity
from service.access.principal import Permission, Principal
from service.platform.changes import in_known_order, is_changed
from service.platform.outbox import announce
from service.platform.problems import Conflict, Forbidden, WrongState
from service.postings.access import TOPICS, P, Posting, access_own_posting, owns
from service.postings.derived import derive
from service.postings.due_days import set_due
from service.postings.leaks import find_leaks, reason, to_review
from service.postings.publishing import check_again, hand_in

_SUBMITTABLE = {PostingStatus.draft, PostingStatus.rejected}
_PUBLISHABLE = {PostingStatus.draft, PostingStatus.submitted, PostingStatus.rejected, PostingStatus.expired}
_REJECTABLE = {PostingStatus.submitted, PostingStatus.published}
_CLOSABLE = {PostingStatus.draft, PostingStatus.submitted, PostingStatus.published, PostingStatus.expired}


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
    if "confidential_detail" in body.model_fields_set and not owns(posting, caller):
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
