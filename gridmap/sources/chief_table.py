"""The table of section chiefs (双段长) of a line, without what it says about persons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from gridmap.errors import N_
from gridmap.sources.line_table import PLACE_COLUMNS, TableForm, list_headings

_PARTIES: Mapping[str, tuple[str, ...]] = {
    "local": ("local", "county", "town", "地方", "地方段长", "属地", "属地段长", "县乡段长", "政府段长", "地方政府"),
    "railway": ("railway", "rail", "铁路", "铁路段长", "铁路单位", "铁路部门", "路方段长", "路方"),
}
_POSTS = ("post", "office", "岗位", "职务", "单位及职务", "单位职务")
_UNITS = ("unit", "单位", "工作单位", "责任单位", "所在单位")


def _head_groups(groups: tuple[str, ...], words: tuple[str, ...]) -> str:
    """What a column of a group may be called, parted by bars: in a header of two rows the group stands above."""
    return "|".join(f"{group}{gap}{word}" for group in groups for word in words for gap in ("", " "))


_COLUMNS = {
    **PLACE_COLUMNS,
    "party": "party|side|side of party|段长类别|段长类型|段长|类别|类型|归属|属性|地方/铁路|路地",
    "unit": "unit|单位|责任单位|所属单位|工作单位|单位名称",
    "office": "office|post|position|岗位|职务|段长岗位|段长职务|责任岗位|岗位名称|单位及职务|单位职务",
    "area": "area|area code|区划代码|行政区划代码|行政区代码|属地代码",
    "period": "period|interval|interval days|interval_days|joint inspection|周期|联检周期|联合检查周期|联合巡查周期"
    "|检查周期|巡查周期|联合检查频次|检查频次|频次",
    **{party: "|".join([*groups, _head_groups(groups, _POSTS)]) for party, groups in _PARTIES.items()},
    **{f"{party}_unit": _head_groups(groups, _UNITS) for party, groups in _PARTIES.items()},
}
"""The post of either party, alone or with the unit it belongs to; or one post a row, with the party it is of."""

_PERSONAL = re.compile(
    r"姓名|名字|负责人|联系人|联系|电话|手机|号码|身份证|微信|邮箱|\bnames?\b|phone|mobile|\btel\b|telephone|contact|e-?mail",
    re.IGNORECASE,
)
"""What heads a column that says something of a person."""


def _has_posts(found: Set[str]) -> bool:
    return bool({*_PARTIES, *(f"{party}_unit" for party in _PARTIES), "office", "unit"} & found)


CHIEFS = TableForm(
    columns=list_headings(_COLUMNS),
    is_complete=_has_posts,
    missing=N_("No header of a table of section chiefs was found."),
    hint=N_(
        "Head the columns, for example: from, to, party, post; or 起点里程, 终点里程, 段长类别, 岗位. "
        "Names are not read."
    ),
    private=_PERSONAL,
)
