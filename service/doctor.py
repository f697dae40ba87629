"""``duijie doctor``: what works, what does not, and what to do about it."""

from datetime import timedelta

from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from schemas.base import now
from schemas.embedding import EncoderModel, ModelState
from schemas.operation import WorkerSeen
from schemas.outbox import OutboxMessage
from schemas.posting import IndexStatus
from service import drift
from service.console import table_of
from service.db import transaction
from service.migrations import drift as table_drift
from service.postings import TABLES
from service.settings import settings

_SILENT = timedelta(seconds=30)
_OVERDUE = timedelta(minutes=5)


def examine() -> tuple[Table, bool]:
    """A line for each part; and whether all of them are well."""
    table = table_of("部分", "状态", "说明")
    healthy = True

    def note(part: str, well: bool, remark: str) -> None:
        nonlocal healthy
        healthy &= well
        table.add_row(part, "[green]正常[/]" if well else "[red]异常[/]", remark)

    try:
        with transaction() as session:
            version = session.execute(select(func.version())).scalar_one().split(" on ")[0]
            note("数据库", True, f"{'内置' if settings().embedded else '外部'} {version}")
            missing = table_drift()
            note("表结构", missing is None, missing or "与程序一致")
            if missing is None:
                for part, well, remark in _parts(session):
                    note(part, well, remark)
    except OperationalError as error:
        note("数据库", False, f"无法连接：{error.orig}。请检查 DUIJIE_DATABASE_URL")
    return table, healthy


def _parts(session: Session) -> list[tuple[str, bool, str]]:
    parts = []
    model = session.execute(
        select(col(EncoderModel.name)).where(col(EncoderModel.state) == ModelState.serving)
    ).scalar_one_or_none()
    parts.append(("模型", model is not None, model or "尚未登记，请启动后台任务（duijie worker）"))
    seen = session.execute(select(func.max(col(WorkerSeen.seen_at)))).scalar_one()
    alive = seen is not None and now() - seen < _SILENT
    parts.append(
        ("后台任务", alive, f"最近一次 {seen:%H:%M:%S} UTC" if seen else "从未启动，请运行 duijie worker")
    )
    waiting = session.execute(select(func.count()).select_from(OutboxMessage)).scalar_one()
    oldest = session.execute(
        select(func.min(col(OutboxMessage.created_at))).where(col(OutboxMessage.subject_id).is_not(None))
    ).scalar_one()
    overdue = oldest is not None and now() - oldest > _OVERDUE
    parts.append(("待办", not overdue, f"{waiting} 件" + ("，最早的已超过 5 分钟" if overdue else "")))
    for side, table in TABLES.items():
        counts: dict[IndexStatus, int] = dict(
            session.execute(
                select(col(table.index_status), func.count())
                .where(col(table.deleted_at).is_(None))
                .group_by(table.index_status)
            ).all()
        )
        failed = counts.get(IndexStatus.failed, 0)
        name = "需求" if side == "needs" else "供给"
        total = sum(counts.values())
        remark = f"共 {total} 条，编码失败 {failed} 条" + ("，可用 duijie reindex 重试" if failed else "")
        parts.append((name, failed == 0, remark))
    told = drift.warnings(session)
    figures = drift.latest(session, 1)
    looked = (
        f"{figures[0].created_at:%Y-%m-%d}，{figures[0].figures.needs} 条需求"
        if figures
        else "尚未进行，后台任务会做"
    )
    parts.append(("匹配走势", not told, "；".join(told) or looked))
    return parts
