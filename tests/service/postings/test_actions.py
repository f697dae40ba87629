"""What holds for a need and for a capability alike: posting, reading, changing, deleting."""

import pytest
from sqlmodel import Session, select

from schemas.outbox import OutboxMessage
from schemas.vocabulary import Role, Side
from service.postings.access import TABLES, TOPICS
from tests.conftest import ClientFor
from tests.make import make_organization
from tests.service.sides import ABSENT, body_of, both_sides, make_posting

MASK = "［联系方式已隐去］"


@both_sides
def test_a_title_and_a_description_are_enough(client_for: ClientFor, side: Side) -> None:
    client = client_for()

    made = client.post(f"/v1/{side}", json=body_of(side))

    assert made.status_code == 201
    shown = made.json()
    assert (shown["status"], shown["index_status"], shown["version"]) == ("draft", "pending", 1)
    assert client.get(f"/v1/{side}/{shown['id']}").json() == shown


@both_sides
def test_posting_owes_the_work_of_indexing(session: Session, client_for: ClientFor, side: Side) -> None:
    made = client_for().post(f"/v1/{side}", json=body_of(side)).json()

    owed = session.exec(select(OutboxMessage)).all()
    assert [(message.topic, str(message.subject_id)) for message in owed] == [
        (TOPICS[TABLES[side]], made["id"])
    ]


@both_sides
def test_contacts_are_taken_out_of_the_texts_and_kept_apart(client_for: ClientFor, side: Side) -> None:
    body = body_of(
        side,
        description="请致电13812345678或写信至zhang@tmsk.cn。",
        contacts=[{"name": "张工", "email": "zhang@tmsk.cn"}],
    )

    made = client_for().post(f"/v1/{side}", json=body).json()

    assert made["description"] == f"请致电{MASK}或写信至{MASK}。"
    assert [(contact["name"], contact["phone"], contact["email"]) for contact in made["contacts"]] == [
        ("张工", "", "zhang@tmsk.cn"),
        ("", "13812345678", ""),
    ]
    assert made["readings"] == [
        {"field": "description", "written": body["description"], "read": made["description"]}
    ]


@both_sides
def test_contacts_in_a_changed_text_come_to_those_that_are_there(client_for: ClientFor, side: Side) -> None:
    client = client_for()
    made = client.post(f"/v1/{side}", json=body_of(side, contacts=[{"name": "张工"}])).json()

    # Twice, since what is known already must not come in again.
    client.patch(f"/v1/{side}/{made['id']}", json={"description": "电话13812345678"})
    changed = client.patch(f"/v1/{side}/{made['id']}", json={"description": "电话13812345678"}).json()

    assert changed["description"] == f"电话{MASK}"
    assert [contact["name"] or contact["phone"] for contact in changed["contacts"]] == ["张工", "13812345678"]


@both_sides
def test_a_text_that_grows_by_its_mask_still_fits(client_for: ClientFor, side: Side) -> None:
    body = body_of(side, title="技" * 193 + "qq12345", description="技" * 19_993 + "qq12345")

    made = client_for().post(f"/v1/{side}", json=body)

    assert made.status_code == 201
    shown = made.json()
    assert (len(shown["title"]), len(shown["description"])) == (200, 20_000)
    assert "12345" not in shown["title"] + shown["description"]


@both_sides
def test_contacts_and_readings_are_for_the_owner_and_operators_alone(
    session: Session, client_for: ClientFor, side: Side
) -> None:
    owner = make_organization(session)
    posting = make_posting(session, side, owner, description="电话13812345678")

    seen = {
        name: client.get(f"/v1/{side}/{posting.id}").json()
        for name, client in {
            "owner": client_for(owner),
            "operator": client_for(role=Role.operator),
            "member": client_for(),
            "broker": client_for(role=Role.broker),
            "integrator": client_for(role=Role.integrator),
        }.items()
    }

    assert {name for name, shown in seen.items() if shown["contacts"] is not None} == {"owner", "operator"}
    assert {name for name, shown in seen.items() if shown["readings"] is not None} == {"owner", "operator"}
    assert {name for name, shown in seen.items() if "13812345678" in str(shown)} == {"owner", "operator"}


