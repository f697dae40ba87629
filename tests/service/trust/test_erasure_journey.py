"""A person asks to be forgotten: everything that names them goes, and what stays is said, with the reason."""

from sqlmodel import Session

from service.access import audit
from tests.conftest import ClientFor
from tests.service.contracting import agree, content, do, parties

PHONE, EMAIL = "13912345678", "zhang.san@example.cn"


def test_from_a_persons_request_to_what_is_left_of_them(session: Session, client_for: ClientFor) -> None:
    two = parties(session, client_for)
    person = {"name": "张三丰", "phone": PHONE, "email": EMAIL}
    need = two.seeker.post(
        "/v1/needs", json={"title": "枣园病虫害手机识别", "contacts": [person], "publish": True}
    ).json()
    introduction = agree(session, two)
    two.seeker.post(f"/v1/introductions/{introduction}/messages", json={"text": f"请打 {PHONE} 找张三丰。"})
    drafted = two.seeker.post(f"/v1/introductions/{introduction}/contract", json=content()).json()
    do(two.seeker, drafted, "sign", version=1, hash=drafted["hash"], signer="张三丰")
    asked = {"phone": PHONE, "email": EMAIL, "name": "张三丰"}

    handed_over = two.operator.post("/v1/personal-data/export", json=asked)
    erased = two.operator.post("/v1/personal-data/erase", json=asked)

    after = two.operator.post("/v1/personal-data/export", json=asked)
    thread = two.provider.get(f"/v1/introductions/{introduction}/messages")
    assert PHONE in handed_over.text
    assert erased.status_code == 200
    assert erased.json()["erased"]
    assert erased.json()["stays"]
    assert two.seeker.get(f"/v1/needs/{need['id']}").json()["contacts"] == []
    assert PHONE not in thread.text
    assert PHONE not in after.text
    assert two.seeker.get(f"/v1/contracts/{drafted['id']}").json()["status"] == "draft"
    assert audit.verify(session).broken_at is None
