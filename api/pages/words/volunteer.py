"""What a volunteer's own pages say: the first screen, the history, rewards and vouchers."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "me.nav.home": ("首页", "Home"),
    "me.nav.history": ("明细", "History"),
    "me.nav.vouchers": ("我的券", "Vouchers"),
    "me.nav.more": ("更多", "More"),
    # The first screen.
    "me.title": ("我的星时", "My account"),
    "me.hours": ("服务时长与星级", "Hours and stars"),
    "me.way": ("离下一星还有多远", "The way to the next star"),
    "me.star.next": ("再服务 {left} 可申请 {n} 星", "{left} more and you can apply for star {n}"),
    "me.star.apply": ("时长已够，可以申请 {n} 星", "You have the hours: apply for star {n}"),
    "me.star.decided": ("星级申请正在办理", "Your star is being decided"),
    "me.star.highest": ("已达最高星级，谢谢您", "You hold the highest star. Thank you."),
    "me.counts.all": ("服务时长全部计入星级。", "All of these hours count."),
    "me.counts.all_backfill": (
        "服务时长全部计入星级，其中补录 {what}。",
        "All of these hours count, {what} of them backfilled.",
    ),
    "me.counts.check_in": (
        "其中补录的 {what} 不计入星级。",
        "The {what} that were backfilled do not count.",
    ),
    "me.counts.some": ("其中 {what} 计入星级。", "{what} of them count towards stars."),
    "me.counts.learning": ("学时 {what} 另计。", "{what} of learning stand apart."),
    "me.time": ("时间存折", "Saved time"),
    "me.points": ("积分", "Points"),
    "me.points.lapse": ("其中 {n} 将于 {day} 后失效", "{n} of them lapse after {day}"),
    "me.points.owed": (
        "尚欠 {n}，先由以后的积分抵扣",
        "{n} owed: what you earn next pays it first",
    ),
    "me.vouchers": ("我的券", "My vouchers"),
    "me.vouchers.usable": ("{n} 张可用", "{n} to use"),
    "me.show": ("出示", "Show"),
    "me.redeem": ("兑换", "Redeem"),
    "me.newest": ("最近", "Newest"),
    "me.amount.points": ("{n} 积分", "{n} point", "{n} points"),
    "me.amount.stars": ("{n} 星", "{n} star", "{n} stars"),
    "me.amount.credits": ("{n} 信用分", "{n} credit", "{n} credits"),
    # Nothing yet.
    "me.begin.title": ("欢迎。这里还是空白的一页。", "Welcome. This page is still blank."),
    "me.begin.what": (
        "第一次服务登记后，时长、积分和星级都会记在这里。",
        "Your hours, points and stars will be kept here from your first service on.",
    ),
    "me.begin.served": (
        "参加一次活动，按时签到、签退。组织登记后，时长当天就到这里。",
        (
            "Take part in an activity, check in and check out. Once the organisation has recorded"
            " it, your hours stand here the same day."
        ),
    ),
    "me.begin.stars": (
        "时长累积到一定数目，可以申请星级；时长不会过期。",
        "When your hours add up you can apply for a star. Hours never lapse.",
    ),
    "me.begin.points": (
        "签到的时长另得积分，可以在合作商户兑换；兑换不减时长。",
        (
            "Hours with a check-in also bring points, good at partner shops. Spending points takes"
            " no hours away."
        ),
    ),
    "me.begin.missing": (
        "已经服务过，却没有看到？组织可能还在登记，请问一问活动负责人。",
        (
            "You served already and see nothing? The organisation may still be recording it; ask"
            " whoever led the activity."
        ),
    ),
    "me.begin.look": ("先看看能换什么", "See what points can get you"),
    # What an entry was, where a volunteer says it in fewer words than `kinds.WORDS`.
    "me.kind.credential_issued": ("新的登录", "New sign-in"),
    "me.kind.credential_revoked": ("登录已收回", "Sign-in taken back"),
    "me.kind.service_recorded_effective": ("服务", "Service"),
    "me.kind.service_recorded_held": ("服务，待复核", "Service, to be reviewed"),
    "me.kind.redemption_reserved": ("兑换", "Redeemed"),
    "me.kind.redemption_captured": ("用券", "Voucher used"),
    "me.kind.redemption_released": ("退券", "Voucher given back"),
}
