"""The table of a notice on protection zones."""

from __future__ import annotations

from collections.abc import Set

from gridmap.errors import N_
from gridmap.sources.line_table import PLACE_COLUMNS, TableForm, list_headings

_COLUMNS = {
    **PLACE_COLUMNS,
    "place": "place|section|location|地点|区段|区间|位置|地段|所在地|行政区|行政区划|地名|乡镇|所属地区|区段名称",
    "side": "side|侧|侧别|方向|左右侧|左/右侧|线路侧别|位置侧别",
    "width": "metres|meters|width|distance|width_m|距离|宽度|米|米数|划定距离|划定宽度|范围"
    "|保护区宽度|保护区距离|保护区范围|安全保护区宽度|安全保护区距离",
    "left": "left|left side|left width|左|左侧|左侧距离|左侧宽度|线路左侧|左侧保护区宽度",
    "right": "right|right side|right width|右|右侧|右侧距离|右侧宽度|线路右侧|右侧保护区宽度",
    "category": "category|class|type|setting|类别|类型|地区类别|区域类别|地段类别|区域|地区|区域类型|地区类型|地段类型",
}
"""A width for each side, or one with the side it is for; place and category where the table has them."""


def _has_width(found: Set[str]) -> bool:
    return {"side", "width"} <= found or bool({"left", "right"} & found)


NOTICE = TableForm(
    columns=list_headings(_COLUMNS),
    is_complete=_has_width,
    missing=N_("No header of a table of zones was found."),
    hint=N_("Head the columns, for example: from, to, side, metres; or 起点里程, 终点里程, 侧别, 距离."),
)
