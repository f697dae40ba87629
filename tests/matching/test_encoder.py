"""Encoding texts and their sentences, against sentence-transformers itself, on tiny models."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer

from matching.encoder import Encoder, EncodingFailed
from tests.matching.tiny_models import make_tiny_model

PROMPTS = {"query": "query: ", "document": "passage: "}
TEXTS = ["棉花打顶", "drip", "a much longer text about cotton", "滴灌", "残膜回收" * 5, "b" * 200, ""] * 9


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


@pytest.fixture
def threads() -> Iterator[Callable[[], int]]:
    before = torch.get_num_threads()
    yield torch.get_num_threads
    torch.set_num_threads(before)


def edit_weights(folder: Path, name: str, value: float) -> None:
    path = folder / "model.safetensors"
    weights = load_file(path)
    weights[name].fill_(value)
    save_file(weights, path, metadata={"format": "pt"})


def test_vectors_are_those_of_sentence_transformers_in_the_order_of_the_texts(
    encoder: Encoder, plain: SentenceTransformer
) -> None:
    found = encoder.encode(TEXTS, side="passage")

    assert found.dtype == np.float32
    np.testing.assert_allclose(found, plain.encode_document(TEXTS), atol=1e-5)


def test_each_side_has_its_own_prompt(encoder: Encoder, plain: SentenceTransformer) -> None:
    asked, answered = (encoder.encode(["棉花"], side=side)[0] for side in ("query", "passage"))

    np.testing.assert_allclose(asked, plain.encode("query: 棉花"), atol=1e-5)
    np.testing.assert_allclose(answered, plain.encode("passage: 棉花"), atol=1e-5)


def test_a_model_without_prompts_gets_none(tmp_path: Path, plain: SentenceTransformer) -> None:
    bare = Encoder.load(str(make_tiny_model(tmp_path)), tmp_path, precision="float32")

    asked, answered = (bare.encode(["棉花"], side=side)[0] for side in ("query", "passage"))

    np.testing.assert_allclose(asked, plain.encode("棉花"), atol=1e-5)
    np.testing.assert_array_equal(asked, answered)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([], side="query").shape == (0, encoder.dim)


@pytest.mark.parametrize(("value", "words"), [(float("nan"), "not finite"), (0.0, "no length")])
def test_a_vector_that_is_no_direction_is_refused(tmp_path: Path, value: float, words: str) -> None:
    model = make_tiny_model(tmp_path)
    edit_weights(model, "encoder.layer.1.output.LayerNorm.weight", value)
    edit_weights(model, "encoder.layer.1.output.LayerNorm.bias", 0)
    encoder = Encoder.load(str(model), tmp_path, precision="float32")

    with pytest.raises(EncodingFailed, match=words):
        encoder.encode(["棉花"], side="query")


def test_half_a_surrogate_pair_is_read_as_a_question_mark(encoder: Encoder) -> None:
    broken, mended = encoder.encode(["a\ud83db", "a?b"], side="query")

    np.testing.assert_allclose(broken, mended, atol=1e-5)


def test_the_name_is_the_same_for_the_same_model_in_any_number_format(folder: Path, encoder: Encoder) -> None:
    again = Encoder.load(str(folder), folder, precision="bfloat16")

    assert again.name == encoder.name
    assert encoder.name.startswith("model@")


def test_the_name_changes_with_the_weights_and_with_the_prompts(tmp_path: Path, encoder: Encoder) -> None:
    others = [
        make_tiny_model(tmp_path / "weights", prompts=PROMPTS, seed=1),
        make_tiny_model(tmp_path / "prompts", prompts={"query": "ask: "}),
    ]

    names = {Encoder.load(str(other), tmp_path).name for other in others}

    assert len(names | {encoder.name}) == 3


def test_bfloat16_gives_nearly_the_vectors_of_float32(folder: Path, encoder: Encoder) -> None:
    short = Encoder.load(str(folder), folder, precision="bfloat16")

    found = short.encode(TEXTS, side="query")

    assert found.dtype == np.float32
    exact = encoder.encode(TEXTS, side="query")
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert (found * exact).sum(axis=1).min() > 0.99
    assert not np.array_equal(found, exact)


@pytest.mark.parametrize(
    ("able", "expected"),
    [
        ({"avx512_bf16": True}, "bfloat16"),
        ({"amx_bf16": True}, "bfloat16"),
        ({"avx512_f": True, "avx512_bf16": False}, "float32"),
        ({}, "float32"),
    ],
)
def test_auto_takes_bfloat16_where_the_processor_multiplies_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, able: dict[str, bool], expected: str
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    reference = Encoder.load(
        str(folder), folder, precision="bfloat16" if expected == "bfloat16" else "float32"
    )

    chosen = Encoder.load(str(folder), folder, precision="auto")

    np.testing.assert_array_equal(
        chosen.encode(["棉花", "drip"], side="query"), reference.encode(["棉花", "drip"], side="query")
    )


def test_threads_of_one_encoding_are_as_asked(folder: Path, threads: Callable[[], int]) -> None:
    Encoder.load(str(folder), folder, threads=3)

    assert threads() == 3
