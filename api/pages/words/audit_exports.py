"""What an auditor is told of patterns, of downloads, and of verifying without us."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    # Patterns to look into.
    "audit.findings": ("异常线索", "Findings"),
    "audit.findings.what": (
        "每条线索都是一个问题，不是结论。按涉及时长乘以占比排列，最重的在前。",
        "Each finding is a question, not a verdict. They stand by time at stake times share.",
    ),
    "audit.findings.since": ("从这一天的服务起", "Sessions from this day on"),
    "audit.findings.count": ("共 {n} 条线索", "{n} finding in all", "{n} findings in all"),
    "audit.findings.weight": ("分量", "Weight"),
    "audit.findings.records": ("记录", "Records"),
    "audit.findings.share": ("占比", "Share"),
    "audit.findings.minutes": ("涉及时长", "Time at stake"),
    "audit.findings.examples": ("例如", "Such as"),
    "audit.findings.none": ("没有发现异常。", "Nothing stands out."),
    "audit.findings.none.how": (
        "只说明这些规律没有出现，不说明每条记录都真实。",
        "That only means that these patterns are not there, not that every record is true.",
    ),
    "finding.back_dated_bulk": ("事后成批录入", "Entered in bulk, long after"),
    "finding.told_late": ("称早已录入，却迟迟才来", "Said to be recorded long before it came"),
    "finding.identical_sessions": ("多人同进同出", "Many came and left together"),
    "finding.same_length": ("次次一样长", "Every session is as long"),
    "finding.impossible_day": ("一天超出可能", "More than a day can hold"),
    "finding.overlapping_sessions": ("同一时间两次计时", "Two sessions at once"),
    "finding.one_approver": ("几乎都由一人审核", "One approver for nearly all"),
    "finding.one_pair": ("总是同两人记录和审核", "Always the same two"),
    "finding.always_at_the_limit": ("总是踩着上限", "Always at the limit"),
    "finding.mostly_backfill": ("多半是补录", "Mostly backfilled"),
    "whyfinding.back_dated_bulk": (
        "很多次服务在几分钟内录入，而且离服务已久：后台卖时长就是这样来的。",
        (
            "Many sessions were entered within minutes and long after they took place, which is how"
            " sold hours come from an organiser’s back end."
        ),
    ),
    "whyfinding.told_late": (
        (
            "文件说这些服务早已按时录入，可此后这个组织上传别的记录、同一录入人在这里记录时，都没有"
            "带上它们；录入时间只是文件自己的说法。"
        ),
        (
            "A file says that these were recorded in time, yet neither what this organisation"
            " brought since then nor what the same person recorded here held them; when a record"
            " was made is the file’s own word."
        ),
    ),
    "whyfinding.identical_sessions": (
        "同一时刻签到签退的人，多过这项活动能解释的，像是没人到场也填出来的名单。",
        (
            "More people came and left at the very same times than this activity explains, as in a"
            " list that was filled in without anybody there."
        ),
    ),
    "whyfinding.same_length": (
        "这位志愿者的服务几乎次次一样长，像是复制出来的。",
        (
            "Nearly every session of this volunteer is exactly as long as the others, as if it were"
            " copied rather than served."
        ),
    ),
    "whyfinding.impossible_day": (
        "这一天生效的服务，多过一个人能给的。",
        "More service is effective on this day than one person can give.",
    ),
    "whyfinding.overlapping_sessions": (
        "同一个人的两次生效服务，为同一段时间各计了一次。",
        "Two effective sessions of one person are paid for the same time.",
    ),
    "whyfinding.one_approver": (
        "这个组织几乎都由一人审核，没有第二个人看过。",
        "One person approves nearly everything of this organisation, so nobody else ever looks.",
    ),
    "whyfinding.one_pair": (
        "这个组织的服务大多由同两个人记录和审核，两人说好就够了。",
        (
            "The same two people record and approve most of this organisation’s service, so two"
            " agreeing are enough."
        ),
    ),
    "whyfinding.always_at_the_limit": (
        "这项活动几乎次次正好到免复核的上限，或正好等于计划时长。",
        (
            "Nearly every session of this activity is exactly at the limit that passes without"
            " review, or exactly as long as was planned."
        ),
    ),
    "whyfinding.mostly_backfill": (
        "这个组织的服务大多是事后补录，而不是签到。",
        (
            "Most of this organisation’s service was written down afterwards instead of being"
            " checked in."
        ),
    ),
    # To take away.
    "audit.exports": ("下载", "Downloads"),
    "audit.bundle": ("审计包", "Bundle"),
    "audit.bundle.what": (
        "最新检查点下的全部条目、全部余额和清单。验证程序要的就是它。",
        (
            "Every entry under the newest checkpoint, every balance, and a manifest: what the"
            " verifier reads."
        ),
    ),
    "audit.bundle.size": (
        "{n} 条，解开后约 {size}，压缩后小得多。",
        "{n} entry, about {size} unpacked and much less packed.",
        "{n} entries, about {size} unpacked and much less packed.",
    ),
    "audit.bundle.download": ("下载审计包", "Download the bundle"),
    "audit.note.what": (
        "签过名的条数和树根。请留存：以后的账本必须仍以它为前段。",
        (
            "The signed size and root. Keep it: every later ledger must still begin with what it"
            " covers."
        ),
    ),
    "audit.note.size": ("{n} 字节，人人可取。", "{n} bytes, for everybody."),
    "audit.note.download": ("下载检查点", "Download the checkpoint"),
    "audit.tiles": ("哈希分块", "Hash tiles"),
    "audit.tiles.what": (
        "树上的全部哈希，人人可取；见证者和别人的工具用它核对前后一致。",
        (
            "Every hash of the tree, for everybody: witnesses and other people’s tools check with"
            " them that one head follows another."
        ),
    ),
    "audit.tiles.level": ("层", "Level"),
    "audit.tiles.count": ("块数", "Tiles"),
    "audit.tiles.bytes": ("大小", "Size"),
    "audit.tiles.where": ("地址", "Address"),
    "audit.tiles.entries": (
        "条目分块每块 256 条，凭审计员令牌并说明理由可取：",
        "Tiles of 256 entries each, with an auditor’s token and a reason:",
    ),
    "audit.keys": ("公钥", "Public keys"),
    "audit.keys.what": (
        "这里的公钥是服务器自己的话。请从别处取得账本公钥（公告、公证、见证者），再来比较。",
        (
            "These are the server’s own word. Have the log’s key from elsewhere – a publication, a"
            " notary, a witness – and compare."
        ),
    ),
    "audit.key.log": ("账本：签检查点", "Log: signs checkpoints"),
    "audit.key.ack": ("回执：签收到了什么", "Acknowledgements: signs what was accepted"),
    "audit.key.manifest": ("清单：签转移证明", "Manifest: signs statements"),
    # Without us.
    "audit.verify": ("自行核对", "Verify"),
    "audit.verify.title": ("不靠我们，核对整个账本", "Verify the whole ledger without us"),
    "audit.verify.what": (
        (
            "下面的命令在您自己的电脑上运行，只读下载的文件和您手里的公钥。"
            "$TOKEN 是您的审计员令牌，$REASON 是查阅理由。"
        ),
        (
            "These commands run on your own machine and read nothing but what you downloaded and"
            " the key that you hold. $TOKEN is your auditor’s token, $REASON why you look."
        ),
    ),
    "audit.verify.need": ("准备", "What you need"),
    "audit.verify.need.how": (
        (
            "Python 3.11 或更新，cryptography 包，和程序里的 audit 文件夹。"
            "它不用账本的任何代码；格式写得足够细，您也可以另写一个。"
        ),
        (
            "Python 3.11 or newer, the package cryptography, and the folder audit of the programme."
            " It shares no code with the ledger, and the format is exact enough to write another."
        ),
    ),
    "audit.verify.key": ("公钥", "The key"),
    "audit.verify.key.how": (
        "从别处取得账本公钥，与这一行逐字比较。只信这一页，就等于只信我们。",
        (
            "Have the log’s key from elsewhere and compare it with this line, character by"
            " character. To believe this page alone is to believe us."
        ),
    ),
    "audit.verify.note": ("留存检查点", "Keep a checkpoint"),
    "audit.verify.note.how": (
        "每次来都留一份，放在我们够不着的地方。以后凭它能看出账本有没有被整体换过。",
        (
            "Keep one each time, out of our reach. Later it shows whether the whole ledger was"
            " exchanged."
        ),
    ),
    "audit.verify.bundle": ("下载并解开审计包", "Download and unpack the bundle"),
    "audit.verify.bundle.how": (
        "也可以在“下载”页取。解开后是名为 bundle 的文件夹，里面正好四个文件。",
        "Or take it from Downloads. Unpacked it is a folder bundle with exactly four files.",
    ),
    "audit.verify.run": ("核对", "Verify"),
    "audit.verify.run.how": (
        "查签名、每条的格式和哈希、前后相连、树根、每笔分录和全部余额。",
        (
            "Checks the signature, each entry’s form and hash, every link, the root, every posting"
            " and all balances."
        ),
    ),
    "audit.verify.since": ("与留存的旧检查点比较", "Compare with checkpoints that you kept"),
    "audit.verify.since.how": (
        "--since 后面可以写多个旧检查点文件。账本必须仍以其中每一个为前段。",
        "--since takes any number of kept files. The ledger must still begin with each of them.",
    ),
    "audit.verify.replay": ("按规则重新裁定", "Decide everything again"),
    "audit.verify.replay.how": (
        (
            "按当时启用的规则，把每一条重新裁定一遍，找出规则不会给出的第一条。"
            "需要旁边有 ledger 文件夹。"
        ),
        (
            "Decides every entry again by the policies adopted then, and names the first that they"
            " would not give. It needs the folder ledger beside audit."
        ),
    ),
    "audit.verify.one": ("只核对一条", "Check a single entry"),
    "audit.verify.one.how": (
        "凭据里有条目的字节和证明。0 换成您要的编号；每条的页面上也能下载。",
        (
            "A receipt holds an entry’s bytes and its proof. Put your number for 0; each entry’s"
            " page has it to download."
        ),
    ),
    "audit.verify.answers": ("每种答案的意思", "What each answer means"),
    "audit.verify.answer": ("答案", "Answer"),
    "audit.verify.code": ("退出码", "Exit code"),
    "audit.verify.means": ("意思", "It means"),
    "audit.verify.verified": (
        "查过的每一项都相符。请看它写出的条数和最后一条的时间。",
        "Everything that was checked agrees. Look at the size and the time of the last entry.",
    ),
    "audit.verify.refuted": (
        "有东西与签名、哈希或规则相抵触，答案会指出第一条。请保存文件，不要只告诉我们。",
        (
            "Something contradicts a signature, a hash or a rule; the first bad entry is named."
            " Keep the files, and do not tell us alone."
        ),
    ),
    "audit.verify.incomplete": (
        "缺了一部分，或读不出来。这不是通过，也不是不通过。",
        "A part is missing or cannot be read. That is neither a yes nor a no.",
    ),
    "audit.verify.not": ("“相符”说明不了什么", "What a yes does not show"),
    "verify.not.newest": (
        "这是不是最新的账本：之后的条目可能没有给您。",
        "That this is the newest head: later entries may have been withheld from you.",
    ),
    "verify.not.split": (
        "别人看到的是不是同一本：要靠独立见证者，或与别人留存的检查点比较。",
        (
            "That others are shown the same ledger: for that there are witnesses, and checkpoints"
            " that others kept."
        ),
    ),
    "verify.not.there": (
        "有没有人真的到场服务：账本只记下谁这样说。",
        "That anybody was there: the ledger holds who said so.",
    ),
    "verify.not.vault": (
        "年龄、关系等答复是否与保密库里的一致：字节里只有答复。",
        "That an attested age or relation is what the vault holds: the bytes hold the answer.",
    ),
    "verify.not.token": (
        "令牌是否在本人手里，命令行前站的是谁。",
        "That a token was in its owner’s hands, or who stood at the console.",
    ),
    "verify.not.refused": (
        "有没有人要求过而被拒绝：拒绝不写进条目。",
        "Whatever was asked and refused: refusals are no entries.",
    ),
}
