"""``duijie keys``: for whoever has the machine."""

from typing import Annotated
from uuid import UUID

import typer
from rich.table import Column
from sqlalchemy import select
from sqlmodel import Session, col

from schemas.account import ApiKey, ApiKeyCreate, Organization
from schemas.base import Wording, now
from schemas.vocabulary import Role
from service import audit
from service.accounts import keep_key
from service.auth import new_key
from service.console import console, output, table_of
from service.db import released, transaction
from service.errors import NotThere

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_keys() -> None:
    """列出全部密钥（只显示开头几个字符）。"""
    table = table_of(Column("编号", no_wrap=True, min_width=36), "单位", "角色", "开头", "最近使用", "状态")
    with released(), transaction() as session:
        rows = session.execute(
            select(ApiKey, Organization.name)
            .join(Organization, col(Organization.id) == col(ApiKey.organization_id))
            .order_by(col(ApiKey.id).desc())
        )
        for api_key, name in rows:
            used = f"{api_key.last_used_at:%Y-%m-%d %H:%M}" if api_key.last_used_at else "从未"
            table.add_row(str(api_key.id), name, api_key.role.zh, api_key.prefix, used, _state(api_key))
    output.print(table)


@app.command()
def create(
    organization: Annotated[str, typer.Argument(help="单位名称或编号")],
    role: Annotated[Role, typer.Option(help="角色")] = Role.member,
    name: Annotated[str, typer.Option(help="给人看的名字")] = "",
) -> None:
    """签发一个密钥。密钥只显示这一次。"""
    key = new_key()
    with released(), transaction() as session:
        owner = _organization(session, organization)
        made = keep_key(session, owner.id, ApiKeyCreate(role=role, name=name), key)
        audit.note(session, None, "key.issue", made.id, [owner.id], to_role=role.value)
    output.print(key, highlight=False)


@app.command()
def revoke(key_id: Annotated[UUID, typer.Argument(help="密钥编号，见 keys list")]) -> None:
    """撤销一个密钥，立即生效。"""
    with released(), transaction() as session:
        api_key = session.get(ApiKey, key_id)
        if api_key is None:
            raise NotThere(Wording("没有这个密钥", "There is no such key"))
        api_key.revoked_at = api_key.revoked_at or now()
        audit.note(session, None, "key.revoke", key_id, [api_key.organization_id])
    console.print("已撤销")


def _organization(session: Session, named: str) -> Organization:
    found: list[Organization] = list(
        session.execute(select(Organization).where(col(Organization.name) == named)).scalars()
    )
    if not found:
        try:
            by_id = session.get(Organization, UUID(named))
        except ValueError:
            by_id = None
        found = [by_id] if by_id else []
    if len(found) != 1:
        reason = "有多个同名单位，请用编号" if found else "没有这个单位"
        raise NotThere(Wording(reason, "No such organisation, or several of that name: use the id"))
    return found[0]


def _state(api_key: ApiKey) -> str:
    if api_key.revoked_at:
        return "已撤销"
    return "已过期" if api_key.expires_at and api_key.expires_at <= now() else "有效"
