"""What a shop's own pages say: its books, settlements and tills without a network."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    # The books.
    "shop.title": ("对账", "Accounts"),
    "shop.by_place": ("按门店和店员", "By branch and clerk"),
    "shop.money": ("账上", "On the books"),
    "shop.unclaimed": ("待核销", "Reserved"),
    "shop.what.unclaimed": ("志愿者已预留，还没来用", "Set aside by volunteers, not used yet"),
    "shop.claimed": ("待结算", "To be settled"),
    "shop.what.claimed": ("已核销，等待结算", "Taken, and waits for a settlement"),
    "shop.settled": ("已结算", "Settled"),
    "shop.what.settled": ("历次结算合计，已减去退回", "All settlements, less what was given back"),
    "shop.clawed_back": ("待扣回", "To be taken off"),
    "shop.what.clawed_back": (
        "结算后退回，下次结算扣除",
        "Given back after a settlement; the next one takes it off",
    ),
    "shop.claims": ("核销明细", "Vouchers taken"),
    "shop.claims.what": (
        "按天、周、月、季度或任意日期查看和下载",
        "By day, week, month, quarter or any dates, to read or take away",
    ),
    "shop.claims.empty": ("这段时间没有核销。", "Nothing was taken in this time."),
    "shop.claims.empty.how": ("换一段日期看看。", "Try other dates."),
    "shop.settlements": ("结算单", "Settlements"),
    "shop.settlements.last": ("最近一次 {when}", "The last one: {when}"),
    "shop.settlements.none": ("还没有结算过。", "Nothing has been settled yet."),
    "shop.settlements.how": (
        "撤销期过后的核销可以结算，结算单会列在这里。",
        "What can no longer be undone can be settled. Settlements are listed here.",
    ),
    "shop.offline": ("离线收银", "Tills without a network"),
    "shop.offline.some": ("有冲突，请查看", "There are conflicts to look at"),
    "shop.offline.none": ("没有冲突", "No conflicts"),
    "shop.when": ("时间", "When"),
    "shop.what": ("兑换品", "What"),
    "shop.much": ("金额", "Worth"),
    "shop.branch": ("门店", "Branch"),
    "shop.clerk": ("店员", "Clerk"),
    "shop.no_clerk": ("未分店员", "No clerk named"),
    "shop.count": ("张数", "Vouchers"),
    "shop.noted": ("备注：{note}", "Note: {note}"),
    "shop.files": ("下载", "Take away as"),
    "shop.days": ("日期", "Days"),
    "shop.choose": ("选择日期、门店、店员", "Choose dates, branch, clerk"),
    "shop.from": ("从", "From"),
    "shop.to": ("到", "To"),
    "shop.state": ("状态", "State"),
    "shop.all": ("全部", "All"),
    "shop.all_branches": ("全部门店", "All branches"),
    "shop.show": ("查看", "Show"),
    "days.day": ("今天", "Today"),
    "days.week": ("本周", "This week"),
    "days.month": ("本月", "This month"),
    "days.quarter": ("本季度", "This quarter"),
    "file.csv": ("CSV 表格", "CSV"),
    "file.xlsx": ("Excel 表格", "Excel"),
    "file.pdf": ("PDF 文件", "PDF"),
    "claim.captured": ("待结算", "To settle"),
    "claim.settled": ("已结算", "Settled"),
    "claim.refunded": ("已退回", "Given back"),
    "claim.voided": ("已撤销", "Undone"),
    "claim.flagged": ("待复核", "To be reviewed"),
    # Settling.
    "settle.begin": ("做一张结算单", "Make a settlement"),
    "settle.title": ("结算", "Settle"),
    "settle.what": (
        "把撤销期已过的核销结成一张结算单，并扣除结算后退回的。先看清楚，再确认。",
        (
            "Closes what can no longer be undone into one settlement, less what was given back"
            " since. Look first, then confirm."
        ),
    ),
    "settle.to": ("截止到哪天", "Up to and including"),
    "settle.now": ("这次会结算", "What would be settled now"),
    "settle.refunds": ("扣除退回 {n} 张", "1 given back", "{n} given back"),
    "settle.more": (
        "一次结不完，剩下的可以再结一次。",
        "There is more than one settlement holds. Settle again for the rest.",
    ),
    "settle.final": (
        "结算后不能再撤销核销，只能退回，并在下次结算扣除。",
        (
            "What is settled can no longer be undone, only given back; the next settlement then"
            " takes it off."
        ),
    ),
    "settle.button": ("确认结算", "Confirm: settle"),
    "settle.see": ("逐张查看", "See each of them"),
    "settle.first": ("这里列出前 {n} 张。", "The first {n} are listed."),
    "settle.nothing": ("现在没有可以结算的。", "There is nothing to settle now."),
    "settle.nothing.how": (
        "核销要过了撤销期才能结算；下面列出在等什么。",
        "A voucher is settled once it can no longer be undone. What waits is listed below.",
    ),
    "settle.waiting": ("还不能结算：{n} 张", "Not yet: 1 voucher", "Not yet: {n} vouchers"),
    "settle.from": ("{when} 起可以结算。", "From {when} on it can be settled."),
    "settlement.title": ("结算单", "Settlement"),
    "settlement.closed": ("已结算。", "It is settled."),
    "settlement.payable": ("应付", "to be paid"),
    "settlement.owed_back": ("应退", "owed back by the shop"),
    "settlement.closed_at": ("结算时间", "Settled"),
    "settlement.until": ("截止", "Up to"),
    "settlement.lines": ("核销", "Vouchers"),
    "settlement.taken_off": ("扣除退回", "Given back"),
    "settlement.taken_off.what": (
        "这些在结算后退回给了持券人，所以扣除。",
        "These went back to their holders after they had been settled, so they are taken off.",
    ),
    "settlement.digest": ("摘要", "Digest"),
    "settlement.digest.what": (
        "摘要已写入账本；谁拿到账本都能重新算出，核对本单没有改过。",
        (
            "The digest stands in the ledger. Whoever has the ledger can make it again and see that"
            " this settlement was not changed."
        ),
    ),
    # Tills without a network.
    "offline.what": (
        "收银机断网时收下的券，联网后上传。有的最后没能核销，列在这里，并写明由谁承担。",
        (
            "What tills took while they had no network is uploaded later. Some of it could not be"
            " taken in the end: it is listed here, with who bears it."
        ),
    ),
    "offline.conflicts": ("没能核销的", "Could not be taken"),
    "offline.conflicts.none": ("没有，都核销了。", "None: all of it was taken."),
    "offline.why": ("原因", "Why"),
    "offline.counter": ("第 {n} 张", "No. {n}"),
    "offline.sessions": ("断网收银的时段", "Times without a network"),
    "offline.sessions.none": ("还没有断网收过券。", "No till has worked without a network yet."),
    "offline.sessions.how": (
        "开通断网收银请看收银说明，或联系运营方。",
        "How a till works without a network is in its manual; the operator can help.",
    ),
    "offline.uploaded": ("已上传 {n} 张", "1 uploaded", "{n} uploaded"),
    "offline.upload_by": ("{when} 前上传", "upload by {when}"),
    "offline.open": ("进行中", "Open"),
    "offline.closed": ("已结束", "Closed"),
    "bearer.merchant": ("本店承担", "The shop bears it"),
    "bearer.programme": ("项目承担", "The programme bears it"),
    "conflict.unknown": ("没有这张券", "There is no such voucher"),
    "conflict.already_captured": ("别处已经核销", "It had been taken elsewhere"),
    "conflict.voided": ("核销后已撤销", "It had been taken and undone"),
    "conflict.refunded": ("核销后已退回", "It had been taken and given back"),
    "conflict.released": ("持券人已退回", "The holder had given it back"),
    "conflict.expired": ("已过期", "Its time was over"),
    "conflict.too_old": ("超过断网收银的时限", "It was taken after the till's time was over"),
    "conflict.holder_gone": ("持券人目前不能兑换", "The holder cannot redeem at present"),
    "conflict.above_cap": ("超过断网收银的限额", "It was more than the till may take"),
}
