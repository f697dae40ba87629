"""Signing in through oidc-provider, a certified implementation that others wrote."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlmodel import Session, select

from schemas.account import ApiKey, Organization
from schemas.vocabulary import Role
from service.matches.live_index import LiveIndex
from service.portal import oidc
from tests.service.portal.test_oidc import ORIGIN
from tests.telling import set_to
from tests.tools import npm_file

PROGRAM = Path(__file__).with_name("oidc_provider.mjs")


@contextmanager
def provider(claims: dict[str, object], *, only_in_user_info: bool) -> Iterator[str]:
    library = str(npm_file("oidc-provider/lib/index.js"))
    arguments = [library, f"{ORIGIN}/sign-in/back", json.dumps(claims), json.dumps(only_in_user_info)]
    command = ["node", str(PROGRAM), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        try:
            yield running.stdout.readline().strip()
        finally:
            running.kill()
            oidc._discovered.cache_clear()


def signed_in_there(address: str) -> str:
    """Sign in and agree at the provider; the address to which it sends the browser back."""
    with requests.Session() as person:
        answer = person.get(address, allow_redirects=False, timeout=30)
        while True:
            if answer.is_redirect:
                onward = urljoin(answer.url, answer.headers["location"])
                if onward.startswith(ORIGIN):
                    return onward
                answer = person.get(onward, allow_redirects=False, timeout=30)
            else:
                form, prompt = (
                    found[1]
                    for pattern in (r'<form[^>]* action="([^"]+)"', r'name="prompt" value="([a-z]+)"')
                    if (found := re.search(pattern, answer.text))
                )
                filled = {"prompt": prompt, "login": "aygul", "password": "any"}
                answer = person.post(
                    urljoin(answer.url, form), data=filled, allow_redirects=False, timeout=30
                )


@pytest.mark.parametrize("only_in_user_info", [True, False])
def test_people_sign_in_with_claims_of_the_id_token_or_of_the_user_info(
    session: Session, owner: Organization, app: FastAPI, only_in_user_info: bool
) -> None:
    app.state.index = LiveIndex()
    claims: dict[str, object] = {
        "name": "阿依古丽",
        "organization": [str(owner.id)],
        "duijie_role": ["auditor", "broker"],
    }
    with (
        provider(claims, only_in_user_info=only_in_user_info) as issuer,
        set_to(
            oidc_issuer=issuer,
            oidc_client_secret=SecretStr("secret"),
            oidc_scope="openid profile organization",
        ),
        TestClient(app, base_url=ORIGIN, headers={"Accept": "text/html"}, follow_redirects=False) as browser,
    ):
        leaving = browser.get("/sign-in/provider?onward=/needs/new")

        answer = browser.get(signed_in_there(leaving.headers["location"]))

        key = session.exec(select(ApiKey)).one()
        assert answer.headers["location"] == "/needs/new"
        assert (key.organization_id, key.role, key.name) == (owner.id, Role.broker, "阿依古丽")
