"""The desk of an organisation and of its reviewers: what awaits them, files, records, reviews."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "office.title": ("工作台", "Your desk"),
    "office.nav.review": ("待复核", "Review"),
    "office.awaiting": ("等您处理", "Waiting for you"),
    "office.more_than": ("{n} 以上", "more than {n}"),
    "office.nothing": ("现在没有等您处理的事。", "Nothing is waiting for you."),
    "office.nothing.how": (
        "被保留的记录、异议、星级申请和服务订单会出现在这里。",
        "Records held for review, objections, star applications and service orders come up here.",
    ),
    "office.awaits.held": ("待复核的服务记录", "Service records held for review"),
    "office.awaits.objections": ("待答复的异议", "Objections to answer"),
    "office.awaits.applied": ("待公示的星级申请", "Star applications to put up for notice"),
    "office.awaits.proposed": ("待确认的星级下调", "Lower stars proposed, to confirm or dismiss"),
    "office.awaits.orders": ("待接的服务订单", "Service orders that nobody has taken"),
    # A record, in a list.
    "record.when": ("服务时间", "When"),
    "record.minutes": ("时长", "How long"),
    "record.held_for": ("保留原因", "Why it is held"),
    "record.entry": ("账目号", "Entry"),
    "held.overlap": (
        "与同一人的另一条记录时间重叠",
        "Overlaps another record of the same person",
    ),
    "held.day_over_8h": ("当日合计超过 8 小时", "More than 8 hours on one day"),
    "held.day_over_12h": ("当日合计超过 12 小时", "More than 12 hours on one day"),
    "held.self_check_in": ("由志愿者自己签到", "The volunteer checked in without staff"),
    "held.late": ("录入时间太晚", "Recorded late"),
    # Reviewing.
    "review.title": ("待复核的记录", "Records held for review"),
    "review.nothing": ("没有待复核的记录。", "No record waits for review."),
    "review.nothing.how": (
        "时间重叠、当日过长或录入太晚的记录会出现在这里。",
        "Records that overlap, make a day too long or come in late turn up here.",
    ),
}
