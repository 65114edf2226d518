"""The five prevention-and-control networks (五张防控网) of Article 14, and the kinds of site each one holds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Network(StrEnum):
    """社会面, 重点行业, 乡镇街道和村社区, 机关和企事业单位内部, 信息网络."""

    STREET = "street"
    INDUSTRY = "industry"
    COMMUNITY = "community"
    INSTITUTION = "institution"
    INFORMATION = "information"


SITE_KINDS: Mapping[Network, tuple[str, ...]] = MappingProxyType(
    {
        Network.STREET: ("police_box", "checkpoint", "patrol_station", "square", "bus_station"),
        Network.INDUSTRY: ("hazardous_goods", "filling_station", "logistics_hub", "hotel", "power_station"),
        Network.COMMUNITY: ("grid_station", "community_police_room", "village_committee", "volunteer_post"),
        Network.INSTITUTION: ("school", "hospital", "bank", "waterworks", "government_office"),
        Network.INFORMATION: ("camera_hub", "data_centre", "relay_station", "command_room"),
    }
)
"""Kinds of site by network; places, never persons."""
