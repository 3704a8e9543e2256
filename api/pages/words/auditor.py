"""What the auditor's desk says."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    # At the top.
    "audit.home": ("总览", "Overview"),
    # Overview.
    "audit.title": ("账本现状", "Where the book stands"),
    "audit.head": ("链头", "Head"),
    "audit.entries.count": ("{n} 条", "{n} entry", "{n} entries"),
    "audit.size": ("条目总数", "Entries in all"),
    "audit.last": ("最新一条", "Newest entry"),
    "audit.hash": ("哈希", "Hash"),
    "audit.origin": ("日志名", "Origin"),
    "audit.checkpoint": ("最新检查点", "Newest checkpoint"),
    "audit.checkpoint.none": (
        "还没有签过检查点。服务运行时，有了新条目就会自动签。",
        "No checkpoint has been signed yet. A running server signs one when entries were added.",
    ),
    "audit.covers": ("覆盖", "Covers"),
    "audit.covers.all": ("全部条目", "every entry"),
    "audit.covers.but": (
        "还有 {n} 条等下一个检查点",
        "{n} more entry waits for the next one",
        "{n} more entries wait for the next one",
    ),
    "audit.root": ("树根", "Root"),
    "audit.signed_at": ("签于", "Signed"),
    "audit.age": ("{n} 分钟前", "{n} minute ago", "{n} minutes ago"),
    "audit.age.hours": ("{n} 小时前", "{n} hour ago", "{n} hours ago"),
    "audit.age.days": ("{n} 天前", "{n} day ago", "{n} days ago"),
    "audit.age.now": ("不到一分钟前", "less than a minute ago"),
    "audit.key_id": ("公钥编号", "Key id"),
    "audit.cosigned": ("见证签名", "Cosignatures"),
    "audit.cosigned.nobody": ("没有", "None"),
    "audit.cosigned.none": (
        "还没有独立见证者签过这个检查点，所以只有您自己留存的旧检查点能发现整体回退。",
        (
            "No independent witness has signed this checkpoint, so only a checkpoint that you"
            " kept yourself shows it if everything was set back together."
        ),
    ),
    "audit.cosigned.unchecked": (
        "服务器没有核对这些签名；请用见证者的公钥自行核对。",
        "The server has not checked these; check them with the witnesses' own keys.",
    ),
    # What was checked.
    "audit.checked": ("核对记录", "What was checked"),
    "audit.check.rows": ("每一行数据与条目", "Every stored row against the entries"),
    "audit.check.balances": ("每个账户余额与分录", "Every balance against the postings"),
    "audit.check.entries": ("共 {n} 条", "{n} entry", "{n} entries"),
    "audit.check.none_yet": ("尚无结果", "no outcome yet"),
    "audit.check.different": (
        "{n} 行与条目不符，在这些表里：{tables}。请告知运营方，并以导出的审计包为准。",
        (
            "{n} row is not what the entries say, in {tables}. Tell the operator, and go by an"
            " exported bundle."
        ),
        (
            "{n} rows are not what the entries say, in {tables}. Tell the operator, and go by an"
            " exported bundle."
        ),
    ),
    "audit.check.wrong": (
        "{n} 个账户的余额与分录不符，已停止支出：",
        "{n} balance is not the sum of its postings; nothing is spent from it:",
        "{n} balances are not the sums of their postings; nothing is spent from them:",
    ),
    "audit.check.what": (
        "核对时，服务器从第一条起重新推算全部数据，再逐行比较，账本不受影响。这仍是服务器自己的话。",
        (
            "The server makes every row again from the first entry on and compares; the ledger is"
            " not touched. It is still the server's own word."
        ),
    ),
    "audit.check.now": ("现在核对一次", "Check now"),
    "audit.check.before": ("最近几次核对", "Earlier checks"),
    "audit.check.by": ("由", "asked by"),
    "audit.check.by_the_week": ("每周自动", "by the week"),
    "run.never": ("还没有做过", "Never yet"),
    "run.running": ("正在进行", "Under way"),
    "run.failed": ("没有做成", "Failed"),
    "run.differs": ("不一致", "Differs"),
    "run.done": ("正常", "In order"),
    "audit.timers": ("账本自动做的事", "What the ledger does by itself"),
    "audit.timers.task": ("任务", "Task"),
    "audit.timers.last": ("最近一次", "Last"),
    "audit.timers.outcome": ("结果", "Outcome"),
    "audit.timers.quiet": (
        "没有事可做的一次，每十分钟记一笔。",
        "A turn that found nothing to do is noted every ten minutes.",
    ),
    "task.checkpoint": ("签检查点", "Sign a checkpoint"),
    "task.sweep": ("每日重算全部余额", "Recompute every balance, daily"),
    "task.access_log": ("把查阅日志写入条目", "Commit the access log to an entry"),
    "task.expire": ("到期退回，积分失效", "Expire reservations, lapse points"),
    "task.imports": ("继续已确认的上传", "Go on with uploads that were committed"),
    "task.check": ("把全部数据与条目核对", "Compare every row with the entries"),
    "task.weekly_check": ("每周安排一次全面核对", "Have every row compared once a week"),
    "task.webhooks": ("把发生的事通知接入的系统", "Tell the systems that listen what happened"),
    "task.stars": ("按规则自动认定星级", "Grant stars that policy grants by itself"),
    # Why.
    "audit.why.title": ("为什么查阅", "Why you look"),
    "audit.why.what": (
        "条目里的时间足以认出一个人，所以审计员每次查阅都写明理由。这句话随每次查阅记入日志。",
        (
            "The times in entries are enough to tell people apart, so an auditor says why they"
            " look. The sentence is logged with every look."
        ),
    ),
    "audit.why.field": ("理由", "Reason"),
    "audit.why.hint": (
        "例如“投诉 17 号”。这一次登录期间都用它，随时可改。不要写人名。",
        (
            "Such as “complaint 17”. It stands until you sign out, and you can change it. Name"
            " nobody in it."
        ),
    ),
    "audit.why.go": ("继续", "Go on"),
    "audit.why.shown": ("查阅理由", "You look because of"),
    "audit.why.change": ("更改", "Change"),
    # The ledger book.
    "audit.book": ("账簿", "Ledger book"),
    "audit.book.filter": ("筛选", "Filter"),
    "audit.book.show": ("查看", "Show"),
    "audit.book.all": ("全部", "All entries"),
    "audit.book.empty": ("没有这样的条目。", "There is no such entry."),
    "audit.book.empty.how": (
        "换一个种类、户主或日期再看。",
        "Try another kind, owner or day.",
    ),
    "audit.book.turn": ("翻页", "Pages"),
    "audit.book.earlier": ("前一页", "Page before"),
    "audit.book.later": ("后一页", "Next page"),
    "audit.book.newest": ("最新一页", "Newest page"),
    "audit.kind": ("种类", "Kind"),
    "audit.kind.any": ("所有种类", "Every kind"),
    "audit.owner": ("户主", "Owner"),
    "audit.first_day": ("起", "From"),
    "audit.last_day": ("止", "To"),
    "audit.col.number": ("编号", "No."),
    "audit.col.time": ("时间", "Time"),
    "audit.col.what": ("事项", "What happened"),
    "audit.col.actor": ("经手", "Asked by"),
    "audit.col.from": ("转出", "From"),
    "audit.col.to": ("转入", "To"),
    "audit.col.amount": ("数额", "Amount"),
    "audit.col.linked": ("链接", "Link"),
    "audit.no_postings": ("无分录", "No postings"),
    "audit.linked": ("相连", "Linked"),
    "audit.not_linked": ("断开", "Broken"),
    "audit.linked.what": (
        "“相连”：服务器刚才重算了前一条的哈希，与本条所记一致。",
        "Linked: the server hashed the entry before it just now, and it is what this one names.",
    ),
    "audit.vintage": ("{day} 失效", "to {day}"),
    "audit.points": ("{n} 积分", "{n} point", "{n} points"),
    "audit.stars": ("{n} 颗星", "{n} star", "{n} stars"),
    "audit.credit": ("{n} 信用分", "{n} credit point", "{n} credit points"),
    # Accounts and parties.
    "acct.volunteer": ("志愿者", "Volunteer"),
    "acct.organisation": ("志愿服务组织", "Organisation"),
    "acct.staff": ("志愿服务工作者", "Staff"),
    "acct.merchant": ("爱心商家", "Merchant"),
    "acct.branch": ("门店", "Branch"),
    "acct.terminal": ("收银机", "Till"),
    "acct.clerk": ("店员", "Clerk"),
    "acct.auditor": ("审计员", "Auditor"),
    "acct.operator": ("运营方", "Operator"),
    "acct.console": ("命令行", "Console"),
    "acct.system": ("账本自动", "The ledger itself"),
    "acct.held": ("预留", "Held"),
    "acct.pool": ("组织时间池", "Organisation's pool"),
    "acct.pool.platform": ("平台时间池", "Platform's pool"),
    "acct.lapsed": ("失效积分", "Lapsed points"),
    "acct.issuer.service": ("服务时长发行", "Issuer of service"),
    "acct.issuer.time": ("时间币发行", "Issuer of time"),
    "acct.issuer.point": ("积分发行", "Issuer of points"),
    "acct.issuer.star": ("星级发行", "Issuer of stars"),
    "acct.issuer.credit": ("信用分发行", "Issuer of credit"),
    "acct.volunteer.service.check_in": (
        "志愿者服务时长（签到）",
        "Volunteer's checked-in time",
    ),
    "acct.volunteer.service.backfill": (
        "志愿者服务时长（补录）",
        "Volunteer's backfilled time",
    ),
    "acct.volunteer.time": ("志愿者时间存折", "Volunteer's saved time"),
    "acct.volunteer.points": ("志愿者积分", "Volunteer's points"),
    "acct.volunteer.owed.time": ("志愿者时间欠额", "Volunteer's owed time"),
    "acct.volunteer.owed.point": ("志愿者积分欠额", "Volunteer's owed points"),
    "acct.volunteer.stars": ("志愿者星级", "Volunteer's stars"),
    "acct.volunteer.credit": ("志愿者信用分", "Volunteer's credit"),
    "acct.merchant.claims": ("商家待结算", "Merchant's claims"),
    "acct.merchant.settled": ("商家已结算", "Merchant's settled"),
    "acct.merchant.clawed_back": ("商家追回", "Merchant's clawed back"),
    "audit.acct.balances": ("余额", "Balances"),
    "audit.acct.account": ("账户", "Account"),
    "audit.acct.stored": ("数据表", "Stored"),
    "audit.acct.replayed": ("按分录重算", "From postings"),
    "audit.acct.compared": ("比较", "Compared"),
    "audit.acct.same": ("一致", "The same"),
    "audit.acct.differs": (
        "{n} 个账户的数据与分录不符。请告知运营方，并以导出的审计包为准。",
        "{n} balance is not the sum of its postings. Tell the operator, and go by a bundle.",
        "{n} balances are not the sums of their postings. Tell the operator, and go by a bundle.",
    ),
    "audit.acct.too_long": (
        "条目太多，这个账户不在网页上重算。请下载审计包，用验证程序重算全部账户。",
        (
            "There are too many entries to add this account up on a page. Download the bundle: the"
            " verifier adds up every account."
        ),
    ),
    "audit.acct.none": ("这里没有余额。", "Nothing stands here."),
    "audit.acct.lines": ("分录", "Lines"),
    "audit.acct.other": ("对方账户", "Other side"),
    "audit.acct.after": ("其后余额", "Balance after"),
    "audit.acct.entries": ("有关的全部条目", "Every entry about this owner"),
    # One entry.
    "audit.entry": ("第 {n} 条", "Entry {n}"),
    "audit.neighbours": ("前后条目", "Neighbours"),
    "audit.before": ("‹ 前一条 #{n}", "‹ Before: #{n}"),
    "audit.behind": ("后一条 #{n} ›", "After: #{n} ›"),
    "audit.says": ("内容", "What it says"),
    "audit.auth": ("凭证", "Credential"),
    "audit.policy": ("依据规则", "Decided by"),
    "audit.rules": ("裁定程序第 {n} 版", "decision code {n}"),
    "audit.nothing": ("无", "none"),
    "audit.postings": ("分录", "Postings"),
    "audit.bytes": ("原始字节", "The exact bytes"),
    "audit.bytes.what": (
        "写入时参与哈希的正是这 {n} 个字节，末尾没有换行。",
        "These {n} bytes were hashed as they stand, with no newline behind them.",
    ),
    "audit.bytes.download": ("下载字节", "Download the bytes"),
    "audit.bytes.pretty": ("分行阅读", "Read it line by line"),
    "audit.proof": ("包含证明", "Inclusion proof"),
    "audit.proof.what": (
        "从本条的哈希，逐步得到最新检查点（{n} 条）所签的树根。",
        "From this entry’s hash, step by step, to the root of the newest checkpoint ({n} entries).",
    ),
    "audit.proof.not_yet": (
        "还没有检查点覆盖这一条。下一个检查点签出后就有证明，通常不到一分钟。",
        "No checkpoint covers this entry yet. The next one will, usually within a minute.",
    ),
    "audit.proof.step": ("步", "Step"),
    "audit.proof.side": ("相邻哈希在", "Sibling stands"),
    "audit.proof.sibling": ("相邻哈希", "Sibling"),
    "audit.proof.result": ("得到", "Together"),
    "audit.proof.leaf": ("本条", "this entry"),
    "audit.proof.left": ("左", "left"),
    "audit.proof.right": ("右", "right"),
    "audit.proof.root": ("所签树根", "signed root"),
    "audit.receipt.download": ("下载凭据", "Download the receipt"),
    "audit.now": ("刚才核对", "Checked just now"),
    "audit.now.good": ("相符", "Right"),
    "audit.now.bad": ("不符", "Wrong"),
    "audit.now.waits": ("待定", "Waiting"),
    "audit.now.hash": (
        "重算字节的哈希，与所存一致",
        "the bytes hash to what is stored",
    ),
    "audit.now.index": ("字节里的编号就是这个编号", "the bytes name this number"),
    "audit.now.origin": ("属于本账本", "they are of this log"),
    "audit.now.prev": (
        "前一条重算的哈希，就是本条所记",
        "the entry before hashes to what this one names",
    ),
    "audit.now.next": (
        "后一条所记的，就是本条的哈希",
        "the entry after names this one’s hash",
    ),
    "audit.now.proof": (
        "证明得到检查点所签的树根，签名有效",
        "the proof leads to the root that the checkpoint signs, and its signature is good",
    ),
    "audit.now.word": (
        "以上都是服务器自己的话。要不靠我们核对，请用下面的命令。",
        "All of this is the server’s own word. To check without it, use the commands below.",
    ),
    "audit.prev": ("前一条的哈希", "Hash of the entry before"),
    "audit.without_us": ("不靠我们核对", "Check it without us"),
    "audit.without_us.hash": (
        "下载字节，自己算哈希，与上面比较：",
        "Download the bytes and hash them yourself; compare with the hash above:",
    ),
    "audit.without_us.receipt": (
        "下载凭据，用您自己从别处得到的公钥核对：",
        "Download the receipt and check it with the key that you had from elsewhere:",
    ),
    "audit.without_us.fetch": (
        "不用网页，凭令牌取凭据：",
        "To fetch the receipt without this page, with a token:",
    ),
    "audit.verify.all": ("核对整个账本，一步一步", "Verify the whole ledger, step by step"),
    # Search.
    "audit.search": ("查找", "Search"),
    "audit.search.field": (
        "编号、账户、志愿者编号、券码、证明编号",
        "Entry, account, volunteer number, voucher or certificate",
    ),
    "audit.search.hint": (
        (
            "条目编号、账户地址、各种 16 位编号、志愿者编号、券码或证明编号。"
            "查到谁，谁就能在自己的查阅记录里看到。"
        ),
        (
            "An entry’s number, an account’s address, any id of 16 characters, a volunteer’s"
            " number, a voucher’s code or a certificate’s number. Whoever is found sees it among"
            " the looks at their data."
        ),
    ),
    "audit.search.go": ("查找", "Search"),
    "audit.search.found": ("可能是", "It can mean"),
    "audit.search.none": ("没有查到。", "Nothing was found."),
    "audit.search.none.how": (
        "请核对每一位。证明编号有 26 位，券码有 10 位。",
        "Compare each character. A certificate’s number has 26, a voucher’s code has 10.",
    ),
    "lead.entry": ("条目", "Entry"),
    "lead.account": ("账户", "Account"),
    "lead.volunteer": ("志愿者", "Volunteer"),
    "lead.voucher": ("券", "Voucher"),
    "lead.record": ("服务记录", "Service record"),
    "lead.certificate": ("志愿服务记录证明", "Certificate"),
}
