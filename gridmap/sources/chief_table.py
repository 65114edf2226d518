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
_POSTS = ("post", "office", "unit", "岗位", "职务", "单位", "单位及职务", "单位职务", "工作单位", "责任单位")

_COLUMNS = {
    **PLACE_COLUMNS,
    "party": "party|side|side of party|段长类别|段长类型|段长|类别|类型|归属|属性|地方/铁路|路地",
    "unit": "unit|单位|责任单位|所属单位|工作单位|单位名称",
    "office": "office|post|position|岗位|职务|段长岗位|段长职务|责任岗位|岗位名称|单位及职务|单位职务",
    "area": "area|area code|区划代码|行政区划代码|行政区代码|属地代码",
    "period": "period|interval|interval days|interval_days|joint inspection|周期|联检周期|联合检查周期|联合巡查周期"
    "|检查周期|巡查周期|联合检查频次|检查频次|频次",
    # A column for each party; in a header of two rows its group stands above 单位 or 职务.
    **{
        party: "|".join([*groups, *(f"{group}{gap}{post}" for group in groups for post in _POSTS for gap in ("", " "))])
        for party, groups in _PARTIES.items()
    },
}

_PERSONAL = re.compile(
    r"姓名|名字|负责人|联系人|联系|电话|手机|号码|身份证|微信|邮箱|\bnames?\b|phone|mobile|\btel\b|telephone|contact|e-?mail",
    re.IGNORECASE,
)
"""What heads a column that says something of a person."""


def _has_posts(found: Set[str]) -> bool:
    return bool({"local", "railway", "office", "unit"} & found)


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
