"""The desk of an organisation and of its reviewers: what awaits them, files, records, reviews."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "office.title": ("工作台", "Your desk"),
    "office.nav.review": ("待复核", "Review"),
    "office.awaiting": ("等您处理", "Waiting for you"),
    "office.more_than": ("{n} 以上", "more than {n}"),
    "office.ways": ("常用", "What is done here"),
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
    "review.not_you": (
        "由复核员处理：本组织或上级组织的复核员，或最高一级的复核员。",
        "Reviewers decide these: of your organisation, of one above it, or of the top of the tree.",
    ),
    "review.tier.host": ("由本组织或上级的复核员处理", "For a reviewer here or above"),
    "review.tier.top": ("由最高一级的复核员处理", "For a reviewer at the top of the tree"),
    "review.one": ("复核一条记录", "Review a record"),
    "review.pays": ("确认后计入", "Confirming it pays"),
    "review.overlaps": ("同一时间的其他记录", "Others over the same time"),
    "review.elsewhere": ("在别的组织", "at another organisation"),
    "review.days": ("当日合计", "The day in all"),
    "review.day": ("本条 {this}，另有 {already}，共", "this {this}, besides {already}, in all"),
    "review.lateness": ("录入", "Recorded"),
    "review.working_days": (
        "活动结束后第 {n} 个工作日录入，规定不超过 {allowed} 个。",
        "{n} working day after the activity ended; {allowed} are allowed.",
        "{n} working days after the activity ended; {allowed} are allowed.",
    ),
    "review.confirm": ("确认，计入 {minutes}", "Confirm and pay {minutes}"),
    "review.refuse": ("不予认定", "Refuse"),
    "review.refuse.now": ("不予认定", "Refuse the record"),
    "review.reason": ("理由", "Reason"),
    "review.reason.hint": (
        "志愿者和组织会看到。",
        "The volunteer and the organisation read it.",
    ),
    "review.skip": ("先看下一条", "Skip to the next"),
    "review.done.confirm": ("已确认。条目 #{number}", "Confirmed. Entry #{number}"),
    "review.done.refuse": ("已不予认定。条目 #{number}", "Refused. Entry #{number}"),
    "record.activity.unknown": ("（活动名称未知）", "(activity not known)"),
    "record.claimed": ("申报时长", "Claimed"),
    "record.evidence": ("记录方式", "Evidence"),
    "record.organisation": ("组织", "Organisation"),
    "record.activity_time": ("活动时间", "Activity"),
    "record.recorded": ("录入", "Recorded"),
    "office.choice.evidence.check_in": ("签到", "check-in"),
    "office.choice.evidence.backfill": ("补录", "backfill"),
}
