"""Three engines for BM25, made to answer the same questions: ours, tantivy, and bm25s."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from matching.lexical import Words

Records = Mapping[int, Sequence[str]]
Scores = dict[int, float]

#: One record in so many carries the label that the filter asks for.
RARE = 100


class Engine(Protocol):
    """BM25 over records by number; a record's words come with repeats."""

    def build(self, records: Records) -> None: ...

    def replace(self, records: Records) -> None:
        """Take out the records of these numbers, put these in; what follows sees them."""
        ...

    def best(self, words: Sequence[str], k: int) -> Scores: ...

    def best_labelled(self, words: Sequence[str], k: int) -> Scores:
        """The best among those that carry the label, one in ``RARE``."""
        ...

    def scores_of(self, words: Sequence[str], numbers: Sequence[int]) -> Scores:
        """Scores of given records, as found by vector, say; those without any of the words may be left out."""
        ...


class Ours:
    """The inverted lists that serve, over slots; given-up slots are masked, and given back at a fifth."""

    def __init__(self) -> None:
        self._words = Words()
        self._live = np.zeros(0, np.bool_)
        self._numbers = np.zeros(0, np.int64)
        self._slot_of: dict[int, int] = {}

    def build(self, records: Records) -> None:
        self.replace(records)

    def replace(self, records: Records) -> None:
        self._live[[self._slot_of[number] for number in records if number in self._slot_of]] = False
        first = len(self._live)
        self._slot_of |= {number: slot for slot, number in enumerate(records, first)}
        self._words.append(first, list(records.values()))
        self._live = np.append(self._live, np.ones(len(records), np.bool_))
        self._numbers = np.append(self._numbers, np.array(list(records), np.int64))
        if (~self._live).mean() > 0.2:
            self._compact()

    def best(self, words: Sequence[str], k: int) -> Scores:
        return self._best(words, k, self._live)

    def best_labelled(self, words: Sequence[str], k: int) -> Scores:
        return self._best(words, k, self._live & (self._numbers % RARE == 0))

    def scores_of(self, words: Sequence[str], numbers: Sequence[int]) -> Scores:
        scores = self._words.scores(dict.fromkeys(words, 1.0), self._live)
        return {number: float(scores[self._slot_of[number]]) for number in numbers}

    def _best(self, words: Sequence[str], k: int, allowed: npt.NDArray[np.bool_]) -> Scores:
        scores = np.where(allowed, self._words.scores(dict.fromkeys(words, 1.0), self._live), 0)
        return _first(scores, self._numbers, k)

    def _compact(self) -> None:
        kept = np.flatnonzero(self._live).astype(np.int32)
        renumbered = np.full(len(self._live), -1, np.int32)
        renumbered[kept] = np.arange(len(kept), dtype=np.int32)
        self._words = Words.of(self._words.lengths(kept), self._words.copied(renumbered))
        self._live, self._numbers = np.ones(len(kept), np.bool_), self._numbers[kept]
        self._slot_of = {number: slot for slot, number in enumerate(self._numbers.tolist())}


