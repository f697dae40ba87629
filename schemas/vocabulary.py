"""The words that fields may hold, each with its Chinese and English label."""

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """A word of a vocabulary: stored and sent as its key, shown by its label."""

    _value_: str
    zh: str
    en: str

    def __new__(cls, key: str, zh: str = "", en: str = "") -> Self:
        term = str.__new__(cls, key)
        term._value_ = key
        term.zh = zh
        term.en = en
        return term

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        """By its label as well, since messages tell labels."""
        written = value.strip() if isinstance(value, str) else None
        return next((term for term in cls if written in (term.zh, term.en)), None) if written else None


class Side(StrEnum):
    """Which of the two sides a posting stands on; also the name of its table and of its API path."""

    needs = "needs"
    capabilities = "capabilities"

    @property
    def other(self) -> "Side":
        return Side.capabilities if self is Side.needs else Side.needs


class OrganizationKind(Term):
    enterprise = "enterprise", "企业", "Enterprise"
    university = "university", "高校", "University"
    research_institute = "research_institute", "科研院所", "Research institute"
    new_rd_institution = "new_rd_institution", "新型研发机构", "New-type R&D institution"
    government = "government", "政府部门", "Government"
    broker = "broker", "科技中介服务机构", "Technology broker"
    regiment = "regiment", "团场（镇）/连队", "Regiment"
    cooperative = "cooperative", "新型农业经营组织", "Farm cooperative"
    hospital = "hospital", "医疗机构", "Medical institution"
    individual = "individual", "个人专家", "Individual expert"
    other = "other", "其他", "Other"


class Affiliation(Term):
    """Whose an organisation is, kept apart from what it is: a university can be an aid unit."""

    corps = "corps", "兵团", "Corps"
    local = "local", "地方（自治区）", "Local (autonomous region)"
    aid = "aid", "援疆单位", "Aid unit"
    national = "national", "国家级院所", "National institute"
    domestic = "domestic", "疆外其他", "Elsewhere in China"
    overseas = "overseas", "境外（含中亚）", "Overseas, Central Asia included"


class AidProvince(Term):
    """The 19 provinces and cities that send aid. Guangdong is the partner of the Third Division."""

    guangdong = "guangdong", "广东", "Guangdong"
    shenzhen = "shenzhen", "深圳", "Shenzhen"
    shanghai = "shanghai", "上海", "Shanghai"
    jiangsu = "jiangsu", "江苏", "Jiangsu"
    zhejiang = "zhejiang", "浙江", "Zhejiang"
    shandong = "shandong", "山东", "Shandong"
    beijing = "beijing", "北京", "Beijing"
    tianjin = "tianjin", "天津", "Tianjin"
    hebei = "hebei", "河北", "Hebei"
    shanxi = "shanxi", "山西", "Shanxi"
    liaoning = "liaoning", "辽宁", "Liaoning"
    jilin = "jilin", "吉林", "Jilin"
    heilongjiang = "heilongjiang", "黑龙江", "Heilongjiang"
    anhui = "anhui", "安徽", "Anhui"
    fujian = "fujian", "福建", "Fujian"
    jiangxi = "jiangxi", "江西", "Jiangxi"
    henan = "henan", "河南", "Henan"
    hubei = "hubei", "湖北", "Hubei"
    hunan = "hunan", "湖南", "Hunan"


class Role(Term):
    member = "member", "会员", "Member"
    integrator = "integrator", "系统集成方", "Integrator"
    broker = "broker", "技术经纪人", "Technology broker"
    operator = "operator", "平台管理方", "Operator"


class Scope(Term):
    """What a key may be limited to, within what its role may do."""

    read = "read", "读取", "Read"
    match = "match", "匹配", "Match"
    post = "post", "发布和办理", "Post and act"
    import_ = "import", "批量导入", "Import"
    webhooks = "webhooks", "接口推送", "Webhooks"
    contacts = "contacts", "联系方式和个人信息", "Contacts and personal data"


class NeedType(Term):
    tech_problem = "tech_problem", "技术难题", "Technical problem"
    new_product = "new_product", "新产品开发", "New product"
    process = "process", "工艺改进", "Process improvement"
    equipment = "equipment", "装备/自动化升级", "Equipment upgrade"
    result_import = "result_import", "成果引进", "Introduction of a result"
    variety = "variety", "新品种引进", "New variety"
    testing = "testing", "检验检测", "Testing"
    talent = "talent", "人才/专家需求", "Expert wanted"
    platform = "platform", "平台共建", "Joint platform"
    training = "training", "技术培训", "Training"
    other = "other", "其他", "Other"


