"""The API: routers, handlers and middleware put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
from fastapi import FastAPI

from service.api import (
    audit,
    awards,
    bids,
    brokers,
    capabilities,
    challenge_amendments,
    challenges,
    contracts,
    embeds,
    exports,
    health,
    imports,
    integrity,
    introduction_dialogue,
    introductions,
    mail_addresses,
    matches,
    needs,
    notifications,
    organizations,
    personal_data,
    statistics,
    subscriptions,
    targets,
    vocabularies,
    webhooks,
)
from service.api.openapi_document import add_examples
from service.http.addresses import OwnHosts
from service.http.body_first import BodyFirst
from service.http.compression import Compressed
from service.http.conditional import Conditional
from service.http.encoded_ahead import EncodedAhead
from service.http.failures import Failures
from service.http.faults import add_fault_errors
from service.http.methods import Methods
from service.http.observed import Observed
from service.http.problem_replies import add_error_handlers
from service.http.rate_limits import RateLimitHeaders
from service.matches.index_follower import followed
from service.matches.live_index import LiveIndex
from service.platform.observe import set_up_log
from service.platform.problems import ProblemShown
from service.platform.settings import settings
from service.platform.telemetry import set_up_telemetry
from service.portal import (
    account,
    desk,
    desk_organizations,
    desk_vetoes,
    mail_links,
    public,
    sign_in,
    trust,
    widget,
)
from service.portal import (
    brokers as broker,
)
from service.portal import notices as notices_pages
from service.portal import (
    posting_forms as forms,
)
from service.portal import webhooks as webhooks_page
from service.portal.challenges import amendments as amendment_pages
from service.portal.challenges import bid_pages, review_pages
from service.portal.challenges import pages as challenge_pages
from service.portal.contracts import pages as contract_pages
from service.portal.contracts import writing as contract_writing
from service.portal.errors import add_page_errors
from service.portal.feeds import feeds, oai
from service.portal.headers import PageHeaders
from service.portal.introductions import ask as introduction_ask
from service.portal.introductions import forms as introduction_forms
from service.portal.introductions import pages as introduction_pages
from service.portal.static import PortalFiles
from service.portal.statistics import page as statistics_page

_DESCRIPTION = """
技术供需对接：企业发布技术需求，院所、援疆单位和兵地伙伴登记技术供给，服务给出排序并说明理由的匹配结果。

Technology supply–demand matchmaking: needs and capabilities go in, ranked and explained matches come out.
Errors are RFC 9457 problems, in Chinese, English, Uyghur or Russian by `Accept-Language`.
"""


def _problems(*told: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    return {
        status: {
            "model": ProblemShown,
            "content": {"application/problem+json": {}},
            "description": description,
        }
        for status, description in told
    }


_PROBLEMS = _problems(
    (400, "The request cannot be handled."),
    (401, "Who are you?"),
    (403, "Your role may not do this."),
    (404, "Not there, or not yours."),
    (409, "Not possible in the present state."),
    (412, "It was changed meanwhile."),
    (413, "Too large."),
    (422, "The request does not fit; `errors` says where and why."),
    (429, "Asked too often; `Retry-After` says when to ask again."),
    (503, "Busy, or without its database; `Retry-After` says when to ask again."),
    (507, "The storage is full; nothing was saved."),
)
# Every tag that a router has, with what it is about.
_TAGS = [
    {"name": "needs", "description": "技术需求。 What is looked for."},
    {"name": "capabilities", "description": "技术供给。 What can be done, by whom."},
    {"name": "matches", "description": "匹配。 Matches for a text that is posted nowhere."},
    {"name": "organizations", "description": "单位与密钥。 Organisations and their keys."},
    {"name": "introductions", "description": "对接。 From a match to two who talk."},
    {"name": "contracts", "description": "技术合同。 Drafted, signed, registered, added up."},
    {
        "name": "brokers",
        "description": "技术经纪人。 Who proposes two others to each other, and how it goes.",
    },
    {
        "name": "integrity",
        "description": "科研诚信承诺与一票否决。 Who declared integrity, and who is barred.",
    },
    {"name": "personal data", "description": "个人信息。 What is kept of persons, and how it goes."},
    {
        "name": "challenges",
        "description": "揭榜挂帅。 Put out to tender, bid for, reviewed, awarded, accepted.",
    },
    {"name": "notifications", "description": "通知与订阅。 What one is told, and by mail."},
    {"name": "webhooks", "description": "接口推送。 Events sent to other programs."},
    {"name": "imports", "description": "批量导入导出。 Files with many postings."},
    {"name": "embeds", "description": "嵌入其他门户。 What other sites may show."},
    {"name": "statistics", "description": "统计。 What operators and brokers watch."},
    {"name": "vocabularies", "description": "词表。 Domains, regions and all other lists."},
    {"name": "operations", "description": "运行状态。 For whoever runs it."},
]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    set_up_log(settings().log_level)
    set_up_telemetry()
    anyio.to_thread.current_default_thread_limiter().total_tokens = settings().api_threads
    # It takes seconds to make, for which the first client to ask would wait.
    app.openapi()
    with followed(app.state.index):
        yield


def create_app() -> FastAPI:
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        title="Duijie 对接",
        version="1",
        description=_DESCRIPTION,
        license_info={"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        openapi_tags=_TAGS,
        lifespan=_lifespan,
        # Clients made from the document call a function by its name here.
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.index = LiveIndex()
    for module in (
        organizations,
        needs,
        capabilities,
        matches,
        imports,
        exports,
        statistics,
        targets,
        introductions,
        introduction_dialogue,
        contracts,
        brokers,
        integrity,
        personal_data,
        challenge_amendments,
        challenges,
        bids,
        awards,
        audit,
        notifications,
        subscriptions,
        mail_addresses,
        webhooks,
        vocabularies,
    ):
        app.include_router(module.router, responses=_PROBLEMS)
    app.include_router(embeds.router, responses=_PROBLEMS)
    app.include_router(health.router)
    # Contracts first: forms of introductions would take a draft for a verb of theirs.
    for page in (contract_writing, contract_pages, introduction_ask, introduction_pages, introduction_forms):
        app.include_router(page.router)
    for page in (
        account,
        sign_in,
        desk_organizations,
        desk_vetoes,
        desk,
        broker,
        trust,
        notices_pages,
        webhooks_page,
        mail_links,
        challenge_pages,
        amendment_pages,
        review_pages,
        bid_pages,
        forms,
        feeds,
        oai,
        statistics_page,
        public,
        widget,
    ):
        app.include_router(page.router)
    app.mount("/static", PortalFiles())
    add_error_handlers(app)
    add_page_errors(app)
    add_fault_errors(app)
    add_examples(app)
    app.router.middleware_stack = Methods(app)
    # From the inside out.
    app.add_middleware(Conditional)
    app.add_middleware(EncodedAhead)
    app.add_middleware(RateLimitHeaders)
    app.add_middleware(BodyFirst)
    app.add_middleware(Failures)
    app.add_middleware(OwnHosts)
    app.add_middleware(PageHeaders)
    app.add_middleware(Compressed)
    app.add_middleware(Observed)
    return app
