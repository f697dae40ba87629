"""Who is shown how much, beside what they have published."""

import json
from datetime import timedelta
from math import log2

import pytest
from sqlmodel import Session
from typer.testing import CliRunner

from schemas.base import now
from schemas.vocabulary import Side
from service.commands.cli import app
from service.learning.exposure import ExposureReport, SideExposure, exposure_report, top_tenth_share
from tests.make import make_capability, make_need, make_organization
from tests.service.outlooks import make_list


def of(session: Session, side: Side, days: int = 30) -> SideExposure:
    session.commit()
    (found,) = (one for one in exposure_report(session, days).sides if one.side is side)
    return found


def test_places_count_by_their_position_as_far_as_they_were_shown(session: Session) -> None:
    first, second = make_organization(session, name="甲"), make_organization(session, name="乙")
    make_list(session, [first, second, second, first], shown=3)

    found = of(session, Side.capabilities)

    whole = 1 + 1 / log2(3) + 1 / log2(4)
    shares = {one.name: one.exposure for one in found.organizations}
    assert (found.lists, found.places) == (1, 3)
    assert shares == pytest.approx({"甲": 1 / whole, "乙": (1 / log2(3) + 1 / log2(4)) / whole}, abs=1e-4)


def test_exposure_stands_beside_what_is_published(session: Session) -> None:
    shown = make_organization(session, name="甲", affiliation="aid")
    silent = make_organization(session, name="乙", affiliation="corps")
    make_capability(session, shown)
    for _ in range(3):
        make_capability(session, silent)
    make_list(session, [shown], shown=1)

    found = of(session, Side.capabilities)

    by_name = {one.name: (one.exposure, one.published, one.ratio) for one in found.organizations}
    by_affiliation = [(one.name, one.exposure, one.published, one.ratio) for one in found.affiliations]
    assert by_name == {"甲": (1, 0.25, 4), "乙": (0, 0.75, 0)}
    assert by_affiliation == [("援疆单位", 1, 0.25, 4), ("兵团", 0, 0.75, 0)]


def test_what_nobody_else_may_be_shown_is_not_counted_as_published(session: Session) -> None:
    owner = make_organization(session)
    make_capability(session, owner, visibility="private")
    make_capability(session, owner, publish=False)

    assert of(session, Side.capabilities).organizations == []


def test_each_side_has_its_own_lists(session: Session) -> None:
    asker, provider = make_organization(session, name="需方"), make_organization(session, name="供方")
    make_need(session, asker)
    make_list(session, [asker], shown=1, looking_for=Side.needs)
    make_list(session, [provider], shown=1)

    assert [one.name for one in of(session, Side.needs).organizations] == ["需方"]
    assert [one.name for one in of(session, Side.capabilities).organizations] == ["供方"]


def test_older_lists_do_not_count(session: Session) -> None:
    owner = make_organization(session)
    make_list(session, [owner], shown=1, created_at=now() - timedelta(days=8))

    assert (of(session, Side.capabilities, days=7).lists, of(session, Side.capabilities, days=9).lists) == (
        0,
        1,
    )


def test_a_list_that_was_not_shown_does_not_count(session: Session) -> None:
    make_list(session, [make_organization(session)], shown=0)

    found = of(session, Side.capabilities)

    assert (found.lists, found.places, found.top_tenth_share) == (0, 0, None)


@pytest.mark.parametrize(
    ("weights", "share"),
    [([], None), ([0, 0], None), ([3, 1], 0.75), ([*[1] * 9, 11], 0.55), ([*[1] * 10, 5, 5], 0.5)],
    ids=["nobody", "nothing shown", "of two, one", "of ten, one", "of twelve, two"],
)
def test_the_most_shown_tenth_is_rounded_up(weights: list[float], share: float | None) -> None:
    assert top_tenth_share(weights) == share


def test_organisations_that_were_never_shown_are_part_of_the_whole(session: Session) -> None:
    shown, less = make_organization(session), make_organization(session)
    make_list(session, [shown, less], shown=2)
    alone = of(session, Side.capabilities).top_tenth_share
    for _ in range(9):
        make_capability(session, make_organization(session))

    among_many = of(session, Side.capabilities).top_tenth_share

    assert alone == pytest.approx(1 / (1 + 1 / log2(3)))
    assert among_many == 1


def test_the_command_prints_a_table_and_json(session: Session) -> None:
    make_list(session, [make_organization(session, name="示范推广站")], shown=1)

    table = CliRunner().invoke(app, ["exposure"]).output
    written = CliRunner().invoke(app, ["exposure", "--days", "7", "--json"]).output

    read = ExposureReport.model_validate(json.loads(written))
    assert "示范推广站" in table
    assert "100.0%" in table
    assert read.days == 7
    assert read.sides[1].organizations[0].name == "示范推广站"
