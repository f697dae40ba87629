"""/v1/targets: what a plan wants reached, beside what was counted."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from schemas.target import TargetChange, TargetCreate, TargetShown, TargetValueSet
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.etags import IfMatch, tag
from service.http.once import IdempotencyKey, once
from service.statistics import targets

router = APIRouter(prefix="/v1/targets", tags=["statistics"])

YearOf = Annotated[int, Path(ge=2000, le=2100)]


@router.get("")
def get_targets(session: SessionDep, caller: PrincipalDep) -> list[TargetShown]:
    """The plans' targets, the newest plan first, each with its figures year by year and added up."""
    return targets.list_targets(session, caller)


@router.post("", status_code=201, response_model=TargetShown)
def post_target(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    body: TargetCreate,
    key: IdempotencyKey = None,
) -> Response:
    """Add a target, of this plan or of the next. For operators."""
    return once(session, caller, key, request, body, lambda: targets.create_target(session, caller, body))


@router.patch("/{target_id}")
def patch_target(
    response: Response,
    session: SessionDep,
    caller: PrincipalDep,
    target_id: UUID,
    body: TargetChange,
    seen: IfMatch = None,
) -> TargetShown:
    """Change what was sent of a target. For operators."""
    shown = targets.change_target(
        session, caller, targets.access_target(session, caller, target_id, seen), body
    )
    tag(response, shown.version)
    return shown


@router.delete("/{target_id}", status_code=204)
def delete_target(session: SessionDep, caller: PrincipalDep, target_id: UUID) -> None:
    """Take a target away, with its figures. For operators."""
    targets.delete_target(session, caller, targets.access_target(session, caller, target_id))


@router.put("/{target_id}/values/{year}")
def put_value(
    session: SessionDep, caller: PrincipalDep, target_id: UUID, year: YearOf, body: TargetValueSet
) -> TargetShown:
    """Enter what was counted in a year, or correct it. For operators."""
    return targets.set_value(session, caller, targets.access_target(session, caller, target_id), year, body)


@router.delete("/{target_id}/values/{year}", status_code=204)
def delete_value(session: SessionDep, caller: PrincipalDep, target_id: UUID, year: YearOf) -> None:
    """Take the figure of a year away. For operators."""
    targets.forget_value(session, caller, targets.access_target(session, caller, target_id), year)
