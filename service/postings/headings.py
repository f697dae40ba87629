"""The columns of import files: what each is called in Chinese and English forms, and which field it fills."""

import re
from dataclasses import dataclass
from functools import lru_cache

from schemas.vocabulary import Side


@dataclass(frozen=True)
class Column:
    """``part`` is set where several columns make up one contact or one right; ``unit`` comes from the heading."""

    field: str
    part: str = ""
    unit: str = ""


# The first name of each stands in the template; the others are read as well. Field names are read always.
_SHARED: dict[tuple[str, str], tuple[str, ...]] = {
    ("external_id", ""): ("编号", "序号编码", "外部编号"),
    ("keywords", ""): ("关键词", "关键字", "技术关键词"),
    ("domains", ""): ("所属领域", "技术领域", "领域", "应用领域"),
    ("cooperation_modes", ""): ("合作方式", "转化方式", "拟合作方式", "合作模式"),
    ("indicators", ""): ("技术指标", "考核指标", "主要技术指标", "指标"),
    ("maturity", ""): ("技术成熟度", "成熟度", "所处阶段", "成果所处阶段", "期望成熟度"),
    ("region", ""): ("地区", "所在地区", "所在地", "团场"),
    ("partner_wish", ""): ("对合作方要求", "对供方要求", "希望的合作方", "对合作方的要求"),
    ("publicly_funded", ""): ("是否财政资金支持", "财政资金", "资助情况"),
    ("visibility", ""): ("公开范围",),
    ("confidentiality", ""): ("密级", "保密要求"),
    ("valid_until", ""): ("有效期", "有效期至"),
    ("confidential_detail", ""): ("保密内容", "保密详情"),
    ("contacts", "name"): ("联系人",),
    ("contacts", "phone"): ("联系电话", "电话", "手机", "手机号"),
    ("contacts", "email"): ("电子邮箱", "邮箱", "E-mail"),
    ("ip", "type"): ("知识产权类型", "知识产权形式", "知识产权"),
    ("ip", "status"): ("知识产权状态", "专利状态"),
    ("ip", "number"): ("专利号", "知识产权编号", "授权号"),
    ("ip", "owners"): ("权利人", "成果权属人", "专利权人"),
}
_NEEDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("title", ""): ("需求名称", "技术需求名称", "名称", "标题", "项目名称"),
    ("description", ""): ("需求描述", "需求简介", "需求详情", "需求内容", "描述", "详情"),
    ("wanted_result", ""): ("预期成果", "期望结果", "拟达到的目标", "技术目标"),
    ("need_type", ""): ("需求类型", "需求类别"),
    ("budget", ""): ("意向投入", "投入预算", "预算", "意向金额", "合作价格", "资金投入"),
    ("deadline", ""): ("期望完成时间", "完成时限", "截止时间"),
}
_CAPABILITIES: dict[tuple[str, str], tuple[str, ...]] = {
    ("title", ""): ("成果名称", "名称", "标题", "技术名称", "专家姓名"),
    ("kind", ""): ("类型", "供给类型", "成果类型"),
    ("description", ""): ("成果简介", "简介", "描述", "详情", "成果介绍"),
    ("price", ""): ("期望价格", "合作价格", "转让价格", "价格", "意向金额"),
    ("transfer_by", ""): ("转化期限", "限时转化期限", "应转化日期", "转化截止时间"),
}

OWN_ID = "平台编号"

_BRACKETS = re.compile(r"[（(【\[]([^（(【\[）)】\]]{0,50})[）)】\]]")
_NOISE = re.compile(r"[\s*＊:：]+")


def columns_of(side: Side) -> dict[tuple[str, str], tuple[str, ...]]:
    """Every column of a side in the order of its template."""
    own = _NEEDS if side is Side.needs else _CAPABILITIES
    return {**own, **_SHARED}


def column_for(heading: str, side: Side) -> Column | None:
    """Which field a heading names: ``意向投入（万元）`` is the budget, in units of ten thousand yuan."""
    bracketed = " ".join(_BRACKETS.findall(heading))
    name = _NOISE.sub("", _BRACKETS.sub("", heading)).lower()
    key = _names(side).get(name)
    if key is None:
        return None
    field, part = key
    unit = next((unit for unit in ("亿元", "万元", "元") if unit in bracketed), "")
    return Column(field, part, unit if field in {"budget", "price"} else "")


@lru_cache
def _names(side: Side) -> dict[str, tuple[str, str]]:
    # Not in the template: files of ours have it, so that what was exported comes back as what it is.
    names = {OWN_ID.lower(): ("id", ""), "id": ("id", "")}
    for key, headings in columns_of(side).items():
        field, part = key
        for name in (*headings, f"{field}.{part}" if part else field):
            names[name.lower()] = key
    return names
