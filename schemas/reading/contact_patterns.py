"""How people write telephone numbers, addresses and accounts. All is read in texts that are ``folded``.

Each expression is bounded: whatever stands in a text, it looks at each character a fixed number of times.
"""

import re

# Stands where a contact stood: no part of any other.
TAKEN = "\ufffe"

# People break a number up with these so that programs overlook it.
_GAP = r"[\s\-.·_/\\*,，、|~:;'\"()+=<>#^&!?…。]{0,3}"
_USUAL_GAP = r"(?: ?[-.·_] ?|\s{0,2})"
_NOT_BEFORE = r"(?<![0-9])(?<![0-9][.])"
UNIT = (
    r"(?:[千万亿]{0,2}元|[千万亿]{0,2}[亩吨斤克株头只件台套人户次度]|公斤|公顷|千克|平方米|立方米"
    r"|(?:kg|t|ha)(?![a-z])|kwh|m[23](?![0-9])|%)"
)
# A figure of money or weight has a unit after it, a patent number a dot and its check character.
_NOT_AFTER = rf"(?![0-9])(?!\.[0-9x])(?!\s{{0,2}}{UNIT})"
_CODE = r"(?:10|2[0-9]|[3-9][0-9]{2})"
# A day, or two years.
_NO_DATE = r"(?!(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])|[-\s]{1,3}(?:19|20)[0-9]{2})(?![0-9]))"
_BETWEEN = r"[-\s.·_/*]{0,3}"
# No number of a subscriber begins with 1, and people write one down all the same.
_AREA_AND_NUMBER = (
    rf"(?:\(0{_CODE}\)|0{_CODE}){_BETWEEN}{_NO_DATE}[2-8][0-9]{{2,3}}{_BETWEEN}[0-9]{{4}}"
    rf"|(?:\(0{_CODE}\)\s?|0{_CODE}\s?[-/*]\s?){_NO_DATE}[1-9][0-9]{{2,3}}{_BETWEEN}[0-9]{{4}}"
    rf"|(?:\+|00)86[-\s(]{{0,2}}0?{_CODE}[-\s)]{{0,2}}[2-8][0-9]{{2,3}}{_BETWEEN}[0-9]{{4}}"
)
_EXTENSION = r"(?:\s{0,2}(?:-|转|ext\.?)\s{0,2}[0-9]{1,6})?"
# Digits in a row, or in groups as they are printed on a card.
_CARD = rf"(?:[0-9]{{15,19}}|[0-9]{{4}}(?:{_USUAL_GAP}[0-9]{{4}}){{3}}(?:{_USUAL_GAP}[0-9]{{1,3}})?)"

_WECHAT = (
    r"(?:[微薇徽威维溦][信xX]|微❤|[薇溦v]芯|wei信|绿泡泡|小绿|绿色软件|(?:加|\+)[我个]?[v薇](?:我|信)?|v信|ئۈندىدار|вичат|вэйсинь|вейсинь"
    r"|(?<![a-z])(?:wechat|weixin|vx|wx))"
    r"(?:\s?(?:公众号|号码?|账号|id|نومۇرى))?"
)
# Behind 微信 these are no names.
_TECHNICAL = (
    r"(?!(?:android|iphone|ipad|ios|windows|macos|harmony|applet|server|client|platform|mini|program|sdk|api|app|js|html|github"
    r"|python|java|unionid|openid|appid|webview|weapp|official|wechat|public|payment|scan|qrcode|login|version)[a-z0-9]{0,12})"
)
_PROVIDER = r"(?:qq|163|126|139|189|sina|sohu|foxmail|gmail|outlook|hotmail|yahoo|yandex|mail|aliyun|icloud)"
_TOP = r"(?:com|cn|net|org|edu|gov|ru|kz|cc|top|vip|me|io|info|biz|рф)"
_DOT = (
    rf"(?:\s?\.\s?(?=[a-zа-яё])|\.|\s{{0,2}}[。点點丶·]\s{{0,2}}(?={_TOP}(?![a-z]))|\s?\(\s?(?:dot|点|點|\.)\s?\)\s?"
    rf"|\s{{1,3}}dot\s{{1,3}}|\s{{0,2}}dot\s{{0,2}}(?={_TOP}(?![a-z])))"
)
_HOST = rf"(?:[a-zа-яё0-9-]{{1,30}}{_DOT}){{1,3}}(?:[a-z]{{2,15}}|рф)"
_SPELLED_HOST = (
    rf"[a-z0-9-]{{1,30}}(?:(?:\s{{0,2}}点\s{{0,2}}|\s{{1,3}}dot\s{{1,3}})[a-z0-9-]{{1,30}}){{0,2}}"
    rf"(?:\s{{0,2}}点\s{{0,2}}|\s{{1,3}}dot\s{{1,3}}){_TOP}(?![a-z])"
)
_PATH = r"(?:[/?#][^\s，。；、！）()<>\"'\ufffe]{0,200})?"