@both_sides
def test_a_list_shows_no_contacts_of_others(session: Session, client_for: ClientFor, side: Side) -> None:
    make_posting(session, side, description="电话13812345678")

    listed = client_for().get(f"/v1/{side}")

    assert len(listed.json()["items"]) == 1
    assert "13812345678" not in listed.text


@both_sides
@pytest.mark.parametrize("word", ["classified", "涉密", "机密"])
def test_classified_matter_is_refused(client_for: ClientFor, side: Side, word: str) -> None:
    client = client_for()

    answer = client.post(f"/v1/{side}", json=body_of(side, confidentiality=word))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "classified_refused"
    assert client.get(f"/v1/{side}").json()["items"] == []


@both_sides
def test_posting_an_external_id_again_updates(client_for: ClientFor, side: Side) -> None:
    client = client_for()
    first = client.post(f"/v1/{side}", json=body_of(side, external_id="A-1", keywords=["枣"])).json()

    second = client.post(f"/v1/{side}", json=body_of(side, external_id="A-1", title="新名")).json()

    assert second["id"] == first["id"]
    assert (second["title"], second["keywords"], second["version"]) == ("新名", [], 2)
    assert len(client.get(f"/v1/{side}").json()["items"]) == 1


@both_sides
def test_two_organisations_may_use_one_external_id(client_for: ClientFor, side: Side) -> None:
    body = body_of(side, external_id="A-1")

    first, second = (client_for().post(f"/v1/{side}", json=body).json() for _ in range(2))

    assert first["id"] != second["id"]


@both_sides
def test_an_external_id_cannot_be_taken_from_another_posting(client_for: ClientFor, side: Side) -> None:
    client = client_for()
    client.post(f"/v1/{side}", json=body_of(side, external_id="A-1"))
    second = client.post(f"/v1/{side}", json=body_of(side, external_id="A-2")).json()

    answer = client.patch(f"/v1/{side}/{second['id']}", json={"external_id": "A-1"})

    assert answer.status_code == 409
    assert answer.json()["type"] == "conflict"


@both_sides
def test_a_change_replaces_what_was_sent_and_nothing_else(client_for: ClientFor, side: Side) -> None:
    client = client_for()
    made = client.post(f"/v1/{side}", json=body_of(side, keywords=["枣"], domains=["fruit"])).json()

    answer = client.patch(f"/v1/{side}/{made['id']}", json={"domains": ["crops"], "region": "659003"})

    changed = {"domains": ["crops"], "region": "659003", "version": 2}
    assert answer.status_code == 200
    assert answer.json() == {**made, **changed, "updated_at": answer.json()["updated_at"]}


@both_sides
def test_an_etag_guards_against_overwriting_what_was_not_seen(client_for: ClientFor, side: Side) -> None:
    client = client_for()
    address = f"/v1/{side}/{client.post(f'/v1/{side}', json=body_of(side)).json()['id']}"
    seen = client.get(address).headers["etag"]

    first = client.patch(address, json={"title": "甲"}, headers={"If-Match": seen})
    second = client.patch(address, json={"title": "乙"}, headers={"If-Match": seen})
    third = client.patch(address, json={"title": "丙"}, headers={"If-Match": first.headers["etag"]})
    fourth = client.patch(address, json={"title": "丁"}, headers={"If-Match": "*"})

    assert [answer.status_code for answer in (first, second, third, fourth)] == [200, 412, 200, 200]
    assert second.json()["type"] == "version-changed"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (['"1"'], 200), (['"1", "3"'], 200), (['"3","1"'], 200), (['"a,b" , "1" ,'], 200), (['"3"', '"1"'], 200),
        (["*"], 200),
        (['"2", "3"'], 412), (['W/"1"'], 412), (['W/"1", "2"'], 412), (['"abc"'], 412), (['"1,2"'], 412),
        (["1"], 422), (['"1", 3'], 422), (['*, "1"'], 422), (["W/*"], 422), ([","], 422), ([""], 422),
    ],
)  # fmt: skip
def test_if_match_takes_a_list_in_which_weak_tags_match_nothing(
    client_for: ClientFor, fields: list[str], status: int
) -> None:
    client = client_for()
    address = f"/v1/needs/{client.post('/v1/needs', json={'title': '红枣'}).json()['id']}"

    answer = client.patch(address, json={"title": "甲"}, headers=[("If-Match", field) for field in fields])

    assert answer.status_code == status


