"""What the operator's pages say."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "op.title": ("运营", "Operations"),
    "op.done": ("已办好，凭证号 {number}。", "Done. Entry {number}."),
    "op.do": ("操作", "Action"),
    "op.refresh": ("刷新", "Refresh"),
    "op.nav.home": ("概况", "Overview"),
    "op.nav.policies": ("规则", "Rules"),
    "op.nav.parties": ("各方", "Parties"),
    "op.nav.access": ("凭据", "Credentials"),
    "op.nav.helpers": ("代办", "Helpers"),
    "op.nav.keys": ("密钥", "Keys"),
    "op.nav.health": ("运行", "Health"),
    "op.nav.webhooks": ("通知", "Webhooks"),
    # What awaits.
    "op.ready": ("账本运行正常", "The ledger is well"),
    "op.not_ready": ("账本有问题，需要处理", "Something is wrong with the ledger"),
    "op.unwell": (
        "有任务没有按时运行，或核对有出入，请看运行状况。",
        "A task does not run, or a comparison found something. See Health.",
    ),
    "op.entries": ("凭证", "Entries"),
    "op.signed": ("检查点已包含", "Under the checkpoint"),
    "op.signed_age": ("上次签出", "Signed"),
    "op.never": ("还没有", "Never yet"),
    "op.seconds_ago": ("{n} 秒前", "{n} second ago", "{n} seconds ago"),
    "op.minutes_ago": ("{n} 分钟前", "{n} minute ago", "{n} minutes ago"),
    "op.hours_ago": ("{n} 小时前", "{n} hour ago", "{n} hours ago"),
    "op.days_ago": ("{n} 天前", "{n} day ago", "{n} days ago"),
    "op.awaiting": ("等待处理", "Waiting"),
    "op.awaiting.hint": (
        "没有链接的由各组织和复核员办理，这里只看数量。",
        "What has no link is done by organisations and reviewers; here you see how many.",
    ),
    "op.awaits.flagged": ("待核查的核销", "Captures to be looked at"),
    "op.awaits.held": ("待复核的服务记录", "Service records held for review"),
    "op.awaits.objections": ("未答复的异议", "Open objections"),
    "op.awaits.applied": ("星级申请", "Star applications"),
    "op.awaits.proposed": ("建议降级", "Proposed downgrades"),
    "op.awaits.webhooks": ("送不到的网络通知地址", "Endpoints that take nothing"),
    "op.awaits.conflicts": ("离线核销的冲突", "Conflicts of offline tills"),
    "op.more_than": ("{n} 以上", "more than {n}"),
    "op.nothing": ("没有等待处理的事。", "Nothing is waiting."),
    "op.nothing.how": (
        "被标记的核销、待复核的记录、异议和星级申请会出现在这里。",
        "Flagged captures, held records, objections and star applications will stand here.",
    ),
    "op.captures": ("待核查的核销", "Captures to be looked at"),
    "op.captures.hint": (
        "同一持券人很快又核销了一张，或收银机离线时存疑。核查前不结算；不该核销的请商户撤销。",
        (
            "The same holder used another voucher seconds before, or a till took it offline in some"
            " doubt. It is not settled until somebody looks; what should not have been taken is"
            " undone by the shop."
        ),
    ),
    "op.captures.none": ("没有待核查的核销。", "No capture waits to be looked at."),
    "op.captures.how": (
        "被标记的核销会自动出现在这里。",
        "Captures that are flagged appear here by themselves.",
    ),
    "op.captured": ("核销时间", "Taken"),
    "op.item": ("礼遇", "Item"),
    "op.pieces": ("份数", "Quantity"),
    "op.shop": ("商户", "Merchant"),
    "op.flag": ("原因", "Why"),
    "op.flag.rapid": ("短时间内第二张", "Another within seconds"),
    "op.flag.offline": ("离线核销", "Taken offline"),
    "op.let_settle": ("核查无误", "It is in order"),
    "op.let_settle.go": ("可以结算", "Let it be settled"),
    # Rules.
    "op.policies": ("规则", "Rules"),
    "op.policies.hint": (
        "规则是带日期的文件，发布就是一条凭证，之前的决定不变。先比较、试算，再发布。",
        (
            "Rules are dated documents. Adopting one is an entry, and touches nothing decided"
            " before. Compare and simulate first."
        ),
    ),
    "op.adopted": ("已发布", "Adopted"),
    "op.document": ("文件", "Document"),
    "op.version": ("第 {n} 版", "version {n}"),
    "op.named": ("名称", "Title"),
    "op.in_force": ("有效期", "In force"),
    "op.decides_now": ("现行", "Decides now"),
    "op.from": ("自 {first}", "from {first}"),
    "op.from_to": ("{first} 至 {last}", "{first} to {last}"),
    "op.scope": ("适用范围", "Scope"),
    "op.scope.organisation": ("组织 {id} 及下级", "organisation {id} and below"),
    "op.scope.tier": ("{tier}及以下", "{tier} and below"),
    "op.adopted_at": ("发布于", "Adopted"),
    "op.entry": ("凭证号", "Entry"),
    "op.issuer": ("发布单位", "Issued by"),
    "op.file_hash": ("文件摘要 SHA-256", "SHA-256 of the file"),
    "op.shipped": ("随附的规则", "Shipped documents"),
    "op.weigh": ("作为草案打开", "Open as a draft"),
    "op.values": ("各项规定", "What it says"),
    "op.values.show": ("列出全部参数", "List every parameter"),
    "op.parameter": ("参数", "Parameter"),
    "op.value": ("取值", "Value"),
    "op.basis": ("依据", "Basis"),
    "op.default": ("缺省 {value}", "default {value}"),
    "op.for_readers": ("仅供阅读，系统不据此决定", "Stated for readers; nothing decides by it"),
    "op.older": ("该文件早于这一参数", "adopted before this parameter existed"),
    "op.no_basis": ("没有写依据", "no basis given"),
    "op.differences": ("差异", "Differences"),
    "op.differ": ("{n} 项不同", "{n} parameter differs", "{n} parameters differ"),
    "op.compare": ("与哪份比较", "Compare with"),
    "op.compare.go": ("比较", "Compare"),
    "op.this_draft": ("本草案", "This draft"),
    "op.drafts": ("草案", "Drafts"),
    "op.drafts.none": ("没有草案。", "There is no draft."),
    "op.drafts.how": (
        "上传一份，或从随附的规则开始修改。",
        "Bring one, or begin with a shipped document.",
    ),
    "op.drafts.new": ("新草案", "New draft"),
    "op.drafts.hint": (
        "选择 TOML 文件，或在下面修改。保存草案不改变任何规则。",
        "Choose a TOML file, or edit below. Keeping a draft changes no rule.",
    ),
    "op.drafts.file": ("文件", "File"),
    "op.drafts.text": ("内容", "Text"),
    "op.drafts.check": ("检查并保存草案", "Check and keep"),
    "op.draft": ("草案：{name}", "Draft: {name}"),
    "op.kept": ("保存于", "Kept"),
    "op.decide": ("决定", "Decide"),
    "op.adopt": ("发布这份规则", "Adopt these rules"),
    "op.adopt.means": (
        "发布后自 {first} 起生效，写入一条凭证，不能删除；以后的版本可以取代它。",
        (
            "It is in force from {first} on. Adopting writes an entry that stays for good; a later"
            " version can take its place."
        ),
    ),
    "op.adopt.go": ("确认发布", "Confirm: adopt"),
    "op.drop": ("放弃草案", "Give the draft up"),
    "op.drop.go": ("确认放弃", "Confirm: give it up"),
    # Simulation.
    "op.sim": ("试算", "Simulation"),
    "op.sim.hint": (
        "把账本上的每个请求按草案重新决定一遍，看谁多谁少。什么都不写入。",
        (
            "Every recorded request is decided again as if the draft had been in force, to see who"
            " gains and who loses. Nothing is written."
        ),
    ),
    "op.sim.since": ("视为自哪天起生效", "As if in force from"),
    "op.sim.go": ("开始试算", "Simulate"),
    "op.sim.again": ("重新试算", "Simulate again"),
    "op.sim.far": ("已算 {done} / {total} 条", "{done} of {total} entries"),
    "op.sim.broken_off": (
        "试算被中断（服务器重启过）。请重新开始。",
        "The simulation was broken off when the server stopped. Begin it again.",
    ),
    "op.sim.done": (
        "视为自 {from} 起生效，按截至 {until} 的 {entries} 条凭证计算，共 {n} 名志愿者。",
        "As if in force from {from}, on {entries} entries to {until}; {n} volunteer in all.",
        "As if in force from {from}, on {entries} entries to {until}; {n} volunteers in all.",
    ),
    "op.sim.nothing": ("没有任何变化。", "Nothing changes for anybody."),
    "op.sim.everybody": ("全部 {n} 名志愿者", "{n} volunteer", "All {n} volunteers"),
    "op.sim.tier": ("所属组织：{tier}", "Home organisation: {tier}"),
    "op.sim.figure": ("项目", "Figure"),
    "op.sim.gaining": ("增加的人", "Gain"),
    "op.sim.losing": ("减少的人", "Lose"),
    "op.sim.in_all": ("合计", "In all"),
    "op.sim.eligible": ("达到的星级", "Star eligible for"),
    "op.sim.held": ("拥有的星级", "Star held"),
    "op.sim.before": ("原来", "Before"),
    "op.sim.after": ("按草案", "Under the draft"),
    "op.sim.people": ("人数", "People"),
    "op.sim.counted.refused": ("当时办成、按草案会拒绝", "Granted then, refused by the draft"),
    "op.sim.counted.held": ("当时直接计入、按草案须复核", "Counted then, held by the draft"),
    "op.sim.counted.let_through": (
        "当时须复核、按草案直接计入",
        "Held then, counted at once by the draft",
    ),
    "op.sim.unknown": (
        "无法得知：被旧规则拒绝的服务不在账本上；没有人会因为规则不同而改变做法。",
        (
            "What cannot be known: service that the old rules refused is not on the ledger, and"
            " nobody is taken to act otherwise because the rules are others."
        ),
    ),
    "op.sim.state.none": ("未试算", "Not simulated"),
    "op.sim.state.running": ("试算中", "Being simulated"),
    "op.sim.state.done": ("已试算", "Simulated"),
    "op.sim.state.failed": ("试算未成", "Simulation failed"),
    "op.sim.state.broken_off": ("试算中断", "Broken off"),
    "op.figure.service_minutes": ("服务时间", "Service time"),
    "op.figure.points_earned_hundredths": ("获得的积分", "Points earned"),
    "op.figure.points_hundredths": ("可用积分", "Points to spend"),
    "op.figure.time_minutes": ("时间存折", "Saved time"),
    "op.figure.eligible_star": ("达到的星级", "Star eligible for"),
    "op.figure.held_star": ("拥有的星级", "Star held"),
    # Parties.
    "op.parties": ("各方", "Parties"),
    "op.kinds": ("类别", "Kinds"),
    "op.kind.auditor": ("审计员", "Auditors"),
    "op.kind.branch": ("门店", "Branches"),
    "op.kind.clerk": ("店员", "Clerks"),
    "op.kind.merchant": ("商户", "Merchants"),
    "op.kind.operator": ("运营方", "Operators"),
    "op.kind.organisation": ("组织", "Organisations"),
    "op.kind.staff": ("工作人员", "Staff"),
    "op.kind.terminal": ("收银机", "Tills"),
    "op.kind.volunteer": ("志愿者", "Volunteers"),
    "op.parties.none": ("还没有登记。", "Nobody is registered yet."),
    "op.parties.how": ("登记之后会列在这里。", "Whoever is registered is listed here."),
    "op.who": ("名称", "Who"),
    "op.state": ("状态", "State"),
    "op.above": ("上级", "Above"),
    "op.address": ("地址", "Address"),
    "op.registered": ("登记凭证", "Registered by"),
    "op.party.active": ("正常", "Active"),
    "op.party.suspended": ("停用", "Suspended"),
    "op.party.left": ("已退出", "Left"),
    "op.party.deceased": ("已故", "Deceased"),
    "op.party.forgotten": ("已注销", "Forgotten"),
    "op.register.organisation": ("登记组织", "Register an organisation"),
    "op.register.merchant": ("登记商户", "Register a merchant"),
    "op.register.staff": ("登记工作人员", "Register somebody on a staff"),
    "op.register.auditor": ("登记审计员", "Register an auditor"),
    "op.register.go": ("登记", "Register"),
    "op.field.name": ("名称", "Name"),
    "op.field.number": ("编号", "Number"),
    "op.field.organisation_code": ("统一社会信用代码", "Unified social credit code"),
    "op.field.tier": ("层级", "Tier"),
    "op.field.form": ("形式", "Form"),
    "op.field.parent": ("上级组织", "Organisation above"),
    "op.field.organisation": ("所属组织", "Organisation"),
    "op.form.organisation": ("组织", "Organisation"),
    "op.form.team": ("团队", "Team"),
    "op.reason": ("原因", "Reason"),
    "op.change": ("状态变更", "Change the state"),
    "op.change.none": ("这个状态不再改变。", "This state does not change any more."),
    "op.change.suspend": ("停用", "Suspend"),
    "op.change.suspend.means": (
        "登录和令牌立即失效，已有的一切都保留，可以恢复。",
        "Their sign-ins and tokens stop at once. Nothing is lost, and they can be let in again.",
    ),
    "op.change.leave": ("记为退出", "Record that they left"),
    "op.change.leave.means": (
        "不再参加，做过的都保留。",
        "They no longer take part. What they did stays.",
    ),
    "op.change.reinstate": ("恢复", "Reinstate"),
    "op.change.reinstate.means": ("恢复后可以重新登录。", "They can sign in again."),
    # Credentials.
    "op.access": ("登录与令牌", "Sign-ins and tokens"),
    "op.access.hint": (
        "每个登录和令牌都有一条凭证。这里只有编号，没有密文；收回立即生效。",
        (
            "Every sign-in and token stands on an entry. Here are ids only, never a secret."
            " Revoking works at once."
        ),
    ),
    "op.credential": ("凭据", "Credential"),
    "op.credentials": ("登录与令牌", "Sign-ins and tokens"),
    "op.credentials.none": ("没有凭据。", "There is no credential."),
    "op.credential.halted": ("停用期间无效", "Good for nothing meanwhile"),
    "op.credential.good": ("有效", "Good"),
    "op.credential.expired": ("已到期", "Expired"),
    "op.credential.revoked": ("已收回", "Revoked"),
    "op.scopes": ("{n} 项权限", "{n} right", "{n} rights"),
    "op.expires": ("到期", "Expires"),
    "op.never_expires": ("不到期", "Never"),
    "op.until": ("至 {when}", "until {when}"),
    "op.revoke": ("收回", "Revoke"),
    "op.this_one": ("您正在使用", "You are using it"),
    "op.link": ("让对方登录", "Let them sign in"),
    "op.link.hint": (
        "登录链接十分钟内有效、只能用一次；令牌给程序使用。两者只显示一次。",
        (
            "A link is good for ten minutes, once; a token is for a program. Either is shown one"
            " time only."
        ),
    ),
    "op.link.go": ("生成登录链接", "Make a sign-in link"),
    "op.token.go": ("签发令牌", "Issue a token"),
    "op.made": ("只显示这一次", "Shown this once"),
    "op.made.link": (
        "让对方扫描，或在登录页输入登录码。十分钟内有效，只能用一次。",
        "Let them scan it, or type the code at the sign-in page. Good for ten minutes, once.",
    ),
    "op.made.token": (
        "请现在交给对方，离开本页后不再显示。丢失时请收回并另发一个。",
        "Hand it over now; it is not shown again. If it is lost, revoke it and issue another.",
    ),
    "op.made.code": ("登录码", "Sign-in code"),
    "op.made.address": ("链接", "Link"),
    "op.made.secret": ("令牌", "Token"),
    "op.made.before": (
        "已经显示过一次，不再显示。需要时请另做一个。",
        "It was shown before and is not shown again. Make another if you need one.",
    ),
    "op.back_to_party": ("返回", "Back"),
    # Helpers on a written wish.
    "op.helpers": ("代办：按书面意愿", "Helpers, on a written wish"),
    "op.helpers.hint": (
        "志愿者不能自己操作、又写下了意愿时，由您登记谁可以代办。先找到志愿者。",
        (
            "Where a volunteer cannot do it alone and has written down whom they wish to act for"
            " them, you record it. First find the volunteer."
        ),
    ),
    "op.helpers.number": ("志愿者编号或身份证件号码", "Volunteer's or identity number"),
    "op.helpers.number.hint": (
        "号码只随表单发送，不出现在网址和日志里。",
        "It is sent with the form and stands in no address and no log.",
    ),
    "op.helpers.unknown": ("没有志愿者有这个号码。", "No volunteer has this number."),
    "op.helpers.find": ("查找", "Find"),
    "op.helpers.of": ("{name} 的代办人", "Who acts for {name}"),
    "op.helpers.now": ("代办人", "Helpers"),
    "op.helpers.none": ("还没有人代办。", "Nobody acts for them."),
    "op.helpers.none.how": (
        "登记之后会列在这里，志愿者本人也看得到。",
        "Whoever may is listed here, and the volunteer sees them too.",
    ),
    "op.helpers.new": ("登记一位代办人", "Record a helper"),
    "op.helpers.wish": (
        "请先看过签名的书面意愿，并留存；上面要写明代办人、事项和期限。",
        (
            "Have the signed wish before you, and keep it. It names the helper, what they may do"
            " and for how long."
        ),
    ),
    "op.helpers.field.hint": (
        "在代办人自己的账户页上，16 位字母和数字。",
        "It stands on the helper's own account page: 16 letters and digits.",
    ),
    "op.helpers.always": (
        "代办人总能查看；同意书、证明、卡和密码、注销不能代办。",
        (
            "A helper may always look. Consents, certificates, cards and PINs, and being forgotten"
            " are never theirs."
        ),
    ),
    "op.helpers.agree": ("让 {helper} 代 {name} 办理？", "Let {helper} act for {name}?"),
    "op.helpers.agree.hint": (
        "写入一条凭证，志愿者本人随时看得到，也可以停止。姓名请与书面意愿核对。",
        (
            "It is an entry. The volunteer sees it and can end it any time. Compare both names with"
            " the written wish."
        ),
    ),
    "op.helpers.agree.go": ("书面意愿已核对，确认", "I have the written wish: confirm"),
    "op.helpers.end.means": (
        "对方立即不能再代办；已办的事不变。",
        "They act no more from this moment on. What was done stays.",
    ),
    "op.helpers.end.go": ("确认停止", "Confirm: end it"),
    # Health and keys.
    "op.health": ("运行状况", "Health"),
    "op.checks": ("检查", "Checks"),
    "op.checks.what_to_do": (
        "处理办法见 docs/recovery.md 与 docs/refusals.md 中相同的代码。",
        "What to do is in docs/recovery.md and, under the same code, in docs/refusals.md.",
    ),
    "op.came.checkpoint_late": ("新条目太久没有签进检查点", "New entries wait to be signed"),
    "op.came.unreachable": ("连不上", "Not reachable"),
    "op.came.migrations_missing": ("数据表还是旧版本", "Its tables are of an older version"),
    "op.came.head_ahead": ("签过名的条目不见了", "Entries that were signed are missing"),
    "op.came.head_differs": ("与签名的检查点不一致", "Not what the signed checkpoint says"),
    "op.came.other": ("有问题", "Something is wrong"),
    "op.check.database": ("数据库", "Database"),
    "op.check.vault": ("个人信息库", "Vault"),
    "op.check.migrations": ("数据表版本", "Migrations"),
    "op.check.head": ("签名的树头", "Signed head"),
    "op.check.clock": ("时钟", "Clock"),
    "op.check.checkpoint": ("检查点", "Checkpoint"),
    "op.ok": ("正常", "In order"),
    "op.mend.database": (
        "连不上账本数据库。看数据库服务是否在运行、磁盘是否已满；恢复后自动继续，什么都没丢。",
        (
            "The ledger's database cannot be reached. Is its server running, is a disk full? It"
            " goes on by itself afterwards; nothing is lost."
        ),
    ),
    "op.mend.vault": (
        "连不上个人信息库。恢复前不能登记人，也看不到姓名；从备份恢复，不要新建。",
        (
            "The vault cannot be reached. Nobody is registered and no name is shown until it is"
            " back. Restore it from its backup; never make a new one."
        ),
    ),
    "op.mend.migrations": (
        "数据表是别的版本的。停下服务，运行 sidereal init，再启动。",
        "The tables are of another release. Stop the server, run “sidereal init”, start again.",
    ),
    "op.mend.head": (
        "数据库与签过的树头对不上，可能恢复了旧的副本。停下服务，按 docs/recovery.md 办。",
        (
            "The database is not what was signed: perhaps an older copy was restored. Stop the"
            " server, and go by docs/recovery.md."
        ),
    ),
    "op.mend.clock": (
        "时钟不可信，已停止写入。校准服务器与数据库的时间（NTP），再重启。",
        (
            "The clock cannot be trusted, and nothing is written. Set the time of the server and of"
            " the database (NTP), then start again."
        ),
    ),
    "op.mend.checkpoint": (
        "新凭证还没有签名，已经晚了。看下面「签检查点」一行；服务器没有运行定时任务时请重启。",
        (
            "Entries wait for a signature for too long. See the checkpoint's line below; where no"
            " task runs, start the server again."
        ),
    ),
    "op.late": (
        "有任务没有按时运行。重启服务器；还不行，看日志里的 timer_failed。",
        (
            "A task does not run when it should. Start the server again; if that does not help,"
            " look for timer_failed in its log."
        ),
    ),
    "op.different": (
        (
            "{n} 行数据与凭证不符，在这些表里：{tables}。运行 sidereal rebuild --check 看是哪些行，"
            "再用 sidereal rebuild 按凭证重做；然后查是谁改的。"
        ),
        (
            "{n} row is not what the entries say, in {tables}. “sidereal rebuild --check” names it,"
            " “sidereal rebuild” makes it again. Then find out who changed it."
        ),
        (
            "{n} rows are not what the entries say, in {tables}. “sidereal rebuild --check” names"
            " them, “sidereal rebuild” makes them again. Then find out who changed them."
        ),
    ),
    "op.wrong": (
        "{n} 个账户的余额与分录不符，已停止支出。运行 sidereal rebuild --check 看是哪些。",
        (
            "{n} balance is not what its postings say, and nothing is spent from it. Run “sidereal"
            " rebuild --check”."
        ),
        (
            "{n} balances are not what their postings say, and nothing is spent from them. Run"
            " “sidereal rebuild --check”."
        ),
    ),
    "op.task.late": ("没有按时运行", "Does not run"),
    "op.task.different": ("有出入", "Rows differ"),
    "op.task.wrong": ("余额有误", "Balances are wrong"),
    "op.check_now": ("现在全面核对一次", "Compare every row now"),
    "op.check_now.hint": (
        "每周凌晨自动做一次；单独运行，不影响核销。",
        ("Done by itself once a week, at night. It runs apart and keeps nobody at a till waiting."),
    ),
    "op.did.accounts": ("账户", "accounts"),
    "op.did.bans_ended": ("解除禁止", "bans ended"),
    "op.did.begun": ("已开始", "begun"),
    "op.did.code": ("原因代码", "code"),
    "op.did.delivered": ("已送达", "delivered"),
    "op.did.different": ("不符的行", "rows that differ"),
    "op.did.disabled": ("停用的地址", "endpoints stopped"),
    "op.did.done": ("已办", "done"),
    "op.did.entries": ("凭证", "entries"),
    "op.did.entry": ("凭证号", "entry"),
    "op.did.failed": ("未成", "failed"),
    "op.did.of": ("共", "of"),
    "op.did.old_files": ("清理旧上传", "old uploads dropped"),
    "op.did.old_looks": ("清理旧查看记录", "old looks dropped"),
    "op.did.orders_expired": ("到期订单", "orders expired"),
    "op.did.orphaned_texts": ("清理无主文本", "texts of nobody dropped"),
    "op.did.orphans": ("清理未登记成的人", "people never registered dropped"),
    "op.did.redemptions_expired": ("到期的券", "vouchers expired"),
    "op.did.rows": ("查阅记录", "looks"),
    "op.did.size": ("签到凭证", "entries signed"),
    "op.did.stopped": ("停发", "not sent"),
    "op.did.volunteers_granted_stars": ("自动认定星级的人", "people granted stars"),
    "op.did.volunteers_lapsed": ("积分失效的人", "people whose points lapsed"),
    "op.did.wrong_count": ("有误的余额", "wrong balances"),
    "op.timers": ("定时任务", "What the ledger did by itself"),
    "op.timers.hint": (
        "每项任务最近一次的结果。",
        "The newest turn of each task.",
    ),
    "op.timers.none": ("还没有运行过。", "None has run yet."),
    "op.found.nothing": ("没有需要办的", "nothing to do"),
    "op.run.running": ("进行中", "Running"),
    "op.run.done": ("完成", "Done"),
    "op.run.refused": ("被拒绝", "Refused"),
    "op.run.failed": ("失败", "Failed"),
    "op.run.never": ("还没有运行过", "Not yet"),
    "op.keys": ("密钥", "Keys"),
    "op.keys.hint": (
        "这些是公钥，可以告诉任何人。账本公钥请另行公布一份，验证者不应只从这里取。",
        (
            "These are public. Publish the log's key somewhere else as well: whoever verifies must"
            " not have it from here alone."
        ),
    ),
    "op.origin": ("账本标识", "Origin"),
    "op.key.log": ("账本（检查点）", "The log: checkpoints"),
    "op.key.acknowledgement": ("回执", "Acknowledgements"),
    "op.key.manifest": ("导出清单", "Manifests of exports"),
    "op.key.voucher": ("离线券", "Offline vouchers"),
    "op.key.webhook": ("通知", "Webhooks"),
    "op.keys.care": ("保管", "Keeping them"),
    "op.keys.backup": (
        "私钥只在服务器的 keys 文件夹里，从不显示。请与账本备份分开保存：",
        (
            "The secret keys lie in the server's keys folder and are never shown. Back them up"
            " apart from the ledger:"
        ),
    ),
}
