"""No page is left out where all pages are looked at in a browser."""

from fastapi import FastAPI

from tests.browser.pages import LOOKS, NO_PAGES, shape
from tests.service.challenges.test_bid_sealing import get_paths


def test_every_route_that_answers_get_is_looked_at_or_named_as_no_page(app: FastAPI) -> None:
    answering = {path for path in get_paths(app) if not path.startswith("/v1/")}
    looked_at = {shape(one.address) for one in LOOKS}

    unseen = {path for path in answering - NO_PAGES if shape(path) not in looked_at}

    assert len(answering) > 40
    assert unseen == set()
    assert answering >= NO_PAGES
    assert looked_at - {shape(path) for path in answering} == {"/nowhere"}
