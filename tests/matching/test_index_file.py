"""What is read from a file is what was written, part by part."""

import io
from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

from matching.content import Content, Entry
from matching.facts import NOTHING, RECORD, record
from matching.index_file import read_content, write_content
from matching.passages import Passages

DIM = 4
_E1, _E2, _E3, _E4 = np.eye(DIM, dtype=np.float32)

FULL = Entry(
    id=UUID(int=7),
    vectors=np.stack([_E1, _E2]),
    terms=["棉花", "残膜", "棉花"],
    labels={"domain": ["crops", "crops.cotton"], "kind": ["team"]},
    group="塔里木大学",
    facts=record(
        modes=3,
        domains=5,
        items=1 << 40,
        near=9,
        money=(300_000, 500_000),
        trl=(4, 7),
        region=["65", "6590", "659003", "659003.44"],
        day=date(2026, 11, 23),
        completeness=0.75,
        wishes=True,
        affiliation=2,
    ),
    wish=_E3,
)
BARE = Entry(id=UUID(int=8), vectors=_E4, terms=[])


def content_of(*entries: Entry) -> Content:
    content = Content(Passages(DIM))
    content.append(entries)
    return content


def read_back(content: Content) -> Content:
    file = io.BytesIO()
    write_content(content.frozen(), file)
    file.seek(0)
    return read_content(file, DIM)


def parts_of(content: Content) -> dict[str, Any]:
    """Every field of a content without dead slots, so that two can be compared by ``==``."""
    slots, same = content.numbering()
    passages = [rows.tolist() for rows in content.passages.copied(content.live)]
    lists = (content.words, content.labels)
    words, labels = (
        {one.key: (one.slots.tolist(), one.counts.tolist()) for one in held.copied(same)} for held in lists
    )
    return {
        "passages": (content.passages.dim, content.passages.counts(len(slots)).tolist(), passages),
        "words": (content.words.lengths(slots).tolist(), words),
        "labels": labels,
        "ids": content.ids,
        "groups": content.groups,
        "live": content.live.tolist(),
        "facts": content.facts.tobytes(),
        "wishes": {slot: wish.tolist() for slot, wish in content.wishes.items()},
        "slot_of": content.slot_of,
    }


def test_everything_that_a_content_holds_is_read_back() -> None:
    content = content_of(BARE, FULL)

    assert parts_of(read_back(content)) == parts_of(content)


def test_what_stands_behind_a_dead_slot_is_read_back_with_what_is_its_own() -> None:
    content = content_of(BARE, Entry(UUID(int=1), _E1, ["旧"], {"kind": ["old"]}, "旧", wish=_E2), FULL)
    content.remove([UUID(int=1)])

    fresh = parts_of(content_of(BARE, FULL))
    assert parts_of(read_back(content)) == fresh
    assert parts_of(content.compacted()) == fresh


def test_the_entry_of_these_tests_fills_every_field() -> None:
    empty = Entry(id=UUID(int=0), vectors=_E1, terms=[])
    assert not [
        one.name for one in fields(Entry) if np.array_equal(getattr(FULL, one.name), getattr(empty, one.name))
    ]
    assert not [name for name in RECORD.names or () if np.array_equal(FULL.facts[name], NOTHING[name])]
    assert parts_of(content_of(FULL)).keys() == {one.name for one in fields(Content)}
