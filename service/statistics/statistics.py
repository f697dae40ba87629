"""Figures over everything that is published. They are counts, so that nobody's posting can be read from them."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.base import now
from schemas.capability import Capability
from schemas.contract import Contract, ContractStatus
from schemas.domains import DOMAINS
from schemas.introduction import Introduction
from schemas.match_list import MatchList, NeedOutlook
from schemas.need import Need
from schemas.statistics import (
    AffiliationFigures,
    DomainFigures,
    Funnel,
    ItemCoverage,
    ProvinceFigures,
    Statistics,
)
from schemas.vocabulary import Affiliation, AidProvince, PostingStatus, Term
from service.access.integrity import barred
from service.access.principal import Permission, Principal
from service.contracts.totals import TotalsQuery, contract_totals, registered_sums
from service.matches.scoring import scoring
from service.statistics.targets import list_targets

# So many of the newest needs are looked at for the time to the first match.
_MOST_NEEDS = 5_000


def statistics(session: Session, caller: Principal) -> Statistics:
    """The figures that anybody may read; what lacks supply, and what nobody wants, for whoever may read gaps."""
    caller.require(Permission.posting_read)
    needs, capabilities = _by_key(session, Need), _by_key(session, Capability)
    # Before needs were looked at, all that is offered would pass for idle.
    hidden = not caller.may(Permission.statistics_read) or not _looked_at(session)
    unmet, idle = (
        (None, None)
        if hidden
        else (_by_key(session, Need, _is_unmet()), _by_key(session, Capability, _is_idle()))
    )
    boxes = [key for key, one in DOMAINS.items() if one.parent is None]
    items = [key for key, one in DOMAINS.items() if one.parent is not None]
    affiliations = _by_owner(session, col(Organization.affiliation), hidden=hidden)
    provinces = _by_owner(session, col(Organization.aid_province), hidden=hidden)
    of_affiliation, of_province = _suppliers(session)
    return Statistics(
        as_of=now(),
        needs=_count(session, Need),
        capabilities=_count(session, Capability),
        organizations=len(_posters(session, Need) | _posters(session, Capability)),
        domains=[
            DomainFigures(domain=key, needs=needs[key], capabilities=capabilities[key]) for key in boxes
        ],
        affiliations=[AffiliationFigures(affiliation=one, **affiliations(one)) for one in Affiliation],
        provinces=[
            ProvinceFigures(province=one, **figures)
            for one in AidProvince
            if (figures := provinces(one))["needs"] or figures["capabilities"]
        ],
        coverage=[
            ItemCoverage(
                item=key,
                box=DOMAINS[key].parent or key,
                needs=needs[key],
                unmet=None if unmet is None else unmet[key],
                capabilities=capabilities[key],
                idle=None if idle is None else idle[key],
                affiliations=of_affiliation.get(key, {}),
                provinces=of_province.get(key, {}),
            )
            for key in items
        ],
        funnel=_funnel(session),
        contracts=contract_totals(session, caller, TotalsQuery())
        if caller.may(Permission.statistics_read)
        else None,
        targets=list_targets(session, caller),
    )


def _published(table: type[Any]) -> tuple[ColumnElement[bool], ...]:
    """What is on offer now: what a barred organisation published is in no list, and counts again once it may act."""
    return (
        table.status == PostingStatus.published,
        table.deleted_at.is_(None),
        ~barred(table.organization_id),
    )


def _count(session: Session, table: type[Any]) -> int:
    query = select(func.count()).select_from(table).where(*_published(table))
    return int(session.execute(query).scalar_one())


def _posters(session: Session, table: type[Any]) -> set[UUID]:
    return set(session.execute(select(table.organization_id).where(*_published(table)).distinct()).scalars())


def _by_key(session: Session, table: type[Any], *conditions: ColumnElement[bool]) -> Counter[str]:
    """How many name each domain and item; an item's domain counts with it."""
    key = func.unnest(table.domain_path).label("key")
    query = select(key, func.count()).where(*_published(table), *conditions).group_by(key)
    return _counted(session.execute(query).all())


def _is_unmet() -> ColumnElement[bool]:
    """Of a need: it was looked at, and nothing good was found."""
    lacking = select(col(NeedOutlook.need_id)).where(
        func.coalesce(col(NeedOutlook.best_score), 0) < scoring().good_from
    )
    return col(Need.id).in_(lacking)


