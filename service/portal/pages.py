"""Pages of the portal: rendered on the server, in the visitor's language, as that visitor may see them."""

import re
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from service.access.principal import ANYONE, Principal
from service.http.addresses import base_of
from service.http.language import language_of
from service.platform.locales import LANGUAGES, TAGS, direction_of, messages_of
from service.platform.phrases import label_of, named_domain, named_region, yuan
from service.portal.cookies import read_cookie, set_cookie
from service.portal.sessions import VisitorDep
from service.portal.static import static_url
from service.postings.exports import indicator_said

LANGUAGE_COOKIE = "duijie_language"
_HERE = ZoneInfo("Asia/Shanghai")
_A_YEAR = 365 * 24 * 3600
# What HTML cannot hold, wherever a page repeats what was typed.
_UNFIT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def _caller(visitor: VisitorDep) -> Principal:
    return visitor.principal if visitor else ANYONE


PageCallerDep = Annotated[Principal, Depends(_caller)]


def language_of_page(request: Request) -> str:
    """What the address asks for, else what was chosen before, else what the browser prefers."""
    for wished in (request.query_params.get("lang"), read_cookie(request, LANGUAGE_COOKIE)):
        if wished in LANGUAGES:
            return wished
    return language_of(request)


PageLanguageDep = Annotated[str, Depends(language_of_page)]


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    visitor: Any = None,
    keep_language: bool = True,
    **context: Any,
) -> HTMLResponse:
    """keep_language: whether a language that the address asks for is that of later pages, too."""
    language = language_of_page(request)
    page = _environment.get_template(template).render(
        request=request,
        visitor=visitor,
        lang=language,
        lang_tag=TAGS[language],
        colon="：" if language == "zh" else ": ",
        dir=direction_of(language),
        languages=LANGUAGES,
        language_tags=TAGS,
        canonical=lambda key: _canonical(request, key),
        _=messages_of(language).gettext,
        ngettext=messages_of(language).ngettext,
        label=lambda term: label_of(language, term),
        domain=lambda key: named_domain(language, key),
        region=lambda code: named_region(language, code),
        yuan=lambda sums: yuan(language, sums.min, sums.max),
        indicator=indicator_said,
        sum_of=lambda whole: yuan(language, whole, whole),
        moment=_moment,
        here_with=lambda **changes: _here_with(request, changes),
        **context,
    )
    response = HTMLResponse(_UNFIT.sub("\ufffd", page), status_code=status)
    if keep_language and request.query_params.get("lang") == language:
        set_cookie(request, response, LANGUAGE_COOKIE, language, _A_YEAR)
    return response


def _moment(then: datetime) -> str:
    """As clocks here show it; set apart, so that text from the right does not turn it round."""
    return f"\u2066{then.astimezone(_HERE):%Y-%m-%d %H:%M}\u2069"


def _to_seconds(moment: datetime) -> str:
    """For ``time`` elements, which know no microseconds."""
    return moment.isoformat(timespec="seconds")


def _canonical(request: Request, language: str) -> str:
    """The page's one address in each language, without what a visitor asked of it. The plain one is Chinese."""
    address = f"{base_of(request)}{request.url.path}"
    return address if language == "zh" else f"{address}?lang={language}"


def _here_with(request: Request, changes: dict[str, Any]) -> str:
    """The address of this page with some parameters changed, or taken away by None."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
    kept += [(name, value) for name, value in changes.items() if value is not None]
    return f"{request.url.path}?{urlencode(kept)}" if kept else request.url.path


_environment = Environment(
    loader=PackageLoader("service.portal"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals["static_url"] = static_url
_environment.filters["to_seconds"] = _to_seconds
