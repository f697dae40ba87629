"""The plan's words in the segmenter."""

from matching.text import terms


def test_words_of_the_plan_are_found_whole_and_by_their_parts() -> None:
    text = "南疆灰枣、骏枣种植，采用膜下滴灌和残膜回收机"

    found = terms(text)

    assert {"灰枣", "骏枣", "膜下滴灌", "滴灌", "残膜", "残膜回收机"} <= set(found)


def test_a_word_that_was_taught_loses_none_of_the_parts_it_is_searched_by() -> None:
    for whole, parts in (
        ("机采棉", ["机采"]),
        ("秸秆还田机", ["秸秆", "还田机"]),
        ("高盐废水", ["高盐", "废水"]),
        ("农业物联网", ["农业", "物联网"]),
    ):
        assert set(parts) < set(terms(whole)), whole
