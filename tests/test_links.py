"""As anybody who may sign in: every link of the portal leads to a page, and no form breaks, whatever is typed."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx2 as httpx
import pytest

from tests.browser.conftest import whole_site
from tests.mail_server import mail_server
from tests.running import OPERATOR_KEY, Program

pytestmark = [pytest.mark.journey, pytest.mark.model]

ROLES = ("nobody", "member", "integrator", "broker", "operator")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Of pages that differ in an id alone, so many are read: the demonstration data is alike in most of them.
_ALIKE = 4
_KEPT = {"form_token", "once", "version", "hash"}
_ODD = (
    "", "x", "\x01", "<script>alert(1)</script>", "=1+1", "9" * 30, "-1", "月球", "2026-13-45", "文" * 300,
    "%00", "\u202eabc", '{"a":1}', "1e400", "١٢٣", "' OR 1=1 --", "\U0001f44d" * 50,
)  # fmt: skip


class Form(NamedTuple):
    place: str
    method: str
    # By name, what each control held, or what it lets one choose from.
    fields: dict[str, list[str]]


class Html(HTMLParser):
    """The links and the forms of a page."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._address = str(page.url)
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(urljoin(self._address, given["href"]).partition("#")[0])
        elif tag == "form":
            place = urljoin(self._address, given.get("action", self._address))
            self.forms.append(Form(place, given.get("method", "get"), {}))
        elif tag == "option" and self.forms and self.forms[-1].fields:
            list(self.forms[-1].fields.values())[-1].append(given.get("value", ""))
        elif tag in ("input", "select", "textarea", "button") and self.forms and given.get("name"):
            self.forms[-1].fields[given["name"]] = [given["value"]] if "value" in given else []


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with mail_server() as mailbox:
        running = whole_site(tmp_path_factory.mktemp("links") / "var", mailbox)
        yield running
        running.end()


class Reader(NamedTuple):
    """Somebody at the portal, and what every link showed to them."""

    role: str
    client: httpx.Client
    pages: dict[str, httpx.Response]


@pytest.fixture(scope="module", params=ROLES)
def reader(program: Program, request: pytest.FixtureRequest) -> Iterator[Reader]:
    headers = {"Origin": program.address, "Accept-Language": "zh-CN"}
    with httpx.Client(base_url=program.address, headers=headers, timeout=60, follow_redirects=True) as client:
        keys = {**dict(re.findall(r"（(\w+)）：(\S+)", program.said())), "operator": OPERATOR_KEY}
        if request.param != "nobody":
            assert client.post("/sign-in", data={"key": keys[request.param]}).url.path == "/my"
        yield Reader(request.param, client, dict(_pages(program, client)))


def test_every_link_leads_to_a_page(reader: Reader) -> None:
    # Whoever is not signed in is asked to.
    fine = {200, 401} if reader.role == "nobody" else {200}

    odd = {
        address: page.status_code for address, page in reader.pages.items() if page.status_code not in fine
    }

    assert odd == {}
    assert len(reader.pages) > 40


def test_no_form_breaks_whatever_is_typed(reader: Reader) -> None:
    chance = random.Random(reader.role)
    forms: dict[Any, Form] = {}
    for page in reader.pages.values():
        for form in Html(page).forms:
            forms.setdefault((form.method, _kind_of(form.place), *form.fields), form)

    broken = []
    for form in forms.values():
        if form.place.endswith("/sign-out"):
            continue
        for _ in range(4):
            typed = {name: _typed(chance, name, values) for name, values in form.fields.items()}
            if form.method == "post":
                answer = reader.client.post(form.place, data=typed)
            else:
                answer = reader.client.get(form.place, params=typed)
            if answer.status_code >= 500 or "<script>alert" in answer.text:
                broken.append((form.place, answer.status_code, typed))

    assert broken == []
    assert len(forms) > 4


def _pages(program: Program, client: httpx.Client) -> Iterator[tuple[str, httpx.Response]]:
    """From the home page on, each page that a link leads to, once."""
    waiting, seen, alike = [program.address + "/"], set[str](), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        kind = _kind_of(address)
        if address in seen or alike[kind] >= _ALIKE:
            continue
        seen.add(address)
        alike[kind] += 1
        page = client.get(address)
        yield address, page
        if page.headers.get("content-type", "").startswith("text/html"):
            waiting += [
                link for link in Html(page).links if link.startswith(program.address) and "/docs" not in link
            ]


def _kind_of(address: str) -> str:
    return _ID.sub("{id}", urlsplit(address).path)


def _typed(chance: random.Random, name: str, values: list[str]) -> str:
    if name in _KEPT:
        return values[0]
    return chance.choice([*_ODD, *values, *values, *values])
