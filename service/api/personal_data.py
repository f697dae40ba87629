"""/v1/personal-data: what is kept of persons, handed over and erased (个人信息保护法)."""

from fastapi import APIRouter

from schemas.personal_data import PersonalDataErasure, PersonalDataExport, PersonAsked, PurposeShown
from service.http.dependencies import PrincipalDep, SessionDep
from service.trust import subject_requests as personal_data

router = APIRouter(prefix="/v1/personal-data", tags=["personal data"])


@router.get("/purposes")
def get_purposes() -> list[PurposeShown]:
    """What is kept of persons, what for, on which legal ground, and how long. Open to anybody."""
    return personal_data.purposes()


@router.post("/export")
def export_personal_data(session: SessionDep, caller: PrincipalDep, body: PersonAsked) -> PersonalDataExport:
    """Everything that is kept of a person: operators everywhere, others of their own organisation's people."""
    return personal_data.export(session, caller, body)


@router.post("/erase")
def erase_personal_data(session: SessionDep, caller: PrincipalDep, body: PersonAsked) -> PersonalDataErasure:
    """Erase what is kept of a person, in the same places. The answer says what stays, and why."""
    return personal_data.erase(session, caller, body)
