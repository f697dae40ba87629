"""What a standing query is narrowed by, with all that lies within."""

from typing import Any

import pytest
from sqlmodel import Session

from tests.conftest import ClientFor
from tests.make import make_need
from tests.workers.test_standing import Publish, _fresh, published, subscribe, told

__all__ = ["_fresh", "published"]

pytestmark = pytest.mark.model


@pytest.mark.parametrize(
    ("asked", "met"),
    [
        ({"region": ["65"]}, True),
        ({"region": ["659003"]}, True),
        ({"region": ["6528"]}, False),
        ({"domain": ["crops"]}, True),
        ({"domain": ["fruit"]}, False),
    ],
    ids=str,
)
def test_a_wider_region_or_domain_is_met_by_what_lies_within(
    session: Session, client_for: ClientFor, published: Publish, asked: dict[str, Any], *, met: bool
) -> None:
    client = client_for()
    subscribe(client, **asked)
    make_need(session, title="棉田残膜回收机械", region="659003.44", domains=["crops.cotton_upgrade"])

    published()

    assert bool(told(client)) is met
