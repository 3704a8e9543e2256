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
}
