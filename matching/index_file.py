"""An index in a file: its live slots, written and read some at a time, so that no second copy fills the memory."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO
from uuid import UUID

import numpy as np
import numpy.typing as npt

from matching.content import Content
from matching.facts import RECORD
from matching.inverted import Holders, InvertedLists
from matching.lexical import Words
from matching.passages import Codes, Passages

# Bytes that are gathered before they are written, and rows that are read at once.
_BUFFER, _ROWS_AT_ONCE = 1 << 22, 4_096
# Keys to a line of JSON.
_KEYS_AT_ONCE = 1_000


def write_content(content: Content, file: BinaryIO) -> None:
    """Write the live slots. ``content`` is frozen: whoever changes the index meanwhile is not held up."""
    kept, renumbered = content.numbering()
    places: dict[str, int] = {}
    group_of = [places.setdefault(content.groups[slot], len(places)) for slot in kept.tolist()]
    wished = sorted(content.wishes)
    with zipfile.ZipFile(file, "w") as archive:
        _write(archive, "ids", (content.ids[slot].bytes for slot in kept.tolist()))
        _write(archive, "groups", _lines(list(places)))
        _write_array(archive, "group_of", np.array(group_of, np.int32))
        _write_array(archive, "facts", content.facts[kept])
        _write_array(archive, "wished", renumbered[wished])
        _write(archive, "wishes", (content.wishes[slot].tobytes() for slot in wished))
        _write_array(archive, "passages.counts", content.passages.counts(len(content.live))[kept])
        _write(archive, "passages", (rows.tobytes() for rows in content.passages.copied(content.live)))
        _write_array(archive, "words.lengths", content.words.lengths(kept))
        _write_lists(archive, "words", content.words.copied(renumbered))
        _write_lists(archive, "labels", content.labels.copied(renumbered))


def read_content(file: BinaryIO, dim: int) -> Content:
    """Read what ``write_content`` wrote.

    Raises ``ValueError``, ``KeyError``, ``OSError`` or ``zipfile.BadZipFile`` for anything else.
    """
    with zipfile.ZipFile(file) as archive:
        raw = archive.read("ids")
        ids = [UUID(bytes=raw[start : start + 16]) for start in range(0, len(raw), 16)]
        groups = list(_read_lines(archive, "groups"))
        wishes = np.frombuffer(archive.read("wishes"), np.float16).reshape(-1, dim)
        content = Content(
            passages=Passages.of(dim, _read_array(archive, "passages.counts"), _read_rows(archive, dim)),
            words=Words.of(_read_array(archive, "words.lengths"), _read_lists(archive, "words")),
            labels=InvertedLists.of(_read_lists(archive, "labels")),
            ids=ids,
            groups=[groups[place] for place in _read_array(archive, "group_of").tolist()],
            live=np.ones(len(ids), np.bool_),
            facts=_read_array(archive, "facts"),
            wishes=dict(zip(_read_array(archive, "wished").tolist(), wishes, strict=True)),
            slot_of={posting_id: slot for slot, posting_id in enumerate(ids)},
        )
    parts = (content.ids, content.groups, content.facts, content.words)
    sizes = {content.passages.slots, *(len(part) for part in parts)}
    if len(sizes) > 1 or content.facts.dtype != RECORD:
        raise ValueError("The parts of the snapshot do not fit each other.")
    return content


def _write(archive: zipfile.ZipFile, name: str, parts: Iterable[bytes]) -> None:
    with archive.open(name, "w", force_zip64=True) as member:
        waiting = bytearray()
        for part in parts:
            waiting += part
            if len(waiting) > _BUFFER:
                member.write(waiting)
                waiting = bytearray()
        member.write(waiting)


def _write_array(archive: zipfile.ZipFile, name: str, values: npt.NDArray[Any]) -> None:
    with archive.open(name, "w", force_zip64=True) as member:
        np.lib.format.write_array(member, values, allow_pickle=False)


def _write_lists(archive: zipfile.ZipFile, name: str, lists: Iterable[Holders]) -> None:
    keys: list[tuple[str, int]] = []

    def values() -> Iterator[bytes]:
        for key, slots, counts in lists:
            keys.append((key, len(slots)))
            yield slots.tobytes()
            yield counts.tobytes()

    _write(archive, f"{name}.lists", values())
    _write(archive, f"{name}.keys", _lines(keys))


def _lines(values: list[Any]) -> Iterator[bytes]:
    for start in range(0, len(values), _KEYS_AT_ONCE):
        yield json.dumps(values[start : start + _KEYS_AT_ONCE]).encode() + b"\n"


def _read_lines(archive: zipfile.ZipFile, name: str) -> Iterator[Any]:
    with archive.open(name) as member:
        for line in member:
            yield from json.loads(line)


def _read_array(archive: zipfile.ZipFile, name: str) -> npt.NDArray[Any]:
    with archive.open(name) as member:
        values: npt.NDArray[Any] = np.lib.format.read_array(member, allow_pickle=False)
    return values


def _read_rows(archive: zipfile.ZipFile, dim: int) -> Iterator[Codes]:
    size = dim * np.dtype(np.float16).itemsize
    with archive.open("passages") as member:
        while some := member.read(_ROWS_AT_ONCE * size):
            yield np.frombuffer(some, np.uint8).reshape(-1, size)


def _read_lists(archive: zipfile.ZipFile, name: str) -> Iterator[Holders]:
    with archive.open(f"{name}.lists") as member:
        for key, count in _read_lines(archive, f"{name}.keys"):
            slots, counts = np.frombuffer(member.read(2 * 4 * count), np.int32).reshape(2, count)
            yield Holders(key, slots, counts)
