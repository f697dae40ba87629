"""A client that has the newest state of something need not load it again."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from schemas.need import Need
from schemas.posting import IndexStatus
from schemas.vocabulary import Role
from tests.conftest import ClientFor
from tests.service.postings.test_unchanged import CASES

READ = [noun for noun in CASES if noun != "targets"]


def posted(client: TestClient, noun: str, **more: Any) -> str:
    made = client.post(f"/v1/{noun}", json={**CASES[noun][0], **more})
    assert made.status_code == 201, made.text
    return f"/v1/{noun}/{made.json()['id']}"


@pytest.mark.parametrize("noun", READ)
def test_what_the_client_has_is_not_sent_again(client_for: ClientFor, noun: str) -> None:
    client = client_for(role=Role.operator)
    more = {"organization_id": posted(client, "organizations").split("/")[-1]} if noun == "vetoes" else {}
    place = posted(client, noun, **more)
    first = client.get(place)
    tag = first.headers["etag"]

    again = [
        client.request(method, place, headers={"If-None-Match": given})
        for method in ("GET", "HEAD")
        for given in (tag, f'"other", {tag}', f"W/{tag}", "*")
    ]
    anew = [client.get(place, headers={"If-None-Match": given}) for given in ('"other"', '"1"', "1")]

    assert [answer.status_code for answer in again] == [304] * len(again)
    assert {(answer.content, answer.headers["etag"]) for answer in again} == {(b"", tag)}
    assert not {"content-type", "content-length"} & again[0].headers.keys()
    assert [(answer.status_code, answer.json()) for answer in anew] == [(200, first.json())] * len(anew)

    changed = client.patch(place, json=CASES[noun][2], headers={"If-None-Match": tag})

    assert changed.status_code == 200
    assert client.get(place, headers={"If-None-Match": tag}).status_code == 200
    assert client.get(place, headers={"If-None-Match": changed.headers["etag"]}).status_code == 304


def test_a_tag_changes_with_what_changes_without_a_version(session: Session, client_for: ClientFor) -> None:
    client = client_for()
    place = posted(client, "needs")
    before = client.get(place).headers["etag"]
    need = session.get_one(Need, place.split("/")[-1])
    need.index_status = IndexStatus.indexed
    session.commit()

    after = client.get(place, headers={"If-None-Match": before})
    changed = client.patch(place, json={"title": "甲"}, headers={"If-Match": before})

    assert (after.status_code, after.json()["version"]) == (200, 1)
    assert after.headers["etag"] != before
    # Nothing was overwritten that its writer had not seen.
    assert changed.status_code == 200


@pytest.mark.parametrize(
    ("tag", "status"), [("{tag}", 200), ('"1"', 200), ('"1-0123456789abcdef"', 200), ('"2-0123456789abcdef"', 412)]
)  # fmt: skip
def test_if_match_reads_the_version_alone(client_for: ClientFor, tag: str, status: int) -> None:
    client = client_for()
    place = posted(client, "needs")
    given = tag.format(tag=client.get(place).headers["etag"])

    assert client.patch(place, json={"title": "甲"}, headers={"If-Match": given}).status_code == status


def test_readers_of_one_thing_have_tags_of_their_own(client_for: ClientFor) -> None:
    owner, other = client_for(), client_for()
    place = posted(owner, "needs")

    assert owner.get(place).json() != other.get(place).json()
    assert owner.get(place).headers["etag"] != other.get(place).headers["etag"]


def test_what_is_gone_is_gone_also_for_who_has_it(client_for: ClientFor) -> None:
    client = client_for()
    place = posted(client, "needs")
    tag = client.get(place).headers["etag"]
    client.delete(place)

    assert client.get(place, headers={"If-None-Match": tag}).status_code == 404
    assert client.get(place, headers={"If-None-Match": "*"}).status_code == 404
