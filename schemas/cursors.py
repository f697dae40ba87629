"""Cursors of lists: opaque to clients, and signed, so that nobody makes up a place in a list.

The key is the service's affair. It hands a signer over with ``sign_with`` before the first cursor is written.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Protocol

from pydantic_core import PydanticCustomError


class Signer(Protocol):
    def sign(self, kind: str, value: str) -> str: ...

    def unsign(self, kind: str, signed: str) -> str:
        """Raises ``ValueError`` where the signature is not ours, or of another kind."""
        ...


_given: dict[str, Signer] = {}


def sign_with(signer: Signer) -> None:
    """Use this signer from now on."""
    _given["signer"] = signer


def write_cursor(kind: str, place: bytes) -> str:
    """kind: in which sort of list the place is; the cursor is good for that sort alone."""
    return _given["signer"].sign(kind, urlsafe_b64encode(place).decode().rstrip("="))


def read_cursor(kind: str, cursor: str) -> bytes:
    """Raises ``PydanticCustomError``, also for cursors of before they were signed."""
    try:
        place = _given["signer"].unsign(kind, cursor)
        return urlsafe_b64decode(place + "=" * (-len(place) % 4))
    except ValueError as error:
        raise PydanticCustomError(
            "wrong_cursor",
            "The cursor is not one of ours, or no longer valid; begin again with the first page",
        ) from error
