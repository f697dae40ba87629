"""The receiver that docs/integrators.md shows, run on what the service sends."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import Session

from schemas.account import Organization
from schemas.notice import NoticeKind
from service.notices.feed import notify
from tests.conftest import ClientFor
from tests.receiver import receiver
from tests.telling import set_to, tell

PAGE = Path(__file__).parents[1] / "docs" / "integrators.md"


def shown() -> Callable[[str, dict[str, str], bytes], int]:
    [code] = re.findall(
        r"<!-- receiver -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    names: dict[str, Callable[[str, dict[str, str], bytes], int]] = {}
    exec(code, names)
    return names["receive"]


def test_the_example_takes_a_real_event_once_and_no_forged_one(
    session: Session, owner: Organization, client_for: ClientFor, capsys: pytest.CaptureFixture[str]
) -> None:
    client, receive = client_for(owner), shown()
    with receiver() as there, set_to(webhook_allow=["127.0.0.1"]):
        secret = client.post("/v1/webhooks", json={"url": there.url}).json()["secret"]
        subject = uuid4()
        notify(
            session, NoticeKind.match_found, subject, [owner.id], side="needs", score=0.83, subscriptions=[]
        )
        notify(session, NoticeKind.introduction_requested, subject, [owner.id])
        tell(session)
        [other] = there.received

    genuine = [receive(secret, other.headers, other.body) for _ in range(2)]
    forged = receive(secret, other.headers, other.body.replace(b"requested", b"accepted"))

    assert genuine == [204, 204]
    assert forged == 400
