"""What has stalled, on the pages of brokers and of both sides."""

import re

from schemas.vocabulary import Role
from tests.service.portal.introductions.test_pages import SignIn, page_of, send
from tests.service.portal.introductions.test_pages import sign_in as sign_in  # noqa: PLC0414
from tests.service.portal.test_signed_in import browser as browser  # noqa: PLC0414
from tests.service.two_sides import TwoSides
from tests.service.two_sides import two as two  # noqa: PLC0414


def test_a_broker_sees_what_has_stalled_and_no_way_into_it(two: TwoSides, sign_in: SignIn) -> None:
    place = two.accepted(message="我们很感兴趣")
    two.long_ago(place, "moved_at", 30)

    page = sign_in("brokering", Role.broker).get("/introductions").text

    assert "长期无进展" in page
    assert two.need.title in page
    assert "我们很感兴趣" not in page
    assert f'href="{page_of(place)}"' not in page


def test_a_broker_offers_help_from_the_list_and_both_sides_agree_on_the_page(
    two: TwoSides, sign_in: SignIn
) -> None:
    place = two.accepted()
    two.long_ago(place, "moved_at", 30)
    broker = sign_in("brokering", Role.broker)
    page = broker.get("/introductions").text
    form = {"form_token": re.findall(r'name="form_token" value="([^"]+)"', page)[0]}
    offered = broker.post(f"{page_of(place)}/take-up", data=form)
    shut = broker.get(page_of(place)).status_code

    asked = []
    for side in ("seeking", "providing"):
        member = sign_in(side)
        asked.append(member.get(page_of(place)).text)
        assert send(member, place, "agree-broker").status_code == 303

    assert f'action="{page_of(place)}/take-up"' in page
    assert (offered.status_code, shut) == (303, 404)
    assert ["申请协助本次对接" in one for one in asked] == [True, True]
    assert "一方已同意，等待另一方答复。" in asked[1]
    assert two.row(place).broker_id == two.brokering.id
    assert sign_in("brokering", Role.broker).get(page_of(place)).status_code == 200
