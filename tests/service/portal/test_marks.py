"""Which pieces of a text are marked as reasons."""

from schemas.reason import Quote
from service.portal.marks import Piece, pieces


def quoted(text: str, start: int, end: int, field: str = "description") -> Quote:
    return Quote.model_validate({"text": text[start:end], "field": field, "start": start, "end": end})


def test_quotes_are_cut_out_in_the_order_of_the_text_with_their_numbers() -> None:
    text = "起膜干净。成卷打包。"

    found = pieces(text, "description", [(1, quoted(text, 5, 10)), (2, quoted(text, 0, 4))])

    assert found == [Piece("起膜干净", 2), Piece("。", 0), Piece("成卷打包。", 1)]


def test_quotes_of_other_fields_mark_nothing() -> None:
    assert pieces("起膜", "description", [(1, quoted("起膜", 0, 2, "title"))]) == [Piece("起膜", 0)]


def test_of_two_that_overlap_no_character_is_shown_twice() -> None:
    text = "起膜干净"

    found = pieces(text, "description", [(1, quoted(text, 0, 3)), (2, quoted(text, 2, 4))])

    assert "".join(one.text for one in found) == text
    assert [one.number for one in found] == [1, 2]
