"""Several vectors to a posting, wishes, and words that nobody has: what an index keeps beside one vector each."""

import io
from uuid import UUID

import numpy as np
import pytest

from matching.facts import record
from matching.index import Entry, MatchIndex, Query
from tests.matching.test_index import DIM, ask, nearness, unit


def test_a_long_posting_is_as_near_as_its_nearest_passage() -> None:
    vectors = np.eye(DIM, dtype=np.float32)
    index = MatchIndex(DIM)
    index.upsert([Entry(UUID(int=1), vectors[:3], []), Entry(UUID(int=2), vectors[3], [])])

    found = index.search(Query(vectors[[2, 7]], {}), k=1)

    assert dict(zip(found.ids, found.dense, strict=True))[UUID(int=1)] == pytest.approx(1, abs=1e-3)


def test_passages_of_one_posting_do_not_crowd_out_others() -> None:
    rng = np.random.default_rng(12)
    query = np.eye(DIM, dtype=np.float32)[0]
    near = query + 0.01 * unit(rng, 200)
    many = near / np.linalg.norm(near, axis=1, keepdims=True)
    others = [Entry(UUID(int=n), vector, []) for n, vector in enumerate(unit(rng, 50), 2)]
    index = MatchIndex(DIM)
    index.upsert([Entry(UUID(int=1), many, []), *others])

    found = index.search(Query(query[np.newaxis], {}), k=10)

    nearest = sorted(others, key=lambda one: -nearness(one, query))[:9]
    assert set(found.ids) >= {UUID(int=1), *(one.id for one in nearest)}


def test_words_that_nobody_has_are_unknown_and_not_nought() -> None:
    index = MatchIndex(DIM)
    index.upsert([Entry(UUID(int=1), np.eye(DIM, dtype=np.float32)[0], ["棉花"])])

    found = ask(index, np.eye(DIM, dtype=np.float32)[0], ["хлопок"], k=5)

    assert np.isnan(found.words).all()


def test_one_common_word_of_many_is_not_the_best_there_could_be() -> None:
    index = MatchIndex(DIM)
    vectors = unit(np.random.default_rng(13), 9)
    index.upsert([Entry(UUID(int=n), vector, ["设备", f"词{n}"]) for n, vector in enumerate(vectors, 1)])

    found = ask(index, vectors[0], ["设备", "残膜", "回收"], k=9)

    assert 0 < found.words.max() < 0.1


def test_wishes_meet_the_other_sides_text() -> None:
    vectors = np.eye(DIM, dtype=np.float32)
    index = MatchIndex(DIM)
    index.upsert([Entry(UUID(int=1), vectors[1], [], wish=vectors[5]), Entry(UUID(int=2), vectors[2], [])])

    found = index.search(Query(vectors[5:6], {}, wish=vectors[2]), k=5)

    assert found.their_wish.tolist() == pytest.approx([1, np.nan], abs=1e-3, nan_ok=True)
    assert found.our_wish.tolist() == pytest.approx([0, 1], abs=1e-3)


def test_facts_and_wishes_survive_changes_and_snapshots() -> None:
    vectors = np.eye(DIM, dtype=np.float32)
    index = MatchIndex(DIM)
    index.upsert([Entry(UUID(int=n), vectors[n], [], facts=record(modes=n)) for n in range(1, 5)])
    index.upsert([Entry(UUID(int=5), vectors[5], [], facts=record(modes=5), wish=vectors[6])])
    index.delete([UUID(int=2)])
    written = io.BytesIO()

    index.save(written)
    written.seek(0)
    found = MatchIndex.load(written, DIM).search(Query(vectors[6:7], {}), k=9)

    assert dict(zip(found.ids, found.facts["modes"].tolist(), strict=True)) == {
        UUID(int=n): n for n in (1, 3, 4, 5)
    }
    assert found.their_wish[found.ids.index(UUID(int=5))] == pytest.approx(1, abs=1e-3)
