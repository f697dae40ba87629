"""What is said of a database that is behind."""

from collections.abc import Iterator

import pytest
from rich.console import Console
from sqlalchemy import text
from sqlmodel import Session

from service.commands.doctor import examine
from service.platform import migrations


@pytest.fixture
def behind(session: Session) -> Iterator[None]:
    """A database that calls itself older than it is; afterwards as before."""
    newest = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    session.commit()
    yield
    session.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})
    session.commit()


def test_a_database_that_is_behind_is_told_so_with_what_to_do(behind: None) -> None:
    found = migrations.drift()

    table, healthy = examine()

    assert found is not None
    assert "请运行 duijie migrate" in found
    assert not healthy
    with Console(width=120) as console, console.capture() as said:
        console.print(table)
    assert "0001" in said.get()


def test_a_database_that_is_up_to_date_lacks_nothing(session: Session) -> None:
    assert migrations.drift() is None
