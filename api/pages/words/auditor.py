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
    "audit.cosigned.none": (
        "没有。还没有独立见证者签过这个检查点，所以只有您自己留存的旧检查点能发现整体回退。",
        (
            "None. No independent witness has signed this checkpoint, so only a checkpoint that you"
            " kept yourself shows it if everything was set back together."
        ),
    ),
    "audit.cosigned.unchecked": (
        "服务器没有核对这些签名；请用见证者的公钥自行核对。",
        "The server has not checked these; check them with the witnesses' own keys.",
    ),
}
