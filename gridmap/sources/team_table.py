"""The table of teams that a plan may be asked for with."""

from __future__ import annotations

import re
from collections.abc import Set

from gridmap.errors import N_
from gridmap.sources.line_table import TableForm, list_headings

_COLUMNS = {
    "name": "name|team|team name|队伍|队名|队伍名称|班组|班组名称|名称|巡逻队",
    "kind": "kind|type|vehicle|类型|类别|方式|出行方式|巡防方式|交通方式",
    "members": "members|crew|size|人数|队员数|编制人数",
    "post": "post|start post|from|驻地|岗点|出发地|出发岗点|起点|驻勤点|派出所",
    "lon": "lon|longitude|x|经度",
    "lat": "lat|latitude|y|纬度",
    "start": "start|shift start|begin|上班|上岗|上岗时间|开始时间|班次开始|出勤时间|开始",
    "end": "end|shift end|下班|下岗|下岗时间|结束时间|班次结束|收勤时间|结束",
    "end_post": "end_post|end post|to|收队地点|返回岗点|结束岗点|终点|返回地",
    "breaks": "breaks|break|休息|休息时间|午休|用餐|轮休",
    "latest_return": "latest_return|latest return|back by|最晚返回|最迟返回|最晚归队|最迟归队",
    "skills": "skills|skill|技能|资质|专长|能力",
    "max_walk": "max_walk_m|max_walk|max walk|最大步行|最长步行|步行上限|步行限额",
}

_PERSONAL = re.compile(
    r"姓名|队长|负责人|联系人|联系|电话|手机|身份证|微信|邮箱|\bleader\b|phone|mobile|\btel\b|telephone|contact|e-?mail",
    re.IGNORECASE,
)
"""What heads a column that says something of a person."""


def _has_team(found: Set[str]) -> bool:
    return {"name", "kind", "start", "end"} <= found and bool({"post", "lon"} & found)


TEAMS = TableForm(
    columns=list_headings(_COLUMNS),
    is_complete=_has_team,
    missing=N_("No header of a table of teams was found."),
    hint=N_(
        "Head the columns: name, kind, members, post, start, end; or 队伍, 类型, 人数, 驻地, 上岗时间, 下岗时间. "
        "A place may stand for the post: lon, lat."
    ),
    private=_PERSONAL,
    has_stretches=False,
)
"""Teams, not persons: columns about persons are not read."""
