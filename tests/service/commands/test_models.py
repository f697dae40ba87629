"""``duijie models`` as a person types it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from sqlalchemy import delete, select
from sqlmodel import Session, col
from typer.testing import CliRunner

from schemas.embedding import EncoderModel, ModelState
from schemas.outbox import OutboxMessage, Topic
from service.commands.models import app as model_commands
from service.learning.encoder_card import Difference, EncoderCard, fingerprint_of, write_card
from service.matches.encoders import encoder_for
from service.platform.problems import Problem
from service.platform.settings import settings
from tests.matching.tiny_models import make_tiny_model

pytestmark = pytest.mark.model


@pytest.fixture
def tiny(tmp_path: Path, model: EncoderModel, session: Session) -> Iterator[Path]:
    """Another model's folder; afterwards the one of before serves again, alone."""
    yield make_tiny_model(tmp_path)
    session.rollback()
    session.execute(delete(EncoderModel))
    session.merge(EncoderModel(**model.model_dump()))
    session.commit()


def typed(*words: object) -> tuple[int, str]:
    """The exit code; and what was said, without the breaks of a narrow terminal."""
    whole = typer.Typer()
    whole.add_typer(model_commands, name="models")
    result = CliRunner().invoke(whole, ["models", *map(str, words)], env={"COLUMNS": "1000"})
    failed = result.exception
    told = failed.detail.zh if isinstance(failed, Problem) and failed.detail else ""
    return result.exit_code, (result.output + told).replace("\n", "")


def put_card(folder: Path, base: str, *, better: bool = True) -> None:
    found = Difference(mean=0.02, low=0.01, high=0.03) if better else Difference(mean=0, low=-0.01, high=0.01)
    write_card(
        folder,
        EncoderCard(
            made_at=datetime(2026, 11, 23, tzinfo=UTC),
            base=fingerprint_of(base),
            model=fingerprint_of(encoder_for(str(folder)).name),
            judged_pairs=1,
            bare_pairs=1,
            pairs_from=["judged"],
            epochs=1,
            sets=[],
            ndcg_judged=found,
            ndcg=found,
            better=better,
        ),
    )


def states(session: Session) -> dict[str, ModelState]:
    session.commit()
    session.expire_all()
    return {row.source: row.state for row in session.execute(select(EncoderModel)).scalars()}


def test_a_better_model_is_built_from_the_next_moment_on(
    session: Session, model: EncoderModel, tiny: Path
) -> None:
    put_card(tiny, model.name)

    code, said = typed("promote", tiny)

    assert code == 0
    assert "完成后自动换上" in said
    assert "duijie train score" in said
    assert states(session) == {"default": ModelState.serving, str(tiny): ModelState.building}
    assert session.execute(
        select(col(OutboxMessage.topic)).where(col(OutboxMessage.topic) == Topic.model_changed)
    ).scalars().all() == [Topic.model_changed]  # fmt: skip


def test_one_that_is_not_better_is_refused(session: Session, model: EncoderModel, tiny: Path) -> None:
    put_card(tiny, model.name, better=False)

    code, said = typed("promote", tiny, "--unproven")

    assert code == 1
    assert "没有变好，不能换上" in said
    assert states(session) == {"default": ModelState.serving}


def test_one_from_elsewhere_is_the_operators_own_decision(session: Session, tiny: Path) -> None:
    refused, said = typed("promote", tiny)
    taken, _ = typed("promote", tiny, "--unproven")

    assert (refused, taken) == (1, 0)
    assert "--unproven" in said
    assert states(session)[str(tiny)] is ModelState.building


def test_the_default_needs_no_card(session: Session, model: EncoderModel, tiny: Path) -> None:
    code, said = typed("promote", "default")

    assert code == 0
    assert model.name in said
    assert states(session) == {"default": ModelState.serving}


def test_a_folder_without_a_model_is_told(session: Session, model: EncoderModel, tmp_path: Path) -> None:
    code, said = typed("promote", tmp_path)

    assert code == 1
    assert "不是 sentence-transformers 模型文件夹" in said


def test_nothing_is_promoted_against_what_is_set_by_hand(
    session: Session, model: EncoderModel, tiny: Path
) -> None:
    put_card(tiny, model.name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings(), "model", "default")
        code, said = typed("promote", tiny)
    settings().model_fields_set.discard("model")

    assert code == 1
    assert "DUIJIE_MODEL" in said
    assert states(session) == {"default": ModelState.serving}


def test_going_back_is_one_command(session: Session, model: EncoderModel, tiny: Path) -> None:
    typed("promote", tiny, "--unproven")

    code, said = typed("rollback")

    assert code == 0
    assert model.name in said
    assert states(session) == {"default": ModelState.serving}


@pytest.mark.parametrize("words", [(), ("list",)])
def test_models_are_listed_with_state_and_progress(
    session: Session, model: EncoderModel, tiny: Path, words: tuple[str, ...]
) -> None:
    typed("promote", tiny, "--unproven")

    code, said = typed(*words)

    assert code == 0
    assert all(word in said for word in (model.name, "正在服务", "正在构建", "100%", str(tiny.parent.parent)))
