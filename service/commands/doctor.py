"""``duijie doctor``: what works, what does not, and what to do about it."""

from datetime import timedelta

import typer
from rich.table import Table
from rich.text import Text
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from schemas.base import now
from schemas.embedding import EncoderModel, ModelState
from schemas.operation import WorkerSeen
from schemas.outbox import OutboxMessage
from schemas.posting import IndexStatus
from service.matches import drift
from service.platform.console import copied, print_table, table_of
from service.platform.db import released, transaction
from service.platform.installation import last_backup
from service.platform.migrations import drift as table_drift
from service.platform.postgres.version import UnsupportedServer, check_server
from service.platform.private_files import open_to_others
from service.platform.settings import settings
from service.platform.terminal_language import said
from service.postings.access import TABLES

_SILENT = timedelta(seconds=30)
_OVERDUE = timedelta(minutes=5)
# A day, and the time that a night's backup may take.
_BACKUP_OVERDUE = timedelta(hours=30)


def examine() -> tuple[Table, bool]:
    """A line for each part; and whether all of them are well."""
    table = table_of(*map(copied, ("部分", "状态", "说明")))
    healthy = True

    def note(part: str, well: bool, remark: str) -> None:
        nonlocal healthy
        healthy &= well
        state = Text(said("正常"), style="green") if well else Text(said("异常"), style="red")
        table.add_row(said(part), state, said(remark))

    readable = list(open_to_others())
    note(
        "数据文件夹",
        not readable,
        said(
            "他人可读 {places} 处，如 {first}；请以其所有者的账号运行 duijie doctor，权限会自动收紧",
            places=len(readable),
            first=readable[0],
        )
        if readable
        else "仅限本账号读取",
    )
    try:
        with transaction() as session:
            version = session.execute(select(func.version())).scalar_one().split(" on ")[0]
            where = said("内置") if settings().embedded else said("外部")
            try:
                check_server(session.connection())
            except UnsupportedServer as error:
                note(
                    "数据库",
                    False,
                    said("{where} {version}。{error}", where=where, version=version, error=error),
                )
            else:
                note("数据库", True, f"{where} {version}")
            missing = table_drift()
            note("表结构", missing is None, missing or "与程序一致")
            if missing is None:
                for part, well, remark in _parts(session):
                    note(part, well, remark)
    except OperationalError as error:
        note("数据库", False, said("无法连接：{orig}。请检查 DUIJIE_DATABASE_URL", orig=error.orig))
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
        (
            "后台任务",
            alive,
            said("最近一次 {seen:%H:%M:%S} UTC", seen=seen) if seen else "从未启动，请运行 duijie worker",
        )
    )
    waiting = session.execute(select(func.count()).select_from(OutboxMessage)).scalar_one()
    oldest = session.execute(
        select(func.min(col(OutboxMessage.created_at))).where(col(OutboxMessage.subject_id).is_not(None))
    ).scalar_one()
    overdue = oldest is not None and now() - oldest > _OVERDUE
    parts.append(
        (
            "待办",
            not overdue,
            said("{waiting} 件", waiting=waiting) + (said("，最早的已超过 5 分钟") if overdue else ""),
        )
    )
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
        remark = said("共 {total} 条，编码失败 {failed} 条", total=total, failed=failed) + (
            said("，可用 duijie reindex 重试") if failed else ""
        )
        parts.append((name, failed == 0, remark))
    parts.append(_backup(session))
    told = drift.warnings(session)
    figures = drift.latest(session, 1)
    looked = (
        said(
            "{created_at:%Y-%m-%d}，{needs} 条需求",
            created_at=figures[0].created_at,
            needs=figures[0].figures.needs,
        )
        if figures
        else "尚未进行，后台任务会做"
    )
    parts.append(("匹配走势", not told, said("；").join(told) or looked))
    return parts


def _backup(session: Session) -> tuple[str, bool, str]:
    made = last_backup(session)
    if made is None:
        return "备份", settings().backup_dir is None, "从未备份：duijie backup 文件，或设置 DUIJIE_BACKUP_DIR"
    age = now() - made
    ago = (
        said("{days} 天前", days=age.days) if age.days else said("{hours} 小时前", hours=age.seconds // 3600)
    )
    overdue = settings().backup_dir is not None and age > _BACKUP_OVERDUE
    return (
        "备份",
        not overdue,
        said("最近一次 {made:%Y-%m-%d %H:%M} UTC（{ago}）", made=made, ago=ago)
        + (said("，已过期") if overdue else ""),
    )


def doctor() -> None:
    """检查各部分是否正常，并说明该怎么办。"""
    with released():
        table, healthy = examine()
    print_table(table)
    if not healthy:
        raise typer.Exit(1)
