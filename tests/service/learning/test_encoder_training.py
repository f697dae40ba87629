"""``duijie train encoder`` on a toy: models of a few kilobytes, judged pairs of a few letters."""

import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from safetensors.numpy import load_file
from typer.testing import CliRunner

from service.commands.train import app as train_commands
from service.learning import encoder_fitting, encoder_training
from service.learning.encoder_card import read_card, refuse_unless_better
from service.learning.encoder_comparison import is_held_back
from service.learning.encoder_fitting import Example
from service.learning.encoder_training import HELD_BACK
from service.learning.judged import read_judged
from service.platform.problems import Problem, WrongState
from tests.matching.tiny_models import make_tiny_model

KEYS, NOISE, COUNT = "abcdefgh", "klmnopqrstuvwxyz", 56


@dataclass(frozen=True)
class Ran:
    """One run of the command, as a person types it."""

    tiny: Path
    judged: Path
    out: Path
    code: int
    said: str


@pytest.fixture(scope="module")
def ran(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("trained")
    tiny, judged, out = make_tiny_model(folder / "tiny"), write_judged(folder / "judged"), folder / "out"
    with pytest.MonkeyPatch.context() as patch:
        # Weights this small want larger steps than those of a real model, and are quickest on one processor.
        patch.setattr(encoder_fitting, "_RATE", 3e-3)
        patch.setattr(encoder_fitting, "_IN_MEMORY", 16)
        patch.setattr(os, "sched_getaffinity", lambda _process: {0})
        code, said, _ = typed("encoder", judged, "--base", tiny, "--out", out, "--epochs", 8)
    return Ran(tiny, judged, out, code, said)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return make_tiny_model(tmp_path / "tiny")


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    return write_judged(tmp_path / "judged")


def write_judged(folder: Path, *, needs: int = COUNT, prefix: str = "n") -> Path:
    """The eighth, sixteenth, … text share a letter and are answers to one another; all else in them is noise."""
    drawn = random.Random(1)
    folder.mkdir()

    def texts(letter: str, count: int) -> list[dict[str, str]]:
        noisy = [[*KEYS[i % len(KEYS)] * 2, *drawn.choices(NOISE, k=6)] for i in range(count)]
        return [
            {"id": f"{letter}{i}", "title": "".join(drawn.sample(one, len(one))), "text": ""}
            for i, one in enumerate(noisy)
        ]

    for name, rows in (("needs", texts(prefix, needs)), ("capabilities", texts("c", COUNT))):
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    grades = [
        f"{prefix}{i}\tc{j}\t{3 if i % len(KEYS) == j % len(KEYS) else 0}"
        for i in range(needs)
        for j in range(COUNT)
        if i % len(KEYS) == j % len(KEYS) or (j - i) % COUNT < len(KEYS)
    ]
    (folder / "qrels.tsv").write_text("\n".join(["need\tcap\tgrade", *grades]), encoding="utf-8")
    return folder


def titles(folder: Path, name: str) -> list[str]:
    lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["title"] for line in lines]


def typed(*words: object) -> tuple[int, str, BaseException | None]:
    whole = typer.Typer()
    whole.add_typer(train_commands, name="train")
    result = CliRunner().invoke(whole, ["train", *map(str, words)])
    return result.exit_code, result.output.replace("\n", ""), result.exception


def copy_of_the_base(base: str, judged: object, pairs: object, epochs: int, folder: Path, _: object) -> None:
    shutil.copytree(base, folder)


def spying(trained: list[Example]) -> Callable[..., None]:
    def fit(base: str, judged: list[Example], pairs: list[Example], *rest: Any) -> None:
        trained.extend([*judged, *pairs])
        copy_of_the_base(base, judged, pairs, *rest)

    return fit


def weights(folder: Path) -> dict[str, Any]:
    return dict(load_file(folder / "model.safetensors"))


def test_what_is_learned_is_better_on_needs_that_were_held_back(ran: Ran) -> None:
    card = read_card(ran.out)

    assert card is not None
    assert (ran.code, card.better) == (0, True)
    assert card.ndcg_judged.low > 0
    assert f"duijiemodelspromote{ran.out}" in ran.said.replace(" ", "")


def test_the_card_says_from_what_and_how_it_was_made(ran: Ran) -> None:
    card = read_card(ran.out)

    assert card is not None
    (found,) = card.sets
    assert found.needs_trained + found.needs_held_back == COUNT
    assert card.judged_pairs == found.needs_trained * COUNT / len(KEYS)
    assert (card.pairs_from, card.epochs) == (["judged"], 8)
    assert card.base != card.model


def test_only_whole_folders_are_left(ran: Ran) -> None:
    beside = {path.name for path in ran.out.parent.iterdir()}

    assert beside == {"tiny", "judged", "out"}


