"""/v1/embeds: for whoever makes them. /v1/embedded: for browsers on the sites that they list."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from schemas.base import Plain
from schemas.embed import EmbedCreate, EmbeddedList, EmbeddedQuery, EmbedElement, EmbedShown
from service.embeds import site_keys as embeds
from service.embeds.content import show
from service.http.addresses import base_of
from service.http.dependencies import LiveIndexDep, PrincipalDep, SessionDep
from service.http.language import language_of
from service.http.once import IdempotencyKey, once

router = APIRouter(prefix="/v1", tags=["embeds"])


@router.post("/embeds", status_code=201, response_model=EmbedShown)
def post_embed(
    request: Request, session: SessionDep, caller: PrincipalDep, body: EmbedCreate, key: IdempotencyKey = None
) -> Response:
    """Let other sites show public postings and matches, within these bounds. The answer has the site key."""
    return once(session, caller, key, request, body, lambda: embeds.make_embed(session, caller, body))


@router.get("/embeds")
def get_embeds(session: SessionDep, caller: PrincipalDep) -> list[EmbedShown]:
    """The organisation's embeds, newest first, with how often they were asked."""
    return embeds.list_embeds(session, caller)


@router.delete("/embeds/{embed_id}", status_code=204)
def delete_embed(session: SessionDep, caller: PrincipalDep, embed_id: UUID) -> None:
    """Revoke an embed. Its site key is refused from the next request on."""
    embeds.revoke_embed(session, caller, embed_id)


@router.get("/embedded/{element}")
def get_embedded(
    request: Request,
    response: Response,
    session: SessionDep,
    index: LiveIndexDep,
    element: EmbedElement,
    asked: Annotated[EmbeddedQuery, Query()],
    origin: Annotated[Plain, Header()] = "",
) -> EmbeddedList:
    """What the widget shows. The browser names the page's origin, which the embed must list."""
    embed = embeds.embed_for(session, asked.key, element, origin)
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Vary"] = "Origin, Accept-Language"
    language = asked.lang or language_of(request)
    return show(session, index, embed, element, asked, language, base_of(request))