PATTERNS = {
    # The long ones first, so that no piece of them is taken for a telephone.
    "identity": re.compile(
        rf"(?<![0-9a-z.])(?:[1-8][0-9]{{5}}{_USUAL_GAP}[0-9]{{8}}{_USUAL_GAP}[0-9]{{3}}[0-9x]|[1-8][0-9]{{14}})(?![0-9a-z.])"
    ),
    "named_identity": re.compile(
        r"(?:身份证(?:件)?|كىملىك|удостоверени[ея]м? личности|(?<![a-z])id(?: card)?(?= ?n))"
        r"(?:号码?|编号| ?نومۇرى| ?no\.?| ?number)?[\s:：是为(]{0,4}"
        r"(?P<number>[0-9](?:[- ]?[0-9]){13}(?:(?:[- ]?[0-9]){3})?[- ]?[0-9x])(?![0-9a-z])"
    ),
    "passport": re.compile(
        r"(?:护照(?:号码?|编号)?|پاسپورت(?: ?نومۇرى)?|паспорт\w{0,4}|(?<![a-z])passport(?: no\.?| number)?)"
        r"[\s:：是为(№no]{0,4}(?P<number>[a-z]{1,2} ?[0-9]{7,8})(?![0-9a-z])"
    ),
    "card": re.compile(rf"(?<![0-9a-z.])(?=62|[45]){_CARD}{_NOT_AFTER}(?![a-z])"),
    "named_card": re.compile(
        rf"(?:银行|开户|收款|汇款)[^0-9\n。;；{TAKEN}]{{0,30}}?(?:[账帐]|卡)号[\s:：是为(]{{0,4}}"
        r"(?P<number>[0-9](?:[- ]?[0-9]){9,23})(?![0-9])"
    ),
    "email": re.compile(
        rf"[a-z0-9._%+-]{{1,40}}"
        rf"(?:(?:\s{{0,2}}@\s{{0,2}}|\s?\(\s?(?:at|a|圈a|圈|@)\s?\)\s?|\s?艾特\s?|\s?圈a\s?|\s+at\s+(?={_PROVIDER}\s?{_DOT})"
        rf"|#(?={_PROVIDER}{_DOT})){_HOST}|\s{{1,3}}at\s{{1,3}}{_SPELLED_HOST})".replace(r"\s+", r"\s{1,3}")
    ),
    "website": re.compile(
        rf"(?<![a-z0-9@.-])(?:https?:/{{1,2}}(?:[^\s/@]{{1,60}}@)?|www[0-9]?\s?(?:\.|。|点|\(?dot\)?)\s?)[a-zа-яё0-9\u4e00-\u9fff-]{{1,60}}"
        rf"(?:{_DOT}[a-zа-яё0-9-]{{1,40}}){{1,4}}(?::[0-9]{{2,5}})?{_PATH}"
        rf"|(?<![a-z0-9.-])(?:t|wa|line|vk|fb|ok|telegram|discord)\.me/[a-z0-9_+./-]{{3,60}}"
        rf"|(?<![a-z0-9.-])(?:vk|ok|instagram|facebook|twitter|x|weibo|douyin|v\.douyin)\.(?:com|ru)/[a-z0-9_+./-]{{3,60}}"
        rf"|(?<![a-z0-9.-])(?:u\.wechat|qm\.qq|qun\.qq|work\.weixin\.qq)\.com/[^\s，。；)]{{1,100}}"
        rf"|(?:weixin|tg|whatsapp|skype|mailto|tel):/{{0,2}}[^\s，。；)]{{3,100}}"
        rf"|(?:网址|官网|网站|网页|主页|сайт|(?<![a-z])(?:web)?site)\s{{0,2}}[:：为是]?\s{{0,2}}(?P<number>(?:[a-z0-9-]{{1,40}}{_DOT}){{1,3}}{_TOP}(?![a-z]){_PATH})"
    ),
    "wechat": re.compile(
        rf"(?:{_WECHAT}"
        r"(?:(?:[\s:：为是(]|同?号){0,6}[:：号是为(ى]\s{0,3}[a-z][a-z0-9_-]{4,19}"
        rf"|\s{{0,3}}(?=[a-z_-]{{0,19}}[0-9_])[a-z][a-z0-9_-]{{5,19}}|\s{{0,2}}{_TECHNICAL}[a-z][a-z_-]{{5,19}}(?![a-z0-9])"
        rf"|[\s:：号]{{0,3}}1[3-9][0-9]{{9}}(?![0-9])|(?:[\s:：]|同?号){{0,3}}[1-9][0-9]{{5,9}}(?![0-9]))"
        r"|(?<![a-z0-9])v\s?[:：]\s?(?=[a-z_-]{0,19}[0-9_])[a-z][a-z0-9_-]{5,19}"
        r"|(?:薇|溦|vx?|v信)\s{0,2}[:：]\s{0,2}(?:[a-z][a-z0-9_-]{5,19}|1[3-9][0-9]{9}(?![0-9])))"
    ),
    "qq": re.compile(
        r"(?:(?:(?<![a-z])q\s?q|扣扣|抠抠|叩叩|秋秋|企鹅|[加+]q)(?:群|号码?|邮箱| نومۇرى){0,2}[\s:：是为]{0,3}"
        r"|(?<![a-z0-9])q(?:群|号)?\s{0,2}[:：]\s{0,2}|(?<![a-z0-9])q(?:群|号)\s{0,2})"
        r"[1-9](?:[-. ]?[0-9]){4,10}(?![0-9])"
    ),
    "messenger": re.compile(
        r"(?:钉钉|抖音|快手|微博|小红书|飞书|电报|(?<![a-z])(?:telegram|whatsapp|skype|viber|line|tg|телеграм{1,2}|ватсап|вотсап|вацап))(?:账?号|帐号|id|群)?"
        r"\s?[:：@]\s{0,2}@?(?=[a-z0-9_.+-]{0,19}[0-9_])[a-z0-9_+][a-z0-9_.-]{4,19}"
        r"|(?:电报|(?<![a-z])(?:telegram|tg|телеграм{1,2}))\s{0,2}[:：]?\s{0,2}@[a-z][a-z0-9_]{3,31}"
    ),
    "mobile": re.compile(
        rf"(?<![0-9])(?:(?:\((?:\+|00)?86\)|(?:\+|00)?86){_GAP})?1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}(?![0-9])"
    ),
    "service": re.compile(
        rf"{_NOT_BEFORE}[48]00[-\s./*]{{0,2}}(?!0{{7}})(?:[0-9]{{3}}[-\s./*]{{0,2}}[0-9]{{4}}|[0-9]{{4}}[-\s./*]{{0,2}}[0-9]{{3}}){_NOT_AFTER}"
    ),
    "landline": re.compile(
        rf"{_NOT_BEFORE}(?:(?<![a-z])|(?<=tel))(?:{_AREA_AND_NUMBER})(?![0-9]){_EXTENSION}{_NOT_AFTER}"
    ),
    # As neighbours write theirs: +7 (701) 123-45-67, 00996 312 123456, 8 (727) 250-12-34.
    "abroad": re.compile(
        r"(?<![0-9+])(?:(?:\+|00)(?!86)[1-9](?:[\s().·-]{0,2}[0-9]){7,13}|8[\s-]?\([0-9]{3,4}\)(?:[\s-]?[0-9]){6,7})(?![0-9])"
    ),
    "named": re.compile(
        r"(?:(?:(?<!\w)(?:тел(?:ефон[аы]?)?|факс|моб(?:ильный)?|сот(?:овый)?)(?!\w))\.?|تېلېفون|يانفون|تېل|فاكىس|(?<![a-z])(?:tel|phone|mobile|fax)\.?)"
        r"(?: ?نومۇرى| ?(?:no|number)\.?)?[\s:：№no]{0,3}"
        rf"{_NO_DATE}(?P<number>\+?\(?[0-9](?:[\s()-]{{0,2}}[0-9]){{6,12}}){_NOT_AFTER}"
    ),
    "local": re.compile(
        rf"(?:(?:电话|座机|传真(?!机)|热线)(?:号码?)?[\s:：是为]{{0,3}}|(?<=[机系lx])[\s:：是为]{{1,3}}(?=[2-8]))"
        rf"{_NO_DATE}(?P<number>[1-9][0-9]{{2,3}}-?[0-9]{{4}}){_NOT_AFTER}(?!\s{{0,2}}[台套件个只头株户辆])"
    ),
}
