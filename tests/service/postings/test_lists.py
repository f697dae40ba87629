from base64 import urlsafe_b64encode
from typing import Any, NamedTuple

import pytest
from sqlmodel import Session

from schemas.posting import IndexStatus
from schemas.vocabulary import PostingStatus, Role
from service.access.organizations import OrganizationQuery
from service.postings.lists import CapabilityQuery, NeedQuery
from tests.conftest import ClientFor
from tests.make import make_capability, make_need, make_organization


class Filter(NamedTuple):
    """``ask`` finds the posting with ``fit`` and overlooks the one with ``unfit``."""

    ask: dict[str, Any]
    fit: dict[str, Any]
    unfit: dict[str, Any]


COMMON = [
    Filter({"q": "残膜"}, {"title": "清捡残膜"}, {"title": "残 膜"}),
    Filter({"q": "100%_"}, {"description": "纯度100%_级"}, {"description": "纯度1000级"}),
    Filter({"domain": "fruit"}, {"domains": ["fruit.fruit_processing"]}, {"domains": ["crops"]}),
    Filter(
        {"domain": "fruit.fruit_processing"}, {"domains": ["fruit.fruit_processing"]}, {"domains": ["fruit"]}
    ),
    Filter({"domain": ["seed", "crops"]}, {"domains": ["crops"]}, {"domains": ["fruit"]}),
    Filter({"region": "659003"}, {"region": "659003.44"}, {"region": "65"}),
    Filter({"region": "图木舒克市"}, {"region": "659003"}, {"region": "659004"}),
    Filter({"cooperation_mode": "license"}, {"cooperation_modes": ["joint", "license"]}, {}),
    Filter({"keyword": "红枣"}, {"keywords": ["红枣", "分级"]}, {"keywords": ["红枣分级"]}),
    Filter({"visibility": "members"}, {"visibility": "members"}, {}),
    Filter({"publicly_funded": "true"}, {"publicly_funded": True}, {"publicly_funded": False}),
    Filter({"publicly_funded": "false"}, {"publicly_funded": False}, {}),
    Filter({"trl_min": 6}, {"maturity": "TRL 5-7"}, {"maturity": "TRL 5"}),
    Filter({"trl_max": 6}, {"maturity": "TRL 5-7"}, {"maturity": "TRL 7"}),
    Filter({"external_id": ["A", "B"]}, {"external_id": "B"}, {"external_id": "b"}),
    Filter({"valid_on": "2027-06-30"}, {"valid_until": "2027-06-30"}, {"valid_until": "2027-06-29"}),
    Filter({"valid_on": "2027-06-30"}, {}, {"valid_until": "2027-06-29"}),
]
NEEDS = [
    Filter({"need_type": "process"}, {"need_type": "process"}, {"need_type": "variety"}),
    Filter({"budget_method": "face_to_face"}, {"budget": "面议"}, {"budget": 5}),
    Filter({"budget_at_least": 100}, {"budget": {"min": 50, "max": 100}}, {"budget": {"max": 99}}),
    Filter({"budget_at_least": 100}, {"budget": {"min": 50}}, {"budget": "面议"}),
    Filter({"budget_at_most": 100}, {"budget": {"min": 100, "max": 200}}, {"budget": {"min": 101}}),
    Filter({"budget_at_most": 100}, {"budget": {"max": 900}}, {}),
    Filter({"deadline_from": "2027-06-01"}, {"deadline": "2027-06-01"}, {"deadline": "2027-05-31"}),
    Filter({"deadline_until": "2027-06-01"}, {"deadline": "2027-06-01"}, {"deadline": "2027-06-02"}),
]
CAPABILITIES = [
    Filter({"kind": ["team", "expert"]}, {"kind": "expert"}, {"kind": "patent"}),
    Filter({"price_method": "listed"}, {"price": {"max": 5, "method": "listed"}}, {"price": 5}),
    Filter({"price_at_least": 100}, {"price": 100}, {"price": 99}),
    Filter({"price_at_most": 100}, {"price": 100}, {"price": 101}),
]
# These ask about more than a field of the posting, and have tests of their own below.
OTHERS = {"status", "mine", "organization_id", "organization_kind", "affiliation", "index_status"}
PAGING = {"limit", "cursor", "facets"}


