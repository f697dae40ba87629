"""Answers from 1 KB on are compressed for whoever says they take it."""

import gzip

import brotli
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session

from service.matches.live_index import LiveIndex
from service.portal.static import static_url
from tests.conftest import ClientFor
from tests.make import make_need, make_organization

LONG = "残膜回收" * 400
PATHS = (
    "/",
    "/nowhere",
    "/needs",
    "/v1/needs",
    "/v1/domains",
    "/openapi.json",
    "/v1/exports/needs?format=csv",
    "/v1/exports/needs?format=jsonl",
    "/feeds/needs.atom",
    "/feeds/needs.json",
    "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    "/sitemap.xml",
    "/statistics.csv",
    "/widget.js",
    "/static/portal.css",
    # Sent in several pieces.
    static_url("swagger-ui.css"),
)


@pytest.fixture
def client(session: Session, app: FastAPI, client_for: ClientFor) -> TestClient:
    app.state.index = LiveIndex()
    owner = make_organization(session)
    made = client_for(owner)
    for _ in range(12):
        make_need(session, owner, title="残膜回收", description=LONG)
    made.headers["Accept"] = "text/html"
    return made


def fetch(client: TestClient, path: str, encodings: str, method: str = "GET") -> tuple[dict[str, str], bytes]:
    """Headers, and the body as it travels."""
    with client.stream(method, path, headers={"Accept-Encoding": encodings}) as answer:
        return dict(answer.headers), b"".join(answer.iter_raw())


@pytest.mark.parametrize("path", PATHS)
def test_what_is_long_travels_compressed_as_the_reader_takes_it(client: TestClient, path: str) -> None:
    plain_headers, plain = fetch(client, path, "identity")
    gzip_headers, zipped = fetch(client, path, "gzip")
    brotli_headers, broken = fetch(client, path, "gzip, deflate, br, zstd")
    head, nothing = (
        fetch(client, path, "gzip", "HEAD") if not path.startswith("/v1/") else (gzip_headers, b"")
    )

    assert "content-encoding" not in plain_headers
    assert (gzip_headers["content-encoding"], brotli_headers["content-encoding"]) == ("gzip", "br")
    assert len(gzip.decompress(zipped)) == pytest.approx(len(plain), abs=300)
    assert len(brotli.decompress(broken)) == pytest.approx(len(plain), abs=300)
    assert max(len(zipped), len(broken)) < len(plain)
    for headers in (plain_headers, gzip_headers, brotli_headers, head):
        assert "accept-encoding" in headers["vary"].lower()
    for headers, body in ((plain_headers, plain), (gzip_headers, zipped), (brotli_headers, broken)):
        assert headers.get("content-length", str(len(body))) == str(len(body))
    assert (head.get("content-encoding"), nothing) == ("gzip", b"")
    assert "content-length" not in head or int(head["content-length"]) == pytest.approx(len(zipped), abs=99)


@pytest.mark.parametrize(
    "path", ["/healthz", "/robots.txt", "/v1/exports/needs?format=xlsx", "/v1/needs/none"]
)
def test_what_is_short_or_compressed_already_stays_as_it_is(client: TestClient, path: str) -> None:
    headers, _ = fetch(client, path, "gzip, br")

    assert "content-encoding" not in headers


@pytest.mark.parametrize("path", ["/feeds/needs.atom", "/static/portal.css"])
def test_what_was_kept_in_one_encoding_is_known_in_every_other(client: TestClient, path: str) -> None:
    tags = {fetch(client, path, encoding)[0]["etag"] for encoding in ("identity", "gzip", "br")}
    (tag,) = tags

    asked = {"If-None-Match": tag, "Accept-Encoding": "gzip"}

    assert tag.startswith("W/")
    assert client.get(path, headers=asked).status_code == 304
