"""The plans' targets, beside what was counted year by year."""

import json
from collections.abc import Iterable
from importlib.resources import files
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from schemas.base import now
from schemas.target import (
    Target,
    TargetChange,
    TargetCreate,
    TargetShown,
    TargetValue,
    TargetValueSet,
    Year,
    YearFigure,
)
from schemas.wording import Wording
from service.access import audit
from service.access.principal import Permission, Principal
from service.contracts.registration_rules.working_days import today
from service.contracts.totals import counted_years
from service.platform.changes import assign
from service.platform.problems import Conflict, NotThere, Unfit
from service.platform.versions import Seen, require_version

# The one target that this service counts itself, whatever plan sets it.
_OF_CONTRACTS = "tech_contract_value"


def list_targets(session: Session, caller: Principal) -> list[TargetShown]:
    """Plan by plan, the newest plan first, each in the order in which its targets were written down."""
    caller.require(Permission.posting_read)
    targets = session.exec(select(Target).order_by(col(Target.due_year).desc(), col(Target.id))).all()
    values = values_of(session, [target.id for target in targets])
    return [shown_target(session, target, values.get(target.id, {})) for target in targets]


def access_target(session: Session, caller: Principal, target_id: UUID, seen: Seen = None) -> Target:
    """Load and lock a target to change it, or its figures."""
    caller.require(Permission.target_manage)
    found = session.exec(select(Target).where(Target.id == target_id).with_for_update()).first()
    if found is None:
        raise NotThere
    require_version(seen, found.version)
    return found


def create_target(session: Session, caller: Principal, body: TargetCreate) -> TargetShown:
    caller.require(Permission.target_manage)
    target = Target.model_validate(body.model_dump())
    session.add(target)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(
            Wording("该规划已有同名指标键", "This plan has a target with this key already")
        ) from error
    audit.note(session, caller, "target.create", target.id, key=target.key)
    return shown_target(session, target, {})


def change_target(session: Session, caller: Principal, target: Target, body: TargetChange) -> TargetShown:
    if not assign(target, body):
        return shown_target(session, target, values_of(session, [target.id]).get(target.id, {}))
    if target.due_year < target.first_year:
        raise _reversed("/due_year")
    if target.at_most is not None and target.at_most < target.at_least:
        raise _reversed("/at_most")
    target.version += 1
    target.updated_at = now()
    audit.note(session, caller, "target.change", target.id, key=target.key)
    return shown_target(session, target, values_of(session, [target.id]).get(target.id, {}))


def delete_target(session: Session, caller: Principal, target: Target) -> None:
    """With all of its figures."""
    audit.note(session, caller, "target.delete", target.id, key=target.key)
    session.delete(target)


def set_value(
    session: Session, caller: Principal, target: Target, year: Year, body: TargetValueSet
) -> TargetShown:
    """Enter what was counted in a year, or correct it."""
    audit.note(session, caller, "target.count", target.id, key=target.key, year=year, value=body.value)
    session.merge(TargetValue(target_id=target.id, year=year, **body.model_dump()))
    session.flush()
    return shown_target(session, target, values_of(session, [target.id])[target.id])


def forget_value(session: Session, caller: Principal, target: Target, year: Year) -> None:
    audit.note(session, caller, "target.forget", target.id, key=target.key, year=year)
    session.exec(
        delete(TargetValue).where(col(TargetValue.target_id) == target.id, col(TargetValue.year) == year)
    )


def plan_targets() -> list[TargetCreate]:
    """Those of the Third Division's plan for 2021 to 2025, from its chapters 3 and 5."""
    rows = json.loads((files("schemas") / "data" / "targets.json").read_text(encoding="utf-8"))
    return [TargetCreate.model_validate(row) for row in rows]


def load_plan_targets(session: Session) -> None:
    """Where there is none, so that what operators changed stays changed."""
    if session.exec(select(Target.id)).first() is None:
        targets = [Target.model_validate(target.model_dump()) for target in plan_targets()]
        session.add_all(targets)
        audit.note(session, None, "target.load", None, targets=len(targets))


def values_of(session: Session, target_ids: Iterable[UUID]) -> dict[UUID, dict[int, TargetValue]]:
    found: dict[UUID, dict[int, TargetValue]] = {}
    for value in session.exec(select(TargetValue).where(col(TargetValue.target_id).in_(list(target_ids)))):
        found.setdefault(value.target_id, {})[value.year] = value
    return found


def shown_target(session: Session, target: Target, values: dict[int, TargetValue]) -> TargetShown:
    years: list[YearFigure] = []
    total: float | None = 0.0 if target.accumulates else None
    for year in range(target.first_year, max([target.due_year, *values]) + 1):
        found = values.get(year)
        total = None if total is None or found is None else total + found.value
        years.append(
            YearFigure(
                year=year,
                value=found.value if found else None,
                cumulative=total,
                source=found.source if found else "",
            )
        )
    latest = next((one for one in reversed(years) if one.value is not None), None)
    counted = None
    if target.key == _OF_CONTRACTS:
        counted = counted_years(session, target.first_year, max(target.due_year, today().year))
    return TargetShown(
        **target.model_dump(exclude={"updated_at"}), years=years, latest=latest, counted=counted
    )


def _reversed(pointer: str) -> Unfit:
    return Unfit(pointer, "range_reversed", Wording("下限高于上限", "The lower end is above the upper end"))
