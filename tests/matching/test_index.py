"""An index test is a comparison with brute force, nothing less."""

import io
from collections import Counter
from collections.abc import Callable
from threading import Thread
from typing import Any
from uuid import UUID

import bm25s
import faiss
import numpy as np
import numpy.typing as npt
import pytest

from matching.content import Content
from matching.index import Candidates, Entry, MatchIndex, Query

DIM = 16
_WORDS = [f"词{number}" for number in range(40)]


def unit(rng: np.random.Generator, count: int) -> npt.NDArray[np.float32]:
    vectors = rng.normal(size=(count, DIM)).astype(np.float32)
    # As they are kept, so that brute force and index see the same numbers.
    kept: npt.NDArray[np.float32] = (
        (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16).astype(np.float32)
    )
    return kept


def ask(
    index: MatchIndex,
    vector: npt.NDArray[np.float32],
    words: list[str],
    k: int,
    filters: dict[str, list[str]] | None = None,
) -> Candidates:
    """With each word as heavy as it is often in the list."""
    return index.search(Query(np.atleast_2d(vector), dict(Counter(words))), k=k, filters=filters)


def nearness(entry: Entry, query: npt.NDArray[np.float32]) -> float:
    return float((entry.vectors @ np.atleast_2d(query).T).max())


def entries_of(rng: np.random.Generator, count: int, first: int = 0) -> list[Entry]:
    return [
        Entry(
            id=UUID(int=first + place),
            vectors=np.stack([vector, *unit(rng, place % 3)]),
            terms=rng.choice(_WORDS, size=rng.integers(1, 12)).tolist(),
            labels={"domain": [f"d{place % 7}"], "kind": [f"k{place % 3}", "all"]},
            group=f"g{place % 5}",
        )
        for place, vector in enumerate(unit(rng, count))
    ]


def test_the_nearest_are_those_of_brute_force() -> None:
    rng = np.random.default_rng(1)
    entries = entries_of(rng, 300)
    index = MatchIndex(DIM)
    index.upsert(entries)
    query = unit(rng, 1)[0]

    found = ask(index, query, [], k=10)

    expected = sorted(entries, key=lambda entry: -nearness(entry, query))[:10]
    assert set(found.ids) >= {entry.id for entry in expected}
    assert len(found.ids) < 30
    by_id = {entry.id: entry for entry in entries}
    assert found.dense == pytest.approx([nearness(by_id[one], query) for one in found.ids], abs=2e-3)


def test_a_filter_that_keeps_one_in_a_hundred_still_fills_the_page() -> None:
    rng = np.random.default_rng(2)
    entries = entries_of(rng, 2000)
    rare = [
        Entry(one.id, one.vectors, one.terms, {"domain": ["rare" if place % 100 == 0 else "common"]})
        for place, one in enumerate(entries)
    ]
    index = MatchIndex(DIM)
    index.upsert(rare)
    query = unit(rng, 1)[0]

    found = ask(index, query, ["词1"], k=20, filters={"domain": ["rare"]})

    assert set(found.ids) == {one.id for one in rare if one.labels["domain"] == ["rare"]}
    assert found.complete


def test_several_values_of_a_filter_mean_any_and_several_filters_mean_all() -> None:
    rng = np.random.default_rng(3)
    entries = entries_of(rng, 210)
    index = MatchIndex(DIM)
    index.upsert(entries)

    found = ask(index, entries[0].vectors[0], [], k=500, filters={"domain": ["d1", "d2"], "kind": ["k0"]})

    expected = {one.id for place, one in enumerate(entries) if place % 7 in {1, 2} and place % 3 == 0}
    assert set(found.ids) == expected


def test_words_are_scored_as_an_independent_bm25_scores_them() -> None:
    rng = np.random.default_rng(4)
    entries = entries_of(rng, 200)
    index = MatchIndex(DIM)
    # Overwritten and deleted ones must leave no trace in the statistics.
    index.upsert(entries_of(np.random.default_rng(5), 250))
    index.upsert(entries)
    index.delete([UUID(int=number) for number in range(200, 250)])
    query = ["词3", "词7", "词7", "词39", "没有的词"]

    found = ask(index, entries[0].vectors[0], query, k=200)

    reference = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    reference.index([list(entry.terms) for entry in entries], show_progress=False)
    expected = sum(reference.get_scores([word]) for word in query if word != "没有的词")
    scores = dict(zip(found.ids, found.words, strict=True))
    ours = np.array([scores[entry.id] for entry in entries])
    # Ours is the same score over the best there is or could well be.
    assert ours.max() <= 1
    both = expected > 0
    assert (ours > 0).tolist() == both.tolist()
    ratio = ours[both] / expected[both]
    assert ratio == pytest.approx(np.full(both.sum(), ratio[0]), rel=1e-4)


