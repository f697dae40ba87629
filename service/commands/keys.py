"""``duijie keys``: for whoever has the machine."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError
from sqlalchemy import select
from sqlmodel import Session, col

from schemas.account import KEY_LASTS, ApiKey, ApiKeyCreate, Organization
from schemas.base import now
from schemas.vocabulary import Role, Scope
from schemas.wording import Wording
from service.access import audit, keys
from service.access.key_text import new_key
from service.access.keys import issued_by, keep_key
from service.platform.console import console, copied, output, print_table, table_of
from service.platform.db import released, transaction
from service.platform.problems import NotThere, field_problems
from service.platform.terminal_language import said, terminal_language

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_keys() -> None:
    """列出全部密钥（只显示开头几个字符）。"""
    table = table_of(copied("编号"), "单位", "角色", copied("开头"), "最近使用", "状态")
    with released(), transaction() as session:
        rows = session.execute(
            select(ApiKey, Organization.name)
            .join(Organization, col(Organization.id) == col(ApiKey.organization_id))
            .order_by(col(ApiKey.id).desc())
        )
        for api_key, name in rows:
            used = f"{api_key.last_used_at:%Y-%m-%d %H:%M}" if api_key.last_used_at else said("从未")
            table.add_row(str(api_key.id), name, said(api_key.role), api_key.prefix, used, _state(api_key))
    print_table(table)


@app.command()
def create(
    organization: Annotated[str, typer.Argument(help="单位名称或编号")],
    role: Annotated[Role, typer.Option(help="角色")] = Role.member,
    name: Annotated[str, typer.Option(help="给人看的名字")] = "",
    days: Annotated[int, typer.Option(min=0, max=36_500, help="有效天数，0 表示不过期")] = KEY_LASTS.days,
    scope: Annotated[list[Scope] | None, typer.Option(help="只用于这些用途，可写多个")] = None,
    network: Annotated[list[str] | None, typer.Option(help="只能从这些网络地址使用，可写多个")] = None,
) -> None:
    """签发一个密钥。密钥只显示这一次。"""
    key = new_key()
    try:
        wanted = ApiKeyCreate(
            role=role,
            name=name,
            expires_at=now() + timedelta(days=days) if days else None,
            scopes=scope or None,
            networks=network or [],
        )
    except ValidationError as error:
        [told, *_] = field_problems(error.errors(), terminal_language())
        raise typer.BadParameter(told.message) from error
    with released(), transaction() as session:
        owner = _organization(session, organization)
        made = keep_key(session, owner.id, wanted, key)
        audit.note(session, None, "key.issue", made.id, [owner.id], to_role=role.value)
    output.print(key)


@app.command()
def revoke(
    key_id: Annotated[UUID, typer.Argument(help="密钥编号，见 keys list")],
    with_made: Annotated[
        bool | None, typer.Option("--with-made/--keep-made", help="由它签发的密钥是否一并撤销；不写则询问")
    ] = None,
) -> None:
    """撤销一个密钥，立即生效；由它签发的密钥可一并撤销。"""
    with released():
        with transaction() as session:
            if session.get(ApiKey, key_id) is None:
                raise NotThere(Wording("没有这个密钥", "There is no such key"))
            made = len(issued_by(session, [key_id])[key_id])
        if made and with_made is None:
            with_made = typer.confirm(
                said("由它签发的 {made} 个密钥仍然有效，一并撤销吗？", made=made), err=True
            )
        with transaction() as session:
            revoked = keys.revoke(session, None, key_id, with_made=bool(with_made))
    console.print(said("已撤销 {revoked} 个密钥", revoked=revoked))


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
        raise NotThere(
            Wording("有多个同名单位，请用编号", "Several organisations have this name: use the id")
            if found
            else Wording("没有这个单位", "There is no such organisation")
        )
    return found[0]


def _state(api_key: ApiKey) -> str:
    if api_key.revoked_at:
        return said("已撤销")
    if api_key.expires_at is None:
        return said("长期有效")
    return (
        said("已过期")
        if api_key.expires_at <= now()
        else said("有效至 {expires_at:%Y-%m-%d}", expires_at=api_key.expires_at)
    )
