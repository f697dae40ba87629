"""What the check before publishing found, as pages show it: a little of the text, the place marked in it."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from schemas.leak import Leak, LeakKind
from schemas.posting import PostingFields, texts_of

_AROUND = 12


class Finding(NamedTuple):
    kind: LeakKind
    taken_out: bool
    before: str = ""
    words: str = ""
    after: str = ""


def findings_of(
    leaks: Iterable[Leak] | None, posting: PostingFields, written: Mapping[str, Any] | None = None
) -> dict[str, list[Finding]]:
    """By field. What was taken out of a text is shown in the words as they were ``written``, where they are known."""
    texts = dict(texts_of(posting))
    found: dict[str, list[Finding]] = {}
    for leak in leaks or ():
        text = str((written or {}).get(leak.field, "")) if leak.taken_out else texts.get(leak.field, "")
        found.setdefault(leak.field.split("/")[0], []).append(_finding(leak, text))
    return found


def _finding(leak: Leak, text: str) -> Finding:
    start, end = max(leak.start - _AROUND, 0), leak.end + _AROUND
    return Finding(
        leak.kind,
        leak.taken_out,
        text[start : leak.start],
        text[leak.start : leak.end],
        text[leak.end : end],
    )
