"""One person in what is kept: which contact is theirs, where a text names them, and the same without them."""

import re
from collections.abc import Iterator
from functools import cached_property
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from schemas.personal_data import PersonAsked
from schemas.reading import ERASED
from schemas.reading.people import find_name, letters_of

# No longer than the shortest name that is asked for.
SHORT_MASK = "＊＊"
# Of addresses; Chinese words stand right before and behind one, without a space.
_LATIN = "A-Za-z0-9_"
_GAP = r"[-\s.·_()（）\u200b]{0,3}"


class Person:
    def __init__(self, asked: PersonAsked) -> None:
        self.email = asked.email.casefold()
        # Without the country's own prefix, however it was written.
        self.phone = re.sub(r"^(?:00)?86(?=1[0-9]{10}$)", "", re.sub(r"[^0-9]", "", asked.phone))
        self.name = asked.name

    @cached_property
    def reached(self) -> re.Pattern[str] | None:
        """Where a text says how to reach them; None where only the name is known."""
        ways = []
        if self.email:
            ways.append(rf"(?<![{_LATIN}.%+-]){re.escape(self.email)}(?![{_LATIN}-])")
        if self.phone:
            ways.append(rf"(?<![0-9])(?:(?:\+|00)?86{_GAP})?{_GAP.join(self.phone)}(?![0-9])")
        return re.compile("|".join(ways), re.IGNORECASE) if ways else None

    def found_in(self, value: Any) -> list[Any]:
        """The contacts and the texts that are about them, each as it stands."""
        return list(self._parts(value, by_name=self._counts_by_name(value)))

    def taken_out_of(self, value: Any, mask: str = ERASED) -> Any:
        """The same value without them: their contacts are gone, and what names them in a text is covered."""
        return self._without(value, mask, by_name=self._counts_by_name(value))

    def covered(self, text: str) -> str:
        """A text without what names or reaches them, whichever stands there."""
        without = self.reached.sub(ERASED, text) if self.reached else text
        return _without_name(without, self.name, ERASED)

    def is_in(self, text: str) -> bool:
        """Whether a text names or reaches them."""
        return self._is_in(text, by_name=bool(self.name))

    def _counts_by_name(self, value: Any) -> bool:
        """A name by itself is many people's: beside a number it counts only where the number stands, too."""
        if not self.name or self.reached is None:
            return bool(self.name)
        return any(True for _ in self._parts(value, by_name=False))

    def _parts(self, value: Any, *, by_name: bool) -> Iterator[Any]:
        if isinstance(value, bytes):
            if self._is_in_file(value, by_name=by_name):
                yield "file"
        elif isinstance(value, str):
            if self._is_in(value, by_name=by_name):
                yield value
        elif isinstance(value, dict):
            if self._is_theirs(value, by_name=by_name):
                yield value
            else:
                for part in value.values():
                    yield from self._parts(part, by_name=by_name)
        elif isinstance(value, list):
            for part in value:
                yield from self._parts(part, by_name=by_name)

    def _without(self, value: Any, mask: str, *, by_name: bool) -> Any:
        if isinstance(value, str):
            covered = self.reached.sub(mask, value) if self.reached else value
            return _without_name(covered, self.name, mask) if by_name else covered
        if isinstance(value, dict):
            if self._is_theirs(value, by_name=by_name):
                return {key: "" if isinstance(part, str) else part for key, part in value.items()}
            return {key: self._without(part, mask, by_name=by_name) for key, part in value.items()}
        if isinstance(value, list):
            left = [part for part in value if not self._is_theirs(part, by_name=by_name)]
            return [self._without(part, mask, by_name=by_name) for part in left]
        return value

    def _is_theirs(self, value: Any, *, by_name: bool) -> bool:
        """Whether it is a contact, and theirs."""
        if not isinstance(value, dict) or not {"phone", "email"} & value.keys():
            return False
        reach = f"{value.get('phone') or ''} {value.get('email') or ''} {value.get('note') or ''}"
        if self.reached is not None and self.reached.search(reach):
            return True
        nameless = self.reached is None or not reach.strip()
        return by_name and nameless and letters_of(str(value.get("name") or "")) == letters_of(self.name)

    def _is_in(self, text: str, *, by_name: bool) -> bool:
        if self.reached is not None and self.reached.search(text):
            return True
        return by_name and any(True for _ in find_name(text, self.name))

    def _is_in_file(self, content: bytes, *, by_name: bool) -> bool:
        return any(self._is_in(text, by_name=by_name) for text in _texts_of(content))


def _without_name(text: str, name: str, mask: str) -> str:
    pieces, place = [], 0
    for start, end in find_name(text, name):
        pieces += [text[place:start], mask]
        place = end
    return "".join([*pieces, text[place:]])


def _texts_of(content: bytes) -> Iterator[str]:
    """What a file says, as text: of a workbook its parts, of anything else each way it may be written."""
    try:
        with ZipFile(BytesIO(content)) as workbook:
            for name in workbook.namelist():
                yield workbook.read(name).decode("utf-8", "replace")
    except BadZipFile:
        for encoding in ("utf-8", "gb18030", "utf-16"):
            yield content.decode(encoding, "replace")
