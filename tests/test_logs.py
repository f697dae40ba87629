"""Logs hold neither contacts nor keys nor tokens: a journey at the wordiest level, and all that it left searched."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from schemas.sealed import TOKEN_MARK
from service.portal.form_tokens import unmasked
from tests.running import OPERATOR_KEY, Program, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.model]

# To be recognised wherever they turn up, however they are cut.
PHONE, EMAIL, NAME = "13812340987", "leak.canary@tmsk.example", "康纳瑞"
IDENTITY = "65312319900307123X"
WRONG_KEY = "dj_canary-that-nobody-has"
CONTACTS = [{"name": NAME, "phone": PHONE, "email": EMAIL}]
TEXT = f"联系{NAME} {PHONE} {EMAIL}，身份证{IDENTITY}"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    running = Program(tmp_path_factory.mktemp("logs") / "var", LOG_LEVEL="debug", RETRY_PAUSE="0.2")
    running.start()
    yield running
    running.end()


def key_of(client: httpx.Client) -> str:
    return str(client.headers["Authorization"]).removeprefix("Bearer ")


def browse(program: Program, key: str) -> list[str]:
    """Sign in and post by the form; what the browser holds that nobody else should."""
    with httpx.Client(
        base_url=program.address, headers={"Origin": program.address, "Accept": "text/html"}, timeout=60
    ) as browser:
        browser.post("/sign-in", data={"key": WRONG_KEY})
        browser.post("/sign-in", data={"key": key})
        page = browser.get("/needs/new").text
        (form_token,) = set(re.findall('name="form_token" value="([^"]+)"', page))
        once = re.findall('name="once" value="([^"]+)"', page)[0]
        form = {"form_token": form_token, "once": once, "title": "残膜回收", "description": TEXT}
        for do in ("preview", "publish", "draft"):
            browser.post("/needs/new", data={**form, "do": do})
        browser.get("/search", params={"q": TEXT})
        return [browser.cookies["duijie_session"], form_token, unmasked(form_token).decode()]


def journey(program: Program) -> list[str]:
    """Everything in which a contact, a key or a token travels, rightly and wrongly. The secrets it used."""
    seeker, provider, operator = program.member(), program.member(), program.client()
    keys = [key_of(seeker), key_of(provider)]
    need = seeker.post(
        "/v1/needs",
        json={"title": "残膜回收", "description": TEXT, "contacts": CONTACTS, "publish": True},
        headers={"Idempotency-Key": "canary"},
    ).json()
    operator.post(f"/v1/needs/{need['id']}/publish")
    capability = provider.post(
        "/v1/capabilities",
        json={"title": "残膜捡拾机", "kind": "achievement", "contacts": CONTACTS, "publish": True},
    ).json()
    wait_for(lambda: operator.get(f"/v1/needs/{need['id']}").json()["index_status"] == "indexed")
    asked = seeker.post(
        "/v1/introductions",
        json={
            "need_id": need["id"],
            "capability_id": capability["id"],
            "message": TEXT,
            "contacts": CONTACTS,
        },
    ).json()
    provider.post(f"/v1/introductions/{asked['id']}/accept", json={"contacts": CONTACTS})
    revealed = seeker.get(f"/v1/introductions/{asked['id']}/contacts").json()
    assert revealed["contacts"][0]["phone"] == PHONE
    wrongly(program, seeker, need["id"])
    posted = seeker.post(
        "/v1/imports",
        files={
            "file": (
                f"{NAME}.csv",
                f"需求名称,contacts.phone,意向投入（万元）\n枣,{PHONE},{EMAIL}\n核桃,{PHONE},\n".encode(),
            )
        },
        data={"kind": "needs"},
    ).json()
    wait_for(lambda: seeker.get(f"/v1/imports/{posted['id']}").json()["status"] == "finished")
    secrets = browse(program, keys[0])
    issued = seeker.post(
        f"/v1/organizations/{need['organization']['id']}/api-keys", json={"role": "member", "name": NAME}
    ).json()
    person = {"phone": PHONE, "email": EMAIL, "name": NAME}
    for verb in ("export", "erase"):
        assert seeker.post(f"/v1/personal-data/{verb}", json=person).status_code == 200
    return [*keys, *secrets, issued["key"], OPERATOR_KEY, WRONG_KEY]


def wrongly(program: Program, client: httpx.Client, need_id: str) -> None:
    """What is refused is what programs are tempted to log."""
    answers: list[Any] = [
        client.post("/v1/needs", json={"title": TEXT * 20, "contacts": CONTACTS}),
        client.post("/v1/needs", json={"contacts": [{"phone": PHONE, "fax": EMAIL}]}),
        client.post("/v1/needs", content=f'{{"title": "{TEXT}'.encode()),
        client.post("/v1/needs", json={"title": "枣"}, headers={"Idempotency-Key": "canary"}),
        client.get("/v1/needs", params={"q": TEXT, "unknown": PHONE}),
        client.get(f"/v1/needs/{PHONE}"),
        client.get("/v1/needs", params={"cursor": WRONG_KEY}),
        client.patch(f"/v1/needs/{need_id}", json={"contacts": CONTACTS}, headers={"If-Match": '"99"'}),
        client.post("/v1/personal-data/erase", json={"email": NAME}),
        program.client(WRONG_KEY).get("/v1/needs"),
        program.client("operator").get("/v1/needs", headers={"Cookie": f"duijie_session={WRONG_KEY}"}),
    ]
    assert {answer.status_code // 100 for answer in answers} <= {2, 4}


def left_behind(folder: Path) -> dict[str, str]:
    """What the program said, and every log that lies in its folder; the database's own, too."""
    files = [folder / "output", *folder.rglob("*.log"), *folder.rglob("log/*"), *folder.rglob("*.out")]
    return {
        str(file.relative_to(folder)): file.read_text(encoding="utf-8", errors="replace")
        for file in files
        if file.is_file()
    }


def test_a_whole_journey_leaves_no_contact_key_or_token_in_any_log(program: Program) -> None:
    secrets = journey(program)
    program.stop()

    logs = left_behind(program.folder)
    sealing = (program.folder / "secret.keys").read_text(encoding="ascii").split()
    # It looked at what was said of the journey, and would know a line that says too much.
    assert "/v1/introductions/{introduction_id}/accept" in logs["output"]
    assert any("postgres" in name for name in logs)
    assert (
        sum(line.startswith("{") and "level" in json.loads(line) for line in logs["output"].splitlines()) > 20
    )
    for word in (PHONE, PHONE[3:], EMAIL, NAME, IDENTITY, *secrets, *sealing, TOKEN_MARK):
        assert [name for name, text in logs.items() if word in text] == [], word
