"""Names of organisations: without what nobody sees, and what two of them have in common to the eye."""

import re
import unicodedata

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

# Letters of other scripts that look like Latin ones.
_LATIN = str.maketrans("АВЕЗІКМНОРСТУХаеорсухіΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABE3IKMHOPCTYXaeopcyxiABEZHIKMNOPTYXo")
# Variation selectors, the grapheme joiner and letters without a shape.
_INVISIBLE = {*map(chr, range(0xFE00, 0xFE10)), "\u034f", "\u115f", "\u1160", "\u3164", "\uffa0"}
_NO_LETTERS = re.compile(r"[\W_]+")


def tidy_name(written: str) -> str:
    """Letters and digits at usual width, no invisible marks, single spaces; brackets stay as people write them."""
    seen = "".join(one for one in written if not _is_invisible(one))
    usual = "".join(unicodedata.normalize("NFKC", one) if one.isalnum() else one for one in seen)
    return " ".join(usual.split())


def look(name: str) -> str:
    """Equal for names that a reader could take for each other."""
    folded = unicodedata.normalize("NFKC", tidy_name(name)).translate(_LATIN)
    return _NO_LETTERS.sub("", folded).casefold()


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cf", "Cc") or letter in _INVISIBLE


def _visible(written: str) -> str:
    tidied = tidy_name(written)
    if not look(tidied):
        raise PydanticCustomError("empty_name", "The name has no letters")
    return tidied


#: Beside a type of text.
Visible = AfterValidator(_visible)
