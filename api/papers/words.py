"""Figures and times as people say them, in Chinese and in English.

Hours are hours and minutes, never decimals; points have two decimals only where there are any;
entry numbers are grouped by thin spaces. All times are those of Asia/Shanghai. Pure.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from api.papers.model import Line, Paper
from ledger.account import POINT
from ledger.periods import ZONE

THIN_SPACE: Final = "\u2009"
MINUS: Final = "\u2212"

STATES: Final = {
    "captured": "已核销 captured",
    "settled": "已结算 settled",
    "refunded": "已退款 refunded",
    "voided": "已撤销 voided",
}
GROUNDS: Final = {
    "system_fault": "系统故障 system fault",
    "cannot_supply": "无法提供 cannot supply",
    "mistake": "核销有误 mistake",
}

_ZONE: Final = ZoneInfo(ZONE)
_MONTHS: Final = (
    "January February March April May June July August September October November December"
).split()


def number(index: int) -> str:
    """`18 204`, with a thin space: the number of an entry."""
    return f"{index:,}".replace(",", THIN_SPACE)


def points(hundredths: int) -> str:
    """`30` or `1,086.50`."""
    whole, rest = divmod(abs(hundredths), 100)
    shown = f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
    return f"{MINUS}{shown}" if hundredths < 0 else shown


def hours(minutes: int) -> str:
    """`2 小时 30 分`, `2 小时` or `45 分`."""
    return _hours(minutes, "小时", "分")


def hours_in_english(minutes: int) -> str:
    """`2 h 30 min`, `2 h` or `45 min`."""
    return _hours(minutes, "h", "min")


def amount(asset: str, value: int) -> str:
    """`30 积分` or `2 小时 30 分`."""
    return f"{points(value)} 积分" if asset == POINT else hours(value)


def amount_in_english(asset: str, value: int) -> str:
    """`30 points` or `2 h 30 min`."""
    if asset != POINT:
        return hours_in_english(value)
    return f"{points(value)} {'point' if abs(value) == 100 else 'points'}"


def local(milliseconds: int) -> datetime:
    """The wall clock's time, without a zone."""
    return datetime.fromtimestamp(milliseconds // 1000, _ZONE).replace(tzinfo=None)


def minute(milliseconds: int) -> str:
    """`2026-02-03 10:31`."""
    return local(milliseconds).strftime("%Y-%m-%d %H:%M")


def second(milliseconds: int) -> str:
    """`2026-02-03 10:31:05`."""
    return local(milliseconds).strftime("%Y-%m-%d %H:%M:%S")


def days(since: int, until: int) -> str:
    """`2026-02-01 – 2026-02-28`: the first and the last day of [since, until); one day alone is
    said once."""
    first, last = (local(each).date().isoformat() for each in (since, until - 1))
    return first if first == last else f"{first} – {last}"


def spoken(milliseconds: int) -> str:
    """`2026年2月3日 18:00`."""
    at = local(milliseconds)
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"


def spoken_in_english(milliseconds: int) -> str:
    """`18:00 on 3 February 2026`."""
    at = local(milliseconds)
    return f"{at:%H:%M} on {at.day} {_MONTHS[at.month - 1]} {at.year}"


def state(line: Line) -> str:
    """What became of a capture: `已结算 settled`, or that somebody must look at it first."""
    return "待复核 awaits review" if line.waits else STATES[line.state]


def ground(word: str) -> str:
    """Why something was refunded; another word of policy's stands for itself."""
    return GROUNDS.get(word, word)


def facts(paper: Paper) -> list[tuple[str, str | int]]:
    """What a paper is about, as (label, text or number), in the order in which it is read."""
    said: list[tuple[str, str | int]] = [
        ("商家 Merchant", paper.merchant_name or paper.merchant),
        ("商家编号 Merchant id", paper.merchant),
        ("网点 Branch", (paper.branch_name or paper.branch) or "全部网点 all branches"),
        ("时段 Period", days(paper.since, paper.until)),
    ]
    if paper.closed:
        said += [
            ("结算单编号 Settlement", paper.settlement),
            ("结算时间 Closed", second(paper.closed)),
            ("条目 Entry", paper.entry),
            ("摘要 Digest", paper.digest),
        ]
    else:
        said.append(("未结算，制表时间 Not closed, made", second(paper.made)))
    return [
        *said,
        ("账本 Log", paper.origin),
        ("账本条目数 Entries in the log", paper.size),
    ]


def _hours(minutes: int, of_hours: str, of_minutes: str) -> str:
    whole, rest = divmod(abs(minutes), 60)
    parts = [f"{whole:,} {of_hours}"] if whole else []
    if rest or not whole:
        parts.append(f"{rest} {of_minutes}")
    said = " ".join(parts)
    return f"{MINUS}{said}" if minutes < 0 else said
