"""Personal data is sealed in its column, and opens with a key alone."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import Session
from typer.testing import CliRunner

from schemas.need import Need
from service.commands.cli import app
from service.platform import ciphers
from service.platform.ciphers import NoSecretKey, cipher, new_secret, seal_what_is_open, sealed_columns
from service.platform.settings import settings
from tests.conftest import ClientFor
from tests.make import make_need

PHONE = "13800138000"


def stored(session: Session) -> str:
    return str(session.execute(text("SELECT contacts FROM need")).scalar_one())


def test_contacts_do_not_lie_open_in_the_database(session: Session, client_for: ClientFor) -> None:
    client = client_for()

    client.post(
        "/v1/needs",
        json={"title": "棉田残膜回收", "description": f"请致电 {PHONE}"},
        headers={"Idempotency-Key": "1"},
    )

    columns = {f"{table.name}.{column.name}": (table, column) for table, column in sealed_columns()}
    assert {"need.contacts", "need.readings", "answered_request.answer"} <= set(columns)
    for table, column in columns.values():
        for kept in session.execute(text(f"SELECT {column.name} FROM {table.name}")).scalars():
            assert kept is None or kept.startswith("gAAAA")
    assert PHONE in client.get("/v1/needs").text


def test_what_was_open_is_sealed_by_and_by_and_can_be_read_meanwhile(session: Session) -> None:
    need = make_need(session, contacts=[{"phone": PHONE}])
    session.execute(text("UPDATE need SET contacts = :open"), {"open": f'[{{"phone": "{PHONE}"}}]'})
    session.commit()
    session.expire_all()
    read_open = session.get_one(Need, need.id).contacts[0].phone

    more = seal_what_is_open(session)
    session.commit()

    session.expire_all()
    assert not more
    assert stored(session).startswith("gAAAA")
    assert session.get_one(Need, need.id).contacts[0].phone == read_open == PHONE


def test_a_change_of_keys_seals_everything_anew(session: Session) -> None:
    need = make_need(session, contacts=[{"phone": PHONE}])
    before, old = stored(session), ciphers.secret_file().read_text().split()

    told = CliRunner().invoke(app, ["secrets", "rotate"])

    session.rollback()
    session.expire_all()
    newest, *others = ciphers.secret_file().read_text().split()
    assert told.exit_code == 0
    assert others == old
    assert stored(session) != before
    assert PHONE.encode() in Fernet(newest).decrypt(stored(session).encode())
    with pytest.raises(InvalidToken):
        Fernet(old[0]).decrypt(stored(session).encode())
    assert session.get_one(Need, need.id).contacts[0].phone == PHONE


def test_a_change_of_keys_goes_on_after_the_first_rows(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_need(session, contacts=[{"phone": PHONE}])
    monkeypatch.setattr(ciphers, "_ROWS", 2)

    CliRunner().invoke(app, ["secrets", "rotate"])

    session.rollback()
    newest = Fernet(ciphers.secret_file().read_text().split()[0])
    kept = session.execute(text("SELECT contacts FROM need")).scalars().all()
    assert [PHONE.encode() in newest.decrypt(one.encode()) for one in kept] == [True] * 3


def test_a_running_process_takes_up_a_key_that_another_one_made(session: Session) -> None:
    need = make_need(session, contacts=[{"phone": PHONE}])
    others = new_secret()
    file = ciphers.secret_file()
    anew = Fernet(others).encrypt(cipher().decrypt(stored(session).encode())).decode()
    file.write_text(f"{others}\n{file.read_text()}")
    session.execute(text("UPDATE need SET contacts = :anew"), {"anew": anew})
    session.commit()
    session.expire_all()
    with pytest.raises(InvalidToken):
        cipher().decrypt(anew.encode())

    assert session.get_one(Need, need.id).contacts[0].phone == PHONE


def test_keys_of_the_data_folder_are_for_its_owner_alone(session: Session) -> None:
    make_need(session, contacts=[{"phone": PHONE}])

    assert ciphers.secret_file().stat().st_mode & 0o777 == 0o600


def test_with_a_database_elsewhere_a_key_must_be_given(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    cipher.cache_clear()
    monkeypatch.setattr(settings(), "database_url", "postgresql://elsewhere/duijie")

    told = CliRunner().invoke(app, ["api"])

    assert isinstance(told.exception, NoSecretKey)
    cipher.cache_clear()


@pytest.mark.parametrize("written", ["no key", "", f"{'A' * 43}=,short"])
def test_what_is_no_key_is_refused(session: Session, monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    cipher.cache_clear()
    monkeypatch.setattr(settings(), "secret_key", SecretStr(written))

    with pytest.raises(NoSecretKey):
        cipher()

    cipher.cache_clear()


def test_a_new_key_is_one_that_can_be_used() -> None:
    told = CliRunner().invoke(app, ["secrets", "new"])

    made = Fernet(told.output.strip())
    assert made.decrypt(made.encrypt(b"13800138000")) == b"13800138000"
