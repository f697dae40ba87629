"""From a draft to what others read: who may publish, and what has to be looked at first."""

from sqlmodel import Session

from schemas.account import Organization
from schemas.base import now
from schemas.capability import Capability
from schemas.leak import Leak, LeakCheck, shown_leaks
from schemas.need import Need
from schemas.posting import AsPosted
from schemas.vocabulary import PostingStatus
from service.access.integrity import require_integrity
from service.access.principal import Permission, Principal
from service.platform.changes import in_known_order
from service.postings.leaks import find_leaks, reason, to_review

Posting = Need | Capability


def may_publish(caller: Principal) -> bool:
    return caller.verified or caller.may(Permission.posting_review)


def hand_in(session: Session, posting: Posting, caller: Principal, *, looked_at: bool = False) -> None:
    """Publish, or hand in for review where the caller may not publish by itself, or a leak has to be looked at.

    looked_at: whoever asks for it has seen what was found. Raises as ``require_integrity`` does.
    """
    if posting.status is PostingStatus.published:
        return
    require_integrity(session, posting.organization_id)
    posting.leaks = [leak for leak in posting.leaks if leak.taken_out] + find_leaks(
        session.get_one(Organization, posting.organization_id), posting
    )
    waiting = [] if looked_at else to_review(posting.leaks)
    posting.status_reason = reason(waiting) if waiting else ""
    if may_publish(caller) and not waiting:
        posting.status, posting.published_at = PostingStatus.published, now()
    else:
        posting.status = PostingStatus.submitted


def check_again(
    posting: Posting, owner: Organization, caller: Principal, body: AsPosted, old: set[str]
) -> None:
    """What was written anew is looked at anew, also where it was published.

    old: the fields that stand as they stood before.
    """
    known = posting.leaks
    # Sent again as it stood, a text still says what was taken out of it.
    kept = [leak for leak in known if leak.taken_out and _of(leak) in old and leak not in body.taken_out]
    posting.leaks = in_known_order([*kept, *body.taken_out, *find_leaks(owner, posting)], known)
    waiting = to_review(posting.leaks)
    if posting.status is PostingStatus.published:
        fresh = [leak for leak in waiting if leak not in known or _of(leak) not in old]
        if may_publish(caller) and not fresh:
            return
        # What was reviewed was other words.
        posting.status = PostingStatus.submitted
    if posting.status is PostingStatus.submitted:
        posting.status_reason = reason(waiting) if waiting else ""


def _of(leak: Leak) -> str:
    return leak.field.split("/")[0]


def check(session: Session, caller: Principal, table: type[Need | Capability], body: AsPosted) -> LeakCheck:
    """What would be found, and what would become of it, if it were posted and published now. Nothing is kept."""
    caller.require(Permission.posting_write)
    fields = body.model_dump(exclude={"publish"})
    posting = table.model_validate(fields, update={"organization_id": caller.organization_id})
    posting.leaks = body.taken_out
    hand_in(session, posting, caller)
    return LeakCheck(status=posting.status, reason=posting.status_reason, leaks=shown_leaks(posting.leaks))
