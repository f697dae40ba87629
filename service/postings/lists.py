"""Lists of postings: every filter, and how many each value would leave."""

from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ARRAY, BigInteger, ColumnElement, Integer, Text, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import array
from sqlmodel import Session, col

from schemas.account import Organization
from schemas.base import CalendarDay, Label, Page
from schemas.capability import Capability, CapabilityShown
from schemas.domains import DomainKey
from schemas.forms import Yuan
from schemas.need import Need, NeedShown
from schemas.posting import IndexStatus, PostingShown
from schemas.regions import RegionCode
from schemas.vocabulary import (
    Affiliation,
    CapabilityKind,
    CooperationMode,
    NeedType,
    OrganizationKind,
    PostingStatus,
    PricingMethod,
    Visibility,
)
from service.access.principal import Permission, Principal
from service.platform.facets import facet_counts
from service.platform.paging import ListQuery, page
from service.postings.access import Posting, readable, shown_with


class PostingQuery(ListQuery):
    """Several values of one filter mean any of them; several filters mean all of them."""

    q: Label | None = Field(default=None, description="Words that the title or the description contains.")
    status: list[PostingStatus] = Field(default_factory=list)
    mine: bool = Field(default=False, description="Those of the caller's own organisation only.")
    organization_id: list[UUID] = Field(default_factory=list)
    organization_kind: list[OrganizationKind] = Field(default_factory=list)
    affiliation: list[Affiliation] = Field(default_factory=list)
    domain: list[DomainKey] = Field(
        default_factory=list, description="Domains, with all their items, or items."
    )
    region: list[RegionCode] = Field(default_factory=list, description="With all that lies within.")
    cooperation_mode: list[CooperationMode] = Field(default_factory=list)
    keyword: list[Label] = Field(default_factory=list)
    visibility: list[Visibility] = Field(default_factory=list)
    index_status: list[IndexStatus] = Field(default_factory=list)
    publicly_funded: bool | None = None
    trl_min: int | None = Field(default=None, ge=1, le=9, description="At least this far along.")
    trl_max: int | None = Field(default=None, ge=1, le=9, description="At most this far along.")
    external_id: list[Label] = Field(default_factory=list)
    valid_on: CalendarDay | None = Field(default=None, description="Still valid on this day.")


class NeedQuery(PostingQuery):
    need_type: list[NeedType] = Field(default_factory=list)
    budget_method: list[PricingMethod] = Field(default_factory=list)
    budget_at_least: Yuan | None = Field(default=None, description="Yuan; the budget may reach this sum.")
    budget_at_most: Yuan | None = Field(default=None, description="Yuan; the budget begins below this sum.")
    deadline_from: CalendarDay | None = None
    deadline_until: CalendarDay | None = None


class CapabilityQuery(PostingQuery):
    kind: list[CapabilityKind] = Field(default_factory=list)
    price_method: list[PricingMethod] = Field(default_factory=list)
    price_at_least: Yuan | None = Field(default=None, description="Yuan; the price may reach this sum.")
    price_at_most: Yuan | None = Field(default=None, description="Yuan; the price begins below this sum.")


def list_needs(session: Session, caller: Principal, asked: NeedQuery) -> Page[NeedShown]:
    filters = _filters(Need, caller, asked)
    if asked.need_type:
        filters["need_type"] = col(Need.need_type).in_(asked.need_type)
    if asked.deadline_from:
        filters["deadline_from"] = col(Need.deadline) >= asked.deadline_from
    if asked.deadline_until:
        filters["deadline_until"] = col(Need.deadline) <= asked.deadline_until
    filters |= _money_filters("budget", col(Need.budget), asked)
    return _listed(session, caller, Need, asked, filters, {"need_type": col(Need.need_type)}, NeedShown)


def list_capabilities(session: Session, caller: Principal, asked: CapabilityQuery) -> Page[CapabilityShown]:
    filters = _filters(Capability, caller, asked)
    if asked.kind:
        filters["kind"] = col(Capability.kind).in_(asked.kind)
    filters |= _money_filters("price", col(Capability.price), asked)
    return _listed(
        session, caller, Capability, asked, filters, {"kind": col(Capability.kind)}, CapabilityShown
    )


