"""What a cursor is read as is what it was written from."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic_core import PydanticCustomError

from schemas import cursors
from schemas.cursors import read_cursor, sign_with, write_cursor
from schemas.match_list import ListPlace
from schemas.worklist import RankPlace

LIST = ListPlace(UUID(int=(1 << 127) + 7), 513)
RANK = RankPlace(datetime(2026, 11, 23, 8, 30, 15, 250_000, UTC), 0.1, UUID(int=(1 << 127) + 9))


class Plain:
    """Signs with the kind itself."""

    def sign(self, kind: str, value: str) -> str:
        return f"{kind}.{value}"

    def unsign(self, kind: str, signed: str) -> str:
        if not signed.startswith(f"{kind}."):
            raise ValueError(kind)
        return signed.removeprefix(f"{kind}.")


@pytest.fixture(autouse=True)
def signer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cursors, "_given", {})
    sign_with(Plain())


@pytest.mark.parametrize("place", [b"", b"\x00", b"\xff\xfe", b"\xfb\xef\xbe\x00", bytes(range(256))])
def test_any_place_is_read_back(place: bytes) -> None:
    assert read_cursor("page", write_cursor("page", place)) == place


def test_a_cursor_is_good_for_its_kind_of_list_alone() -> None:
    with pytest.raises(PydanticCustomError):
        read_cursor("rank", write_cursor("page", b"1"))


def test_places_are_read_back_with_every_field() -> None:
    # With defaults a field could be missing above.
    assert not ListPlace._field_defaults | RankPlace._field_defaults
    assert ListPlace.read(LIST.cursor) == LIST
    assert RankPlace.read(RANK.cursor) == RANK
