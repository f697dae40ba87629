"""What all readers share: the refusal, tidy characters, and numbers as they are written."""

import re
from decimal import Decimal

import cn2an

LONGEST_FIELD = 500

DIGITS = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,18})(?:\.[0-9]{1,9})?"
CHINESE_DIGITS = "〇零一二三四五六七八九"
CHINESE_NUMBER = r"[〇零一二两三四五六七八九十百千壹贰叁肆伍陆柒捌玖拾佰仟]+"

# Not NFKC, which also turns ℃ into °C and m² into m2: units are kept as they were written.
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DASHES = str.maketrans(dict.fromkeys("~〜–—―−‐‑", "-"))


class Unreadable(ValueError):
    """The words could not be read. ``str()`` is the Chinese reason, for the people who wrote them."""

    def __init__(self, zh: str, en: str, **slots: object) -> None:
        super().__init__(zh.format(**slots))
        self.zh = zh
        self.en = en
        self.slots = slots


def tidy(written: str) -> str:
    """Turn full-width characters into plain ones and strip; refuse what is too long to be a form field."""
    if len(written) > LONGEST_FIELD:
        raise Unreadable("内容过长，超过 {most} 个字符", "longer than {most} characters", most=LONGEST_FIELD)
    return written.translate(FULL_WIDTH).strip()


def without_spaces(text: str) -> str:
    """Drop blanks, except between two digits, which would become another number."""
    return re.sub(r"(?<![0-9])\s+|\s+(?![0-9])", "", text)


def plain_dashes(text: str) -> str:
    """Write every kind of dash or tilde as one hyphen: 50～100, 50——100."""
    return re.sub(r"-{2,}", "-", text.translate(_DASHES))


def read_digits(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))


def read_chinese_number(written: str) -> int | None:
    try:
        return int(cn2an.cn2an(written, "normal"))
    except ValueError:
        return None
