"""The desk's organisations: suspending one, reinstating it, merging it into another."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from schemas.account import OrganizationMerge, OrganizationSuspend
from service.access.principal import Permission
from service.http.dependencies import SessionDep
from service.platform.locales import messages_of
from service.platform.problems import Problem, why
from service.portal.desk import show_desk
from service.portal.field_errors import by_field
from service.portal.organizations import named_organization
from service.portal.pages import PageLanguageDep
from service.portal.sessions import SenderDep, SentFormDep
from service.trust import standing as organization_standing

router = APIRouter(include_in_schema=False, prefix="/desk/organizations")


@router.post("/suspend")
def suspend(
    request: Request, session: SessionDep, visitor: SenderDep, form: SentFormDep, language: PageLanguageDep
) -> Response:
    return _change(request, session, visitor, form, language, merging=False)


@router.post("/merge")
def merge(
    request: Request, session: SessionDep, visitor: SenderDep, form: SentFormDep, language: PageLanguageDep
) -> Response:
    return _change(request, session, visitor, form, language, merging=True)


@router.post("/{organization_id}/reinstate")
def reinstate(session: SessionDep, visitor: SenderDep, organization_id: UUID) -> Response:
    organization_standing.reinstate(session, visitor.principal, organization_id)
    return RedirectResponse("/desk#standing", 303)


def _change(
    request: Request,
    session: SessionDep,
    visitor: SenderDep,
    form: SentFormDep,
    language: str,
    *,
    merging: bool,
) -> Response:
    caller = visitor.principal
    caller.require(Permission.organization_manage)
    named = named_organization(session, str(form.get("organization") or "").strip())
    into = named_organization(session, str(form.get("into") or "").strip()) if merging else None
    try:
        if named is None or (merging and into is None):
            wrong = messages_of(language).gettext("请填写已登记单位的名称、信用代码或编号。")
        elif into is not None:
            # What is refused leaves no trace.
            with session.begin_nested():
                organization_standing.merge(session, caller, named, OrganizationMerge(into_id=into))
            return RedirectResponse("/desk#standing", 303)
        else:
            body = OrganizationSuspend(reason=str(form.get("reason") or ""))
            organization_standing.suspend(session, caller, named, body)
            return RedirectResponse("/desk#standing", 303)
    except ValidationError as error:
        wrong = " ".join(by_field(error.errors(), language).values())
    except Problem as problem:
        wrong = why(problem, language)
    standing_wrong = ("merge" if merging else "suspend", wrong)
    return show_desk(request, session, visitor, status=422, standing_wrong=standing_wrong, typed=form)