@pytest.mark.parametrize(("words", "wanted"), [((), [("棉花", "滴灌 回收")]), (("--no-titles",), [])])
def test_a_capabilitys_title_asks_for_its_text_unless_told_otherwise(
    tiny: Path,
    judged: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    data_dir: Path,
    words: tuple[str, ...],
    wanted: list[tuple[str, str]],
) -> None:
    trained: list[Example] = []
    monkeypatch.setattr(encoder_training, "fit", spying(trained))
    with (judged / "capabilities.jsonl").open("a", encoding="utf-8") as file:
        for row in (
            {"id": "x", "title": "棉花", "text": "滴灌 回收"},
            {"id": "y", "title": "", "text": "打顶" * 150},
        ):
            file.write("\n" + json.dumps(row, ensure_ascii=False))

    typed("encoder", judged, "--base", tiny, "--out", tmp_path / "out", *words)

    assert [(one.need, one.answer) for one in trained if not one.others] == wanted


def test_the_vectors_of_single_words_stay_and_the_rest_moves(ran: Ran) -> None:
    before, after = weights(ran.tiny), weights(ran.out)

    moved = {name for name, values in before.items() if not np.array_equal(values, after[name])}

    assert moved
    assert any(name.endswith("embeddings.weight") for name in before)
    assert not any(name.endswith("embeddings.weight") for name in moved)


def test_the_new_folder_quotes_no_posting(ran: Ran) -> None:
    quoted = [*titles(ran.judged, "needs"), *titles(ran.judged, "capabilities")]

    texts = [
        path.read_text(encoding="utf-8") for path in ran.out.rglob("*") if path.suffix in (".md", ".json")
    ]

    assert len(texts) > 3
    assert [title for title in quoted for text in texts if title in text] == []


def test_what_is_not_better_ends_with_a_one_and_is_refused(
    tiny: Path, judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setattr(encoder_training, "fit", copy_of_the_base)
    out = tmp_path / "out"

    code, said, _ = typed("encoder", judged, "--base", tiny, "--out", out)

    card = read_card(out)
    assert code == 1
    assert "没有变好，不能换上" in said
    assert card is not None
    with pytest.raises(WrongState, match="not better"):
        refuse_unless_better(card, f"out@{card.model}", None, unproven=True)


def test_no_need_is_both_trained_on_and_measured_with(
    tiny: Path, judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    again = write_judged(tmp_path / "again", prefix="other")
    trained: list[Example] = []

    monkeypatch.setattr(encoder_training, "fit", spying(trained))

    typed("encoder", judged, "--pairs", again, "--base", tiny, "--out", tmp_path / "out")

    held_back = [need.title for need in read_judged(judged).needs.values() if is_held_back(need, HELD_BACK)]
    assert len(held_back) > 10
    assert len(trained) > 60
    assert {one.need for one in trained} & set(held_back) == set()


def test_the_answers_to_beat_were_refused_by_somebody_or_found_by_nobody(
    tiny: Path, judged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    trained: list[Example] = []
    monkeypatch.setattr(encoder_training, "fit", spying(trained))

    typed("encoder", judged, "--base", tiny, "--out", tmp_path / "out")

    place = {title: i for i, title in enumerate(titles(judged, "capabilities"))}
    assert trained
    for example in trained:
        answer, refused, unjudged = (place[text] for text in (example.answer, *example.others))
        assert (refused - answer) % len(KEYS) != 0
        assert (unjudged - answer) % len(KEYS) != 0
        assert (refused - unjudged) % COUNT != 0


def test_too_few_needs_are_refused_before_anything_is_encoded(
    tiny: Path, tmp_path: Path, data_dir: Path
) -> None:
    few = write_judged(tmp_path / "few", needs=12)

    code, _, failure = typed("encoder", few, "--base", tiny, "--out", tmp_path / "out")

    assert code == 1
    assert isinstance(failure, Problem)
    assert "太少" in (failure.detail.zh if failure.detail else "")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_there_is_not_written_over(tiny: Path, judged: Path, data_dir: Path) -> None:
    code, said, _ = typed("encoder", judged, "--base", tiny, "--out", tiny)

    assert code == 2
    assert "已存在" in said


def test_folders_alone_are_for_the_score(judged: Path) -> None:
    taken: list[Path] = []
    whole, group = typer.Typer(), typer.Typer(cls=train_commands.info.cls)
    group.command("encoder")(lambda: None)

    @group.command("score")
    def score(folders: list[Path]) -> None:
        taken.extend(folders)

    whole.add_typer(group, name="train")

    CliRunner().invoke(whole, ["train", str(judged), "."])
    CliRunner().invoke(whole, ["train", "score", "x"])

    assert taken == [judged, Path(), Path("x")]
