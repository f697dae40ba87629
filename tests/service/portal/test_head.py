"""HEAD, which link checkers, proxies and readers of feeds ask before they ask for a page."""

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.account import Organization
from tests.make import make_capability, make_need
from tests.service.portal.test_public import visitor as visitor  # noqa: PLC0414

PATHS = (
    "/",
    "/needs",
    "/needs/{need}",
    "/capabilities",
    "/search?q=棉花打顶",
    "/challenges",
    "/statistics",
    "/privacy",
    "/sign-in",
    "/docs",
    "/feeds/needs.atom",
    "/feeds/capabilities.json",
    "/sitemap.xml",
    "/robots.txt",
    "/oai?verb=Identify",
    "/widget.js",
    "/widget.json",
    "/embed/latest?key=djs_nobodys&side=needs",
    "/my",
    "/nowhere",
)


@pytest.mark.model
@pytest.mark.parametrize("path", PATHS)
def test_head_answers_what_get_does_without_the_body(
    session: Session, owner: Organization, visitor: TestClient, path: str
) -> None:
    need = make_need(session, owner, title="骏枣裂果控制")
    make_capability(session, owner, title="枣园环剥技术")

    asked = visitor.head(path.format(need=need.id))
    whole = visitor.get(path.format(need=need.id))

    assert asked.status_code == whole.status_code
    assert asked.headers.get("content-type") == whole.headers.get("content-type")
    assert asked.headers.get("location") == whole.headers.get("location")
    assert asked.content == b""
