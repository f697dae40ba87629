"""保密内容与保密协议: what is confidential opens by acceptance and, where a side asks for it, by two signatures."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from schemas.introduction_nda import IntroductionNda
from schemas.vocabulary import Role, Side
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.sides import body_of, both_sides
from tests.service.two_sides import PHONE, TwoSides
from tests.service.two_sides import two as two  # noqa: PLC0414

SECRET = "催化剂配比为三比一"
NDA = "双方对所知悉的技术资料保密三年。"


@pytest.fixture
def confidential(two: TwoSides) -> TwoSides:
    two.capability.confidential_detail, two.need.confidential_detail = SECRET, "年用量八百吨"
    two.session.commit()
    return two


def signing(text_of_nda: str = NDA, name: str = "王建国") -> dict[str, Any]:
    return {"name": name, "text_hash": hashlib.sha256(text_of_nda.encode()).hexdigest()}


@both_sides
def test_confidential_detail_is_its_owners_alone(session: Session, client_for: ClientFor, side: Side) -> None:
    owner = make_organization(session)
    client, operator = client_for(owner), client_for(role=Role.operator)
    made = client.post(f"/v1/{side}", json=body_of(side, confidential_detail=SECRET, publish=True)).json()
    address = f"/v1/{side}/{made['id']}"

    read = {
        "detail": operator.get(address).text,
        "list": operator.get(f"/v1/{side}").text,
        "export": operator.get(f"/v1/exports/{side}", params={"format": "jsonl"}).text,
        "table": operator.get(f"/v1/exports/{side}", params={"format": "csv"}).text,
        "member": client_for().get(address).text,
        "search": client_for().get(f"/v1/{side}", params={"q": "催化剂"}).text,
        "feed": client.get(f"/feeds/{side}.json").text,
        "page": client.get(f"/{side}/{made['id']}").text,
        "changed": operator.patch(address, json={"keywords": ["红枣"]}).text,
    }

    assert made["confidential_detail"] == SECRET
    assert client.get(address).json()["confidential_detail"] == SECRET
    assert {name for name, told in read.items() if SECRET in told} == set()
    assert operator.patch(address, json={"confidential_detail": "改写"}).status_code == 403
    assert client.get(address).json()["confidential_detail"] == SECRET


@both_sides
def test_confidential_detail_is_sealed_and_neither_embedded_nor_in_the_audit(
    session: Session, client_for: ClientFor, side: Side
) -> None:
    client = client_for()
    plain = client.post(f"/v1/{side}", json=body_of(side)).json()
    made = client.post(f"/v1/{side}", json=body_of(side, confidential_detail=f" {SECRET} ")).json()
    table = {Side.needs: "need", Side.capabilities: "capability"}[side]

    rows = dict(session.execute(text(f"SELECT id::text, {table}::text FROM {table}")).all())
    hashes = dict(session.execute(text(f"SELECT id::text, text_hash FROM {table}")).all())
    audit = session.execute(text("SELECT string_agg(audit_entry::text, '') FROM audit_entry")).scalar_one()

    assert SECRET not in rows[made["id"]]
    assert hashes[made["id"]] == hashes[plain["id"]]
    assert SECRET not in audit
    assert made["readings"] == []


@both_sides
def test_an_own_export_reads_back_with_it(client_for: ClientFor, side: Side) -> None:
    client = client_for()
    client.post(f"/v1/{side}", json=body_of(side, confidential_detail=SECRET))

    exported = [client.get(f"/v1/exports/{side}", params={"format": kind}).text for kind in ("jsonl", "csv")]

    assert all(SECRET in told for told in exported)


def test_a_deleted_posting_keeps_none_of_it(confidential: TwoSides) -> None:
    confidential.provider.delete(f"/v1/capabilities/{confidential.capability.id}")

    confidential.session.refresh(confidential.capability)
    assert confidential.capability.confidential_detail is None


def test_details_open_to_both_sides_by_acceptance(confidential: TwoSides) -> None:
    two = confidential
    place = two.ask()
    early = two.seeker.get(f"{place}/details")
    two.provider.post(f"{place}/accept", json={})

    opened = [client.get(f"{place}/details").json() for client in (two.seeker, two.provider)]
    others = [client.get(f"{place}/details").status_code for client in (two.operator, two.stranger)]

    assert (early.status_code, early.json()["status_now"]) == (409, "awaiting_provider")
    for one in opened:
        assert one["capability"]["confidential_detail"] == SECRET
        assert one["need"]["confidential_detail"] == "年用量八百吨"
    assert opened[0]["capability"]["contacts"] is None
    assert others == [403, 404]


def test_a_posting_that_no_list_has_opens_in_full(confidential: TwoSides) -> None:
    two = confidential
    two.capability.visibility = "matched_only"  # type: ignore[assignment]
    two.session.commit()
    place = two.accepted()

    assert two.seeker.get(f"/v1/capabilities/{two.capability.id}").status_code == 404
    opened = two.seeker.get(f"{place}/details").json()["capability"]
    assert (opened["title"], opened["confidential_detail"]) == (two.capability.title, SECRET)


def test_each_opening_is_in_the_audit(confidential: TwoSides) -> None:
    two = confidential
    place = two.accepted(nda=NDA)
    two.seeker.get(f"{place}/details")
    for client in (two.seeker, two.provider):
        client.post(f"{place}/nda/sign", json=signing())
    two.seeker.get(f"{place}/details")
    two.provider.get(f"{place}/details")

    # What stayed shut was not opened.
    assert [(one.organization_id, one.detail["of"]) for one in two.audited("detail.reveal")] == [
        (two.seeking.id, str(two.providing.id)),
        (two.providing.id, str(two.seeking.id)),
    ]


def test_where_a_side_asked_for_an_nda_both_sign_before_anything_opens(confidential: TwoSides) -> None:
    two = confidential
    place = two.ask()
    two.provider.post(f"{place}/accept", json={"nda": NDA})

    answers = [two.seeker.get(f"{place}/details")]
    for client in (two.seeker, two.provider):
        signed = client.post(f"{place}/nda/sign", json=signing())
        assert signed.status_code == 200
        answers.append(two.seeker.get(f"{place}/details"))

    assert [answer.status_code for answer in answers] == [409, 409, 200]
    assert answers[0].json()["nda"] == "unsigned"
    assert answers[0].json()["status_now"] == "accepted"


def test_both_sides_read_who_asked_and_who_signed_what_and_when(two: TwoSides) -> None:
    place = two.accepted(nda=NDA)
    two.provider.post(f"{place}/nda/sign", json=signing(name="李建设"))

    nda, seen = two.seeker.get(f"{place}/nda").json(), two.operator.get(place).json()["nda"]

    assert (nda["version"], nda["text"], nda["asked_by"]["id"]) == (1, NDA, str(two.seeking.id))
    assert nda["text_hash"] == hashlib.sha256(NDA.encode()).hexdigest()
    assert (nda["provider_signer"], nda["seeker_signer"]) == ("李建设", None)
    assert nda["provider_signed_at"] == seen["provider_signed_at"] is not None
    assert {"text", "provider_signer"}.isdisjoint(seen)
    assert two.operator.get(f"{place}/nda").status_code == 403
    assert two.stranger.get(f"{place}/nda").status_code == 404


def test_a_new_version_shuts_again_and_those_before_stay_as_they_were(confidential: TwoSides) -> None:
    two = confidential
    place = two.accepted(nda=NDA)
    for client in (two.seeker, two.provider):
        client.post(f"{place}/nda/sign", json=signing())

    again = two.provider.post(f"{place}/nda", json={"text": "保密五年。"})

    old = two.session.exec(select(IntroductionNda).where(IntroductionNda.version == 1)).one()
    assert (again.status_code, again.json()["version"]) == (201, 2)
    assert two.seeker.get(f"{place}/details").status_code == 409
    assert (old.text, old.seeker_signer, old.provider_signer) == (NDA, "王建国", "王建国")


@pytest.mark.parametrize("what", ["another text", "twice", "nothing asked for"])
def test_what_cannot_be_signed_is_refused_and_stays_unsigned(two: TwoSides, what: str) -> None:
    place = two.accepted() if what == "nothing asked for" else two.accepted(nda=NDA)
    if what == "twice":
        two.seeker.post(f"{place}/nda/sign", json=signing(name="第一人"))
    before = two.seeker.get(place).json()["nda"]

    refused = two.seeker.post(
        f"{place}/nda/sign", json=signing("别的文本" if what == "another text" else NDA)
    )

    assert (refused.status_code, refused.json()["status_now"]) == (409, "accepted")
    assert two.seeker.get(place).json()["nda"] == before


def test_contacts_in_an_nda_are_taken_out_before_acceptance(two: TwoSides) -> None:
    place = two.ask(nda=f"联系人电话 {PHONE}。{NDA}")

    assert PHONE not in two.provider.get(f"{place}/nda").text


def test_text_and_names_lie_sealed(two: TwoSides) -> None:
    place = two.accepted(nda=NDA)
    two.seeker.post(f"{place}/nda/sign", json=signing())

    stored = two.session.execute(text("SELECT introduction_nda::text FROM introduction_nda")).scalar_one()

    assert NDA not in stored
    assert "王建国" not in stored


def test_asking_and_signing_are_told_to_the_other_side_and_a_broker_asks_for_none(two: TwoSides) -> None:
    place = two.accepted()
    two.seeker.post(f"{place}/nda", json={"text": NDA})
    two.provider.post(f"{place}/nda/sign", json=signing())
    two.seeker.post(f"{place}/end", json={"outcome": "test"})

    assert two.notices("introduction.nda_asked") == [two.providing.id]
    assert two.notices("introduction.nda_signed") == [two.seeking.id]
    proposed = two.broker.post("/v1/introductions", json={**two.pair, "nda": NDA})
    assert proposed.json()["errors"][0]["code"] == "sides_only"


def test_with_the_end_what_is_confidential_shuts(confidential: TwoSides) -> None:
    place = confidential.accepted()
    confidential.seeker.post(f"{place}/end", json={"outcome": "contract"})

    shut = confidential.seeker.get(f"{place}/details")

    assert (shut.status_code, shut.json()["status_now"]) == (409, "ended")
