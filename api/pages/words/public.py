"""What strangers read: a certificate's check; and what its holder and an organisation's desk do."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    # The check.
    "check.title": ("核对志愿服务记录证明", "Check a service record certificate"),
    "check.what": (
        (
            "有人给您看了一份志愿服务记录证明？输入上面的编号，马上知道它是不是真的、现在还对不对。"
            "不收费，不用登录，也不会问您是谁。"
        ),
        (
            "Were you shown a certificate of volunteer service? Type its number and see at once"
            " whether it is real and still right. It is free, needs no account, and does not ask"
            " who you are."
        ),
    ),
    "check.number": ("证明编号", "Certificate number"),
    "check.number.hint": (
        "印在二维码旁边，26 个字母和数字；大小写、短横和空格都不要紧。",
        "Beside the QR code, 26 letters and digits. Case, dashes and spaces do not matter.",
    ),
    "check.button": ("核对", "Check it"),
    "check.another": ("再核对一份", "Check another"),
    "check.beware": ("谨防仿冒网站", "Beware of look-alikes"),
    "check.beware.how": (
        (
            "请看一眼地址栏：真正的核对页面只在 {host}，差一个字母也不是。我们不会索要身份证号、"
            "密码、验证码或任何费用。"
        ),
        (
            "Look at your address bar: certificates of this ledger are checked at {host} alone, and"
            " a host that differs by one letter is not ours. We never ask for an ID number, a"
            " password, a code from your phone or money."
        ),
    ),
    "check.valid": ("有效", "Valid"),
    "check.valid.means": (
        "账本里有这份证明，记录至今没有变。",
        "This certificate is on the ledger, and its records stand unchanged.",
    ),
    "check.superseded": ("已有更正", "Superseded"),
    "check.superseded.means": (
        "证明是真的，但出具之后记录有更正，请以现在的数为准。",
        "It is real, but records were corrected since. Go by the present figure.",
    ),
    "check.unknown": ("查无此证", "Unknown"),
    "check.unknown.means": (
        "账本不能为这个编号作证。可能的原因：",
        "The ledger does not vouch for this number. It may be that:",
    ),
    "check.unknown.typed": (
        "编号看错或输错了一位，请对照再试一次。",
        "A character was misread. Compare it and try again.",
    ),
    "check.unknown.off": (
        "持证人关闭了公开核对，或者删除了自己的资料。请当面问问本人。",
        "Its holder switched the check off, or had their data forgotten. Ask them.",
    ),
    "check.unknown.forged": (
        "证明不是从这里出具的。",
        "It was not issued here.",
    ),
    "check.now": ("现在的服务时间", "Service time now"),
    "check.certified": ("证明上写的", "As certified"),
    "check.times": ("{n} 次，含这次", "{n} time, this one", "{n} times, this one included"),
    "check.before": ("上一次：", "Last before:"),
    "check.who": (
        "这里不显示姓名。请把纸上的姓名和证件号，与您面前的人对照。",
        (
            "No name is shown here. Compare the name and ID on the paper with whoever stands before"
            " you."
        ),
    ),
    "check.how": ("不靠我们也能核对", "How to check without us"),
    "check.how.number": (
        "账本只认编号的摘要。把编号（不带短横）换到这里，得到账本条目里的 certificate：",
        (
            "The ledger knows a number by its digest. Put the number, without dashes, in here: the"
            " result is the fact called certificate in the entry that the paper names."
        ),
    ),
    "check.how.opening": (
        (
            "证明最下面一行（去掉换行）的 SHA-256，就是同一条目里的 commitment：它写明了时间、"
            "期间、单位和内容。"
        ),
        (
            "The SHA-256 of the lowest line on the paper, without its line breaks, is the"
            " commitment in the same entry. That line states time, days, unit and content."
        ),
    ),
    "check.how.bundle": (
        "向运营方或审计员要审计包，自己验证整本账：",
        "Ask the operator or an auditor for a bundle and verify the whole ledger yourself:",
    ),
    "check.how.records": (
        "纸上的“根”应当等于前面这些条目的树根：条目数和根都印在纸上，谁也改不了。",
        (
            "The root on the paper must be that of so many first entries: size and root are"
            " printed, so nobody can change them afterwards."
        ),
    ),
    # A certificate.
    "cert.mine": ("志愿服务记录证明", "Certificates"),
    "cert.one": ("志愿服务记录证明", "Certificate of service"),
    "cert.free": (
        "证明免费，自己就能开，在家打印。需要盖章时，请到记录单位。",
        (
            "Certificates are free. Issue one yourself and print it at home; for a seal, go to the"
            " unit that recorded."
        ),
    ),
    "cert.new": ("开一份证明", "Issue a certificate"),
    "cert.none": ("还没有证明。", "No certificates yet."),
    "cert.none.how": (
        "开好的证明会列在这里，也能看到有没有人核对过。",
        "Those that you issue will be here, and whether anybody checked them.",
    ),
    "cert.nothing_recorded": ("还没有可以证明的服务。", "There is no service to certify yet."),
    "cert.nothing_recorded.how": (
        "组织记录您的服务并生效之后，就能在这里开证明。",
        "Once an organisation has recorded your service and it counts, you can issue one here.",
    ),
    "cert.first_day": ("从哪天起", "First day"),
    "cert.last_day": ("到哪天止", "Last day"),
    "cert.period": ("{since}至{until}", "{since} to {until}"),
    "cert.days": ("期间", "Period"),
    "cert.time": ("服务时间", "Service time"),
    "cert.unit": ("记录单位", "Recording unit"),
    "cert.unit.hint": (
        "谁记录谁证明。选上级单位，就包括它下面各单位的记录。",
        "Whoever records certifies. A unit above includes what units below it recorded.",
    ),
    "cert.content": ("服务内容", "Service content"),
    "cert.content.hint": (
        "写做了什么；会原样印在证明上。",
        "What was done, as it will stand on the paper.",
    ),
    "cert.issue": ("开具", "Issue"),
    "cert.issue.hint": (
        "账本会记一条不含姓名的条目。服务时间按账本记录计算，不用填写。",
        "An entry without a name is written. The time comes from the records; nobody types it.",
    ),
    "cert.issued": ("已开具，条目 {number}。", "Issued, entry {number}."),
    "cert.superseded": (
        "开具之后记录有更正，这段时间现在是 {now}。需要的话请重新开一份。",
        "Records were corrected since: it now comes to {now}. Issue another if you need one.",
    ),
    "cert.paper": ("下载 PDF", "Download the PDF"),
    "cert.entry": ("条目", "Entry"),
    "cert.number": ("证明编号", "Certificate number"),
    "cert.number.hint": (
        "谁拿到编号，谁就能在 {address} 核对，只看得到期间、时间和单位。",
        "Whoever has it can check it at {address}, and sees period, time and unit only.",
    ),
    "cert.checks": ("核对次数", "Checked"),
    "cert.checked": ("{n} 次，最近", "{n} time, last", "{n} times, last"),
    "cert.unchecked": ("还没有人核对过", "By nobody yet"),
    "cert.public": ("公开核对", "Public check"),
    "cert.shown": (
        "现在可以核对。关掉之后，别人查到的是“查无此证”。",
        "It can be checked. Once you switch that off, others are told that it is unknown.",
    ),
    "cert.not_shown": (
        "已关闭：别人查到的是“查无此证”。",
        "Switched off: others are told that it is unknown.",
    ),
    "cert.switch_off": ("关闭公开核对", "Switch the check off"),
    "cert.switch_on": ("打开公开核对", "Switch the check on"),
    "cert.hidden": ("已关闭核对", "Check is off"),
    "cert.state.valid": ("有效", "Valid"),
    "cert.state.superseded": ("已有更正", "Superseded"),
    "cert.state.unknown": ("账本不认", "Not on the ledger"),
    # At an organisation's desk.
    "cert.desk": ("出具记录证明", "Issue a certificate"),
    "cert.desk.what": (
        "志愿者要证明，就免费出具（民政部令第67号第十四条）。",
        "Whoever asks for a certificate gets one, free (Order 67, article 14).",
    ),
    "cert.desk.member": ("志愿者", "Volunteer"),
    "cert.desk.number": ("志愿者编号或身份证号", "Volunteer number or ID number"),
    "cert.desk.number.hint": (
        "只能找到本单位和下级单位的志愿者。",
        "Finds volunteers of your organisation and of those below it.",
    ),
    "cert.desk.after": (
        "打印后应要求盖章，交给本人。任何人都能在 {host}/c 核对。",
        "Print it, seal it on request, and hand it over. Anybody can check it at {host}/c.",
    ),
    # The ledger's own page.
    "home.title": (
        "谁都能核对的志愿服务账本",
        "A ledger of volunteer service that anybody can check",
    ),
    "home.what": (
        (
            "志愿者服务的每一分钟，组织记下来就写进账本，再也改不了，只能更正。换来的星级、积分和"
            "时间，每一笔都查得到来处。账本定时公开签名，谁都能验证，不必相信我们。"
        ),
        (
            "Each minute that a volunteer serves is written down once and never altered, only"
            " corrected. The stars, points and saved time it brings can all be traced to it. The"
            " ledger signs its head in public, so that anybody can verify it and need not trust"
            " us."
        ),
    ),
    "home.check": ("核对一份证明", "Check a certificate"),
    "home.all_served": ("服务时间，合计", "Served in all"),
    "home.volunteers": ("在册志愿者", "Volunteers"),
    "home.volunteers.count": ("{n} 人", "{n}"),
    "home.entries.count": ("{n} 条", "{n}"),
    "home.entries": ("账本条目", "Entries"),
    "home.trends": ("服务情况", "Service"),
    "home.by_month": ("每月服务时间", "Service by month"),
    "home.people_by_month": ("每月服务的志愿者", "Volunteers who served, by month"),
    "home.people": ("人数", "Volunteers"),
    "home.people.unit": ("人", "people"),
    "home.by_category": ("按服务类别", "By category"),
    "home.by_tier": ("按志愿者所属组织的层级", "By tier of the volunteers' organisations"),
    "home.served": ("服务时间", "Service time"),
    "home.month": ("月份", "Month"),
    "home.month_of": ("{year}年{month}", "{month} {year}"),
    "home.category": ("服务类别", "Category"),
    "home.tier": ("层级", "Tier"),
    "home.whole_hours": (
        "时间按整小时公布。",
        "Time is told in whole hours.",
    ),
    "home.hidden": (
        "任何一部分，哪个月都不到 {n} 人的，不单独公布，免得认出是谁。",
        (
            "A part in which fewer than {n} people served in every month is not told about, so"
            " that nobody can be made out."
        ),
    ),
    "home.points": ("积分公示", "Points, published"),
    "home.cycle": ("周期", "Cycle"),
    "home.cycle.q": ("{year}年第{n}季度", "Q{n} {year}"),
    "home.cycle.h": ("{year}年第{n}个半年", "H{n} {year}"),
    "home.issued": ("发放", "Issued"),
    "home.redeemed": ("兑换", "Redeemed"),
    "home.notices": ("星级认定公示", "Star notices"),
    "home.notices.what": (
        "拟认定的星级，公示期内有异议可向所在组织提出。这里不写姓名。",
        (
            "Stars about to be granted. Who objects tells the organisation before the last day."
            " Nobody is named."
        ),
    ),
    "home.notices.none": ("现在没有公示。", "There are no notices now."),
    "home.notice": ("拟认定 {star} 星", "To be granted: star {star}"),
    "home.notice.until": ("公示到{day}", "until {day}"),
    "home.credits": ("{cycle} 信用激励名单", "Credit list of {cycle}"),
    "home.credits.what": (
        "只列本人同意公布的，不写姓名。",
        "Only those who agreed are on it, and nobody is named.",
    ),
    "home.credits.none": ("这份名单上还没有人。", "Nobody is on this list yet."),
    "home.places": ("名单", "The list"),
    "home.place": ("第 {n} 位", "No. {n}"),
    "home.place.to": ("第 {first} 至 {last} 位", "Places {first} to {last}"),
    "home.place.points": ("{n} 信用分", "{n} credit points"),
    "home.head": ("账本现在在哪里", "Where the ledger stands"),
    "home.size": ("已签名的条目", "Entries signed"),
    "home.root": ("树根", "Root"),
    "home.signed": ("签名时间", "Signed"),
    "home.origin": ("账本名", "Log"),
    "home.unsigned": ("还没有签过名，请稍候再看。", "Nothing is signed yet. Look again shortly."),
    "home.how": ("怎样自己核对", "How to check it yourself"),
    "home.how.keep": (
        "随时取下现在的检查点，留好：以后的账本必须接得上它。",
        "Fetch the checkpoint of now and keep it. Any later ledger must continue from it.",
    ),
    "home.how.bundle": (
        "向运营方或审计员要审计包，用我们公开的小程序自己验一遍：",
        "Ask the operator or an auditor for a bundle and verify it with a small open program:",
    ),
    "home.how.key": (
        "公钥要从别处拿到，比如印在公告上的，不要只听这台服务器说。",
        "Have the public key from somewhere else, such as a printed notice, not from this server.",
    ),
    "home.docs": ("给开发者的接口文档", "Documentation of the API"),
    "home.category.community_governance": ("社区治理", "Community"),
    "home.category.culture": ("文化体育", "Culture and sports"),
    "home.category.education": ("教育助学", "Education"),
    "home.category.elderly_and_disabled": ("为老助残", "Elderly and disabled"),
    "home.category.emergency": ("应急救援", "Emergencies"),
    "home.category.environment": ("环境保护", "Environment"),
    "home.category.events": ("赛会服务", "Events"),
    "home.category.health": ("健康医疗", "Health"),
    "home.category.legal_aid": ("法律援助", "Legal aid"),
    "home.category.traffic": ("文明交通", "Traffic"),
    "home.category.other": ("其他", "Other"),
    "home.category.elsewhere": ("外地转入", "Recorded elsewhere"),
    "home.tier.province": ("省级", "Province"),
    "home.tier.city": ("市级", "City"),
    "home.tier.county": ("县区级", "County"),
    "home.tier.township": ("乡镇街道", "Township"),
    "home.tier.community": ("社区", "Community"),
    "home.tier.none": ("没有所属组织", "No organisation"),
}
