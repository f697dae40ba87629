"""What waits for an operator: postings to review, organisations to verify, imports, work that failed."""

from uuid import UUID

from pydantic import BaseModel
from sqlmodel import Session, col, select

from schemas.account import Organization
from schemas.base import now
from schemas.import_run import ImportRun, ImportStatus
from schemas.outbox import OutboxMessage, Topic
from schemas.posting import IndexStatus
from schemas.vocabulary import Side
from service.access import audit
from service.access.principal import Permission, Principal
from service.platform.outbox import announce
from service.platform.problems import NotThere
from service.postings.access import TABLES, TOPICS

_MOST = 50


class ImportBrief(BaseModel):
    id: UUID
    organization: str
    file_name: str
    side: Side
    status: ImportStatus
    failure: str
    rows: int
    done: int
    rejected: int


class FailedPosting(BaseModel):
    """A posting that could not be indexed, however often it was tried."""

    id: UUID
    side: Side
    title: str
    organization: str
    error: str


class FailedWork(BaseModel):
    """Work that failed and waits for its next try."""

    id: UUID
    topic: Topic
    subject_id: UUID | None
    attempts: int
    error: str


def recent_imports(session: Session, caller: Principal) -> list[ImportBrief]:
    """The newest first, without their files."""
    caller.require(Permission.posting_review)
    run = ImportRun
    rows = session.exec(
        select(
            run.id,
            Organization.name,
            run.file_name,
            run.kind,
            run.status,
            run.failure,
            run.rows,
            run.done,
            run.rejected,
        )  # type: ignore[call-overload]
        .join(Organization, col(Organization.id) == col(run.organization_id))
        .order_by(col(run.id).desc())
        .limit(_MOST)
    )
    return [ImportBrief(**dict(zip(ImportBrief.model_fields, row, strict=True))) for row in rows]


def failed_postings(session: Session, caller: Principal) -> list[FailedPosting]:
    caller.require(Permission.posting_review)
    found = []
    for side, table in TABLES.items():
        rows = session.exec(
            select(table.id, table.title, Organization.name, table.index_error)
            .join(Organization, col(Organization.id) == col(table.organization_id))
            .where(col(table.index_status) == IndexStatus.failed, col(table.deleted_at).is_(None))
            .order_by(col(table.id).desc())
            .limit(_MOST)
        )
        found += [
            FailedPosting(id=key, side=side, title=title, organization=name, error=error)
            for key, title, name, error in rows
        ]
    return found


def failed_work(session: Session, caller: Principal) -> list[FailedWork]:
    caller.require(Permission.posting_review)
    rows = session.exec(
        select(OutboxMessage)
        .where(col(OutboxMessage.attempts) > 0)
        .order_by(col(OutboxMessage.attempts).desc(), col(OutboxMessage.id))
        .limit(_MOST)
    )
    return [FailedWork.model_validate(row.model_dump()) for row in rows]


def index_again(session: Session, caller: Principal, side: Side, posting_id: UUID) -> None:
    """Try a posting anew, as if it had just been posted."""
    caller.require(Permission.posting_review)
    table = TABLES[side]
    posting = session.exec(select(table).where(col(table.id) == posting_id).with_for_update()).first()
    if posting is None:
        raise NotThere
    if posting.index_status is not IndexStatus.failed:
        return
    posting.index_status, posting.index_error = IndexStatus.pending, ""
    audit.note(session, caller, f"{table.__name__.lower()}.reindex", posting_id, [posting.organization_id])
    announce(session, TOPICS[table], posting_id)


def try_now(session: Session, caller: Principal, message_id: UUID) -> None:
    """Do not wait for the next try. What is done meanwhile, or was never there, needs none."""
    caller.require(Permission.posting_review)
    message = session.get(OutboxMessage, message_id, with_for_update=True)
    if message is None:
        raise NotThere
    message.due_at, message.sent_at = now(), None
    audit.note(session, caller, "work.retry", message_id, topic=message.topic.value)
