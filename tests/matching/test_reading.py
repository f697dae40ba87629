"""Texts of any length, their titles and sentences, against sentence-transformers itself, on tiny models."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from matching.encoder import Encoder
from matching.reading import TextVectors, read
from tests.matching.tiny_models import LIMIT, make_tiny_model

PROMPTS = {"query": "query: ", "document": "passage: "}
TEXTS = ["棉花打顶", "drip", "a much longer text about cotton", "滴灌", "残膜回收" * 5, ""] * 9
# Each character is a token, and the model's own marks and the prompt take nine.
ROOM = LIMIT - 9


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_model(tmp_path_factory.mktemp("tiny"), prompts=PROMPTS)


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return Encoder.load(str(folder), folder, precision="float32")


@pytest.fixture(scope="module")
def plain(folder: Path) -> SentenceTransformer:
    model: SentenceTransformer = SentenceTransformer(str(folder), device="cpu")
    return model


def read_one(encoder: Encoder, text: str, spans: list[tuple[int, int]], title: int = 0) -> TextVectors:
    [found] = read(encoder, [text], [title], [spans], "query")
    return found


def test_a_text_has_the_same_vector_with_its_sentences_and_without(encoder: Encoder) -> None:
    alone = encoder.encode(TEXTS, side="query")

    together = read(encoder, TEXTS, [0] * len(TEXTS), [[(0, 1)]] * len(TEXTS), "query")

    np.testing.assert_allclose([one.passages[0] for one in together], alone, atol=1e-5)
    assert {len(one.passages) for one in together} == {1}


def test_the_vector_of_a_span_is_the_mean_over_its_tokens_within_the_whole_text(
    encoder: Encoder, plain: SentenceTransformer
) -> None:
    prompt, text = "query: ", "棉花打顶。残膜回收?"
    tokens = np.asarray(plain.encode(prompt + text, output_value="token_embeddings"))
    # Each character is a token here, and [CLS] stands before the first.
    first, second = (tokens[1 + len(prompt) + start :][:length].mean(0) for start, length in ((0, 5), (5, 5)))

    found = read_one(encoder, text, [(0, 5), (5, 10)], title=5)

    np.testing.assert_allclose(found.sentences[0], first / np.linalg.norm(first), atol=1e-5)
    np.testing.assert_allclose(found.sentences[1], second / np.linalg.norm(second), atol=1e-5)
    np.testing.assert_allclose(found.title, found.sentences[0], atol=1e-6)


def test_a_text_without_title_and_sentences_has_none(encoder: Encoder) -> None:
    found = read_one(encoder, "棉花", [])

    assert found.sentences.shape == (0, encoder.dim)
    assert not found.title.any()


def test_spans_of_many_texts_stay_with_their_texts(encoder: Encoder) -> None:
    texts = [text for text in TEXTS if text]
    spans = [[(0, 1), (1, 2)] for _ in texts]

    together = read(encoder, texts, [1] * len(texts), spans, "query")

    for text, wanted, found in zip(texts[:7], spans[:7], together[:7], strict=True):
        alone = read_one(encoder, text, wanted, title=1)
        np.testing.assert_allclose(found.sentences, alone.sentences, atol=1e-5)
        np.testing.assert_allclose(found.title, alone.title, atol=1e-5)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert read(encoder, [], [], [], "query") == []


def test_a_long_text_is_read_to_its_end(encoder: Encoder) -> None:
    title, sentence = "cotton", "滴灌" * 10
    text = title + "\n" + sentence * 20
    spans = [(0, 6), *((7 + 20 * n, 27 + 20 * n) for n in range(20))]

    found = read_one(encoder, text, spans, title=6)

    assert encoder.limit == LIMIT
    assert found.sentences.shape == (21, encoder.dim)
    np.testing.assert_allclose(np.linalg.norm(found.sentences, axis=1), 1, atol=1e-5)
    # Two sentences and the title are what the model reads at once.
    assert len(found.passages) == 10


def test_what_stands_at_the_end_of_a_long_text_tells(encoder: Encoder) -> None:
    long = "残膜回收。" * 40
    ends = ["打顶", "drip"]

    first, second = (read_one(encoder, long + end, []) for end in ends)

    np.testing.assert_allclose(first.passages[:-1], second.passages[:-1], atol=1e-5)
    assert not np.allclose(first.passages[-1], second.passages[-1], atol=1e-2)


def test_later_passages_stand_under_the_title(encoder: Encoder) -> None:
    body = "残膜回收" * 40

    with_title = read_one(encoder, "cotton\n" + body, [], title=6)
    without = read_one(encoder, "cotton\n" + body, [], title=0)

    # The first passage is the same; later ones know what the text is on, and hold less of it.
    np.testing.assert_allclose(with_title.passages[0], without.passages[0], atol=1e-5)
    assert min(np.linalg.norm(without.passages[1:] - with_title.passages[1], axis=1)) > 1e-2


def test_passages_end_where_sentences_do(encoder: Encoder) -> None:
    sentence = "棉花打顶残膜回收滴灌" * 3
    spans = [(30 * n, 30 * n + 30) for n in range(4)]

    found = read_one(encoder, sentence * 4, spans)

    alone = read_one(encoder, sentence, [(0, 30)])
    assert len(found.passages) == 4
    np.testing.assert_allclose(found.passages, alone.passages.repeat(4, axis=0), atol=1e-5)


def test_a_sentence_longer_than_the_model_reads_is_cut_within(encoder: Encoder) -> None:
    found = read_one(encoder, "a" * (3 * ROOM), [(0, 3 * ROOM)])

    assert len(found.passages) == 4


def test_a_title_that_leaves_no_room_is_not_repeated(encoder: Encoder) -> None:
    title = "b" * 30
    body = "滴灌" * 60

    found = read_one(encoder, title + "\n" + body, [], title=30)

    assert len(found.passages) == -(-(31 + 120) // (ROOM - 2))


def test_a_model_that_does_not_pool_by_the_mean_reads_each_span_by_itself(tmp_path: Path) -> None:
    model = make_tiny_model(tmp_path, prompts=PROMPTS, pooling="cls")
    encoder = Encoder.load(str(model), tmp_path, precision="float32")
    texts, spans = ["棉花打顶，残膜回收", "滴灌", "drip"], [[(0, 4), (5, 9)], [], [(0, 4)]]

    found = read(encoder, texts, [4, 0, 0], spans, "query")

    wholes = encoder.encode(texts, side="query")
    parts = encoder.encode(["棉花打顶", "残膜回收", "drip"], side="query")
    np.testing.assert_allclose([one.passages[0] for one in found], wholes, atol=1e-5)
    np.testing.assert_allclose(found[0].sentences, parts[:2], atol=1e-5)
    np.testing.assert_allclose(found[0].title, parts[0], atol=1e-5)
    assert found[1].sentences.shape == (0, encoder.dim)
    assert not found[1].title.any()
    np.testing.assert_allclose(found[2].sentences, parts[2:], atol=1e-5)


def test_several_threads_get_the_same_vectors(encoder: Encoder) -> None:
    titles, spans = [1] * len(TEXTS), [[(0, 2)]] * len(TEXTS)
    expected = read(encoder, TEXTS, titles, spans, "query")

    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(read, encoder, TEXTS, titles, spans, "query") for _ in range(12)]
        found = [job.result() for job in jobs]

    for answer in found:
        for one, other in zip(answer, expected, strict=True):
            np.testing.assert_allclose(one.passages, other.passages, atol=1e-5)
            np.testing.assert_allclose(one.sentences, other.sentences, atol=1e-5)