def test_of_two_upserts_of_one_id_the_last_counts() -> None:
    rng = np.random.default_rng(6)
    first, second = unit(rng, 2)
    index = MatchIndex(DIM)
    index.upsert([Entry(UUID(int=1), first, ["旧"])])

    index.upsert([Entry(UUID(int=1), first, ["中"]), Entry(UUID(int=1), second, ["新"])])

    found = ask(index, second, ["旧"], k=5)
    assert (len(index), found.ids) == (1, [UUID(int=1)])
    assert found.dense[0] == pytest.approx(1, abs=2e-3)
    assert np.isnan(found.words[0])


def test_what_was_deleted_is_in_no_answer() -> None:
    rng = np.random.default_rng(7)
    entries = entries_of(rng, 50)
    index = MatchIndex(DIM)
    index.upsert(entries)

    index.delete([entries[3].id, UUID(int=999)])

    found = ask(index, entries[3].vectors[0], list(entries[3].terms), k=50)
    assert set(found.ids) == {entry.id for entry in entries} - {entries[3].id}


def test_thousands_of_changes_leave_what_a_fresh_index_would_hold() -> None:
    rng = np.random.default_rng(8)
    index = MatchIndex(DIM)
    kept: dict[UUID, Entry] = {}
    for step in range(12):
        changed = entries_of(rng, 400, first=int(rng.integers(0, 600)))
        index.upsert(changed)
        kept |= {entry.id: entry for entry in changed}
        gone = [UUID(int=int(number)) for number in rng.integers(0, 1000, size=150)]
        index.delete(gone)
        for one in gone:
            kept.pop(one, None)
        assert len(index) == len(kept), step
    fresh = MatchIndex(DIM)
    fresh.upsert(list(kept.values()))
    query = unit(rng, 1)[0]

    ours = ask(index, query, ["词5", "词6"], k=2000, filters={"domain": ["d1", "d4"]})
    theirs = ask(fresh, query, ["词5", "词6"], k=2000, filters={"domain": ["d1", "d4"]})

    signals = dict(zip(ours.ids, zip(ours.dense, ours.words, strict=True), strict=True))
    assert set(ours.ids) == set(theirs.ids)
    for one, dense, lexical in zip(theirs.ids, theirs.dense, theirs.words, strict=True):
        assert signals[one] == (pytest.approx(dense, abs=1e-5), pytest.approx(lexical, abs=1e-5))


def test_giving_dead_slots_back_leaves_each_posting_its_own_wish() -> None:
    rng = np.random.default_rng(17)
    wishes = unit(rng, 1_500)
    entries = [
        Entry(UUID(int=number), vector, [], wish=wishes[number] if number % 2 else None)
        for number, vector in enumerate(unit(rng, 1_500))
    ]
    index = MatchIndex(DIM)
    index.upsert(entries)
    index.delete([entry.id for entry in entries[:1_200]])
    query = unit(rng, 1)[0]

    found = ask(index, query, [], k=300)

    expected = [float(wishes[one.int] @ query) if one.int % 2 else float("nan") for one in found.ids]
    assert len(found.ids) == 300
    assert found.their_wish.tolist() == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_what_was_saved_answers_as_before() -> None:
    rng = np.random.default_rng(9)
    entries = entries_of(rng, 120)
    index = MatchIndex(DIM)
    index.upsert(entries)
    index.delete([entries[5].id])
    written = io.BytesIO()

    index.save(written)
    written.seek(0)
    loaded = MatchIndex.load(written, DIM)

    query = unit(rng, 1)[0]
    before = ask(index, query, ["词1", "词2"], k=200, filters={"kind": ["k1"]})
    after = ask(loaded, query, ["词1", "词2"], k=200, filters={"kind": ["k1"]})
    assert after.ids == before.ids
    assert after.groups == before.groups
    assert after.dense.tolist() == before.dense.tolist()
    assert after.words.tolist() == before.words.tolist()


