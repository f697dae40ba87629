"""/v1/mail-addresses"""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from schemas.mail import MailAddressCreate, MailAddressShown
from service.access.idempotency import personal
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.once import IdempotencyKey, once
from service.notices import mail_addresses

router = APIRouter(prefix="/v1/mail-addresses", tags=["notifications"])


@router.post("", status_code=201, response_model=MailAddressShown)
def post_mail_address(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    body: MailAddressCreate,
    key: IdempotencyKey = None,
) -> Response:
    """Have notices mailed. The address first gets a link to confirm, and nothing before that was followed."""

    def keep() -> MailAddressShown:
        return mail_addresses.shown(mail_addresses.keep_preference(session, caller, body))

    return once(session, caller, key, request, personal(caller, body), keep)


@router.get("")
def get_mail_addresses(session: SessionDep, caller: PrincipalDep) -> list[MailAddressShown]:
    """The caller's own addresses, and the organisation's, newest first."""
    return mail_addresses.list_addresses(session, caller)


@router.delete("/{address_id}", status_code=204)
def delete_mail_address(session: SessionDep, caller: PrincipalDep, address_id: UUID) -> None:
    """Take an address away, with what waits to be mailed to it."""
    mail_addresses.remove_address(session, caller, address_id)
