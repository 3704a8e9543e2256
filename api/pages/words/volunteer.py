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
    "me.star.next": ("再服务 {left} 可申请 {n} 星", "{left} more to star {n}"),
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
    "me.begin.title": ("欢迎，这一页还是空白", "Welcome. This page is still blank."),
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
    "me.begin.look": ("先看看能换什么", "See the rewards"),
    # The history.
    "me.history.title": ("明细", "History"),
    "me.history.things": ("按类别看", "By kind"),
    "me.history.years": ("按年份看", "By year"),
    "me.history.all": ("全部", "All"),
    "me.history.every_year": ("历年", "Every year"),
    "me.thing.hours": ("时长", "Hours"),
    "me.thing.points": ("积分", "Points"),
    "me.thing.saved_time": ("时间存折", "Saved time"),
    "me.thing.vouchers": ("券", "Vouchers"),
    "me.thing.stars": ("星级", "Stars"),
    "me.thing.other": ("其他", "Other"),
    "me.history.none": ("这里没有符合的记录。", "Nothing here fits that."),
    "me.history.empty": ("还没有记录。", "Nothing has been recorded yet."),
    "me.history.how": (
        "与您有关的每一笔都会列在这里，只增加，不修改，不删除。",
        "Everything about you is listed here. Lines are added, never changed and never taken away.",
    ),
    # One entry.
    "me.entry.title": ("第 {n} 号记录", "Entry {n}"),
    "me.entry.number": ("凭证号", "Number to quote"),
    "me.entry.time": ("准确时间", "Exact time"),
    "me.entry.activity": ("活动", "Activity"),
    "me.entry.reward": ("礼遇", "Reward"),
    "me.entry.counterpart": ("对方", "With"),
    "me.entry.volunteer": ("另一位志愿者", "Another volunteer"),
    "me.entry.pool": ("时间池", "A pool of saved time"),
    "me.entry.branch": ("门店", "Branch"),
    "me.entry.session": ("签到至签退", "Check-in to check-out"),
    "me.entry.minutes": ("时长", "Time"),
    "me.entry.lapse": ("有效至", "Good until"),
    "me.entry.by": ("由谁办理", "Done by"),
    "me.entry.policy": ("依据规则", "By the rules"),
    "me.entry.voucher": ("券", "Voucher"),
    "me.entry.record": ("服务记录", "Service record"),
    "me.entry.order": ("服务单", "Service order"),
    "me.entry.objection": ("异议", "Objection"),
    "me.entry.see": ("去看看", "See it"),
    "me.by.me": ("您本人", "You"),
    "me.by.helper": ("您的代办人 {name}", "{name}, who acts for you"),
    "me.by.organisation": ("志愿服务组织", "An organisation"),
    "me.by.staff": ("组织的工作人员", "Staff of an organisation"),
    "me.by.merchant": ("商户", "A shop"),
    "me.by.operator": ("运营方", "The operator"),
    "me.by.volunteer": ("另一位志愿者", "Another volunteer"),
    "me.by.ledger": ("账本按规则自动办理", "The ledger itself, by its rules"),
    "me.reason.overlap": (
        "与另一次服务的时间重叠，由复核员核对。",
        "It overlaps with another of your sessions, so a reviewer looks at it.",
    ),
    "me.reason.day_over_8h": (
        "当天合计超过 8 小时，由复核员核对。",
        "That day comes to more than 8 hours, so a reviewer looks at it.",
    ),
    "me.reason.day_over_12h": (
        "当天合计超过 12 小时，由复核员核对。",
        "That day comes to more than 12 hours, so a reviewer looks at it.",
    ),
    "me.reason.late": (
        "登记晚于规定期限，由复核员核对。",
        "It was recorded later than the rules allow, so a reviewer looks at it.",
    ),
    "me.reason.self_check_in": (
        "自助签到，由复核员核对。",
        "You checked in by yourself, so a reviewer looks at it.",
    ),
    "me.said.service_recorded_effective": (
        "这次服务已记入您的时长。",
        "This session is in your hours.",
    ),
    "me.said.service_recorded_held": (
        "这次服务已登记，复核通过后计入时长。",
        "This session is on record and counts once it has been confirmed.",
    ),
    "me.said.service_confirmed": (
        "复核员核对了这次服务，已计入您的时长。",
        "A reviewer confirmed this session; it is in your hours.",
    ),
    "me.said.service_refused": (
        "复核员没有认可这次服务，不计入时长。您可以提出异议。",
        "A reviewer did not accept this session, so it brings no hours. You can object.",
    ),
    "me.said.service_reversed": (
        "这次服务已撤销，时长和由它得来的积分一并收回。您可以提出异议。",
        "This session was reversed: its hours and points went back. You can object.",
    ),
    "me.said.points_lapsed": (
        "这些积分过了有效期。时长和星级不受影响。",
        "These points reached the end of their time. Hours and stars are untouched.",
    ),
    "me.said.redemption_reserved": (
        "积分已为这张券留出。没有用掉会自动退回。",
        "This was set aside for a voucher. What is not used goes back by itself.",
    ),
    "me.said.redemption_captured": (
        "商户收下了这张券，只扣这一次。时长和星级不变。",
        "The shop took this voucher, once. Your hours and stars stay as they are.",
    ),
    "me.said.redemption_released": (
        "您退回了这张券，留出的已回到账户。",
        "You gave this voucher back, and what it held is yours again.",
    ),
    "me.said.redemption_expired": (
        "这张券过了使用期，留出的已自动退回。",
        "This voucher's time was over, and what it held went back to you.",
    ),
    "me.said.redemption_voided": (
        "商户撤销了核销，价值已退回给您。",
        "The shop undid this, and its value went back to you.",
    ),
    "me.said.redemption_refunded": (
        "结算之后退回给您。",
        "It was given back to you after settlement.",
    ),
    "me.said.service_ported": (
        "另一个账本出具的时长已转入这里。",
        "Hours that another ledger vouched for are in your hours now.",
    ),
    "me.said.time_deposited": (
        "这次服务的时间存入了存折，以后可以换别人的服务或转赠。时长不减。",
        "This time is saved, to be served yourself or to be given on. Your hours stay.",
    ),
    "me.said.time_transferred": (
        "存的时间转赠给了别人，双方的服务时长都不变。",
        "Saved time went from one to the other. Nobody's hours changed.",
    ),
    "me.said.time_donated": (
        "存的时间捐给了时间池，留给需要的人。谢谢您。",
        "Saved time went to a pool for whoever needs it. Thank you.",
    ),
    "me.said.objection_filed": (
        "异议已收到。答复期限写在异议的页面上。",
        "Your objection has arrived. Its page says by when it is answered.",
    ),
    "me.said.objection_decided": (
        "异议有了结果，见异议的页面。",
        "Your objection has been answered; see its page.",
    ),
    "me.said.star_applied": (
        "星级申请已提交，接下来是公示和评定。",
        "You applied for a star. A public notice and a decision come next.",
    ),
    "me.said.star_refused": (
        "这次没有评上。时长都在，可以再申请，也可以提出异议。",
        "It was not granted this time. Your hours stay; apply again, or object.",
    ),
    "me.said.consent_recorded": (
        "您对个人信息使用的答复已记下，随时可以改。",
        "Your answer about the use of your data is on record. You can change it any time.",
    ),
    "me.said.star_granted": ("祝贺您。谢谢您的每一小时。", "Congratulations, and thank you."),
    "me.said.credential_issued": (
        "有人用您的名义登录，或为您开通了登录。不是您？请在“更多”里退出所有设备。",
        "Someone signed in as you, or made a sign-in for you. Not you? Sign out everywhere.",
    ),
    # Its receipt.
    "me.receipt.title": ("回执", "Receipt"),
    "me.receipt.covered": (
        "已被签名的检查点收录（共 {n} 笔），谁也不能悄悄改动。",
        "A signed checkpoint of {n} entries holds it. Nobody can change it unnoticed.",
    ),
    "me.receipt.not_yet": (
        "已记账，下一个检查点还没有签出，通常几分钟之内。请稍后再来取回执。",
        "It is recorded. The next checkpoint, usually minutes away, will cover it: come back then.",
    ),
    "me.receipt.again": ("再看一次", "Look again"),
    "me.receipt.download": ("下载回执", "Download the receipt"),
    "me.receipt.hash": (
        "这笔记录的指纹。内容改动一个字，它就完全不同。",
        "This entry's fingerprint. Change one letter of it, and this is another one.",
    ),
    # How to check it.
    "me.check.title": ("自己核对", "Check it yourself"),
    "me.check.phone": ("只有手机", "With a phone alone"),
    "me.check.phone.note": (
        "今天就记下凭证号 #{n} 和指纹的前八位、后八位，或者截一张图。",
        "Note number #{n} and the first and last eight characters today, or take a picture.",
    ),
    "me.check.phone.later": (
        "以后任何时候再打开本页比一比：一样，就没有被改过。",
        "Open this page any later day and compare: the same means that nothing was changed.",
    ),
    "me.check.phone.send": (
        "把回执发给您信得过的人或审计员，请他们用下面的办法核对。",
        "Send the receipt to somebody you trust, or an auditor, to do the steps below.",
    ),
    "me.check.computer": ("有电脑", "With a computer"),
    "me.check.download": ("下载回执。", "Download the receipt."),
    "me.check.program": (
        "在星时的程序目录里运行（不需要联网）：",
        "In a copy of Sidereal's programs, without a network, run:",
    ),
    "me.check.command": ("核对命令", "The command"),
    "me.check.key": (
        "命令里的公钥应与公开网页、报纸或审计员处的一致，不要只信本页。",
        "The key in it should be the one on the public page or an auditor's. Trust not only us.",
    ),
    "me.check.answer": (
        "显示 VERIFIED 和指纹 {hash}，说明这笔记录就在签名的账本里；显示 REFUTED，请告诉审计员。",
        (
            "VERIFIED and {hash} mean that the signed ledger holds this entry as it is. On REFUTED,"
            " tell an auditor."
        ),
    ),
    "me.check.limits": (
        "它不能说明这是最新的账本；审计员会拿不同时间的检查点相互核对。",
        "It does not show that this is the newest ledger: auditors compare checkpoints over time.",
    ),
    "me.check.wait": (
        "回执有了，这里就会写出完整的命令。",
        "Once there is a receipt, the whole command will stand here.",
    ),
    "me.check.bytes": ("原文", "The entry itself"),
    "me.check.bytes.what": (
        "账本里就是这 {n} 个字节，里面没有您的姓名。指纹是在它前面加一个零字节后的 SHA-256。",
        (
            "These {n} bytes are what the ledger holds, without your name. The fingerprint is the"
            " SHA-256 of a zero byte and these."
        ),
    ),
    "me.check.bytes.download": ("下载原文", "Download it"),
    # What an entry was, where a volunteer says it in fewer words than `kinds.WORDS`.
    "me.kind.credential_issued": ("新的登录", "New sign-in"),
    "me.kind.credential_revoked": ("登录已收回", "Sign-in taken back"),
    "me.kind.service_recorded_effective": ("服务", "Service"),
    "me.kind.service_recorded_held": ("服务，待复核", "Service, to be reviewed"),
    "me.kind.redemption_reserved": ("兑换", "Redeemed"),
    "me.kind.redemption_captured": ("用券", "Voucher used"),
    "me.kind.redemption_released": ("退券", "Voucher given back"),
}