class Tantivy:
    """In memory, one writing thread, as the service would run it; k1 is fixed at 1.2, lengths are one byte."""

    def __init__(self) -> None:
        self._tantivy = _imported("tantivy")
        builder = self._tantivy.SchemaBuilder()
        builder.add_integer_field("number", indexed=True, fast=True)
        builder.add_boolean_field("rare", indexed=True)
        builder.add_text_field("words", tokenizer_name="spaces", index_option="freq")
        self._schema = builder.build()
        self._index = self._tantivy.Index(self._schema)
        spaces = self._tantivy.TextAnalyzerBuilder(self._tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("spaces", spaces)
        self._writer = self._index.writer(num_threads=1)
        self._searcher = self._index.searcher()

    def build(self, records: Records) -> None:
        self._add(records)
        # Merging goes on behind; a measurement begins when it is done.
        self._writer.wait_merging_threads()
        self._writer = self._index.writer(num_threads=1)
        self._refresh()

    def replace(self, records: Records) -> None:
        for number in records:
            self._writer.delete_documents_by_term("number", number)
        self._add(records)

    def best(self, words: Sequence[str], k: int) -> Scores:
        return self._search(self._query(words), k)

    def best_labelled(self, words: Sequence[str], k: int) -> Scores:
        rare = self._tantivy.Query.term_query(self._schema, "rare", True)
        return self._search(self._only(words, rare), k)

    def scores_of(self, words: Sequence[str], numbers: Sequence[int]) -> Scores:
        these = self._tantivy.Query.term_set_query(self._schema, "number", list(numbers))
        return self._search(self._only(words, these), len(numbers))

    def _add(self, records: Records) -> None:
        for number, words in records.items():
            self._writer.add_document(
                self._tantivy.Document(number=number, rare=number % RARE == 0, words=" ".join(words))
            )
        self._writer.commit()
        self._refresh()

    def _refresh(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()

    def _query(self, words: Sequence[str]) -> Any:
        should, term = self._tantivy.Occur.Should, self._tantivy.Query.term_query
        return self._tantivy.Query.boolean_query(
            [(should, term(self._schema, "words", word, "freq")) for word in dict.fromkeys(words)]
        )

    def _only(self, words: Sequence[str], wanted: Any) -> Any:
        must = self._tantivy.Occur.Must
        without_score = self._tantivy.Query.boost_query(wanted, 0.0)
        return self._tantivy.Query.boolean_query([(must, self._query(words)), (must, without_score)])

    def _search(self, query: Any, k: int) -> Scores:
        hits = self._searcher.search(query, k, count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        return {number: score for number, (score, _) in zip(numbers, hits, strict=True)}


class Bm25s:
    """With the same k1 and b as ours. Scores are worked out at building, so every change builds anew."""

    def __init__(self) -> None:
        self._bm25s = _imported("bm25s")
        self._records: dict[int, Sequence[str]] = {}
        self._numbers = np.zeros(0, np.int64)
        self._place_of: dict[int, int] = {}

    def build(self, records: Records) -> None:
        self._records = dict(records)
        self._numbers = np.array(list(self._records), np.int64)
        self._place_of = {number: place for place, number in enumerate(self._records)}
        self._index = self._bm25s.BM25(k1=1.5, b=0.75, method="lucene")
        self._index.index(list(self._records.values()), show_progress=False)

    def replace(self, records: Records) -> None:
        self.build(self._records | dict(records))

    def best(self, words: Sequence[str], k: int) -> Scores:
        return _first(self._scores(words), self._numbers, k)

    def best_labelled(self, words: Sequence[str], k: int) -> Scores:
        allowed = (self._numbers % RARE == 0).astype(np.float32)
        return _first(self._index.get_scores(list(dict.fromkeys(words)), allowed), self._numbers, k)

    def scores_of(self, words: Sequence[str], numbers: Sequence[int]) -> Scores:
        scores = self._scores(words)
        return {number: float(scores[self._place_of[number]]) for number in numbers}

    def _scores(self, words: Sequence[str]) -> npt.NDArray[np.float32]:
        scores: npt.NDArray[np.float32] = self._index.get_scores(list(dict.fromkeys(words)))
        return scores


ENGINES: dict[str, type[Engine]] = {"own lists": Ours, "tantivy": Tantivy, "bm25s": Bm25s}
#: The package that an engine needs, where it is not our own.
PACKAGES = {"tantivy": "tantivy", "bm25s": "bm25s"}


def missing() -> list[str]:
    return [package for package in PACKAGES.values() if find_spec(package) is None]


def _imported(name: str) -> Any:
    # Neither ships with the program, and whoever lacks one measures the others.
    from importlib import import_module  # noqa: PLC0415

    return import_module(name)


def _first(scores: npt.NDArray[np.float32], numbers: npt.NDArray[np.int64], k: int) -> Scores:
    k = min(k, int((scores > 0).sum()))
    if not k:
        return {}
    best = np.argpartition(-scores, k - 1)[:k]
    best = best[np.argsort(-scores[best])]
    return dict(zip(numbers[best].tolist(), scores[best].tolist(), strict=True))
