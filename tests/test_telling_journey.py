"""Webhooks and mails through running processes, whose worker is killed while they go out."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2 as httpx
import psutil
import pytest
from standardwebhooks import Webhook as Verifier

from tests.mail_server import Mailbox, mail_server, text_of
from tests.receiver import Received, Receiver, receiver
from tests.running import Program, wait_for

pytestmark = [pytest.mark.journey, pytest.mark.model]

ROUNDS = 30
EMAIL = "keji@example.cn"
TOLD = "收到对接申请", "对接申请已撤回"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as made:
        yield made


@pytest.fixture
def there() -> Iterator[Receiver]:
    """It takes its time, so that a worker that is killed is at it."""

    def slowly(_: Received) -> int:
        made.released.wait(0.03)
        return 204

    with receiver() as made:
        made.decide = slowly
        yield made


@pytest.fixture
def program(tmp_path: Path, mailbox: Mailbox) -> Iterator[Program]:
    running = Program(
        tmp_path / "var",
        WEBHOOK_ALLOW='["127.0.0.1"]',
        WEBHOOK_PAUSES="[0.5,1,1,1,1,1,1,1]",
        SMTP_HOST="127.0.0.1",
        SMTP_PORT=str(mailbox.port),
        SMTP_TLS="none",
        RESEND_AFTER="5",
        PUBLIC_URL="https://dj.example.cn",
    )
    try:
        running.start()
        yield running
    finally:
        running.end()


def post(client: httpx.Client, path: str, **body: Any) -> Any:
    answer = client.post(path, json=body)
    assert answer.is_success, answer.text
    return answer.json()


def worker_runs(program: Program) -> bool:
    return any(
        "workers" in child.cmdline() for child in program.children() if child.status() != psutil.STATUS_ZOMBIE
    )


def more_than(there: Receiver, before: int) -> bool:
    return len(there.received) > before


def feed_of(client: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get("/v1/notifications", params={"limit": 200, **cursor})
        found += page.json()["items"]
        cursor = {"cursor": page.json()["next_cursor"]}
        if not page.json()["more"]:
            return found


def lines_of(mailbox: Mailbox) -> list[str]:
    """What was told by mail; of mails that came twice, by one of them."""
    each_once = {str(one["message-id"]): text_of(one) for one in list(mailbox.messages)}
    return [line for text in each_once.values() for line in text.splitlines() if line in TOLD]


def test_a_worker_killed_while_webhooks_and_mails_go_out_loses_none(
    program: Program, mailbox: Mailbox, there: Receiver
) -> None:
    seeker, provider = program.member(), program.member()
    need = post(seeker, "/v1/needs", title="红枣分级设备", publish=True)["id"]
    capability = post(provider, "/v1/capabilities", title="红枣分级机", kind="achievement", publish=True)[
        "id"
    ]
    secret = post(provider, "/v1/webhooks", url=there.url)["secret"]
    post(provider, "/v1/mail-addresses", email=EMAIL)
    asking = wait_for(lambda: list(mailbox.messages))[0]
    [link] = re.findall(r"https://dj\.example\.cn(/mail/confirm/\S+)", text_of(asking))
    assert seeker.post(link).status_code == 200

    for turn in range(ROUNDS):
        made = post(seeker, "/v1/introductions", need_id=need, capability_id=capability)
        post(seeker, f"/v1/introductions/{made['id']}/withdraw")
        if turn in (8, 20):
            # It is in the middle of them: some have arrived, some have not.
            wait_for(partial(more_than, there, len(there.received)))
            wait_for(partial(worker_runs, program))
            program.kill("worker")

    wanted = {f"msg_{one['id'].replace('-', '')}" for one in feed_of(provider)}
    assert len(wanted) == 2 * ROUNDS
    wait_for(lambda: set(there.ids()) == wanted)
    wait_for(lambda: len(lines_of(mailbox)) >= 2 * ROUNDS)

    for one in there.received:
        assert Verifier(secret).verify(one.body, one.headers)["type"].startswith("introduction.")
    # Once each, but for what was under way at the two kills.
    assert len(there.received) <= len(wanted) + 2
    assert sorted(lines_of(mailbox)) == sorted(list(TOLD) * ROUNDS)
    assert len(mailbox.messages) <= 1 + len({str(one["message-id"]) for one in mailbox.messages}) + 4
