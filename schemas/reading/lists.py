"""Several things in one cell."""

import re

# 1. 2、 (3) ④ before a line or after a stop. A decimal, as in 0.5, is no number of a line.
_NUMBERING = re.compile(
    r"(?:^|(?<=[\n;；。，,、]))[^\S\n]{0,20}(?:[(（]?[0-9]{1,2}(?:[)）、．]|\.(?![0-9]))|[①-⑳])", re.MULTILINE
)
_SEPARATOR = re.compile(r"[、，；;。|｜\n\r\t①-⑳]|(?<![0-9]),|,(?![0-9]{3})")
_OPENING, _CLOSING = "(（[【《“", ")）]】》”"
_CHINESE_WORDS = re.compile(r"[\u4e00-\u9fff]{2,10}(?:[ \u3000]+[\u4e00-\u9fff]{2,10})+")


def read_list(written: str) -> list[str]:
    """Split at commas, stops and line ends, not inside brackets; numbering goes, and so do repetitions."""
    text = _NUMBERING.sub("\n", written)
    if _CHINESE_WORDS.fullmatch(text.strip()):
        return list(dict.fromkeys(text.split()))
    pieces, start = [], 0
    inside = _bracketed(text)
    for separator in _SEPARATOR.finditer(text):
        if inside[separator.start()]:
            continue
        pieces.append(text[start : separator.start()])
        start = separator.end()
    pieces.append(text[start:])
    return list(dict.fromkeys(piece for piece in (raw.strip() for raw in pieces) if piece))


def _bracketed(text: str) -> list[bool]:
    """Tell for each character whether it stands in a pair of brackets; one that never closes is none."""
    inside = [False] * len(text)
    opened: list[int] = []
    for position, character in enumerate(text):
        if character in _OPENING:
            opened.append(position)
        elif character in _CLOSING and opened:
            start = opened.pop()
            if not opened:
                inside[start : position + 1] = [True] * (position + 1 - start)
    return inside
