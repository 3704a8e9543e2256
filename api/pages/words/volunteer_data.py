"""What a volunteer's pages say of consents, looks at their data, their card and being forgotten."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    # Consents.
    "my.consents": ("我的授权", "What I allow"),
    "my.consents.what": (
        "每一项都由您自己决定，不同意不影响时长、星级和积分，随时可以撤回。",
        (
            "Each is yours to decide. Saying no costs you no hours, star or points, and you can"
            " take a yes back whenever you like."
        ),
    ),
    "my.consent.of.credit_list": ("列入守信激励名单", "Being on the credit list"),
    "my.consent.means.credit_list": (
        "符合条件时列入名单，可以享受守信激励。公布的名单只有名次、星级和分数，没有姓名。",
        (
            "If you qualify you are listed and may enjoy its benefits. The published list shows"
            " places, stars and points, and no name."
        ),
    ),
    "my.consent.of.merchant_display": ("收银时显示姓氏", "Showing my masked name at the till"),
    "my.consent.means.merchant_display": (
        "核销时收银机显示「张*」这样的姓氏，方便店员核对是不是您本人。",
        "The till shows your name masked, so that the clerk can see that the voucher is yours.",
    ),
    "my.consent.of.office_redemption": ("请窗口代办兑换", "Letting an office redeem for me"),
    "my.consent.means.office_redemption": (
        "您指定的组织可以在窗口替您兑换，并把券码打印给您。",
        "The organisation you name may redeem for you at its office and print the code for you.",
    ),
    "my.consent.of.share_records": (
        "让组织取走我的服务记录",
        "Letting an organisation take my records",
    ),
    "my.consent.means.share_records": (
        "您指定的组织可以取得您签过名的服务记录，带到别的账本去。每次取走都有记录。",
        (
            "The organisation you name may take a signed statement of your service to another"
            " ledger. Each time is on record."
        ),
    ),
    "my.consent.of.statement": ("接收外地转来的记录", "Taking in records from elsewhere"),
    "my.consent.means.statement": (
        "别的账本开具的服务记录可以转入您的名下。",
        "Records that another ledger signed may be taken over as yours.",
    ),
    "my.consent.given": ("同意", "I agree"),
    "my.consent.refused": ("不同意", "I do not agree"),
    "my.consent.withdrawn": ("撤回同意", "Take it back"),
    "my.consent.is.open": ("您还没有答复，按不同意处理", "Not answered, which counts as no"),
    "my.consent.is.given": ("您同意", "You agree"),
    "my.consent.is.refused": ("您不同意", "You do not agree"),
    "my.consent.is.withdrawn": ("您已撤回", "You took it back"),
    "my.consent.somebody": ("一个组织", "An organisation"),
    "my.consent.allow_one": ("指定一个组织", "Name an organisation"),
    "my.consent.some_shop": ("一家商户", "A shop"),
    "my.consent.one_shop": ("单独答复一家商户", "Answer for one shop alone"),
    "my.consent.shop": ("商户名称", "What the shop is called"),
    "my.consent.shop.hint": (
        "写几个字就行。对这家商户的答复优先于上面的总答复。",
        "A part of the name will do. What you answer here goes before your answer above.",
    ),
    "my.consent.shop.find": ("查找", "Find it"),
    "my.consent.shop.none": (
        "没有找到叫「{name}」、正在提供兑换的商户。换几个字再试。",
        "No shop that offers rewards is called “{name}”. Try other words.",
    ),
    "my.consent.shop.above": ("已在上面答复", "answered above"),
    "my.consent.to": ("哪个组织", "Which organisation"),
    # Who looked.
    "my.looks": ("谁看过我的信息", "Who looked at my data"),
    "my.looks.data": ("个人信息", "Personal data"),
    "my.looks.till": ("我的券", "My vouchers"),
    "my.looks.what": (
        "谁读取过您的姓名、证件号等信息，都会先记在这里，谁也删不掉。",
        (
            "Whoever reads your name, ID number and the like is written down here first, and nobody"
            " can take it out."
        ),
    ),
    "my.looks.times": ("{n} 次", "{n} times"),
    "my.looks.each": ("每一次的时间", "The time of each"),
    "my.looks.none": (
        "还没有别人看过您的个人信息。",
        "Nobody else has looked at your personal data.",
    ),
    "my.looks.how": (
        "有人看过，会写明时间、身份和用途。",
        "If somebody does, it says when, in which role and what for.",
    ),
    "my.looks.with_own": ("也显示我自己的查看", "Show my own looks as well"),
    "my.looks.without_own": ("不显示我自己的查看", "Leave my own looks out"),
    "my.looks.me": ("您自己", "yourself"),
    "my.looks.helper": ("帮您办事的人", "somebody who acts for you"),
    "my.looks.relative": ("一位登记的亲友", "a relative or friend on file"),
    "my.looks.till.what": (
        "最近 90 天，哪些收银机查过您的券或卡。不是您本人去的，请提出异议。",
        (
            "Which tills asked about your vouchers or card in the last 90 days. If it was not you,"
            " object."
        ),
    ),
    "my.looks.till.none": (
        "最近 90 天没有收银机查过您的券或卡。",
        "No till has asked about your vouchers or card in the last 90 days.",
    ),
    "my.look.valid": ("有效", "Valid"),
    "my.look.refused": ("没有通过", "Not taken"),
    "my.look.pin": ("密码不对", "Wrong PIN"),
    "my.look.capture": ("想要核销", "wanted to take it"),
    "my.look.not_me": ("不是我", "That was not me"),
    "my.purpose.own_data": ("查看本人信息", "Looking at one's own data"),
    "my.purpose.registration": ("注册或更正登记", "Registering you, or correcting it"),
    "my.purpose.activity_list": ("活动参加名单", "A list of who takes part"),
    "my.purpose.record_review": ("复核服务记录", "Reviewing a record of yours"),
    "my.purpose.identity_review": ("核对身份", "Checking who is who"),
    "my.purpose.star_review": ("审核星级", "Deciding about your star"),
    "my.purpose.service_order": ("安排服务订单", "Arranging a service order"),
    "my.purpose.helping": ("替您办事时查看", "Looked at while acting for you"),
    "my.purpose.relation": ("亲友转赠时间时显示姓氏", "Your masked name, shown to a relative"),
    "my.purpose.merchant_display": ("收银时显示姓氏", "Your masked name, shown at a till"),
    "my.purpose.settlement": ("与商户结算", "Settling with a shop"),
    "my.purpose.certificate": ("开具服务记录证明", "Printing a certificate of service"),
    "my.purpose.notice": ("公示或通知您", "A public notice, or a message to you"),
    "my.purpose.objection": ("处理异议", "Answering an objection"),
    "my.purpose.sharing": ("记录转往别处或从别处转来", "Records handed on or taken in"),
    "my.purpose.audit": ("审计", "An audit"),
    "my.purpose.operation": ("运营维护", "Running the ledger"),
    # The card.
    "my.card": ("志愿者卡", "My card"),
    "my.card.none": ("您没有志愿者卡。", "You have no card."),
    "my.card.how": (
        "不方便用手机的话，带证件到所属组织的窗口领一张，刷卡加密码就能兑换。",
        (
            "If a phone is no good to you, bring your ID to your organisation's office. With a card"
            " and a PIN you can redeem as well."
        ),
    ),
    "my.card.what": (
        "出示卡号，再由您自己输入六位密码。没有密码，卡号什么也做不了。",
        "Show the number and type the six-digit PIN yourself. Without it the number does nothing.",
    ),
    "my.card.issued": ("发卡", "Given"),
    "my.card.pin": ("改密码", "Change the PIN"),
    "my.card.pin.before": ("现在的密码", "PIN now"),
    "my.card.pin.new": ("新密码", "New PIN"),
    "my.card.pin.again": ("再输一遍新密码", "New PIN once more"),
    "my.card.pin.hint": (
        "六位数字，不要用生日、连号或证件号末尾。忘了旧密码，请到窗口换卡。",
        (
            "Six digits; not your birthday, a row, or the end of your ID number. If you forgot the"
            " old one, ask the office for another card."
        ),
    ),
    "my.card.pin.button": ("改密码", "Change it"),
    "my.card.differ": (
        "两次输入的新密码不一样，请再输一遍。",
        "The two new PINs differ. Type them again.",
    ),
    "my.card.lost": ("挂失", "Report it lost"),
    "my.card.lost.means": (
        "卡会马上停用，不能恢复。您的时长、积分和券都不受影响。",
        "The card stops at once, for good. Your hours, points and vouchers stay as they are.",
    ),
    "my.card.lost.button": ("确认挂失", "It is lost: stop it"),
    "my.card.before": ("以前的卡", "Cards before"),
    "my.card.state.lost": ("已挂失", "Lost"),
    "my.card.state.replaced": ("已换卡", "Replaced"),
    "my.card.state.returned": ("已交回", "Returned"),
    # Everything in one file.
    "my.download": ("下载我的全部信息", "Download all of mine"),
    "my.download.what": (
        "一个压缩文件，里面是账本里与您有关的一切，用表格软件就能打开：",
        "One ZIP file with all that the ledger holds about you, as tables and as JSON:",
    ),
    "my.download.profile": ("个人信息和亲友关系", "Who you are, and your relations"),
    "my.download.records": ("服务记录", "Service records"),
    "my.download.entries": (
        "与您有关的每一条账目原文，可以自己验证",
        "Each entry about you, byte for byte, to check it yourself",
    ),
    "my.download.redemptions": (
        "兑换记录（不含可用的券码）",
        "Redemptions, without codes that can still be used",
    ),
    "my.download.time": ("时间存折和服务订单", "Saved time and service orders"),
    "my.download.stars": ("星级、荣誉、培训和保险", "Stars, honours, courses and insurances"),
    "my.download.objections": ("异议", "Objections"),
    "my.download.consents": ("授权", "What you allow"),
    "my.download.accesses": ("谁看过您的信息和券", "Who looked at your data and vouchers"),
    "my.download.cards": ("志愿者卡", "Your cards"),
    "my.download.certificates": ("服务记录证明清单", "Your certificates of service"),
    "my.download.statement": (
        "签名的服务记录，可以带到别的账本",
        "A signed statement of your service, good at other ledgers",
    ),
    "my.download.personal": (
        "里面有您的姓名和证件号，请只存在自己的设备上。这次下载会记在「谁看过我的信息」里。",
        (
            "It holds your name and ID number: keep it on a device of your own. That you downloaded"
            " it is on record."
        ),
    ),
    "my.download.button": ("下载", "Download"),
    "my.download.readme": (
        (
            "这是账本里与您有关的全部信息。\n"
            "同名的 .csv 用表格软件打开，.json 供程序读取，内容相同；时间带有时区。\n"
            "entries.jsonl 每行是一条账目的原始字节，entries.csv 里的 hash 是\n"
            "SHA-256(0x00 ‖ 该行字节，不含换行)，可以与收据和检查点核对。\n"
            "券码不在其中。文件里有您的姓名和证件号，请妥善保管。"
        ),
        (
            "This is all that the ledger holds about you.\n"
            "Files of one name say the same: .csv for a spreadsheet, .json for programs. Times have"
            " their zone.\n"
            "Each line of entries.jsonl is an entry, byte for byte. The hash in entries.csv is\n"
            "SHA-256(0x00 ‖ the line without its line feed), to be compared with receipts and"
            " checkpoints.\n"
            "Codes of vouchers are not in it. Your name and ID number are: keep it safe."
        ),
    ),
    "my.download.readme.stated": (
        "statement-*.txt 是签了名的服务记录，请原样保存和转交。",
        "statement-*.txt is a signed statement of your service. Keep it and send it unchanged.",
    ),
    "my.download.readme.unstated": (
        "没有签名的服务记录：还没有生效的记录，或者最新的记录还没有被检查点覆盖。过几分钟再下载一次。",
        (
            "There is no signed statement: no record counts yet, or no checkpoint covers the newest"
            " one. Download again in some minutes."
        ),
    ),
    # Being forgotten.
    "my.forget": ("删除我的信息", "Forget me"),
    "my.forget.what": (
        "账本会销毁能认出您的一切，永远无法恢复，连我们也不能。请先看清楚。",
        (
            "The ledger destroys all that tells who you are, for good. Nobody can bring it back,"
            " not even we. Please read this first."
        ),
    ),
    "my.forget.gone": ("会销毁", "Destroyed"),
    "my.forget.gone.identity": (
        "姓名、证件号、出生日期、志愿者编号、亲友关系和登记的情况",
        ("Name, ID number, date of birth, volunteer number, relations, and circumstances on file"),
    ),
    "my.forget.gone.typed": (
        "您写过的和别人写您的文字：异议、理由、评价、备注",
        "What you wrote and what was written about you: objections, reasons, evaluations, notes",
    ),
    "my.forget.gone.card": (
        "志愿者卡，以及您的服务记录证明（以后查验会显示「未知」）",
        "Your card, and your certificates of service: whoever checks one learns “unknown”",
    ),
    "my.forget.gone.looks": (
        "收银机查过您的券的记录",
        "Who asked about your vouchers at tills",
    ),
    "my.forget.gone.value": (
        "登录。剩下的积分、时间和券再也不能使用",
        "Your sign-in. Points, time and vouchers that are left can never be used",
    ),
    "my.forget.stays": ("会留下", "What stays"),
    "my.forget.stays.entries": (
        "账目本身：只有一个随机编号，看不出是谁，用来保证账对得上",
        "The entries, under a random number that names nobody, so that the books still agree",
    ),
    "my.forget.stays.said": (
        "少数账目里写明的条件，例如到了某个年龄、是某人的亲属；知道编号是谁的人仍能读懂",
        (
            "What a few entries rest on, such as that an age was reached or a relative was given"
            " time; whoever knows whose number it is can still read that"
        ),
    ),
    "my.forget.stays.log": (
        "谁看过您信息的记录，同样只有编号",
        "The log of who read your data, under the number as well",
    ),
    "my.forget.stays.backups": (
        "备份里的副本，最多 30 天",
        "Copies in backups, for 30 days at most",
    ),
    "my.forget.first": ("想留一份的话，先", "If you want a copy, first:"),
    "my.forget.type": ("请输入「{words}」", "Type “{words}”"),
    "my.forget.words": ("删除我的信息", "forget me"),
    "my.forget.not_typed": (
        "输入的文字不对，什么都没有删除。",
        "Those are not the words. Nothing was destroyed.",
    ),
    "my.forget.button": ("永久删除", "Destroy it for good"),
    "my.forgotten": ("您的信息已销毁", "You are forgotten"),
    "my.forgotten.what": (
        "这里不再知道您是谁。您的服务仍在账上，没有名字。",
        "Nobody here knows who you are any more. Your service stays on the books, without a name.",
    ),
    "my.forgotten.number": (
        "要留个凭据，请抄下这个号。",
        "Write the number down if you want something to quote.",
    ),
    "my.forgotten.thanks": ("谢谢您做过的一切。", "Thank you for all that you did."),
}
