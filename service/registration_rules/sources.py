"""Where each rule is from, as it is told beside a finding.

Read of the draft of December 2024: articles 11 to 17 of the 技术合同认定登记管理办法; articles 8 to 12, 25 to 31
and 36 to 39 of the 技术合同认定规则 that comes with it. Read of older rules: the conditions of each type in the
技术合同认定规则 of 2001 (国科发政字〔2001〕253号), and the time that the measure of 2000 allows. Not read: the text
as it was issued on 2026-01-23, and the draft's chapter on sums.
"""

DRAFT_MEASURE = "《技术合同认定登记管理办法（征求意见稿）》"
DRAFT_RULES = "《技术合同认定规则（征求意见稿）》"
RULES_2001 = "《技术合同认定规则》（国科发政字〔2001〕253号）"
MEASURE_2000 = "《技术合同认定登记管理办法》（2000年）"
CIVIL_CODE = "《民法典》"


def draft_measure(article: int) -> str:
    return f"{DRAFT_MEASURE}第{article}条"


def draft_rules(article: int, item: int | None = None) -> str:
    return f"{DRAFT_RULES}第{article}条" + (f"第{item}项" if item else "")


def civil_code(article: int) -> str:
    return f"{CIVIL_CODE}第{article}条"
