"""Which model serves, which one is being built beside it, and which one a step back would bring.

The choice is stored in ``encoder_model``, so it outlives the process that made it. ``DUIJIE_MODEL`` overrides it
where it is set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import and_, delete, func, select
from sqlmodel import Session, col

from matching.centre import mean_of
from schemas.embedding import Embedding, EncoderModel, ModelState
from schemas.outbox import OutboxMessage, Topic
from schemas.posting import IndexStatus
from schemas.vocabulary import PostingStatus, Side
from schemas.wording import Wording
from service.matches.encoders import PROMPT_OF, Progress, encoder_for
from service.matches.live_index import notify_indexes, serving_model
from service.matches.sample_texts import sample_texts
from service.platform.db import transaction
from service.platform.outbox import announce
from service.platform.problems import WrongState
from service.platform.settings import settings
from service.postings.access import TABLES

log = structlog.get_logger()

# Any number that nothing else in this database locks.
_LOCK = 0x4455494A


@dataclass(frozen=True)
class KnownModel:
    model: EncoderModel
    #: Which share of the postings is encoded under it as they are now, 0 to 1.
    encoded: float


def is_set_by_hand() -> bool:
    """Whether ``DUIJIE_MODEL`` was given at all, be it with the value that it has by default."""
    return "model" in settings().model_fields_set


def source_to_load() -> str:
    """What a worker begins with: what somebody has set, else what was chosen last, else the default."""
    if is_set_by_hand():
        return settings().model
    with transaction() as session:
        chosen = model_in(session, ModelState.building) or serving_model(session)
        return chosen.source if chosen else settings().model


def register(source: str, progress: Progress | None = None) -> EncoderModel:
    """Choose this model. If another model serves, the new one is built beside it."""
    encoder = encoder_for(source, progress)
    with transaction() as session:
        lock_choice(session)
        serving = serving_model(session)
        # An earlier choice may have left a half-built model behind.
        session.execute(
            delete(EncoderModel).where(
                col(EncoderModel.state) == ModelState.building, col(EncoderModel.name) != encoder.name
            )
        )
        if serving is not None and serving.name == encoder.name:
            serving.source = source
            return serving
        model = session.get(EncoderModel, encoder.name)
        if model is None:
            means = {
                side: mean_of(encoder.encode(sample_texts(side), side=PROMPT_OF[side])).tobytes()
                for side in Side
            }
            model = EncoderModel(
                name=encoder.name,
                source=source,
                dim=encoder.dim,
                need_mean=means[Side.needs],
                capability_mean=means[Side.capabilities],
                state=ModelState.building,
            )
            session.add(model)
        model.source = source
        model.state = ModelState.serving if serving is None else ModelState.building
        notify_indexes(session)
        if serving is not None:
            log.info("a new model is being built", model=encoder.name, serving=serving.name)
            announce(session, Topic.model_changed, None)
        return model


def roll_back() -> EncoderModel:
    """Give up the model that is being built; where there is none, go back to the one that served before.

    It serves at once if it lacks nothing, without any worker; else as soon as a worker has encoded what was
    posted since. Going back twice goes forward again.
    """
    refuse_if_set_by_hand()
    with transaction() as session:
        lock_choice(session)
        serving, building = serving_model(session), model_in(session, ModelState.building)
        if building is not None and serving is not None:
            session.delete(building)
            log.info("a model is given up", model=building.name, serving=serving.name)
            return serving
        retired = model_in(session, ModelState.retired)
        if retired is None:
            raise WrongState(Wording("没有可以退回的模型", "There is no model to go back to"))
        if any(lacking_ids(session, side, retired.name) for side in Side):
            retired.state = ModelState.building
            announce(session, Topic.model_changed, None)
            notify_indexes(session)
        else:
            let_serve(session, retired)
        return retired


def refuse_if_set_by_hand() -> None:
    if is_set_by_hand():
        raise WrongState(
            Wording(
                f"已用 DUIJIE_MODEL 指定模型 {settings().model}，后台任务每次启动都以它为准。"
                "请先去掉这个设置（环境变量或 .env）",
                f"DUIJIE_MODEL is set to {settings().model}, and decides at each start. Take it away first",
            )
        )


def let_serve(session: Session, model: EncoderModel) -> None:
    """Let the model serve. The previous one is kept for a rollback, and the one before it is deleted."""
    serving = serving_model(session)
    session.execute(
        delete(EncoderModel).where(
            col(EncoderModel.state) == ModelState.retired, col(EncoderModel.name) != model.name
        )
    )
    if serving is not None:
        serving.state = ModelState.retired
    model.state = ModelState.serving
    notify_indexes(session)
    log.info("a new model serves", model=model.name)


def lock_choice(session: Session) -> None:
    """Lock the choice until the transaction ends: two workers may start at once."""
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def model_in(session: Session, state: ModelState) -> EncoderModel | None:
    return session.execute(select(EncoderModel).where(col(EncoderModel.state) == state)).scalar_one_or_none()


def known_models(session: Session) -> list[KnownModel]:
    """Newest first."""
    total = sum(len(lacking_ids(session, side, "")) for side in Side)
    return [
        KnownModel(
            model, 1 - sum(len(lacking_ids(session, side, model.name)) for side in Side) / max(total, 1)
        )
        for model in session.execute(
            select(EncoderModel).order_by(col(EncoderModel.created_at).desc())
        ).scalars()
    ]


def lacking_ids(session: Session, side: Side, model: str) -> list[UUID]:
    """Postings whose present words are not encoded under ``model``, those that failed apart."""
    table = TABLES[side]
    return list(
        session.execute(
            select(col(table.id))
            .outerjoin(
                Embedding, and_(col(Embedding.posting_id) == col(table.id), col(Embedding.model) == model)
            )
            .where(
                col(table.deleted_at).is_(None),
                col(table.status) != PostingStatus.closed,
                col(table.index_status) != IndexStatus.failed,
                col(Embedding.text_hash).is_distinct_from(col(table.text_hash)),
            )
        ).scalars()
    )


def not_announced(session: Session, ids: Sequence[UUID]) -> list[UUID]:
    """Those of ``ids`` for which nothing is owed yet."""
    owed = set(
        session.execute(
            select(col(OutboxMessage.subject_id)).where(col(OutboxMessage.subject_id).in_(ids))
        ).scalars()
    )
    return [posting_id for posting_id in ids if posting_id not in owed]
