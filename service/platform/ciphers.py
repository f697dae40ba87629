"""The keys with which personal data is sealed and cursors are signed, and their change.

They come by ``DUIJIE_SECRET_KEY``, the newest first. In embedded mode, where nobody set one, a key is made and kept
beside the database, for its owner's eyes alone.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from itsdangerous import BadSignature, Signer
from sqlalchemy import Column, Table, cast, select, tuple_, type_coerce, update
from sqlalchemy.types import Text
from sqlmodel import Session, SQLModel

from schemas.cursors import sign_with
from schemas.sealed import TOKEN_MARK, Sealed, seal, seal_with
from service.platform.settings import settings
from service.platform.terminal_language import said
from service.platform.unable import Unable

_ROWS = 500


class NoSecretKey(Unable):
    """No key, or what is no key; the message is for whoever starts the service."""


def new_secret() -> str:
    return Fernet.generate_key().decode()


def secret_file() -> Path:
    return settings().data_dir / "secret.keys"


@lru_cache
def cipher() -> MultiFernet:
    """Seal with the newest key, open with each. Raises ``NoSecretKey``."""
    try:
        return MultiFernet([Fernet(key) for key in secret_keys()])
    except ValueError as error:
        raise NoSecretKey(said("DUIJIE_SECRET_KEY 中有无效的密钥")) from error


@lru_cache
def signer(kind: str) -> Signer:
    """Sign with the newest key, accept each: what sealed nothing signs nothing."""
    cipher()
    # itsdangerous has the newest last.
    keys = list(reversed(secret_keys()))
    return Signer(keys, salt=f"duijie.cursor.{kind}", key_derivation="hmac", digest_method=hashlib.sha256)


def secret_keys() -> list[str]:
    """The newest first."""
    given = settings().secret_key
    written = _kept_keys() if given is None else given.get_secret_value().split(",")
    return [key.strip() for key in written]


def add_secret() -> None:
    """Make a new key, where it lies in our own file. Where the settings give it, the newest stands first there."""
    if settings().secret_key is None:
        _write_keys([new_secret(), *_kept_keys()])
        _read_keys_again()


def sealed_columns() -> Iterator[tuple[Table, Column[Any]]]:
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Sealed):
                yield table, column


def seal_anew(
    session: Session, table: Table, column: Column[Any], after: Sequence[Any] = ()
) -> Sequence[Any]:
    """Seal some rows with the newest key, those above the primary key ``after``. The last one's; empty at the end."""
    text, order = cast(column, Text), list(table.primary_key.columns)
    query = select(text, *order).where(column.is_not(None)).order_by(*order).limit(_ROWS)
    if after:
        query = query.where(tuple_(*order) > tuple_(*after))
    rows = session.execute(query.with_for_update()).all()
    for kept, *row in rows:
        again = (
            cipher().rotate(kept.encode()).decode() if kept.startswith(TOKEN_MARK) else seal(kept.encode())
        )
        _write(session, table, column, row, again)
    return rows[-1][1:] if rows else ()


def seal_what_is_open(session: Session) -> bool:
    """Seal some of what was written before its column was sealed. Whether there may be more."""
    more = False
    for table, column in sealed_columns():
        text = cast(column, Text)
        rows = session.execute(
            select(text, *table.primary_key.columns)
            .where(column.is_not(None), text.not_like(f"{TOKEN_MARK}%"))
            .limit(_ROWS)
            .with_for_update(skip_locked=True)
        ).all()
        for kept, *row in rows:
            _write(session, table, column, row, seal(kept.encode()))
        more |= len(rows) == _ROWS
    return more


def _write(session: Session, table: Table, column: Column[Any], row: Sequence[Any], token: str) -> None:
    named = [key == value for key, value in zip(table.primary_key.columns, row, strict=True)]
    session.execute(update(table).where(*named).values({column: type_coerce(token, Text)}))


def _read_keys_again() -> None:
    cipher.cache_clear()
    signer.cache_clear()


def _kept_keys() -> list[str]:
    if not settings().embedded:
        raise NoSecretKey(
            said("请设置 DUIJIE_SECRET_KEY（用 duijie secrets new 生成），并与备份分开妥善保管")
        )
    path = secret_file()
    if not path.exists():
        _write_keys([new_secret()])
    return path.read_text(encoding="ascii").split()


def _write_keys(keys: list[str]) -> None:
    path = secret_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.touch(mode=0o600)
    beside.write_text("\n".join(keys) + "\n", encoding="ascii")
    if len(keys) > 1:
        beside.replace(path)
        return
    # Of two processes that start at once, the first one's key stays.
    with suppress(FileExistsError):
        os.link(beside, path)
    beside.unlink()


class _Newest:
    """Takes up a key that another process made meanwhile."""

    def encrypt(self, data: bytes) -> bytes:
        return cipher().encrypt(data)

    def decrypt(self, token: bytes) -> bytes:
        try:
            return cipher().decrypt(token)
        except InvalidToken:
            _read_keys_again()
            return cipher().decrypt(token)

    def sign(self, kind: str, value: str) -> str:
        return signer(kind).sign(value).decode()

    def unsign(self, kind: str, signed: str) -> str:
        try:
            return self._unsign(kind, signed)
        except ValueError:
            _read_keys_again()
            return self._unsign(kind, signed)

    def _unsign(self, kind: str, signed: str) -> str:
        try:
            return signer(kind).unsign(signed).decode()
        except BadSignature as error:
            raise ValueError("not signed by us") from error


seal_with(_Newest())
sign_with(_Newest())
