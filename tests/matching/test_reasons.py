"""Closest sentences and shared words."""

import numpy as np

from matching.reasons import SentencePair, Sentences, closest_sentences, comparable, shared_terms

TEXT = "甲甲。乙乙。丙丙。丁丁。"
SPANS = [(0, 3), (3, 6), (6, 9), (9, 12)]


def pairs(cosines: list[list[float]], need: str = TEXT, capability: str = TEXT) -> list[SentencePair]:
    """With sentences whose cosines are these: row by row of the need."""
    table = np.array(cosines, np.float32)
    rows, columns = table.shape
    return closest_sentences(
        Sentences(need, SPANS[:rows], table),
        Sentences(capability, SPANS[:columns], np.eye(columns, dtype=np.float32)),
    )


def test_the_pair_with_the_highest_cosine_is_named_with_its_places() -> None:
    (found,) = pairs([[0.1, 0.2], [0.6, 0.3]])

    assert found == SentencePair((3, 6), (0, 3), float(np.float32(0.6)), close=True)


def test_the_closest_pair_is_named_though_it_is_far_apart_and_is_not_called_close() -> None:
    (found,) = pairs([[0.1, 0.2], [-0.3, 0.34]])

    assert (found.need, found.capability, found.close) == ((3, 6), (3, 6), False)


def test_further_pairs_are_named_where_they_are_plain_and_no_sentence_comes_twice() -> None:
    found = pairs([[0.9, 0.8, 0.8], [0.8, 0.5, 0.1], [0.8, 0.1, 0.39]])

    assert [(one.need, one.capability) for one in found] == [((0, 3), (0, 3)), ((3, 6), (3, 6))]


def test_no_more_than_three_pairs_are_named() -> None:
    found = pairs([[0.9, 0, 0, 0], [0, 0.8, 0, 0], [0, 0, 0.7, 0], [0, 0, 0, 0.6]])

    assert [round(one.similarity, 1) for one in found] == [0.9, 0.8, 0.7]


def test_a_sentence_that_a_text_repeats_counts_as_one() -> None:
    found = pairs([[0.9, 0.0], [0.0, 0.8]], need="甲甲。甲甲。")

    assert [one.need for one in found] == [(0, 3)]


def test_a_side_without_sentences_gives_no_pair() -> None:
    some = Sentences("甲。", [(0, 2)], np.ones((1, 2), np.float32))
    none = Sentences("", [], np.zeros((0, 2), np.float32))

    assert closest_sentences(some, none) == []
    assert closest_sentences(none, some) == []


def test_shared_words_come_rarest_first_and_each_once() -> None:
    rarity = {"残膜": 3.0, "棉田": 2.0, "回收": 1.0}

    found = shared_terms(
        ["回收", "残膜", "残膜", "打顶", "棉田"], ["棉田", "残膜", "回收"], rarity.__getitem__
    )

    assert found == ["残膜", "棉田", "回收"]


def test_a_part_of_a_compound_that_both_use_is_left_out() -> None:
    chinese = ["盐碱", "盐碱地", "滴灌"]
    russian = ["сад", "посадка"]

    assert shared_terms(chinese, chinese, lambda _: 1.0) == ["盐碱地", "滴灌"]
    assert shared_terms(russian, russian, lambda _: 1.0) == russian


def test_only_so_many_words_are_named() -> None:
    words = [f"词{number:02}" for number in range(20)]

    assert shared_terms(words, words, lambda _: 1.0, most=3) == words[:3]


def test_words_are_found_in_a_text_whatever_its_case_and_width() -> None:
    assert "pvc" in comparable("ＰＶＣ 膜")