class CapabilityKind(Term):
    expert = "expert", "专家", "Expert"
    achievement = "achievement", "科技成果", "Achievement"
    patent = "patent", "专利", "Patent"
    service = "service", "技术服务", "Technical service"
    facility = "facility", "仪器平台", "Instrument or platform"
    team = "team", "科研团队", "Research team"
    germplasm = "germplasm", "种质资源", "Germplasm"
    dataset = "dataset", "科学数据", "Scientific data"
    base = "base", "中试/示范基地", "Pilot or demonstration base"


class CooperationMode(Term):
    commissioned = "commissioned", "委托研发", "Commissioned R&D"
    joint = "joint", "合作研发", "Joint R&D"
    assign = "assign", "技术转让", "Assignment"
    license = "license", "技术许可", "Licence"
    equity = "equity", "作价入股", "Equity contribution"
    cross_license = "cross_license", "专利交叉许可", "Patent cross-licence"
    tech_import = "tech_import", "技术引进", "Technology introduction"
    talent_import = "talent_import", "人才引进", "Talent introduction"
    ma = "ma", "参股并购", "Equity stake or M&A"
    co_build = "co_build", "共建研发平台", "Joint R&D platform"
    consulting = "consulting", "技术咨询", "Consulting"
    service = "service", "技术服务", "Technical service"
    training = "training", "技术培训", "Training"
    custody = "custody", "技术托管", "Technology custody"
    tech_plus_goods = "tech_plus_goods", "技物结合", "Technology bundled with inputs"
    trial_first = "trial_first", "先使用后付费", "Use first, pay later"
    open_license = "open_license", "专利开放许可", "Open patent licence"
    equipment = "equipment", "仪器设施共享", "Instrument and facility sharing"


class PricingMethod(Term):
    negotiated = "negotiated", "协议定价", "Negotiated"
    listed = "listed", "挂牌", "Listed price"
    auction = "auction", "拍卖", "Auction"
    face_to_face = "face_to_face", "面议", "To be discussed"


class MaturityScale(Term):
    stage = "stage", "阶段（初期、中期、成熟）", "Stage"
    trl = "trl", "技术就绪水平（1—9级）", "Technology readiness level"
    level13 = "level13", "技术创新水平（1—13级）", "Thirteen-level innovation scale"


class MaturityStage(Term):
    """What people fill in; it stands for a range of TRL, not for one number."""

    early = "early", "初期阶段", "Early: laboratory, small test"
    middle = "middle", "中期阶段", "Middle: pilot, before production"
    mature = "mature", "成熟应用阶段", "Mature application"


class IpType(Term):
    invention = "invention", "发明专利", "Invention patent"
    utility = "utility", "实用新型", "Utility model"
    design = "design", "外观设计", "Design"
    software = "software", "软件著作权", "Software copyright"
    variety = "variety", "植物新品种权", "Plant variety right"
    layout = "layout", "集成电路布图设计", "IC layout"
    secret = "secret", "技术秘密", "Technical secret"
    standard = "standard", "标准", "Standard"
    none = "none", "无", "None"


class IpStatus(Term):
    filed = "filed", "申请中", "Filed"
    substantive = "substantive", "实质审查", "Under examination"
    granted = "granted", "已授权", "Granted"
    maintained = "maintained", "有效维持", "In force"
    pledged = "pledged", "质押", "Pledged"
    licensed_exclusive = "licensed_exclusive", "已独占许可", "Exclusively licensed"
    licensed = "licensed", "已许可", "Licensed"
    expired = "expired", "失效", "Lapsed"
    disputed = "disputed", "有争议", "Disputed"


class Visibility(Term):
    public = "public", "公开", "Public"
    members = "members", "会员可见", "Members"
    matched_only = "matched_only", "匹配方可见", "Matched parties"
    private = "private", "不公开", "Private"


class Confidentiality(Term):
    open = "open", "公开", "Open"
    trade = "trade", "商业秘密（脱敏发布）", "Trade secret, published without it"
    classified = "classified", "涉密（不得上网）", "Classified, not to be put on this network"


class PostingStatus(Term):
    draft = "draft", "草稿", "Draft"
    submitted = "submitted", "待审核", "Submitted"
    published = "published", "已发布", "Published"
    closed = "closed", "已关闭", "Closed"
    expired = "expired", "已过期", "Expired"
    rejected = "rejected", "已退回", "Rejected"


class IndicatorOperator(Term):
    equal = "=", "等于", "Equal to"
    above = ">", "大于", "Above"
    at_least = ">=", "不低于", "At least"
    below = "<", "小于", "Below"
    at_most = "<=", "不高于", "At most"
    range = "range", "区间", "From … to …"
    text = "text", "文字描述", "In words"


class Measured(Term):
    """Whether this service can count what a target of the plan asks for."""

    yes = "yes", "平台可统计", "Counted here"
    partly = "partly", "平台可部分统计", "Counted here in part"
    no = "no", "平台不能统计，由运营方填报", "Not counted here; operators enter it"
