"""A row of a table of section chiefs: which stretch, which posts, how often they inspect it together.

Such tables come with names and telephone numbers. Columns of those are never read (`sources.chief_table`); what hides
in the cell of a post is refused here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from gridmap.domain.codes import parse_code
from gridmap.domain.railways.chiefs import PARTIES, Party
from gridmap.domain.railways.line_rows import NOTHING, LineRow, read_ends
from gridmap.errors import N_, InvalidInput

_LONGEST = 80

_TELEPHONE = re.compile(r"(?<!\d)(?:1[3-9]\d(?:[-\s]?\d){8}|0\d{2,3}[-\s]?\d{7,8})(?!\d)")
"""A telephone number of mainland China: eleven digits of a mobile, often parted, or area code and number."""

_PARTY_WORDS: Mapping[str, Party] = {
    **dict.fromkeys(
        ("local", "county", "town", "地方", "属地", "地方段长", "县乡", "地方政府", "政府", "路外"), "local"
    ),
    **dict.fromkeys(("railway", "rail", "铁路", "铁路段长", "路方", "铁路单位", "铁路部门", "路内"), "railway"),
}
_RAILWAY_OFFICE = re.compile(
    r"铁路|路局|工务|电务|供电段|车务|机务|工电|车间|工区|桥隧|线路所|车站|站区|train|rail|works section", re.IGNORECASE
)
_LOCAL_OFFICE = re.compile(
    r"政府|[镇乡村县区市]$|[镇乡村县区市](?=.*[长办岗])|街道|社区|派出所|公安|综治|居委|村委|town|county|village|district",
    re.IGNORECASE,
)

_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂焦向柳邢岳齐梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵欧阳"
)
"""The surnames of nearly everybody, by their first character."""

_OFFICE_CHARACTERS = frozenset("镇乡街道村社区段站间所办局委岗长府处队部厂院校司科组厅县市州盟旗路工务班室会党支")
_TITLES = re.compile(r"(?:同志|先生|女士)$")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,4}")
_PARTS = re.compile(r"[()\[\]【】:;,、/|]+")

_TIMES = {"一": 1, "两": 2, "二": 2, "三": 3, "四": 4} | {str(number): number for number in range(1, 10)}
_DAYS_OF = {"周": 7, "旬": 10, "月": 30, "季": 91, "年": 365}
_ENGLISH = {
    "daily": 1,
    "weekly": 7,
    "half-monthly": 15,
    "twice a month": 15,
    "monthly": 30,
    "quarterly": 91,
    "half-yearly": 182,
    "yearly": 365,
}
_PLAIN_DAYS = re.compile(r"(?:every|每)?\s*(\d+)\s*(?:d|days?|天|日)?(?:一次|1次)?", re.IGNORECASE)
_PERIOD = re.compile(
    rf"每?(?P<count>[1一]?个?|半个?)(?P<unit>[周旬月季年])度?(?:内|/)?(?:(?P<times>[{''.join(_TIMES)}])次)?"
)
_PER = re.compile(r"(?P<times>[1-9])次/(?P<unit>[周旬月季年])度?")


@dataclass(frozen=True)
class ChiefRow(LineRow):
    """What a row says: posts by party, their period of joint inspections in days, the area whose post the local is."""

    offices: tuple[tuple[Party, str], ...]
    interval_days: int | None
    area_code: str | None


def read_chief_row(cells: Mapping[str, str]) -> ChiefRow:
    """Read the cells of a row, by the columns of `sources.chief_table`.

    Raises
    ------
    InvalidInput
        Says what is missing or wrong, or that a person stands where a post should.
    """
    start, end = read_ends(cells)
    area = cells.get("area", "")
    return ChiefRow(
        start,
        end,
        _read_offices(cells),
        read_interval_days(cells.get("period", "")),
        None if area in NOTHING else parse_code(area),
    )


def _read_offices(cells: Mapping[str, str]) -> tuple[tuple[Party, str], ...]:
    named = {party: _join(cells, f"{party}_unit", party) for party in PARTIES}
    given = [(party, check_office(office)) for party, office in named.items() if office]
    if not given and not {"unit", "office"} & cells.keys():
        raise InvalidInput(N_("No post is named."))
    return tuple(given or [_read_single(cells)])


def _join(cells: Mapping[str, str], *columns: str) -> str:
    """What stands in columns that name a post together."""
    words = [cells.get(column, "") for column in columns]
    return " ".join(word for word in words if word.casefold() not in NOTHING)


def _read_single(cells: Mapping[str, str]) -> tuple[Party, str]:
    """The party and post of a row about one of them; a column 单位 may hold either party or place of work."""
    unit = cells.get("unit", "")
    is_party = unit.casefold() in _PARTY_WORDS
    office = check_office(_join(cells, "office") if is_party else _join(cells, "unit", "office"))
    if not office:
        raise InvalidInput(N_("No post is named."))
    said = (cells.get("party", "") or (unit if is_party else "")).casefold()
    if said and said not in _PARTY_WORDS:
        # Not repeated: it may be a name.
        raise InvalidInput(N_("The responsible side is neither local nor railway (地方, 铁路)."))
    if said:
        return _PARTY_WORDS[said], office
    # A railway's works section in a town is the railway's.
    if _RAILWAY_OFFICE.search(office):
        return "railway", office
    if _LOCAL_OFFICE.search(office):
        return "local", office
    raise InvalidInput(
        N_("Whether “{office}” is a post of the county or of the railway is not clear; say so in a column."),
        office=office,
    )


def check_office(text: str) -> str:
    """A post as it is kept.

    Raises
    ------
    InvalidInput
        It holds a telephone number or looks like a person's name, or is far too long for a post.
    """
    office = text.strip()
    refuse_telephone(office)
    # A post may be named in several words, of which a surname may begin the first: a name stands behind.
    parts = [part.split()[-1] for part in _PARTS.split(_normalise(office)) if part.strip()]
    if any(map(_looks_like_person, [office, *parts])):
        # The name itself is not repeated: reports are kept.
        raise InvalidInput(
            N_("A person stands where the post should be; name the office, such as a town or a section.")
        )
    if len(office) > _LONGEST:
        raise InvalidInput(N_("The post has more than {limit} characters."), limit=_LONGEST)
    return office


def refuse_telephone(text: str) -> None:
    """Raise InvalidInput where a text holds a telephone number, which must not be kept."""
    if _TELEPHONE.search(_normalise(text)):
        raise InvalidInput(
            N_("A telephone number is not kept here; name the office only."), hint=N_("Take the number out.")
        )


def _normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _looks_like_person(text: str) -> bool:
    bare = _TITLES.sub("", text)
    if bare != text:
        return True
    return bool(_HAN.fullmatch(text)) and text[0] in _SURNAMES and not _OFFICE_CHARACTERS.intersection(text[1:])


def read_interval_days(text: str) -> int | None:
    """Days from one joint inspection to the next, of `15`, `30 days`, `每月`, `每季度2次`, `monthly`; None of "".

    Raises
    ------
    InvalidInput
        It cannot be read, or is longer than a year.
    """
    told = _normalise(text).strip().casefold()
    if told in NOTHING:
        return None
    days = _ENGLISH.get(told) or _read_days(told.replace(" ", ""))
    if days is None or not 1 <= days <= _DAYS_OF["年"]:
        raise InvalidInput(
            N_("“{text}” is no period of joint inspections: a number of days up to a year, or 每月, 半月, 每季度."),
            text=text,
        )
    return days


def _read_days(told: str) -> int | None:
    if match := _PLAIN_DAYS.fullmatch(told):
        return int(match[1])
    match = _PER.fullmatch(told) or _PERIOD.fullmatch(told)
    if match is None:
        return None
    groups = match.groupdict()
    days = _DAYS_OF[groups["unit"]] // (2 if (groups.get("count") or "").startswith("半") else 1)
    return days // _TIMES[groups["times"] or "1"]
