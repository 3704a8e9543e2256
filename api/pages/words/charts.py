"""What charts say."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "chart.hours": ("小时", "hours"),
    "chart.points": ("积分", "points"),
    "chart.few": ("少于 5，不公布", "under 5, not told"),
    "chart.about": (
        "{name}：最高在{where}，{high}；最后是{end}，{last}。",
        "{name}: highest at {where}, {high}; it ends at {end} with {last}.",
    ),
    "chart.nothing": ("还没有可画的数字。", "There are no figures to draw yet."),
    "chart.table": ("看数字", "Show the figures"),
}
