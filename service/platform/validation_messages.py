"""What pydantic found wrong, said in the caller's language."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from schemas.vocabulary import Term
from schemas.wording import Wording
from service.platform.messages import in_language, said
from service.platform.phrases import label_of

# By pydantic's error type. The braces are filled from the error's context.
CHINESE = {
    "missing": "缺少此项",
    "extra_forbidden": "不认识的字段",
    "json_invalid": "不是有效的 JSON",
    "model_attributes_type": "应为对象",
    "model_type": "应为对象",
    "dict_type": "应为对象",
    "list_type": "应为列表",
    "string_type": "应为文本",
    "string_unicode": "含有无效的 Unicode 字符",
    "string_too_short": "至少需要 {min_length} 个字符",
    "string_too_long": "不得超过 {max_length} 个字符",
    "string_pattern_mismatch": "格式不正确",
    "too_long": "不得超过 {max_length} 项",
    "too_short": "至少需要 {min_length} 项",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "int_parsing_size": "数值过大",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "bool_type": "应为是或否（true 或 false）",
    "bool_parsing": "应为是或否（true 或 false）",
    "enum": "应为以下之一：{expected}",
    "literal_error": "应为以下之一：{expected}",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "uuid_parsing": "不是有效的编号",
    "uuid_type": "不是有效的编号",
    "date_type": "应为日期（年-月-日）",
    "date_parsing": "应为日期（年-月-日）",
    "date_from_datetime_parsing": "应为日期（年-月-日）",
    "date_from_datetime_inexact": "应为日期（年-月-日）",
    "datetime_type": "应为时间",
    "datetime_parsing": "应为时间",
    "datetime_from_date_parsing": "应为时间",
    "timezone_aware": "时间须带时区",
    "value_error": "内容不正确",
    "control_character": "第 {position} 个字符处含有控制字符 U+{code}",
    "turning_character": "第 {position} 个字符 U+{code} 会改变文字方向，链接中不能使用",
    "range_reversed": "下限高于上限",
    "wrong_cursor": "翻页标记无效或已失效，请从第一页重新开始",
    "unreadable": "无法识别：{reason}",
    "level": "请填写阶段、级别，或级别范围，如 5-7",
    "unknown_domain": "不认识的技术领域",
    "unknown_region": "不认识的地区",
    "empty_name": "名称中没有文字",
    "credit_code": "统一社会信用代码不正确",
    "classified_refused": "涉密内容不得上网，请勿提交",
    "value_above_turnover": "技术交易额高于成交额",
    "trainees_missing": "技术培训合同请填写培训对象",
    "third_party_missing": "技术中介合同请填写第三方和所促成的技术交易",
    "union_tag_invalid": "合同类型应为以下之一：{expected_tags}",
    "union_tag_not_found": "请填写合同类型（type）",
    "one_question": "text 与 posting_id 应填且只填一项",
    "looking_for_missing": "请在 looking_for 中说明要找需求还是供给",
    "email_and_channel": "email 应与通知方式“email”同时填写",
    "aid_province_without_aid": "只有援疆单位才有派出省市",
    "empty_message": "请写几句话，或附一个文件链接",
    "nobody_named": "请填写邮箱、电话或姓名",
    "number_too_short": "电话号码至少有七位数字",
    "no_address": "邮箱地址中应有 @",
    "name_too_short": "姓名至少有两个字",
    "contact_in_name": "其中有电话、网址或账号等联系方式，请删去",
    "origin": "请写明协议和域名，端口非默认时一并写明，如 https://portal.example.cn",
    "network": "请填写网络地址或地址段，如 10.2.0.0/16",
    "weights": "权重合计应为 100",
    "title_missing": "请填写标题，或指明所依据的需求",
    "one_lead": "提交揭榜的单位即为牵头单位",
}

# pydantic lists what it takes as one English phrase: 'a', 'b' or 'c'.
_BETWEEN = re.compile(r"'(?:, | or )'")
_COMMA = {"zh": "、", "ug": "، ", "ru": ", "}


def told(error: Any, language: str) -> str:
    """The message of one pydantic error. Of types without a sentence, readers of English alone are told more."""
    choices = _labels(error, language)
    if language == "en":
        return f"Should be one of: {', '.join(choices)}" if choices else str(error["msg"])
    chinese = CHINESE.get(error["type"], CHINESE["value_error"])
    context = dict(error.get("ctx", {}))
    if error["type"] == "unreadable":
        context = {"reason": _reason(context, language)}
    for listed in ("expected", "expected_tags"):
        if listed in context:
            context[listed] = _COMMA[language].join(choices or _keys(context[listed]))
    try:
        return in_language(chinese, language, context) or chinese.format(**context)
    except KeyError:
        return chinese


def _labels(error: Any, language: str) -> list[str]:
    """The words that people know, where what may be chosen is a vocabulary of ours; what is sent may be one of them."""
    if error["type"] != "enum":
        return []
    terms = _vocabularies().get(tuple(_keys(error["ctx"]["expected"])), [])
    return [label_of(language, term) for term in terms]


def _keys(listed: str) -> list[str]:
    return _BETWEEN.split(listed.strip("'"))


@cache
def _vocabularies() -> dict[tuple[str, ...], list[Term]]:
    """Those of the project, by their keys as pydantic lists them."""
    return {tuple(term.value for term in one): list(one) for one in _all(Term)}


def _all(kind: type[Term]) -> list[type[Term]]:
    return [one for below in kind.__subclasses__() for one in (below, *_all(below))]


def _reason(context: Mapping[str, Any], language: str) -> str:
    """Why words could not be read. Readers of neither language are told in the one that they more likely read."""
    why = Wording(context["zh"], context["en"], context["slots"])
    return said(why, language)