def ids(listed: Any) -> list[str]:
    assert listed.status_code == 200, listed.text
    return [item["id"] for item in listed.json()["items"]]


@pytest.mark.parametrize(
    "case", [*COMMON, *NEEDS], ids=lambda case: f"{case.ask} {case.fit} not {case.unfit}"
)
def test_a_filter_of_needs_leaves_what_fits(session: Session, client_for: ClientFor, case: Filter) -> None:
    fit = make_need(session, **case.fit)
    make_need(session, **case.unfit)

    assert ids(client_for().get("/v1/needs", params=case.ask)) == [str(fit.id)]


@pytest.mark.parametrize(
    "case", [*COMMON, *CAPABILITIES], ids=lambda case: f"{case.ask} {case.fit} not {case.unfit}"
)
def test_a_filter_of_capabilities_leaves_what_fits(
    session: Session, client_for: ClientFor, case: Filter
) -> None:
    fit = make_capability(session, **case.fit)
    make_capability(session, **case.unfit)

    assert ids(client_for().get("/v1/capabilities", params=case.ask)) == [str(fit.id)]


def test_every_filter_was_tried() -> None:
    tried = {
        query: {name for case in cases for name in case.ask}
        for query, cases in ((NeedQuery, [*COMMON, *NEEDS]), (CapabilityQuery, [*COMMON, *CAPABILITIES]))
    }

    for query, names in tried.items():
        assert names | OTHERS | PAGING == set(query.model_fields)


@pytest.mark.parametrize(
    ("name", "value"),
    [("organization_kind", "university"), ("affiliation", "aid"), ("organization_id", None)],
)
def test_postings_are_found_by_their_organisation(
    session: Session, client_for: ClientFor, name: str, value: str | None
) -> None:
    owner = make_organization(session, kind="university", affiliation="aid")
    fit = make_need(session, owner)
    make_need(session)

    assert ids(client_for().get("/v1/needs", params={name: value or str(owner.id)})) == [str(fit.id)]


def test_ones_own_postings_are_found(session: Session, client_for: ClientFor) -> None:
    owner = make_organization(session)
    fit = make_need(session, owner, publish=False)
    make_need(session)

    assert ids(client_for(owner).get("/v1/needs", params={"mine": "true"})) == [str(fit.id)]


def test_postings_are_found_by_where_they_stand(session: Session, client_for: ClientFor) -> None:
    draft, closed, published = (make_need(session) for _ in range(3))
    draft.status, closed.status = PostingStatus.draft, PostingStatus.closed
    published.index_status = IndexStatus.indexed
    session.commit()
    operator = client_for(role=Role.operator)

    by_status = ids(operator.get("/v1/needs", params={"status": ["draft", "closed"]}))
    by_index = ids(operator.get("/v1/needs", params={"index_status": "indexed"}))

    assert by_status == [str(closed.id), str(draft.id)]
    assert by_index == [str(published.id)]


def test_several_filters_must_all_hold(session: Session, client_for: ClientFor) -> None:
    both = make_need(session, domains=["fruit"], region="659003")
    make_need(session, domains=["fruit"])
    make_need(session, region="659003")

    assert ids(client_for().get("/v1/needs", params={"domain": "fruit", "region": "65"})) == [str(both.id)]


ORGANIZATIONS = [
    Filter({"q": "枣业"}, {"name": "红枣业公司"}, {"name": "红枣行业"}),
    Filter({"kind": "university"}, {"kind": "university"}, {}),
    Filter({"affiliation": ["aid", "local"]}, {"affiliation": "local"}, {}),
    Filter({"region": "6531"}, {"region": "653130"}, {"region": "65"}),
    Filter({"verified": "false"}, {"verified": False}, {}),
]


@pytest.mark.parametrize("case", ORGANIZATIONS, ids=lambda case: f"{case.ask} {case.fit} not {case.unfit}")
def test_a_filter_of_organisations_leaves_what_fits(
    session: Session, client_for: ClientFor, case: Filter
) -> None:
    operator = client_for(role=Role.operator)
    fit = make_organization(session, **case.fit)
    make_organization(session, **case.unfit)

    assert ids(operator.get("/v1/organizations", params=case.ask)) == [str(fit.id)]


