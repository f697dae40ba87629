import json
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import Session, select

from schemas.need import Need
from service.platform.settings import settings
from tests.conftest import ClientFor

LONGEST = 20_000


def send(client: Any, content: Any, content_type: str = "application/json", **headers: str) -> Response:
    answer: Response = client.post(
        "/v1/needs", content=content, headers={"Content-Type": content_type, **headers}
    )
    return answer


def problems(answer: Response) -> list[tuple[str, str]]:
    """Pointer and code of each error of a 422, which must be a problem as RFC 9457 has it."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "unfit"
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"title": 5}, [("/title", "string_type")]),
        ({"title": None}, [("/title", "string_type")]),
        ({"keywords": [1]}, [("/keywords/0", "string_type")]),
        ({"keywords": {}}, [("/keywords", "list_type")]),
        ({"budget": True}, [("/budget", "model_type")]),
        ({"budget": {"min": "many"}}, [("/budget/min", "int_parsing")]),
        ({"budget": {"min": 1.5}}, [("/budget/min", "int_from_float")]),
        ({"deadline": 46000}, [("/deadline", "date_from_datetime_inexact")]),
        ({"deadline": "2027-02-30"}, [("/deadline", "unreadable")]),
        ({"publicly_funded": []}, [("/publicly_funded", "bool_type")]),
        ({"visibility": "secret"}, [("/visibility", "enum")]),
        ({"contacts": [{"name": 1}]}, [("/contacts/0/name", "string_type")]),
        ({"contacts": [{"fax": "2"}]}, [("/contacts/0/fax", "extra_forbidden")]),
        ({"prize": 1, "a/b~c": 2}, [("/prize", "extra_forbidden"), ("/a~1b~0c", "extra_forbidden")]),
        ({"organization_id": "x"}, [("/organization_id", "extra_forbidden")]),
        ({"status": "published"}, [("/status", "extra_forbidden")]),
    ],
    ids=str,
)  # fmt: skip
def test_what_does_not_fit_is_told_with_its_place(
    client_for: ClientFor, fields: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    client = client_for()
    body = {"title": "枣", **fields}

    assert problems(client.post("/v1/needs", json=body)) == found
    chinese = client.post("/v1/needs", json=body).json()["errors"]
    english = client.post("/v1/needs", json=body, headers={"Accept-Language": "en-GB"}).json()["errors"]
    assert all(not error["message"].isascii() for error in chinese)
    assert all(error["message"].isascii() for error in english)


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        (None, "提交的内容不符合要求"),
        ("en", "The request does not fit"),
        ("fr, en;q=0.5, zh;q=0.4", "The request does not fit"),
        ("en;q=0.1, zh-CN", "提交的内容不符合要求"),
        ("en;q=x,,;;q=nan", "The request does not fit"),
        ("fr", "提交的内容不符合要求"),
    ],
)
def test_a_problem_is_told_in_the_language_that_is_wished_for(
    client_for: ClientFor, wanted: str | None, title: str
) -> None:
    headers = {"Accept-Language": wanted} if wanted else {}

    assert client_for().post("/v1/needs", json={}, headers=headers).json()["title"] == title


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("zh-CN", "应为以下之一：公开、会员可见、匹配方可见、不公开"),
        ("ru", "Одно из: видно всем, видно участникам, видно подходящей стороне, не публикуется"),
        ("en", "Should be one of: Public, Members, Matched parties, Private"),
    ],
)
def test_what_could_be_chosen_is_listed_as_the_language_lists(
    client_for: ClientFor, language: str, message: str
) -> None:
    body = {"title": "枣", "visibility": "secret"}

    answer = client_for().post("/v1/needs", json=body, headers={"Accept-Language": language})

    assert answer.json()["errors"][0]["message"] == message


def test_a_body_over_the_limit_is_refused(client_for: ClientFor) -> None:
    limit = settings().body_limit

    answer = send(client_for(), b" " * (limit + 1))

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "too-large"
    assert str(limit) in answer.json()["detail"]


def test_a_body_that_does_not_say_its_length_is_refused_when_it_grows_too_long(
    client_for: ClientFor,
) -> None:
    def stream() -> Iterator[bytes]:
        for _ in range(settings().body_limit // 50_000 + 1):
            yield b" " * 50_000

    answer = send(client_for(), stream())

    assert "content-length" not in answer.request.headers
    assert answer.status_code == 413
    assert answer.json()["type"] == "too-large"


def test_a_body_at_the_limit_is_read(client_for: ClientFor) -> None:
    body = json.dumps({"title": "枣"}).encode()

    answer = send(client_for(), body + b" " * (settings().body_limit - len(body)))

    assert answer.status_code == 201


@pytest.mark.parametrize("field", ["description", "wanted_result", "partner_wish"])
def test_a_text_may_have_20000_characters_and_no_more(client_for: ClientFor, field: str) -> None:
    client = client_for()

    fits = client.post("/v1/needs", json={"title": "枣", field: "技" * LONGEST})
    too_long = client.post("/v1/needs", json={"title": "枣", field: "技" * (LONGEST + 1)})

    assert fits.status_code == 201
    assert problems(too_long) == [(f"/{field}", "string_too_long")]
    assert "20000" in too_long.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("field", "longest"), [("keywords", LONGEST), ("domains", LONGEST), ("budget", 500), ("region", 500)]
)
def test_words_are_measured_before_they_are_read(client_for: ClientFor, field: str, longest: int) -> None:
    answer = client_for().post("/v1/needs", json={"title": "枣", field: "\n" * (longest + 1)})

    assert problems(answer) == [(f"/{field}", "string_too_long")]
    assert str(longest) in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85"], ids=ascii)
def test_a_control_character_is_refused(client_for: ClientFor, character: str) -> None:
    answer = client_for().post("/v1/needs", json={"title": f"枣{character}子"})

    assert problems(answer) == [("/title", "control_character")]


@pytest.mark.parametrize(
    ("pointer", "fields"),
    [
        ("/description", {"description": "枣{}子"}),
        ("/external_id", {"external_id": "枣{}子"}),
        ("/keywords/0", {"keywords": ["枣{}子"]}),
        ("/contacts/0/name", {"contacts": [{"name": "枣{}子"}]}),
        ("/indicators/0", {"indicators": ["枣{}子"]}),
        ("/attachments/0/url", {"attachments": [{"url": "https://a/{}b"}]}),
        ("/publicly_funded", {"publicly_funded": "财政{}资金"}),
        ("/maturity/value", {"maturity": {"scale": "trl", "value": "{}b", "trl_min": 1, "trl_max": 2}}),
    ],
    ids=str,
)
def test_a_control_character_is_refused_wherever_it_stands(
    client_for: ClientFor, pointer: str, fields: dict[str, Any]
) -> None:
    body = json.loads(json.dumps({"title": "枣", **fields}).replace("{}", r"\u0000"))

    assert [found for found, _ in problems(client_for().post("/v1/needs", json=body))] == [pointer]


@pytest.mark.parametrize(
    "body",
    [
        r'{"title": "\ud800"}',
        r'{"title": "枣", "maturity": "中试\udfff"}',
        r'{"title": "枣", "budget": "100万元 \ud800"}',
        r'{"title": "枣", "publicly_funded": "财政\ud800"}',
        r'{"title": "枣", "keywords": "红枣、\ud800"}',
        r'{"title": "枣", "domains": ["\ud800"]}',
        r'{"title": "枣", "\ud800": 1}',
        r'{"title": "枣", "contacts": [{"\udc00": 1}]}',
    ],
)
def test_half_a_character_is_refused(client_for: ClientFor, body: str) -> None:
    assert problems(send(client_for(), body))


def test_a_query_with_a_control_character_is_refused(client_for: ClientFor) -> None:
    assert problems(client_for().get("/v1/needs?q=%00")) == [("query/q", "control_character")]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert('枣')</script>&amp;",
        "'; DROP TABLE need; -- \\' \" %s {} $1",
        "红枣 jujube 枣تەلەي жүҗүб ทดสอบ 🌰👩‍🌾",
        "ئۈجمە \u202eعناب\u202c קטן",
        "e\u0301 é ｆｕｌｌ１２ ①",
        "a\nb\tc\r\nd",
        "\ufeff零\u200b宽",
    ],
    ids=ascii,
)
def test_text_comes_back_as_it_was_written(client_for: ClientFor, text: str) -> None:
    client = client_for()

    made = client.post("/v1/needs", json={"title": text, "description": text, "keywords": [text]}).json()

    assert (made["title"], made["description"], made["keywords"]) == (text, text, [text])
    assert client.get(f"/v1/needs/{made['id']}").json() == made
    assert client.get("/v1/needs", params={"keyword": text}).json()["items"] == [made]


@pytest.mark.parametrize("content", [b"", b'{"title": ', b"title=x", b"{'title': 'x'}", b"[]", b"null", b"5"])
def test_a_body_that_is_no_json_object_is_refused(client_for: ClientFor, content: bytes) -> None:
    assert problems(send(client_for(), content))


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "image/png"])
def test_a_body_of_another_content_type_is_refused(client_for: ClientFor, content_type: str) -> None:
    assert problems(send(client_for(), b'{"title": "x"}', content_type))


@pytest.mark.parametrize(
    "content",
    [b'{"title": "\xff\xfe"}', b"[" * 200_000 + b"]" * 200_000, b'{"title": 1' + b"0" * 5_000 + b"}"],
    ids=["not UTF-8", "deep", "5,000 digits"],
)
def test_a_body_that_cannot_be_parsed_is_refused(client_for: ClientFor, content: bytes) -> None:
    answer = send(client_for(), content)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_deep_nesting_where_an_object_belongs_is_refused(client_for: ClientFor) -> None:
    deep = '{"min":' * 300 + "1" + "}" * 300

    assert problems(send(client_for(), f'{{"title": "枣", "budget": {deep}}}')) == [
        ("/budget/min", "int_type")
    ]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "1" + "0" * 4_000])
@pytest.mark.parametrize("body", ['"indicators": [{{"value": {}}}]', '"budget": {}', '"deadline": {}'])
def test_a_number_without_an_end_is_refused(client_for: ClientFor, body: str, number: str) -> None:
    assert problems(send(client_for(), f'{{"title": "枣", {body.format(number)}}}'))


def test_the_largest_and_the_smallest_numbers_come_back(session: Session, client_for: ClientFor) -> None:
    body = {
        "title": "枣",
        "budget": {"max": 10**12},
        "indicators": [{"value": 1.7e308, "value_max": 5e-324}, {"value": -0.1}],
    }

    made = client_for().post("/v1/needs", json=body).json()

    assert made["budget"]["max"] == 10**12
    session.expire_all()
    stored = session.exec(select(Need)).one()
    assert [(one.value, one.value_max) for one in stored.indicators] == [(1.7e308, 5e-324), (-0.1, None)]


@pytest.mark.parametrize(
    "address", ["/v1/needs/枣", "/v1/needs/1", "/v1/capabilities/%00", "/v1/organizations/'"]
)
def test_an_id_that_is_none_is_refused(client_for: ClientFor, address: str) -> None:
    assert [code for _, code in problems(client_for().get(address))] == ["uuid_parsing"]


@pytest.mark.parametrize(("method", "address", "status"), [("PUT", "/v1/needs", 405), ("GET", "/v1/枣", 404)])
def test_an_unknown_address_is_a_problem_too(
    client_for: ClientFor, method: str, address: str, status: int
) -> None:
    answer = client_for().request(method, address)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail", "errors"}
