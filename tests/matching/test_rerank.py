"""Reranking, by a cross-encoder of a few thousand numbers that is made here."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from sentence_transformers import CrossEncoder

from matching.rerank import Reranker, reorder

HOUR = 3600.0
QUERY = "棉田残膜"
TEXTS = ["残膜回收机", "羊病", "棉田残膜捡拾", "红枣", "棉", "膜", "滴灌带残膜", "土壤", "膜下滴灌", "棉花"]


def make_cross_encoder(folder: Path, *, seed: int = 0, labels: int = 1) -> Path:
    """A BERT of a few thousand random numbers with a WordPiece vocabulary of single characters."""
    transformers = import_module("transformers")  # Untyped, so it is not imported by name.
    folder.mkdir(parents=True, exist_ok=True)
    letters = sorted(set("".join([QUERY, *TEXTS])))
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    raw = folder / "transformer"
    raw.mkdir()
    (raw / "vocab.txt").write_text("\n".join(names), encoding="utf-8")
    torch.manual_seed(seed)
    transformers.BertForSequenceClassification(
        transformers.BertConfig(
            vocab_size=len(names),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
            num_labels=labels,
            # Larger than usual: with small weights all pairs would look alike.
            initializer_range=0.5,
        )
    ).save_pretrained(raw)
    transformers.BertTokenizerFast(vocab=str(raw / "vocab.txt"), model_max_length=64).save_pretrained(raw)
    model = CrossEncoder(str(raw), device="cpu", num_labels=labels)
    model.save_pretrained(str(folder / "reranker"), create_model_card=False)
    return folder / "reranker"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_cross_encoder(tmp_path_factory.mktemp("cross"))


@pytest.fixture
def reranker(folder: Path) -> Reranker:
    return Reranker.load(str(folder), 1)


@pytest.fixture
def a_second_a_batch(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """A clock that goes on by a second with each batch; gives the sizes of the batches so far."""
    moment, sizes = [0.0], list[int]()
    predict = CrossEncoder.predict

    def slow(self: CrossEncoder, pairs: Sequence[Any], **options: Any) -> Any:
        moment[0] += 1
        sizes.append(len(pairs))
        return predict(self, pairs, **options)

    monkeypatch.setattr(CrossEncoder, "predict", slow)
    monkeypatch.setattr("matching.rerank.time.monotonic", lambda: moment[0])
    return lambda: sizes


def test_scores_are_the_models_own_brought_between_nought_and_one(folder: Path, reranker: Reranker) -> None:
    model = CrossEncoder(str(folder), device="cpu")
    raw = [
        float(model.predict([(QUERY, text)], activation_fn=torch.nn.Identity(), show_progress_bar=False)[0])
        for text in TEXTS
    ]

    scores = reranker.scores(QUERY, TEXTS, HOUR)

    assert max(raw) - min(raw) > 0.1
    assert scores == pytest.approx([float(torch.sigmoid(torch.tensor(one))) for one in raw], abs=1e-5)


def test_a_score_depends_on_the_query_and_not_on_what_stands_beside_it(reranker: Reranker) -> None:
    together = reranker.scores(QUERY, TEXTS, HOUR)

    alone = [reranker.scores(QUERY, [text], HOUR)[0] for text in TEXTS]
    of_another = reranker.scores("红枣", TEXTS, HOUR)

    assert together == pytest.approx(alone, abs=1e-5)
    assert together != pytest.approx(of_another, abs=1e-3)


def test_as_many_are_read_from_the_first_as_there_is_time_for(
    reranker: Reranker, a_second_a_batch: Callable[[], list[int]]
) -> None:
    whole = reranker.scores(QUERY, TEXTS, HOUR)
    batches = len(a_second_a_batch())

    part = reranker.scores(QUERY, TEXTS, 1.5)

    assert len(whole) == len(TEXTS)
    assert 0 < len(part) < len(whole)
    assert part == whole[: len(part)]
    assert sum(a_second_a_batch()[batches:]) == len(part)


def test_without_time_nothing_is_read(reranker: Reranker, a_second_a_batch: Callable[[], list[int]]) -> None:
    assert reranker.scores(QUERY, TEXTS, 0) == []
    assert a_second_a_batch() == []


def test_waiting_for_another_thread_counts_as_time(
    reranker: Reranker, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [0.0]

    class Busy(nullcontext[None]):
        def __enter__(self) -> None:
            moment[0] += 2

    monkeypatch.setattr("matching.rerank.time.monotonic", lambda: moment[0])
    monkeypatch.setattr(reranker, "_lock", Busy())

    assert reranker.scores(QUERY, TEXTS, 1) == []
    assert reranker.scores(QUERY, TEXTS, 3) != []


def test_of_no_texts_there_are_no_scores(reranker: Reranker) -> None:
    assert reranker.scores(QUERY, [], HOUR) == []


def test_several_threads_get_what_one_gets(reranker: Reranker) -> None:
    queries = [QUERY, "红枣", "羊病", "滴灌"] * 4
    one_by_one = [reranker.scores(query, TEXTS, HOUR) for query in queries]

    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(lambda query: reranker.scores(query, TEXTS, HOUR), queries))

    assert at_once == one_by_one


def test_half_a_surrogate_pair_is_read_as_anything_unknown(reranker: Reranker) -> None:
    (score,) = reranker.scores("棉\ud83d", ["膜\udc00"], HOUR)

    assert 0 < score < 1


def test_the_name_tells_weights_apart(folder: Path, tmp_path: Path, reranker: Reranker) -> None:
    again = Reranker.load(str(folder), 1)
    other = Reranker.load(str(make_cross_encoder(tmp_path, seed=1)), 1)

    assert reranker.name.startswith("reranker@")
    assert again.name == reranker.name
    assert other.name != reranker.name


def test_a_model_that_gives_several_figures_is_refused(tmp_path: Path) -> None:
    folder = make_cross_encoder(tmp_path, labels=3)

    with pytest.raises(ValueError, match="3 figures"):
        Reranker.load(str(folder), 1)


def test_what_was_read_goes_by_its_score_and_the_others_stay_behind_as_they_were() -> None:
    assert reorder("abcdef", [0.1, 0.9, 0.5]) == ["b", "c", "a", "d", "e", "f"]


def test_equals_stay_as_they_stood() -> None:
    assert reorder("abcd", [0.5, 0.5, 0.7, 0.5]) == ["c", "a", "b", "d"]


def test_without_scores_nothing_moves() -> None:
    assert reorder("abc", []) == ["a", "b", "c"]
