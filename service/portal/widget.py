"""The widget's script, and the same content as frames for portals that let no foreign script in."""

import base64
import hashlib
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from schemas.base import Label
from schemas.embed import EmbeddedQuery, EmbedElement, Widget
from service.embeds import site_keys as embeds
from service.embeds.content import show
from service.http.addresses import base_of
from service.http.dependencies import LiveIndexDep, SessionDep
from service.platform.problems import NotThere
from service.portal.headers import policy_for
from service.portal.pages import language_of_page, render
from service.portal.static import FOR_GOOD, SHORT, STATIC

router = APIRouter(include_in_schema=False)


@router.get("/widget.js")
def newest_widget() -> Response:
    return _script(SHORT)


@router.get("/widget-{version}.js")
def this_widget(version: Label) -> Response:
    """A page that names a version keeps it; after an upgrade it is gone, and the page names the next."""
    if version != about_widget().version:
        raise NotThere
    return _script(FOR_GOOD)


@router.get("/widget.json")
def about_widget() -> Widget:
    """The version there is, with the hash for the ``integrity`` of a script element."""
    digest = hashlib.sha384(_source()).digest()
    version = digest.hex()[:12]
    return Widget(
        version=version,
        src=f"/widget-{version}.js",
        integrity=f"sha384-{base64.b64encode(digest).decode()}",
    )


@router.get("/embed/{element}")
def frame(
    request: Request,
    session: SessionDep,
    index: LiveIndexDep,
    element: EmbedElement,
    asked: Annotated[EmbeddedQuery, Query()],
) -> HTMLResponse:
    """One element as a page of its own. Browsers keep it out of other sites than the embed lists."""
    embed = embeds.embed_for(session, asked.key, element, None)
    language = asked.lang or language_of_page(request)
    found = show(session, index, embed, element, asked, language, base_of(request))
    page = render(request, "frame.html", keep_language=False, element=element, asked=asked, found=found)
    page.headers["Content-Security-Policy"] = policy_for(" ".join(embed.origins))
    return page


@lru_cache
def _source() -> bytes:
    return (STATIC / "widget.js").read_bytes()


def _script(cache: str) -> Response:
    return Response(
        _source(),
        media_type="text/javascript",
        headers={"Cache-Control": cache, "Access-Control-Allow-Origin": "*"},
    )
