"""Files of pages: named by their contents and kept for good."""

import re

import pytest
from fastapi.testclient import TestClient

from service.portal.static import static_url
from tests.service.portal.test_public import visitor as visitor  # noqa: PLC0414

SHORT, FOR_GOOD = "public, max-age=3600", "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/", "/docs", "/sign-in", "/embed/latest?key=djs_nobodys"])
def test_pages_name_files_that_browsers_keep_for_good(visitor: TestClient, path: str) -> None:
    named = set(re.findall('(?:href|src)="(/static[^"]+)"', visitor.get(path).text))

    answers = [visitor.get(address) for address in named]

    assert len(named) >= 1
    assert {(answer.status_code, answer.headers["cache-control"]) for answer in answers} == {(200, FOR_GOOD)}


def test_a_name_changes_with_the_contents_alone(visitor: TestClient) -> None:
    plain, hashed = (visitor.get(path) for path in ("/static/portal.css", static_url("portal.css")))
    of_another_release = visitor.get("/static/portal.0123456789ab.css")

    assert plain.text == hashed.text == of_another_release.text
    assert {plain.headers["cache-control"], of_another_release.headers["cache-control"]} == {SHORT}
    assert visitor.get("/static/nothing.0123456789ab.css").status_code == 404
    assert visitor.get("/static/nothing.css").status_code == 404


def test_who_has_a_file_need_not_load_it_again(visitor: TestClient) -> None:
    tag = visitor.get("/static/portal.css").headers["etag"]

    again = visitor.get("/static/portal.css", headers={"If-None-Match": tag})
    piece = {"Range": "bytes=0-9", "If-Range": tag}

    assert tag.startswith('W/"')
    assert (again.status_code, again.headers["etag"], again.headers["cache-control"]) == (304, tag, SHORT)
    # A weak tag promises no bytes, so no piece is appended to what came in another encoding.
    assert visitor.get("/static/portal.css", headers=piece).status_code == 200
