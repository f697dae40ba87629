"""Personal data is sealed in its column: what lies in the database, in a dump or in a backup opens with a key alone.

The key is the service's affair. It hands a cipher over with ``seal_with`` before the first row is read.
"""

from typing import Any, Protocol

from pydantic import ConfigDict, TypeAdapter
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

# What every token of the cipher (Fernet) begins with: its version, 0x80, in base 64.
TOKEN_MARK = "gAAAA"  # noqa: S105 - no secret: every token begins so


class Cipher(Protocol):
    def encrypt(self, data: bytes) -> bytes: ...

    def decrypt(self, token: bytes) -> bytes: ...


# A file is no text of its own.
_IN_BASE64 = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

_given: dict[str, Cipher] = {}


def seal_with(cipher: Cipher) -> None:
    """Use this cipher from now on."""
    _given["cipher"] = cipher


def seal(written: bytes) -> str:
    return _given["cipher"].encrypt(written).decode()


def unseal(kept: str) -> bytes:
    """Open what ``seal`` made. A text of before anything was sealed is given as it stands."""
    return _given["cipher"].decrypt(kept.encode()) if kept.startswith(TOKEN_MARK) else kept.encode()


class Sealed(TypeDecorator[Any]):
    """Anything pydantic can describe, stored as a token that only the cipher opens."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind
        self.adapter = TypeAdapter(kind, config=_IN_BASE64) if kind is bytes else TypeAdapter(kind)

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else seal(self.adapter.dump_json(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else self.adapter.validate_json(unseal(value))


def sealed(kind: Any) -> Any:
    return Sealed(kind)
