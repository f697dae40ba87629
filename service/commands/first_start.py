"""What an empty database needs: an operator with a key, and, where wanted, the demonstration data."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from sqlalchemy import func
from sqlmodel import Session, col, select

from schemas.account import ApiKey, ApiKeyCreate, Organization
from schemas.base import now
from schemas.vocabulary import Affiliation, OrganizationKind, Role
from service.access import audit
from service.access.key_text import new_key, require_strong
from service.access.keys import keep_key
from service.demo import demo_keys, load_demo
from service.platform.db import transaction
from service.platform.settings import settings
from service.statistics.targets import load_plan_targets

_OPERATOR = "平台运营方"


def ensure_operator(session: Session) -> str | None:
    """The first operator's key, taken from the settings or made; None when there is an operator already."""
    if session.exec(select(ApiKey.id).where(col(ApiKey.role) == Role.operator)).first() is not None:
        return None
    given = settings().operator_key
    if given:
        require_strong(given.get_secret_value())
    key = given.get_secret_value() if given else new_key()
    operator = Organization(
        name=_OPERATOR, kind=OrganizationKind.government, affiliation=Affiliation.corps, verified_at=now()
    )
    session.add(operator)
    session.flush()
    made = keep_key(session, operator.id, ApiKeyCreate(role=Role.operator, name="初始", expires_at=None), key)
    audit.note(session, None, "organization.create", operator.id, [operator.id])
    audit.note(session, None, "key.issue", made.id, [operator.id], to_role=Role.operator.value)
    return key


def prepare(
    progress: Callable[[str, float], None], demo: Literal["never", "when_empty", "always"] = "never"
) -> dict[Role, str]:
    """Make an empty database usable; what is there is left alone. The keys to show a person.

    In embedded mode the keys are kept
    beside the database, readable by its owner alone, so that the next start can show them again.
    A key that came by the settings is not written anywhere.
    """
    path = settings().data_dir / "keys.json"
    with transaction() as session:
        keys: dict[Role, str] = {}
        empty = session.exec(select(func.count()).select_from(Organization)).one() == 0
        operator_key = ensure_operator(session)
        if operator_key is not None:
            keys[Role.operator] = operator_key
        load_plan_targets(session)
        if demo == "always" or (demo == "when_empty" and empty and settings().demo):
            load_demo(session, progress)
            keys |= demo_keys(session) if empty else {}
    if not settings().embedded:
        return keys
    if keys:
        _keep(path, keys)
    return keys or _kept(path)


def locally_created_keys(keys: dict[Role, str]) -> dict[Role, str]:
    """Without the operator key that the settings gave: whoever set it has it already."""
    given = settings().operator_key
    return {role: key for role, key in keys.items() if given is None or key != given.get_secret_value()}


def _keep(path: Path, keys: dict[Role, str]) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(locally_created_keys(keys), indent=1), encoding="utf-8")


def _kept(path: Path) -> dict[Role, str]:
    if not path.exists():
        return {}
    return {Role(role): key for role, key in json.loads(path.read_text(encoding="utf-8")).items()}