def test_every_filter_of_organisations_was_tried() -> None:
    assert {name for case in ORGANIZATIONS for name in case.ask} | PAGING == set(
        OrganizationQuery.model_fields
    )


@pytest.mark.parametrize("limit", [1, 3, 7, 200])
def test_pages_follow_each_other_without_loss_or_repetition(
    session: Session, client_for: ClientFor, limit: int
) -> None:
    made = [str(make_need(session, make_organization(session)).id) for _ in range(7)]
    client = client_for()

    seen: list[str] = []
    asked: dict[str, Any] = {"limit": limit}
    while True:
        page = client.get("/v1/needs", params=asked).json()
        assert len(page["items"]) <= limit
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]

    assert seen == made[::-1]


def test_what_is_posted_meanwhile_moves_no_page(session: Session, client_for: ClientFor) -> None:
    made = [str(make_need(session).id) for _ in range(4)]
    client = client_for()
    first = client.get("/v1/needs", params={"limit": 2}).json()

    make_need(session)
    second = client.get("/v1/needs", params={"limit": 2, "cursor": first["next_cursor"]})

    assert ids(second) == made[1::-1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_cursor_of_before_cursors_were_signed_is_refused_with_what_to_do(
    session: Session, client_for: ClientFor, language: str
) -> None:
    last = make_need(session).id
    unsigned = urlsafe_b64encode(last.bytes).decode().rstrip("=")

    answer = client_for(**{"Accept-Language": language}).get("/v1/needs", params={"cursor": unsigned})

    [told] = answer.json()["errors"]
    assert (answer.status_code, told["pointer"], told["code"]) == (422, "query/cursor", "wrong_cursor")
    assert ("第一页" if language == "zh" else "first page") in told["message"]


@pytest.mark.parametrize("part", [0, 1], ids=["place", "signature"])
def test_a_cursor_in_which_a_letter_was_changed_is_refused(
    session: Session, client_for: ClientFor, part: int
) -> None:
    client = client_for()
    make_need(session), make_need(session)
    parts = client.get("/v1/needs", params={"limit": 1}).json()["next_cursor"].split(".")
    parts[part] = ("B" if parts[part][0] == "A" else "A") + parts[part][1:]

    answer = client.get("/v1/needs", params={"cursor": ".".join(parts)})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "wrong_cursor")


@pytest.mark.parametrize("address", ["/v1/notifications", "/v1/statistics/transfers", "/v1/brokers/worklist"])
def test_a_cursor_of_another_sort_of_list_is_refused(
    session: Session, client_for: ClientFor, address: str
) -> None:
    client = client_for(role=Role.operator)
    make_need(session), make_need(session)
    cursor = client.get("/v1/needs", params={"limit": 1}).json()["next_cursor"]

    answer = client.get(address, params={"cursor": cursor})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "wrong_cursor")


@pytest.mark.parametrize("place", ["F" * 22, "____________________8"])
def test_a_place_that_no_list_has_is_no_fault_of_the_service(client_for: ClientFor, place: str) -> None:
    answer = client_for(role=Role.operator).get("/v1/audit", params={"cursor": place})

    assert answer.status_code == 422


@pytest.mark.parametrize("address", ["/v1/needs", "/v1/capabilities", "/v1/organizations"])
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"cursor": "nonsense"}, "wrong_cursor"),
        ({"cursor": "é"}, "wrong_cursor"),
        ({"cursor": ""}, "wrong_cursor"),
        ({"colour": "red"}, "extra_forbidden"),
        ({"limit": 0}, "greater_than_equal"),
        ({"limit": 201}, "less_than_equal"),
        ({"affiliation": "martian"}, "enum"),
        ({"region": "火星"}, "unknown_region"),
        ({"facets": "perhaps"}, "bool_parsing"),
    ],
)
def test_a_list_refuses_what_it_does_not_understand(
    client_for: ClientFor, address: str, asked: dict[str, Any], code: str
) -> None:
    answer = client_for().get(address, params=asked)

    name = next(iter(asked))
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert error["code"] == code
    assert error["pointer"].startswith(f"query/{name}")
