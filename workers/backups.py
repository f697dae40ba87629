"""Each day's backup, where a folder for it is set."""

from datetime import timedelta
from uuid import UUID

import structlog

from schemas.base import now
from service.commands.backup import BackupFailed, back_up_if_due
from service.platform.db import transaction
from service.platform.settings import settings
from workers.owed import put_off, try_lock_subject

log = structlog.get_logger()

PAUSE = timedelta(minutes=10)


def back_up(message_id: str) -> None:
    """Make the backup if it is due. One that fails is tried again at the next look; `duijie doctor` tells its age."""
    folder = settings().backup_dir
    with transaction() as session:
        if folder is not None and try_lock_subject(session, UUID(message_id)):
            try:
                file = back_up_if_due(folder)
            except (BackupFailed, OSError) as error:
                log.warning("backup failed, trying again later", error=str(error))
            else:
                if file is not None:
                    log.info("backup made", file=str(file), bytes=file.stat().st_size)
    with transaction() as session:
        put_off(session, UUID(message_id), now() + PAUSE)
