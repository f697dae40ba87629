"""Which words of a posting are embedded, and read for reasons."""

import hashlib

from schemas.capability import Capability
from schemas.need import Need


def text_of(posting: Need | Capability) -> str:
    """Title, wanted result, description and keywords, a line each. Contacts were taken out at posting."""
    parts = [posting.title]
    if isinstance(posting, Need):
        parts.append(posting.wanted_result)
    parts += [posting.description, "，".join(posting.keywords)]
    return "\n".join(part for part in parts if part)


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
