"""What forms carry, masked anew for each page: how well a page compresses tells nothing of the token (BREACH)."""

import base64
import binascii
import secrets


def masked(token: str) -> str:
    """A one-time pad and the token under it; no two are alike."""
    pad = secrets.token_bytes(len(token))
    return base64.urlsafe_b64encode(pad + _under(pad, token.encode("ascii"))).decode()


def unmasked(sent: str) -> bytes:
    """The token, or nothing where what was sent is no masked one."""
    try:
        both = base64.urlsafe_b64decode(sent)
    except (binascii.Error, ValueError):
        return b""
    half = len(both) // 2
    return _under(both[:half], both[half:])


def _under(pad: bytes, text: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(pad, text, strict=False))
