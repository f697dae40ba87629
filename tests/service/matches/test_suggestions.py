"""What would make a posting fuller."""

import pytest
from sqlmodel import Session

from schemas.vocabulary import Side
from tests.conftest import ClientFor, Refreshed
from tests.make import make_capability, make_organization
from tests.service.sides import both_sides, make_posting

TOLD = "红枣按大小和裂纹分级，现有人工分级日处理五吨，破损率高，寻求日处理二十吨以上的视觉分级设备和清洗线。"


@both_sides
def test_what_a_posting_does_not_say_is_named(session: Session, client_for: ClientFor, side: Side) -> None:
    owner = make_organization(session)
    bare = make_posting(session, side, owner, publish=False, keywords=["红枣"])
    money = "budget" if side is Side.needs else "price"
    fuller = make_posting(
        session,
        side,
        owner,
        publish=False,
        description=TOLD,
        region="659003",
        maturity="中试",
        **{money: "面议"},
    )
    client = client_for(owner)

    first = client.get(f"/v1/{side}/{bare.id}/suggestions").json()
    second = client.get(f"/v1/{side}/{fuller.id}/suggestions").json()

    assert first["missing"] == [
        "description", "domains", "cooperation_modes", "indicators", "maturity", "region", "partner_wish", money,
    ]  # fmt: skip
    assert second["missing"] == ["keywords", "domains", "cooperation_modes", "indicators", "partner_wish"]
    assert first["completeness"] == pytest.approx(1 / 9)
    assert second["completeness"] == pytest.approx(4 / 9)
    # Nothing is encoded yet, and that is no error.
    assert first["domains"] == first["keywords"] == []


@pytest.mark.model
def test_domains_and_keywords_are_suggested_where_there_are_none(
    session: Session, client_for: ClientFor, refreshed: Refreshed
) -> None:
    owner = make_organization(session)
    make_capability(session, title="视觉红枣分级机", domains=["fruit.fruit_processing"], description=TOLD)
    bare = make_posting(session, Side.needs, owner, publish=False, title="红枣分级设备", description=TOLD)
    settled = make_posting(
        session, Side.needs, owner, publish=False, title="红枣分级设备", domains=["fruit"], keywords=["红枣"]
    )
    client = refreshed(client_for(owner))

    suggested = client.get(f"/v1/needs/{bare.id}/suggestions").json()
    less = client.get(f"/v1/needs/{settled.id}/suggestions").json()

    assert suggested["domains"][0] == "fruit.fruit_processing"
    assert "红枣" in suggested["keywords"]
    assert less["domains"] == []
    assert "红枣" not in less["keywords"]
    # Looking ahead keeps no list.
    assert client.get(f"/v1/needs/{bare.id}").json()["domains"] == []


def test_a_draft_of_others_has_no_suggestions(session: Session, client_for: ClientFor) -> None:
    draft = make_posting(session, Side.needs, publish=False)

    assert client_for().get(f"/v1/needs/{draft.id}/suggestions").status_code == 404
