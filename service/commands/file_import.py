"""``duijie import``: a file handed to the worker, and watched."""

import time
from collections.abc import Callable
from pathlib import Path

from schemas.import_run import ImportRun, ImportStatus
from schemas.vocabulary import Scope, Side
from service.access.principal import principal_for
from service.platform.db import transaction
from service.platform.terminal_language import terminal_language
from service.postings.imports import post_import

_LOOK_EVERY = 0.3


def import_file(
    file: Path, kind: Side, key: str, *, publish: bool, progress: Callable[[str, float], None]
) -> ImportRun:
    """Post the file and wait for its end. A running worker does the work; without one it waits for one."""
    with transaction() as session, file.open("rb") as opened:
        caller = principal_for(session, key)
        caller.require_scope(Scope.import_)
        run = post_import(
            session,
            caller,
            kind=kind,
            publish=publish,
            file_name=file.name,
            file=opened,
            language=terminal_language(),
        )
    while True:
        with transaction() as session:
            run = session.get_one(ImportRun, run.id)
        progress("导入（由后台任务完成）", run.done / max(run.rows, 1))
        if run.status is not ImportStatus.running:
            return run
        time.sleep(_LOOK_EVERY)
