"""Files of postings: taken in at once, worked off row by row in the background."""

from typing import BinaryIO
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.import_run import ImportRun, ImportShown
from schemas.outbox import Topic
from schemas.vocabulary import Side
from service.access import audit
from service.access.principal import Permission, Principal
from service.platform.outbox import announce
from service.platform.problems import NotThere, Unfit
from service.postings.files import look_at_file
from service.postings.import_files import keep_file
from service.postings.unreadable_file import UnreadableFile


def post_import(
    session: Session,
    caller: Principal,
    *,
    kind: Side,
    publish: bool,
    file_name: str,
    file: BinaryIO,
    language: str,
) -> ImportRun:
    """Keep a file and owe its import. What its first bytes show to be unreadable is refused at once."""
    caller.require(Permission.posting_write)
    try:
        look_at_file(file_name, file, kind)
    except UnreadableFile as error:
        raise Unfit("/file", "unreadable_file", error.wording) from error
    run = ImportRun(
        organization_id=caller.organization_id,
        api_key_id=caller.key_id,
        kind=kind,
        publish=publish,
        file_name=file_name[:200],
        language=language,
    )
    session.add(run)
    session.flush()
    keep_file(session, run, file)
    announce(session, Topic.import_posted, run.id)
    audit.note(session, caller, "import.post", run.id, kind=kind.value)
    return run


def access_import(session: Session, caller: Principal, import_id: UUID) -> ImportRun:
    caller.require(Permission.posting_write)
    query = select(ImportRun).where(col(ImportRun.id) == import_id)
    if not caller.may(Permission.posting_read_all):
        query = query.where(col(ImportRun.organization_id) == caller.organization_id)
    found = session.exec(query).first()
    if found is None:
        raise NotThere
    return found


def shown_import(run: ImportRun) -> ImportShown:
    return ImportShown.model_validate(run.model_dump(exclude={"file", "forgotten_at"}))
