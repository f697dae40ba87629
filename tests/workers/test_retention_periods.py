"""Every sealed column has its time: what is in it stays until the last day of that, and is gone the day after."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update
from sqlmodel import Session, SQLModel

from schemas.base import now
from schemas.bid import BidContent
from schemas.broker import Broker, BrokerEvaluation
from schemas.capability import Capability
from schemas.challenge import Challenge, ChallengeStatus, ChallengeStep
from schemas.contract import Contract
from schemas.contract_terms import ContractContent
from schemas.import_run import ImportRun
from schemas.introduction import Introduction
from schemas.introduction_follow_up import IntroductionFollowUp
from schemas.mail import MailAddress
from schemas.need import Need
from schemas.operation import AnsweredRequest
from schemas.personal_data_register import REGISTER
from schemas.retention import PERIODS, Fading, Retention
from schemas.sealed import Sealed
from schemas.vocabulary import PostingStatus, Role
from schemas.webhook import Webhook
from service.api.openapi_examples import EXAMPLES
from service.platform.ciphers import sealed_columns
from service.platform.settings import settings
from service.trust.retention import rules
from service.trust.subject_requests import days_of
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.postings.test_imports import post as post_file
from tests.service.postings.test_imports import work
from tests.service.trust.test_personal_data import fill_the_rest
from tests.workers.upkeep_round import one_round

WORDS = "王建国 13800138000"
_SAMPLES: tuple[Any, ...] = (
    WORDS,
    [{"name": "王建国", "phone": "13800138000"}],
    [{"title": WORDS, "url": "https://example.cn/1"}],
    [{"row": 1, "field": "title", "written": WORDS, "read": WORDS}],
    [{"field": "title", "written": WORDS, "read": WORDS}],
    {"proposal": WORDS, "plan": WORDS, "price_yuan": 1, "months": 2, "team": [{"name": "王建国"}]},
    EXAMPLES["ContractEntered"]["content"],
)
#: What the time of each goes by, and what else makes it over.
_AGED: dict[Retention, list[tuple[type[SQLModel], tuple[str, ...], dict[str, Any]]]] = {
    Retention.posting: [
        (Need, ("updated_at",), {"status": PostingStatus.closed}),
        (Capability, ("updated_at",), {"status": PostingStatus.closed}),
    ],
    Retention.introduction: [(Introduction, ("ended_at",), {})],
    Retention.secrecy: [(Introduction, ("ended_at",), {})],
    Retention.follow_up: [(IntroductionFollowUp, ("answered_at",), {})],
    Retention.answer: [(AnsweredRequest, ("created_at",), {})],
    Retention.imported: [(ImportRun, ("finished_at",), {})],
    Retention.contract: [(Contract, ("cancelled_at",), {})],
    Retention.tender: [
        (Challenge, (), {"status": ChallengeStatus.terminated}),
        (ChallengeStep, ("created_at",), {"status": ChallengeStatus.terminated}),
    ],
    Retention.registered: [(Broker, ("ended_at",), {})],
    Retention.evaluated: [(BrokerEvaluation, ("confirmed_at", "answered_at"), {})],
    Retention.addressed: [(MailAddress, ("asked_at",), {"confirmed_at": None})],
}
_NO_DAYS = {Retention.running, Retention.lasting, Retention.configured, Retention.replaced}


@pytest.fixture
def full(session: Session, client_for: ClientFor) -> None:
    """Words in every sealed column, and nothing that is over."""
    client = client_for()
    post_file(client, "需求名称,description\n残膜回收,约90%\n".encode())
    work(session)
    client.post("/v1/needs", json={"title": "枣"}, headers={"Idempotency-Key": "1"})
    veto = {**EXAMPLES["VetoMake"], "organization_id": str(make_organization(session).id)}
    client_for(role=Role.operator).post("/v1/vetoes", json=veto)
    fill_the_rest(session, client_for)
    for table, column in sealed_columns():
        if table.name != "import_chunk":
            session.execute(update(table).values({column: _sample(column.type)}))
    for posting in (Need, Capability):
        session.execute(update(posting).values(status=PostingStatus.published))
    session.execute(update(Webhook).values(old_secret_until=now() + timedelta(hours=1)))
    for aged in (*_AGED[Retention.introduction], *_AGED[Retention.contract], *_AGED[Retention.registered]):
        session.execute(update(aged[0]).values(dict.fromkeys(aged[1], now())))
    session.commit()


def _sample(kind: Any) -> Any:
    assert isinstance(kind, Sealed)
    for value in _SAMPLES:
        try:
            return kind.adapter.validate_python(value)
        except ValidationError:
            continue
    raise TypeError(kind.kind)


def age(session: Session, retention: Retention, since: datetime) -> None:
    for table, columns, values in _AGED[retention]:
        session.execute(update(table).values({**values, **dict.fromkeys(columns, since)}))


def saying(session: Session) -> dict[str, int]:
    """How many rows of each column still say something."""
    return {
        f"{table.name}.{column.name}": sum(map(_says, session.execute(select(column)).scalars()))
        for table, column in sealed_columns()
    }


def _says(value: Any) -> bool:
    return value != value.without_words() if isinstance(value, Fading) else bool(value)


def test_every_sealed_column_has_a_time_and_a_reason_and_every_time_is_kept() -> None:
    assert set(PERIODS) == set(Retention)
    assert {one for one, period in PERIODS.items() if period.setting is None} == _NO_DAYS
    assert {holding.kept for holding in REGISTER} == set(Retention)
    assert set(_AGED) | _NO_DAYS == set(Retention)
    emptied = {rule.retention for rule in rules()}
    assert emptied | _NO_DAYS | {Retention.answer, Retention.addressed} == set(Retention)


@pytest.mark.parametrize("retention", list(_AGED))
def test_what_is_sealed_stays_until_the_last_day_and_goes_the_day_after(
    session: Session, full: None, retention: Retention
) -> None:
    theirs = {holding.column for holding in REGISTER if holding.kept is retention}
    days = timedelta(days=days_of(retention) or 0)
    before = saying(session)
    assert [column for column in theirs if not before[column]] == []

    age(session, retention, now() - days + timedelta(hours=1))
    one_round(session)
    on_the_last_day = saying(session)
    age(session, retention, now() - days - timedelta(hours=1))
    one_round(session)
    after = saying(session)

    same_day = {Retention.secrecy: {Retention.introduction}}.get(retention, set())
    others = {one.column for one in REGISTER if one.kept not in {retention, *same_day}}
    assert {column: on_the_last_day[column] for column in theirs} == {
        column: before[column] for column in theirs
    }
    assert [column for column in theirs if after[column]] == []
    assert {column: after[column] for column in others} == {column: before[column] for column in others}


def test_a_secret_that_was_replaced_goes_when_it_signs_no_more(session: Session, full: None) -> None:
    one_round(session)
    kept = session.execute(select(Webhook.old_secret)).scalars().all()  # type: ignore[call-overload]
    session.execute(update(Webhook).values(old_secret_until=now() - timedelta(minutes=1)))

    one_round(session)

    gone = session.execute(select(Webhook.old_secret)).scalars().all()  # type: ignore[call-overload]
    assert kept == [WORDS]
    assert gone == [None]


def test_figures_stay_where_words_go() -> None:
    bid = BidContent.model_validate(_SAMPLES[-2])
    contract = ContractContent.model_validate({**_SAMPLES[-1], "place": WORDS, "text": WORDS})

    left = contract.without_words()

    assert bid.without_words().price_yuan == bid.price_yuan
    assert (left.title, left.turnover, left.type) == (contract.title, contract.turnover, contract.type)
    assert WORDS not in left.model_dump_json()


def test_the_answer_to_an_erasure_says_when_the_rest_goes(
    client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "contract_forget_days", 4000)

    done = client_for().post("/v1/personal-data/erase", json={"phone": "13800138000"}).json()

    stays = {one["why"]["key"]: one for one in done["stays"]}
    assert (stays["contract"]["days"], stays["contract"]["kept"]["key"]) == (4000, "contract")
    assert stays["audit"]["kept"] is None


def test_anybody_reads_for_which_reason_it_is_kept_so_long(client_for: ClientFor) -> None:
    shown = {one["where"]: one for one in client_for().get("/v1/personal-data/purposes").json()}

    assert (
        shown["contract_signature.signer"]["days"],
        shown["contract_signature.signer"]["ground"]["key"],
    ) == (
        3650,
        "tax",
    )
    assert [one["where"] for one in shown.values() if not one["ground"]["zh"]] == []
