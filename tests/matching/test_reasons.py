"""Closest sentences and shared words."""

import numpy as np

from matching.reasons import SentencePair, Sentences, closest_sentences, shared_terms


def test_the_pair_with_the_highest_cosine_is_named_with_its_places() -> None:
    need = Sentences("甲。乙。", [(0, 2), (2, 4)], np.array([[1, 0], [0, 1]], np.float32))
    capability = Sentences("丙。丁。", [(0, 2), (2, 4)], np.array([[0.6, -0.8], [0.6, 0.8]], np.float32))

    found = closest_sentences(need, capability)

    assert found == SentencePair((2, 4), (2, 4), float(np.float32(0.8)))


def test_a_side_without_sentences_gives_no_pair() -> None:
    some = Sentences("甲。", [(0, 2)], np.ones((1, 2), np.float32))
    none = Sentences("", [], np.zeros((0, 2), np.float32))

    assert closest_sentences(some, none) is None
    assert closest_sentences(none, some) is None


def test_shared_words_come_rarest_first_and_each_once() -> None:
    rarity = {"残膜": 3.0, "棉田": 2.0, "回收": 1.0}

    found = shared_terms(
        ["回收", "残膜", "残膜", "打顶", "棉田"], ["棉田", "残膜", "回收"], rarity.__getitem__
    )

    assert found == ["残膜", "棉田", "回收"]


def test_only_so_many_words_are_named() -> None:
    words = [f"词{number}" for number in range(20)]

    assert shared_terms(words, words, lambda _: 1.0, most=3) == words[:3]
