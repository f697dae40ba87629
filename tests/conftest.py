"""A real PostgreSQL for the whole run, migrated once, emptied after each test that used it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlmodel import Session, SQLModel, col, select

from schemas.account import Organization
from schemas.base import now
from schemas.embedding import EncoderModel
from schemas.outbox import OutboxMessage, Topic
from schemas.vocabulary import Role
from service.app import create_app
from service.matches.live_index import LiveIndex, serving_model
from service.platform import db, migrations
from service.platform.ciphers import new_secret
from service.platform.observe import set_up_log
from service.platform.postgres.server import embedded_postgres
from service.platform.settings import settings
from tests.mail_server import Mailbox, mail_server
from tests.make import make_key, make_organization
from tests.model import model_cache
from tests.postgres import CHOSEN, server
from tests.rates import UNLIMITED
from tests.receiver import PAUSES, Receiver, receiver
from tests.telling import set_to
from workers.indexing import index_postings
from workers.models import register_model

ClientFor = Callable[..., TestClient]
Refreshed = Callable[[TestClient], TestClient]
Queries = Callable[..., AbstractContextManager[list[str]]]
# Of the installation, not of a test. Making the model's row anew takes seconds.
_KEPT = {"installation", "encoder_model"}
# The audit refuses to be emptied, as it should. For a few rows DELETE is much quicker than TRUNCATE, which makes new
# files; and one message is quicker than fifty.
_EMPTY = ";".join(
    [
        "SET LOCAL session_replication_role = replica",
        *(
            f'DELETE FROM "{table.name}"'
            for table in reversed(SQLModel.metadata.sorted_tables)
            if table.name not in _KEPT
        ),
    ]
)


@pytest.fixture(scope="session", autouse=True)
def data_dir() -> Iterator[Path]:
    """A data folder of the run's own. No test touches a person's."""
    folder = Path(tempfile.mkdtemp(prefix="duijie-test-"))
    cache = model_cache()
    cache.mkdir(parents=True, exist_ok=True)
    (folder / "models").symlink_to(cache.resolve())
    for name in [name for name in os.environ if name.startswith("DUIJIE_") and "TEST" not in name]:
        del os.environ[name]
    # The command line speaks the language of the locale.
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["DUIJIE_DATA_DIR"] = str(folder)
    os.environ["DUIJIE_RATE_LIMITS"] = UNLIMITED
    settings.cache_clear()
    set_up_log("error")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """A command that runs in the test's own process keeps what it writes to itself, and so would all later tests."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def database(data_dir: Path) -> Iterator[None]:
    with server(CHOSEN) if CHOSEN else nullcontext() as address:
        if address is not None:
            os.environ |= {"DUIJIE_DATABASE_URL": address, "DUIJIE_SECRET_KEY": new_secret()}
            settings.cache_clear()
        migrations.migrate()
        # What the tests write need not outlive a power cut.
        with db.psycopg_connection() as connection:
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {name} = off")
            connection.execute("SELECT pg_reload_conf()")
        yield
        db.engine().dispose()
        embedded_postgres().stop()


@pytest.fixture
def session(database: None) -> Iterator[Session]:
    """A session that commits as the program does; afterwards every table is empty."""
    # A snapshot of the index would bring back postings of the test before.
    shutil.rmtree(settings().data_dir / "index", ignore_errors=True)
    with Session(db.engine(), expire_on_commit=False) as session:
        yield session
    with db.transaction() as cleaning:
        cleaning.connection().exec_driver_sql(_EMPTY)


@pytest.fixture
def queries(database: None) -> Queries:
    """``with queries(at_most=8) as sent:`` collects the SQL that this process sends; more than that fails."""

    @contextmanager
    def counted(at_most: int | None = None) -> Iterator[list[str]]:
        sent: list[str] = []

        def note(*told: Any) -> None:
            sent.append(told[2])

        event.listen(db.engine(), "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(db.engine(), "before_cursor_execute", note)
        assert at_most is None or len(sent) <= at_most, "\n".join(sent)

    return counted


@pytest.fixture(scope="session")
def model(database: None) -> EncoderModel:
    """The real encoder, loaded and registered as a worker does it."""
    register_model()
    with db.transaction() as session:
        found = serving_model(session)
    assert found is not None
    return found


@pytest.fixture
def do_work(session: Session, model: EncoderModel) -> Callable[[], None]:
    """Do all that is owed for the index, as a worker would."""

    def work() -> None:
        session.commit()
        while ids := _owed(session):
            index_postings(ids)

    return work


@pytest.fixture
def refreshed(do_work: Callable[[], None]) -> Refreshed:
    """The client, once all postings are encoded and its process's index has caught up."""

    def catch_up(client: TestClient) -> TestClient:
        do_work()
        client.app.state.index.refresh()  # type: ignore[attr-defined]
        return client

    return catch_up


@pytest.fixture
def owner(session: Session) -> Organization:
    return make_organization(session)


def _owed(session: Session) -> list[str]:
    due = select(OutboxMessage).where(
        col(OutboxMessage.topic).in_([Topic.need_changed, Topic.capability_changed]),
        col(OutboxMessage.due_at) <= now(),
    )
    session.expire_all()
    found = [str(message.id) for message in session.exec(due)]
    session.commit()
    return found


@pytest.fixture(scope="session")
def app() -> FastAPI:
    return create_app()


@pytest.fixture
def client_for(session: Session, app: FastAPI) -> Iterator[ClientFor]:
    """A client that calls as a key of this organisation, with this role. The index is empty at first."""
    app.state.index = LiveIndex()
    clients = []

    def client(
        organization: Organization | None = None, role: Role = Role.member, **headers: str
    ) -> TestClient:
        owner = organization or make_organization(session)
        key = make_key(session, owner, role=role)
        made = TestClient(
            app,
            raise_server_exceptions=False,
            headers={"Authorization": f"Bearer {key}", **headers},
            client=("127.0.0.1", 50_000),
        )
        clients.append(made)
        return made

    yield client
    for made in clients:
        made.close()


@pytest.fixture
def hooked() -> Iterator[Receiver]:
    """A receiver of webhooks that this service may call, soon and not for long."""
    with receiver() as made, set_to(webhook_allow=["127.0.0.1"], webhook_pauses=PAUSES, webhook_seconds=1.0):
        yield made


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server, and the service set up for it."""
    with (
        mail_server() as made,
        set_to(
            smtp_host="127.0.0.1",
            smtp_port=made.port,
            smtp_tls="none",
            public_url="https://dj.example.cn",
            mail_from="tz@example.cn",
        ),
    ):
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Offer what was left out for want of tools in one line."""
    skipped = [str(one.longrepr) for one in terminalreporter.stats.get("skipped", [])]
    wanting = sum("make tools" in reason for reason in skipped)
    if wanting:
        terminalreporter.write_line(
            f"{wanting} tests were left out for want of tools. To run them too: make tools"
        )