class Interrupted(io.BytesIO):
    """A file that calls something whenever it is written to."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def write(self, data: Any) -> int:
        self.meanwhile()
        return super().write(data)


def within_patience(work: Callable[[], object]) -> bool:
    """Whether another thread comes to the end of it; one that waits for this thread never does."""
    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(20)
    return not thread.is_alive()


def test_searches_and_changes_go_on_while_a_snapshot_is_written() -> None:
    rng = np.random.default_rng(14)
    entries = entries_of(rng, 3_000)
    index = MatchIndex(DIM)
    index.upsert(entries)
    index.delete([entries[5].id])
    query = unit(rng, 1)[0]
    before = ask(index, query, ["词1", "词2"], k=4_000, filters={"kind": ["k1"]})
    others = iter(range(10_000, 1_000_000, 100))
    ended: list[bool] = []

    def change() -> None:
        ask(index, query, ["词1"], k=10)
        index.upsert(entries_of(rng, 100, first=next(others)))
        # Some of those that were there, until the index gives dead slots back.
        index.delete([entries[len(ended) * 100 + number].id for number in range(100) if len(ended) < 30])

    file = Interrupted(lambda: ended.append(within_patience(change)))
    index.save(file)
    file.seek(0)
    loaded = MatchIndex.load(file, DIM)

    assert len(ended) > 20
    assert all(ended)
    after = ask(loaded, query, ["词1", "词2"], k=4_000, filters={"kind": ["k1"]})
    assert after.ids == before.ids
    assert after.groups == before.groups
    assert after.dense.tolist() == before.dense.tolist()
    assert after.words.tolist() == before.words.tolist()


def test_searches_go_on_while_dead_slots_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(15)
    entries = entries_of(rng, 1_500)
    index = MatchIndex(DIM)
    index.upsert(entries)
    compacted = Content.compacted
    ended: list[bool] = []

    def interrupted(content: Content) -> Content:
        ended.append(within_patience(lambda: ask(index, entries[0].vectors[0], ["词1"], k=5)))
        return compacted(content)

    monkeypatch.setattr(Content, "compacted", interrupted)
    index.delete([entry.id for entry in entries[:1_000]])

    assert ended == [True]


def test_a_search_takes_one_thread_whichever_thread_it_is_made_in() -> None:
    index = MatchIndex(DIM)
    entries = entries_of(np.random.default_rng(16), 30)
    index.upsert(entries)
    threads: list[int] = []

    def search() -> None:
        faiss.omp_set_num_threads(4)
        ask(index, entries[0].vectors[0], [], k=5)
        threads.append(faiss.omp_get_max_threads())

    assert within_patience(search)
    assert threads == [1]


@pytest.mark.parametrize(
    "vector",
    [np.zeros(DIM), np.full(DIM, np.nan), np.ones(DIM), np.eye(DIM + 1)[0]],
    ids=["nought", "nan", "too long", "other dimension"],
)
def test_a_meaningless_vector_is_refused_and_nothing_changes(vector: npt.NDArray[np.float64]) -> None:
    rng = np.random.default_rng(10)
    entries = entries_of(rng, 5)
    index = MatchIndex(DIM)
    index.upsert(entries)

    with pytest.raises(ValueError, match=r"unit length|dimensions"):
        index.upsert([Entry(entries[0].id, vector.astype(np.float32), [])])

    assert ask(index, entries[0].vectors[0], [], k=1).ids == [entries[0].id]


def test_an_empty_index_answers_with_nothing() -> None:
    index = MatchIndex(DIM)

    found = ask(index, np.eye(DIM, dtype=np.float32)[0], ["词"], k=10)

    assert (found.ids, found.complete) == ([], True)


def test_rarer_words_weigh_more() -> None:
    index = MatchIndex(DIM)
    vectors = unit(np.random.default_rng(11), 3)
    index.upsert([Entry(UUID(int=n), vectors[n], ["棉花", f"词{n}"]) for n in range(3)])

    assert index.rarity("棉花") < index.rarity("词1") < index.rarity("没有的词")
