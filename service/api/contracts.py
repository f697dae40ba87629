"""/v1/contracts, and the way there from an introduction."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from schemas.base import Page
from schemas.contract import (
    Contract,
    ContractCancel,
    ContractEntered,
    ContractRefuse,
    ContractRegister,
    ContractShown,
    ContractSign,
    ContractSubmit,
    VersionShown,
)
from schemas.contract_check import PrecheckQuery, PrecheckShown
from schemas.contract_terms import ContractContent
from schemas.contract_totals import ContractTotals
from service.access.principal import Principal
from service.contracts import (
    contracts,
)
from service.contracts import (
    drafts as contract_drafts,
)
from service.contracts import (
    registration as contract_registration,
)
from service.contracts.export import KINDS, Format, export_contracts
from service.contracts.totals import TotalsQuery, contract_totals
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.etags import IfMatch, tag
from service.http.language import LanguageDep
from service.http.once import IdempotencyKey, once

router = APIRouter(tags=["contracts"])


def _shown(session: Session, caller: Principal, one: Contract) -> ContractShown:
    return contracts.shown(session, caller, [one])[0]


@router.post("/v1/introductions/{introduction_id}/contract", status_code=201, response_model=ContractShown)
def draft_contract(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    introduction_id: UUID,
    body: ContractContent,
    key: IdempotencyKey = None,
) -> Response:
    """Draft a contract between the two of an introduction. One at a time, until it is fulfilled or cancelled."""

    def draft() -> ContractShown:
        return _shown(session, caller, contract_drafts.draft_from(session, caller, introduction_id, body))

    return once(session, caller, key, request, body, draft)


@router.post("/v1/contracts", status_code=201, response_model=ContractShown)
def enter_contract(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    body: ContractEntered,
    key: IdempotencyKey = None,
) -> Response:
    """Operators enter a contract that was concluded elsewhere. It counts as signed."""

    def enter() -> ContractShown:
        return _shown(session, caller, contract_drafts.enter(session, caller, body))

    return once(session, caller, key, request, body, enter)


@router.get("/v1/contracts")
def get_contracts(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[contracts.ContractQuery, Query()]
) -> Page[ContractShown]:
    """Contracts that the caller has a part in, newest first. Operators list all."""
    return contracts.list_contracts(session, caller, asked)


@router.get("/v1/contracts/totals")
def get_contract_totals(
    session: SessionDep, caller: PrincipalDep, asked: Annotated[TotalsQuery, Query()]
) -> ContractTotals:
    """What registered contracts come to, by type, domain, affiliation and month; for operators and brokers."""
    return contract_totals(session, caller, asked)


@router.get(
    "/v1/contracts/export",
    response_class=Response,
    responses={200: {"content": {kind.split(";")[0]: {} for kind in KINDS.values()}}},
)
def export_contract_form(session: SessionDep, caller: PrincipalDep, format: Format = "xlsx") -> Response:  # noqa: A002
    """The caller's contracts in the columns of the national registration form; operators get everybody's."""
    return Response(
        export_contracts(session, caller, format),
        media_type=KINDS[format],
        headers={"Content-Disposition": f'attachment; filename="duijie-contracts.{format}"'},
    )


@router.get("/v1/contracts/{contract_id}")
def get_contract(
    session: SessionDep, caller: PrincipalDep, contract_id: UUID, response: Response
) -> ContractShown:
    """Read one contract. Its broker reads who, what kind, how far and how much."""
    found, _ = contracts.access_contract(session, caller, contract_id)
    tag(response, found.version)
    return _shown(session, caller, found)


@router.get("/v1/contracts/{contract_id}/versions")
def get_contract_versions(session: SessionDep, caller: PrincipalDep, contract_id: UUID) -> list[VersionShown]:
    """Every version, oldest first, with its hash and its signatures."""
    return contracts.list_versions(session, caller, contract_id)


@router.get("/v1/contracts/{contract_id}/precheck")
def get_contract_precheck(
    session: SessionDep,
    caller: PrincipalDep,
    language: LanguageDep,
    contract_id: UUID,
    asked: Annotated[PrecheckQuery, Query()],
) -> PrecheckShown:
    """What the registration rules find: its type, grounds for refusal, what is missing, the time. No decision."""
    return contract_registration.precheck(session, caller, contract_id, asked, language)


@router.put("/v1/contracts/{contract_id}/content")
def change_contract(
    session: SessionDep,
    caller: PrincipalDep,
    contract_id: UUID,
    body: ContractContent,
    seen: IfMatch,
    response: Response,
) -> ContractShown:
    """Write another version of a draft or an amendment. Signatures of older versions do not count for it."""
    changed = contracts.change(session, caller, contract_id, body, seen)
    tag(response, changed.version)
    return _shown(session, caller, changed)


@router.post("/v1/contracts/{contract_id}/sign")
def sign_contract(
    session: SessionDep, caller: PrincipalDep, contract_id: UUID, body: ContractSign
) -> ContractShown:
    """Sign the version that counts, by its number and hash. With both signatures it is signed."""
    return _shown(session, caller, contracts.sign(session, caller, contract_id, body))


@router.post("/v1/contracts/{contract_id}/amend")
def amend_contract(
    session: SessionDep, caller: PrincipalDep, contract_id: UUID, body: ContractContent
) -> ContractShown:
    """Propose other terms for a signed contract. Once both have signed, it has to be registered again."""
    return _shown(session, caller, contracts.amend(session, caller, contract_id, body))


@router.post("/v1/contracts/{contract_id}/terminate")
def terminate_contract(session: SessionDep, caller: PrincipalDep, contract_id: UUID) -> ContractShown:
    """Propose to end a signed contract by agreement. Both sign that; a registered one is then handed in again."""
    return _shown(session, caller, contracts.terminate(session, caller, contract_id))


@router.post("/v1/contracts/{contract_id}/restore")
def restore_contract(session: SessionDep, caller: PrincipalDep, contract_id: UUID) -> ContractShown:
    """Give up what was proposed; the signed version counts again."""
    return _shown(session, caller, contracts.restore(session, caller, contract_id))


@router.post("/v1/contracts/{contract_id}/submit")
def submit_contract(
    session: SessionDep, caller: PrincipalDep, contract_id: UUID, body: ContractSubmit
) -> ContractShown:
    """Hand it in for registration (认定登记): the seller does. The rules that count on that day are kept with it."""
    return _shown(session, caller, contract_registration.submit(session, caller, contract_id, body))


@router.post("/v1/contracts/{contract_id}/withdraw")
def withdraw_contract(session: SessionDep, caller: PrincipalDep, contract_id: UUID) -> ContractShown:
    """Take it back from registration, or give it back to be completed."""
    return _shown(session, caller, contract_registration.withdraw(session, caller, contract_id))


@router.post("/v1/contracts/{contract_id}/register")
def register_contract(
    session: SessionDep, caller: PrincipalDep, contract_id: UUID, body: ContractRegister
) -> ContractShown:
    """Operators enter the registry's number of 16 digits. From then on it is in the totals, once."""
    return _shown(session, caller, contract_registration.register(session, caller, contract_id, body))


@router.post("/v1/contracts/{contract_id}/refuse")
def refuse_contract(
    session: SessionDep, caller: PrincipalDep, contract_id: UUID, body: ContractRefuse
) -> ContractShown:
    """Operators enter that the registry refused, and on which ground."""
    return _shown(session, caller, contract_registration.refuse(session, caller, contract_id, body))


@router.post("/v1/contracts/{contract_id}/fulfil")
def fulfil_contract(session: SessionDep, caller: PrincipalDep, contract_id: UUID) -> ContractShown:
    """All that was agreed is done, says the buyer. It stays in the totals."""
    return _shown(session, caller, contracts.fulfil(session, caller, contract_id))


@router.post("/v1/contracts/{contract_id}/cancel")
def cancel_contract(
    session: SessionDep, caller: PrincipalDep, contract_id: UUID, body: ContractCancel
) -> ContractShown:
    """A side gives up a draft. Operators note that a contract ended by law or was void; the totals are turned back."""
    return _shown(session, caller, contracts.cancel(session, caller, contract_id, body))
