"""Where each rule is from, as it is told beside a finding.

Read of the draft of December 2024: articles 11 to 17 of the 技术合同认定登记管理办法; articles 8 to 12, 25 to 31
and 36 to 39 of the 技术合同认定规则 that comes with it. Read of older rules: the conditions of each type in the
技术合同认定规则 of 2001 (国科发政字〔2001〕253号), and the time that the measure of 2000 allows. Not read: the text
as it was issued on 2026-01-23, and the draft's chapter on sums.

A source is kept in Chinese, in which the rules are written; ``source_in`` tells it in another language.
"""

import re

from schemas.wording import Wording
from service.platform.messages import said

DRAFT_MEASURE = "《技术合同认定登记管理办法（征求意见稿）》"
DRAFT_RULES = "《技术合同认定规则（征求意见稿）》"

_DRAFT_MEASURE = Wording(
    "《技术合同认定登记管理办法（征求意见稿）》第{article}条",
    "Measure on the registration of technology contracts (draft), article {article}",
)
_DRAFT_RULES = Wording(
    "《技术合同认定规则（征求意见稿）》第{article}条",
    "Rules on recognising technology contracts (draft), article {article}",
)
_DRAFT_RULES_ITEM = Wording(
    "《技术合同认定规则（征求意见稿）》第{article}条第{item}项",
    "Rules on recognising technology contracts (draft), article {article}, item {item}",
)
_CIVIL_CODE = Wording("《民法典》第{article}条", "Civil Code, article {article}")
_RULES_2001 = Wording(
    "《技术合同认定规则》（国科发政字〔2001〕253号）",
    "Rules on recognising technology contracts (2001, no. 253)",
)
_RULES_2001_ARTICLE = Wording(
    "《技术合同认定规则》（国科发政字〔2001〕253号）第{article}条",
    "Rules on recognising technology contracts (2001, no. 253), article {article}",
)
_RULES_2001_SUMS = Wording(
    "《技术合同认定规则》（国科发政字〔2001〕253号）关于技术交易额的规定",
    "Rules on recognising technology contracts (2001, no. 253), on the technology transaction value",
)
_ELSEWHERE_2001 = Wording(
    "《技术合同认定规则》（国科发政字〔2001〕253号）、《技术合同认定登记管理办法》（2000年）的相应规定（条号未逐条核对）",
    "What corresponds in the rules on recognising technology contracts (2001, no. 253) and the measure of 2000; "
    "articles were not compared one by one",
)
_TYPES_2026 = Wording(
    "《技术合同认定规则（征求意见稿）》第9条、第12条；技术开发的认定条件见《技术合同认定规则》（国科发政字〔2001〕253号）",
    "Rules on recognising technology contracts (draft), articles 9 and 12; for development, those of 2001 (no. 253)",
)
# Those without slots first: each is one sentence, whatever it quotes.
_ALL = (
    _RULES_2001,
    _RULES_2001_SUMS,
    _ELSEWHERE_2001,
    _TYPES_2026,
    _DRAFT_MEASURE,
    _DRAFT_RULES_ITEM,
    _DRAFT_RULES,
    _CIVIL_CODE,
    _RULES_2001_ARTICLE,
)
_READ = [
    (re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>\\d+)", re.escape(wording.zh))), wording)
    for wording in _ALL
]

RULES_2001, RULES_2001_SUMS = _RULES_2001.zh, _RULES_2001_SUMS.zh
ELSEWHERE_2001, TYPES_2026 = _ELSEWHERE_2001.zh, _TYPES_2026.zh


def draft_measure(article: int) -> str:
    return _DRAFT_MEASURE.zh.format(article=article)


def draft_rules(article: int, item: int | None = None) -> str:
    if item is None:
        return _DRAFT_RULES.zh.format(article=article)
    return _DRAFT_RULES_ITEM.zh.format(article=article, item=item)


def civil_code(article: int) -> str:
    return _CIVIL_CODE.zh.format(article=article)


def rules_2001(article: int) -> str:
    return _RULES_2001_ARTICLE.zh.format(article=article)


def source_in(language: str, source: str) -> str:
    """A source in a reader's language. One that no release of today writes stays as it was kept."""
    for pattern, wording in _READ:
        if found := pattern.fullmatch(source):
            return said(wording._replace(slots=found.groupdict()), language)
    return source
