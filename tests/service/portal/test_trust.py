"""Pages of trust: findings beside the field, the declaration, the veto list, the audit, personal data."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from schemas.account import Organization
from schemas.integrity import IntegrityDeclaration, Veto
from schemas.need import Need
from schemas.personal_data_register import REGISTER
from schemas.vocabulary import PostingStatus, Role
from service.access.integrity import TEXT
from service.matches.live_index import LiveIndex
from service.platform.locales import LANGUAGES
from service.platform.settings import settings
from tests.make import make_key, make_need, make_organization
from tests.service.portal.test_signed_in import ORIGIN, token_of

SECRET = "图纸为机密★，请勿公开"


@pytest.fixture
def browser(session: Session, app: FastAPI) -> Iterator[TestClient]:
    app.state.index = LiveIndex()
    headers = {"Accept": "text/html", "Accept-Language": "zh-CN", "Origin": ORIGIN}
    with TestClient(app, base_url=ORIGIN, headers=headers, follow_redirects=False) as client:
        yield client


@pytest.fixture
def member(session: Session, owner: Organization, browser: TestClient) -> TestClient:
    browser.post("/sign-in", data={"key": make_key(session, owner)})
    return browser


@pytest.fixture
def operator(session: Session, app: FastAPI, browser: TestClient) -> TestClient:
    other = TestClient(app, base_url=ORIGIN, headers=dict(browser.headers), follow_redirects=False)
    key = make_key(session, make_organization(session), role=Role.operator)
    other.post("/sign-in", data={"key": key})
    return other


def desk_token(operator: TestClient) -> dict[str, str]:
    return {"form_token": operator.get("/desk").text.split('name="form_token" value="')[1].split('"')[0]}


def test_a_finding_stands_beside_its_field_marked_and_what_was_typed_stays(
    session: Session, member: TestClient
) -> None:
    form = {
        **token_of(member),
        "title": "红枣分级",
        "description": SECRET,
        "keywords": "红枣",
        "visibility": "public",
    }

    shown = member.post("/needs/new", data={**form, "do": "publish"})

    assert shown.status_code == 422
    assert "<mark>机密★</mark>" in shown.text
    assert 'id="description-found"' in shown.text
    assert 'aria-describedby="description-hint description-found"' in shown.text
    assert f">{SECRET}</textarea>" in shown.text
    assert 'value="review"' in shown.text
    assert session.exec(select(Need)).all() == []


def test_handed_in_all_the_same_it_waits_for_the_desk_which_sees_the_place(
    session: Session, member: TestClient, operator: TestClient
) -> None:
    form = {**token_of(member), "title": "红枣分级", "description": SECRET, "visibility": "public"}

    member.post("/needs/new", data={**form, "do": "review"})

    need = session.exec(select(Need)).one()
    assert need.status is PostingStatus.submitted
    assert "涉密标志或字样" in member.get("/my").text
    assert "<mark>机密★</mark>" in operator.get("/desk").text
    operator.post(f"/desk/needs/{need.id}/publish", data=desk_token(operator))
    session.expire_all()
    assert session.exec(select(Need)).one().status is PostingStatus.published


def test_what_is_taken_out_is_told_and_holds_nothing_up(session: Session, member: TestClient) -> None:
    form = {**token_of(member), "title": "红枣分级", "description": "致电13800138000", "visibility": "public"}

    preview = member.post("/needs/new", data={**form, "do": "preview"}).text
    posted = member.post("/needs/new", data={**form, "do": "publish"})

    assert "<mark>13800138000</mark>" in preview
    assert "发布时隐去" in preview
    assert posted.status_code == 303


def test_a_draft_is_kept_whatever_stands_in_it(session: Session, member: TestClient) -> None:
    form = {
        **token_of(member),
        "title": "红枣分级",
        "description": SECRET,
        "visibility": "public",
        "do": "draft",
    }

    assert member.post("/needs/new", data=form).status_code == 303
    assert session.exec(select(Need)).one().status is PostingStatus.draft


def test_the_form_asks_for_the_declaration_once_a_year(session: Session, member: TestClient) -> None:
    form = {**token_of(member), "title": "红枣分级", "visibility": "public", "do": "publish"}
    before = member.get("/needs/new").text

    member.post("/needs/new", data={**form, "declare": TEXT.version})

    assert TEXT.zh in before
    assert session.exec(select(IntegrityDeclaration)).one().text_version == TEXT.version
    assert TEXT.zh not in member.get("/needs/new").text
    assert "科研诚信承诺有效期至" in member.get("/my").text


def test_where_the_settings_want_it_the_form_waits_for_it(
    session: Session, member: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "require_declaration", True)
    form = {**token_of(member), "title": "红枣分级", "visibility": "public", "do": "publish"}

    refused = member.post("/needs/new", data=form)
    posted = member.post("/needs/new", data={**form, "declare": TEXT.version})

    assert refused.status_code == 422
    assert "请先作出科研诚信承诺" in refused.text
    assert 'value="红枣分级"' in refused.text
    assert posted.status_code == 303


def test_the_desk_bars_and_lifts_and_the_barred_reads_why(
    session: Session, owner: Organization, member: TestClient, operator: TestClient
) -> None:
    body = {
        **desk_token(operator),
        "organization": owner.name,
        "reason": "伪造试验数据",
        "decided_by": "师市科技局",
        "source": "〔2026〕3号",
        "starts_on": "2026-01-01",
    }

    wrong = [
        operator.post("/desk/vetoes", data={**body, **more})
        for more in ({"organization": "没有"}, {"reason": ""})
    ]
    entered = operator.post("/desk/vetoes", data=body)
    form = {**token_of(member), "title": "红枣分级", "visibility": "public", "do": "publish"}
    refused = member.post("/needs/new", data=form)
    mine = member.get("/my").text
    listed = operator.get("/desk").text
    veto = session.exec(select(Veto)).one()
    operator.post(f"/desk/vetoes/{veto.id}/lift", data={**desk_token(operator), "reason": "复核"})

    assert [one.status_code for one in wrong] == [422, 422]
    assert "请填写已登记单位" in wrong[0].text
    assert 'value="伪造试验数据"' in wrong[0].text
    assert entered.status_code == 303
    assert (refused.status_code, 'value="红枣分级"' in refused.text) == (403, True)
    assert "一票否决" in refused.text
    assert "伪造试验数据" in mine
    assert "生效中" in listed
    assert member.post("/needs/new", data={**form, **token_of(member)}).status_code == 303


def test_of_two_organisations_with_one_name_neither_is_barred_by_it(
    session: Session, owner: Organization, operator: TestClient
) -> None:
    make_organization(session, name=owner.name)
    body = {"reason": "x", "decided_by": "x", "source": "x", "starts_on": "2026-01-01"}
    token = desk_token(operator)

    by_name, by_id = (
        operator.post("/desk/vetoes", data={**token, **body, "organization": named})
        for named in (owner.name, str(owner.id))
    )

    assert (by_name.status_code, by_id.status_code) == (422, 303)
    assert session.exec(select(Veto)).one().organization_id == owner.id


def test_members_do_not_bar_anybody(session: Session, owner: Organization, member: TestClient) -> None:
    form = {**token_of(member), "organization": owner.name, "reason": "x"}

    assert member.post("/desk/vetoes", data=form).status_code == 403
    assert session.exec(select(Veto)).all() == []


def test_the_audit_shows_operators_all_and_others_their_own(
    session: Session, owner: Organization, member: TestClient, operator: TestClient
) -> None:
    stranger = make_organization(session)
    need, other = make_need(session, owner), make_need(session, stranger)

    mine, everything = member.get("/audit").text, operator.get("/audit").text

    assert str(need.id) in mine
    assert str(other.id) not in mine
    assert str(other.id) in everything
    assert str(need.id) not in operator.get("/audit?action=session").text
    assert str(other.id) not in operator.get(f"/audit?subject_id={need.id}").text


def test_a_page_that_shows_no_contacts_is_no_reading_of_them(
    session: Session, owner: Organization, operator: TestClient
) -> None:
    need = make_need(session, owner, contacts=[{"phone": "13800138000"}])

    page = operator.get(f"/needs/{need.id}")

    assert page.status_code == 200
    assert "13800138000" not in page.text
    assert "contact.read" not in operator.get(f"/audit?subject_id={need.id}").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_anybody_reads_what_is_kept_of_persons_in_four_languages(browser: TestClient, language: str) -> None:
    page = browser.get("/privacy", params={"lang": language}).text

    assert page.count("<tr>") == len(REGISTER) + 1
    assert "need.contacts" in page
    assert "%(" not in page
    if language in ("ru", "ug"):
        assert "«" not in page.split("<tbody>")[1].split("</tbody>")[0]