def _listed(
    session: Session,
    caller: Principal,
    table: type[Any],
    asked: PostingQuery,
    filters: dict[str, ColumnElement[bool]],
    own_facets: dict[str, Any],
    shape: type[PostingShown],
) -> Page[Any]:
    caller.require(Permission.posting_read)
    base = (
        select(table, Organization)
        .join(Organization, col(Organization.id) == table.organization_id)
        .where(readable(table, caller))
    )
    rows, cursor = page(session, base.where(and_(True, *filters.values())), table.id, asked)
    facets = None
    if asked.facets:
        facets = facet_counts(session, base, {**_facets(table), **own_facets}, filters)
    return Page(
        items=[shown_with(organization, posting, caller, shape) for posting, organization in rows],
        next_cursor=cursor,
        facets=facets,
    )


def _facets(table: type[Posting]) -> dict[str, Any]:
    return {
        "status": col(table.status),
        "domain": func.unnest(table.domain_path),
        "region": func.unnest(table.region_path),
        "affiliation": col(Organization.affiliation),
        "organization_kind": col(Organization.kind),
        "cooperation_mode": func.unnest(table.cooperation_modes),
        "visibility": col(table.visibility),
        "index_status": col(table.index_status),
    }


def _filters(table: type[Posting], caller: Principal, asked: PostingQuery) -> dict[str, ColumnElement[bool]]:
    filters: dict[str, ColumnElement[bool]] = {}
    for name, column, values in (
        ("status", col(table.status), asked.status),
        ("organization_id", col(table.organization_id), asked.organization_id),
        ("organization_kind", col(Organization.kind), asked.organization_kind),
        ("affiliation", col(Organization.affiliation), asked.affiliation),
        ("visibility", col(table.visibility), asked.visibility),
        ("index_status", col(table.index_status), asked.index_status),
        ("external_id", col(table.external_id), asked.external_id),
    ):
        if values:
            filters[name] = column.in_(values)
    for name, column, wanted in (
        ("domain", col(table.domain_path), asked.domain),
        ("region", col(table.region_path), asked.region),
        ("cooperation_mode", col(table.cooperation_modes), asked.cooperation_mode),
        ("keyword", col(table.keywords), asked.keyword),
    ):
        if wanted:
            filters[name] = column.op("&&")(cast(array([str(value) for value in wanted]), ARRAY(Text)))
    return filters | _single_filters(table, caller, asked)


def _single_filters(
    table: type[Posting], caller: Principal, asked: PostingQuery
) -> dict[str, ColumnElement[bool]]:
    """Those that take one value."""
    filters: dict[str, ColumnElement[bool]] = {}
    if asked.mine:
        filters["mine"] = col(table.organization_id) == caller.organization_id
    if asked.q:
        words = f"%{_escaped(asked.q)}%"
        filters["q"] = or_(col(table.title).ilike(words), col(table.description).ilike(words))
    if asked.publicly_funded is not None:
        filters["publicly_funded"] = col(table.publicly_funded) == asked.publicly_funded
    if asked.valid_on:
        filters["valid_on"] = or_(col(table.valid_until).is_(None), col(table.valid_until) >= asked.valid_on)
    if asked.trl_min:
        filters["trl_min"] = (
            cast(func.jsonb_extract_path_text(table.maturity, "trl_max"), Integer) >= asked.trl_min
        )
    if asked.trl_max:
        filters["trl_max"] = (
            cast(func.jsonb_extract_path_text(table.maturity, "trl_min"), Integer) <= asked.trl_max
        )
    return filters


def _money_filters(name: str, column: Any, asked: Any) -> dict[str, ColumnElement[bool]]:
    """A range fits when it overlaps what is asked; an open end reaches to infinity; 面议 has no sum."""
    filters: dict[str, ColumnElement[bool]] = {}
    low, high = func.jsonb_extract_path_text(column, "min"), func.jsonb_extract_path_text(column, "max")
    stated = or_(low.is_not(None), high.is_not(None))
    if methods := getattr(asked, f"{name}_method"):
        filters[f"{name}_method"] = func.jsonb_extract_path_text(column, "method").in_(
            [str(m) for m in methods]
        )
    if (least := getattr(asked, f"{name}_at_least")) is not None:
        filters[f"{name}_at_least"] = and_(stated, or_(high.is_(None), cast(high, BigInteger) >= least))
    if (most := getattr(asked, f"{name}_at_most")) is not None:
        filters[f"{name}_at_most"] = and_(stated, or_(low.is_(None), cast(low, BigInteger) <= most))
    return filters


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