def _is_idle() -> ColumnElement[bool]:
    """Of a capability: it is no need's best."""
    best = (
        select(col(NeedOutlook.best)[1])
        .join(Need, col(Need.id) == col(NeedOutlook.need_id))
        .where(func.cardinality(col(NeedOutlook.best)) > 0, ~barred(col(Need.organization_id)))
    )
    return col(Capability.id).not_in(best)


def _by_owner(session: Session, owner: Any, *, hidden: bool) -> Callable[[Term], dict[str, int | None]]:
    """What those have whose ``owner``, a column of their organisation, is a term."""

    def counted(table: type[Any], *conditions: ColumnElement[bool]) -> Counter[str]:
        query = (
            select(owner, func.count())
            .join(table, table.organization_id == col(Organization.id))
            .where(*_published(table), *conditions, owner.is_not(None))
            .group_by(owner)
        )
        return _counted(session.execute(query).all())

    needs, capabilities = counted(Need), counted(Capability)
    unmet, idle = (None, None) if hidden else (counted(Need, _is_unmet()), counted(Capability, _is_idle()))

    def figures(term: Term) -> dict[str, int | None]:
        return {
            "needs": needs[term.value],
            "unmet": None if unmet is None else unmet[term.value],
            "capabilities": capabilities[term.value],
            "idle": None if idle is None else idle[term.value],
        }

    return figures


def _suppliers(session: Session) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """Capabilities of each domain and item by affiliation, and those of aid units by province."""
    key = func.unnest(col(Capability.domain_path)).label("key")
    affiliation, province = col(Organization.affiliation), col(Organization.aid_province)
    rows = session.execute(
        select(key, affiliation, province, func.count())
        .join(Organization, col(Organization.id) == col(Capability.organization_id))
        .where(*_published(Capability))
        .group_by(key, affiliation, province)
    )
    by_affiliation: dict[str, dict[str, int]] = {}
    by_province: dict[str, dict[str, int]] = {}
    for item, whose, sent_by, count in rows:
        of = by_affiliation.setdefault(item, {})
        of[whose.value] = of.get(whose.value, 0) + count
        if sent_by is not None:
            by_province.setdefault(item, {})[sent_by.value] = count
    return by_affiliation, by_province


def _funnel(session: Session) -> Funnel:
    good = session.execute(
        select(func.count())
        .select_from(NeedOutlook)
        .join(Need, col(Need.id) == col(NeedOutlook.need_id))
        .where(*_published(Need), col(NeedOutlook.best_score) >= scoring().good_from)
    ).scalar_one()
    return Funnel(
        needs=_count(session, Need),
        with_match=good if _looked_at(session) else None,
        introductions=_rows(session, Introduction),
        agreed=_rows(session, Introduction, col(Introduction.accepted_at).is_not(None)),
        contracts=_rows(
            session,
            Contract,
            col(Contract.signed_version).is_not(None),
            col(Contract.status) != ContractStatus.cancelled,
        ),
        registered=registered_sums(session).contracts,
        hours_to_first_match=_hours_to_first_match(session),
    )


def _looked_at(session: Session) -> bool:
    """Whether matches were looked for, for any need at all."""
    return session.execute(select(col(NeedOutlook.need_id)).limit(1)).first() is not None


def _rows(session: Session, table: type[Any], *conditions: ColumnElement[bool]) -> int:
    return int(session.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())


def _hours_to_first_match(session: Session) -> float | None:
    first = (
        select(col(MatchList.subject_id).label("need"), func.min(col(MatchList.created_at)).label("at"))
        .where(col(MatchList.subject_id).is_not(None), func.jsonb_array_length(col(MatchList.items)) > 0)
        .group_by(col(MatchList.subject_id))
        .subquery()
    )
    rows = session.execute(
        select(func.extract("epoch", first.c.at - col(Need.published_at)))
        .join(first, first.c.need == col(Need.id))
        .where(*_published(Need), col(Need.published_at).is_not(None))
        .order_by(col(Need.id).desc())
        .limit(_MOST_NEEDS)
    ).scalars()
    hours = [max(0.0, float(seconds)) / 3600 for seconds in rows]
    return round(float(np.median(hours)), 2) if hours else None


def _counted(rows: Iterable[Any]) -> Counter[str]:
    return Counter({str(key): count for key, count in rows})