@both_sides
@pytest.mark.parametrize("action", ["submit", "publish", "close", "delete"])
def test_every_action_honours_if_match(client_for: ClientFor, side: Side, action: str) -> None:
    client = client_for()
    address = f"/v1/{side}/{client.post(f'/v1/{side}', json=body_of(side)).json()['id']}"
    method, place = ("DELETE", address) if action == "delete" else ("POST", f"{address}/{action}")

    stale = client.request(method, place, headers={"If-Match": '"7"'})
    wrong = client.request(method, place, headers={"If-Match": "seven"})
    fresh = client.request(method, place, headers={"If-Match": '"1"'})

    assert (stale.status_code, wrong.status_code) == (412, 422)
    assert fresh.is_success


@both_sides
def test_a_deleted_posting_is_gone_for_everybody(session: Session, client_for: ClientFor, side: Side) -> None:
    owner = make_organization(session)
    address = f"/v1/{side}/{make_posting(session, side, owner, external_id='A-1').id}"
    client, operator = client_for(owner), client_for(role=Role.operator)

    assert client.delete(address).status_code == 204

    assert [caller.get(address).status_code for caller in (client, operator)] == [404, 404]
    assert client.delete(address).status_code == 404
    assert operator.get(f"/v1/{side}").json()["items"] == []
    assert client.post(f"/v1/{side}", json=body_of(side, external_id="A-1")).json()["id"] not in address


@both_sides
def test_a_deleted_posting_leaves_no_words_behind(
    session: Session, client_for: ClientFor, side: Side
) -> None:
    owner = make_organization(session)
    posting = make_posting(
        session, side, owner, title="残膜甲", description="残膜乙，电话13812345678", keywords=["残膜丙"]
    )
    address = f"/v1/{side}/{posting.id}"

    client_for(owner).delete(address)

    session.refresh(posting)
    assert posting.deleted_at is not None
    assert "残膜" not in str(posting.model_dump())
    assert "13812345678" not in str(posting.model_dump())


@both_sides
@pytest.mark.parametrize(
    ("method", "rest"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/submit"),
        ("POST", "/publish"),
        ("POST", "/close"),
        ("POST", "/reject"),
        ("GET", "/matches"),
    ],
)
def test_another_organisations_posting_looks_absent(
    session: Session, client_for: ClientFor, side: Side, method: str, rest: str
) -> None:
    posting = make_posting(session, side, publish=False)
    stranger = client_for()
    body = {"reason": "不符"} if rest == "/reject" else {} if method == "PATCH" else None

    theirs = stranger.request(method, f"/v1/{side}/{posting.id}{rest}", json=body)
    nobodys = stranger.request(method, f"/v1/{side}/{ABSENT}{rest}", json=body)

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() == nobodys.json()


@both_sides
def test_what_may_be_read_may_not_be_changed(session: Session, client_for: ClientFor, side: Side) -> None:
    address = f"/v1/{side}/{make_posting(session, side).id}"
    stranger = client_for()

    answers = [stranger.get(address), stranger.patch(address, json={"title": "枣"}), stranger.delete(address)]

    assert [answer.status_code for answer in answers] == [200, 404, 404]
