"""How a key is written: a mark, 256 bits, and a checksum by which a slip in typing is noticed."""

import hashlib
import re
import secrets
import string
from zlib import crc32

from service.platform.terminal_language import said
from service.platform.unable import Unable

#: By which people, and programs that look for leaked keys, recognise one. Older keys have ``dj_`` and no checksum.
KEY_MARK = "djk_"
_LETTERS = string.ascii_letters + string.digits
# As many of 62 letters as hold 256 bits.
_LENGTH = 43
_WRITTEN = re.compile(rf"{KEY_MARK}[0-9A-Za-z]{{{_LENGTH}}}[0-9a-f]{{8}}")
_SHOWN = re.compile(r"djk?_.{4}")
_LEAST, _LEAST_DISTINCT = 32, 8


class WeakKey(Unable):
    """A key that somebody chose and others may guess; the message says what to do."""


def new_key() -> str:
    body = KEY_MARK + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return body + _checksum(body)


def is_mistyped(key: str) -> bool:
    """Whether it was to be one of our keys, and is none that was ever made."""
    if not key.startswith(KEY_MARK):
        return False
    return not _WRITTEN.fullmatch(key) or _checksum(key[:-8]) != key[-8:]


def key_hash(key: str) -> str:
    """Keys are long and random, so one unsalted round is enough, and it can be looked up."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def shown_prefix(key: str) -> str:
    """What may be kept of it, so that people tell keys apart; nothing of one that a person chose."""
    found = _SHOWN.match(key)
    return found[0] if found else ""


def require_strong(key: str) -> None:
    """Raises ``WeakKey`` for a chosen key that is short, of few characters, or one piece again and again."""
    repeated = any(key[step:] == key[:-step] for step in range(1, len(key) // 2 + 1))
    if len(key) < _LEAST or len(set(key)) < _LEAST_DISTINCT or repeated or is_mistyped(key):
        raise WeakKey(
            said(
                "DUIJIE_OPERATOR_KEY 太弱：至少要有 {least} 个字符，其中至少 {least_distinct} 种不同的"
                "字符，且不能由同一段重复而成。可用 openssl rand -hex 24 生成一个；不设置时由程序生成",
                least=_LEAST,
                least_distinct=_LEAST_DISTINCT,
            )
        )


def _checksum(body: str) -> str:
    return f"{crc32(body.encode()):08x}"
