"""What one published posting costs with so many subscriptions waiting, beside asking each of them.

In processor time of the worker, without the database's.
"""

import argparse
import random
import time
from collections.abc import Callable, Sequence
from uuid import UUID

import numpy as np
from rich.table import Table
from sqlalchemy import insert
from sqlmodel import Session, col, select

from benchmarks import filling
from benchmarks.stage import Progress, stage
from schemas.account import ApiKey
from schemas.embedding import Embedding
from schemas.need import Need
from schemas.subscription import StandingFilters, StandingVector, Subscription
from schemas.vocabulary import Side
from service.matches.live_index import LiveIndex, Serving
from service.matches.percolator import Standing, _scored
from service.platform.console import print_table, progress_bar
from service.platform.db import transaction

_POSTINGS = 20
_DOMAINS: list[list[str]] = [[], [], ["fruit"], ["crops"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=10_000)
    parser.add_argument("--needs", type=int, default=2_000)
    asked = parser.parse_args()
    with progress_bar() as progress, stage(progress):
        organizations = filling.prepare()
        needs = filling.fill(Side.needs, asked.needs, organizations, progress)
        print_table(_measure(asked.subscriptions, needs, progress))


def _measure(count: int, needs: list[UUID], progress: Progress) -> Table:
    index, standing = LiveIndex(), Standing()
    index.refresh()
    serving = index.serving
    assert serving is not None
    _subscribe(serving, count, progress)
    table = Table("", "ms", title=f"{count:,} subscriptions, {len(needs):,} needs in the index")
    with transaction() as session:
        table.add_row("first start: read all", _ms(lambda: standing.catch_up(session, serving)))
        table.add_row("look for changes", _ms(lambda: standing.catch_up(session, serving)))
        postings = [session.get_one(Need, key) for key in needs[:_POSTINGS]]
        reached = 0
        started = time.process_time()
        for need in postings:
            reached += len(standing.reached_by(session, serving, need, Side.needs))
        each = (time.process_time() - started) / len(postings) * 1_000
        table.add_row(f"one posting ({reached / len(postings):.1f} reached)", f"{each:.1f}")
        everybody = list(session.exec(select(Subscription.id).limit(1_000)))
        started = time.process_time()
        _scored(session, serving, everybody, postings[0])
        alone = (time.process_time() - started) / len(everybody) * count * 1_000
        table.add_row("one posting, each subscription asked in turn (from 1,000)", f"{alone:.0f}")
    return table


def _subscribe(serving: Serving, count: int, progress: Progress) -> None:
    """Texts that stand near postings that there are, each turned a little, with floors of 0.5 to 0.9."""
    chance = random.Random(7)
    noise = np.random.default_rng(7)
    with transaction() as session:
        key = session.exec(select(ApiKey).limit(1)).one()
        models = session.exec(
            select(Embedding).where(col(Embedding.side) == Side.needs, Embedding.model == serving.model.name)
        ).all()
        for start in range(0, count, 500):
            _some(session, serving, key, min(500, count - start), models, chance, noise)
            progress("subscriptions", (start + 500) / count)


def _some(
    session: Session,
    serving: Serving,
    key: ApiKey,
    count: int,
    models: Sequence[Embedding],
    chance: random.Random,
    noise: np.random.Generator,
) -> None:
    subscriptions, vectors = [], []
    for _ in range(count):
        like = chance.choice(models)
        made = Subscription(
            organization_id=key.organization_id,
            api_key_id=key.id,
            looking_for=Side.needs,
            text="残膜回收",
            min_score=chance.choice([0.5, 0.6, 0.7, 0.8, 0.9]),
            filters=StandingFilters(domain=chance.choice(_DOMAINS)),
            channels=[],
        )
        one = np.frombuffer(like.vectors, np.float16).astype(np.float32).reshape(-1, serving.model.dim)[:1]
        turned = one + 0.05 * noise.standard_normal(one.shape, np.float32)
        turned /= np.linalg.norm(turned)
        subscriptions.append(made)
        vectors.append(
            StandingVector(
                subscription_id=made.id,
                model=serving.model.name,
                vectors=turned.astype(np.float16).tobytes(),
                terms=like.terms,
                title_terms=0,
            )
        )
    rows = [{**one.model_dump(), "filters": one.filters} for one in subscriptions]
    session.execute(insert(Subscription), rows)
    session.execute(insert(StandingVector), [one.model_dump() for one in vectors])


def _ms(work: Callable[[], None]) -> str:
    started = time.process_time()
    work()
    return f"{(time.process_time() - started) * 1_000:.1f}"


if __name__ == "__main__":
    main()
