"""An organisation's desk: members and what is done about them, staff, organisations below."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "office.back": ("返回", "Back"),
    "office.done": ("已办理：{what}。条目 #{number}", "Done: {what}. Entry #{number}"),
    "office.filter": ("筛选", "Filter"),
    "office.when": ("时间", "When"),
    "office.what": ("事项", "What"),
    "office.hours": ("服务时长", "Service"),
    "office.star": ("星级", "Star"),
    "office.star.eligible": ("时长已达 {n} 星", "hours reach {n} star", "hours reach {n} stars"),
    "office.saved": ("时间存折", "Saved time"),
    "office.points": ("积分", "Points"),
    "office.learning": ("培训时长", "Learning"),
    "office.none": ("无", "none"),
    "office.nameless": ("（姓名未知）", "(name not known)"),
    "office.registered": ("注册条目", "Registered in"),
    "office.since": ("{since}起", "from {since}"),
    "office.span": ("{since}至{until}", "{since} to {until}"),
    "office.print": (
        "用浏览器的打印功能打印本页，只印出卡片或凭条。",
        "Print this page with the browser; only the card or slip comes out.",
    ),
    "office.once": (
        "只显示这一次。条目 #{number}",
        "Shown this once. Entry #{number}",
    ),
    "office.once.gone": (
        "这个链接已经显示过，不会再显示。请回去另发一个。",
        "This link was shown once already and never again. Go back and make another.",
    ),
    # Members.
    "office.people": ("人员与组织", "People and organisations"),
    "office.members": ("成员", "Members"),
    "office.members.number": ("志愿者编号或证件号码", "Volunteer's number or identity number"),
    "office.members.find": ("查找", "Find"),
    "office.members.all": ("全部", "All"),
    "office.members.not_found": (
        "本组织和下级组织没有人用这个号码。请核对号码；若此人在别处注册，由其注册的组织办理。",
        (
            "Nobody of yours or below you has this number. Check it; whoever registered elsewhere"
            " is looked after there."
        ),
    ),
    "office.members.bad_number": ("请输入一个号码。", "Type a number."),
    "office.members.none": ("还没有成员。", "No members yet."),
    "office.members.none.how": (
        "注册一位志愿者，或导入服务记录，他们就会出现在这里。",
        "Register a volunteer or import service records, and they come up here.",
    ),
    "office.state.active": ("在册", "Active"),
    "office.state.suspended": ("已暂停", "Suspended"),
    "office.state.left": ("已退出", "Left"),
    "office.state.deceased": ("已故", "Died"),
    "office.state.forgotten": ("已删除个人信息", "Forgotten"),
    "office.guardian": ("监护人同意", "Guardian's consent"),
    "office.guardian.not_needed": ("不需要", "not needed"),
    "office.guardian.consented": ("已见书面同意", "seen"),
    "office.guardian.missing": ("缺监护人同意", "Guardian's consent missing"),
    "office.member.about": ("基本情况", "About"),
    "office.member.records": ("服务记录", "Service records"),
    "office.member.records.none": ("还没有服务记录。", "No service records yet."),
    "office.member.records.how": (
        "本组织和下级组织记录的服务会出现在这里。",
        "What you and those below you record comes up here.",
    ),
    "office.record.effective": ("有效", "Effective"),
    "office.record.held": ("待复核", "Held for review"),
    "office.record.refused": ("不予认定", "Not recognised"),
    "office.record.reversed": ("已撤销", "Reversed"),
    "office.member.history": ("全部条目", "All entries"),
    "office.member.history.none": ("没有条目。", "No entries."),
    "office.member.qualifications": ("培训与保险", "Courses and insurance"),
    "office.member.qualifications.none": (
        "没有登记培训或保险。",
        "No course or insurance on file.",
    ),
    "office.insurance": ("意外保险", "Accident insurance"),
    "office.course": ("培训课程", "Course"),
    "office.member.honours": ("奖章与嘉许", "Medals and commendations"),
    "office.member.honours.none": ("还没有。", "None yet."),
    "office.medal": ("第 {n} 级奖章", "Medal {n}"),
    "office.commendation": ("嘉许", "Commendation"),
    "office.member.consents": ("授权同意", "Consents"),
    "office.member.consents.none": (
        "本人还没有表态。同意只能由本人作出。",
        "Nothing answered yet. Only the volunteer can consent.",
    ),
    "office.member.cards": ("志愿者卡", "Cards"),
    "office.member.cards.none": ("没有卡。", "No card."),
    "office.member.acts": ("可以办理", "What can be done"),
    "office.acts.desk": ("柜台", "At the desk"),
    "office.acts.record": ("登记", "Record"),
    "office.acts.honour": ("激励", "Honour"),
    "office.acts.end": ("变更", "Change"),
    "office.member.sign_in": (
        "志愿者本人的登录链接只由运营方发出：能用他人积分的凭证，组织不能签发。请志愿者持证件联系运营方。",
        (
            "Only the operator makes sign-in links for volunteers: an organisation cannot hand out"
            " what spends somebody's points. Send them to the operator with their identity card."
        ),
    ),
    # Staff and organisations below.
    "office.staff": ("工作人员", "Staff"),
    "office.staff.about": (
        "记录、审核和复核服务的人。登录链接给复核员用，十分钟内有效。",
        (
            "Those who record, approve and review. A sign-in link lets a reviewer in and is good"
            " for ten minutes."
        ),
    ),
    "office.staff.none": ("还没有登记工作人员。", "No staff on file yet."),
    "office.below": ("下级组织", "Organisations below"),
    "office.below.none": ("没有下级组织。", "Nothing stands below this one."),
    "office.link.code": ("登录码，可以抄写或念给对方", "The code, to be typed"),
    "office.link.link": ("链接", "The link"),
    "office.link.until": ("十分钟内有效，只能用一次。", "Good for ten minutes, once."),
    # Cards and slips.
    "office.card": ("志愿者卡", "Volunteer's card"),
    "office.card.number": ("卡号", "Card number"),
    "office.card.use": (
        "到爱心商家报卡号并亲自输入密码。丢失请立即告诉发卡的组织。",
        (
            "Say the number at a partner shop and type the PIN yourself. If it is lost, tell those"
            " who issued it at once."
        ),
    ),
    "office.card.again": (
        "卡已发出。卡号在成员页上可以查看。",
        "The card was issued. Its number stands on the member's page.",
    ),
    "office.slip": ("兑换凭条", "Voucher slip"),
    "office.slip.until": ("有效至", "Good until"),
    "office.slip.bearer": (
        "持条即可兑换，请像现金一样保管。",
        "Whoever has this slip can use it: keep it like cash.",
    ),
    "office.slip.gone": (
        "凭条已经显示过，不会再显示。遗失请让持有人换码。",
        "The slip was shown once already and never again. If it is lost, its code is replaced.",
    ),
    # Labels and hints.
    "office.field.name": ("姓名", "Name"),
    "office.field.identity_number": ("证件号码", "Identity number"),
    "office.field.number": ("志愿者编号", "Volunteer's number"),
    "office.field.staff_number": ("工号", "Staff number"),
    "office.field.state": ("状态", "State"),
    "office.field.organisation": ("所属组织", "Organisation"),
    "office.field.organisation_name": ("组织名称", "Name of the organisation"),
    "office.field.organisation_code": ("统一社会信用代码", "Unified social credit code"),
    "office.field.tier": ("层级", "Tier"),
    "office.field.form": ("形式", "Form"),
    "office.field.parent": ("上级", "Stands below"),
    "office.field.guardian_consent": (
        "已见监护人的书面同意",
        "A guardian's written consent was seen",
    ),
    "office.field.course": ("课程", "Course"),
    "office.field.completed": ("完成日期", "Completed on"),
    "office.field.valid_until": ("有效期至", "Valid until"),
    "office.field.learning_minutes": ("学习分钟数", "Minutes of learning"),
    "office.field.covered_from": ("保障开始", "Covered from"),
    "office.field.covered_until": ("保障至", "Covered until"),
    "office.field.commendation": ("嘉许名称", "What for"),
    "office.field.level": ("级别", "Level"),
    "office.field.awarded": ("日期", "Date"),
    "office.field.issuer": ("嘉许单位", "Commended by"),
    "office.field.medal": ("第几级", "Which medal"),
    "office.field.other_number": ("对方的编号或证件号码", "The other's number or identity number"),
    "office.field.relation": ("关系", "Relation"),
    "office.field.circumstance": ("情形", "Circumstance"),
    "office.field.purpose": ("用途", "Purpose"),
    "office.field.answer": ("本人的答复", "What they said"),
    "office.field.star": ("星级", "Star"),
    "office.field.ground": ("理由", "Ground"),
    "office.field.minutes": ("分钟", "Minutes"),
    "office.field.reason": ("原因", "Reason"),
    "office.field.pin": ("六位密码", "Six-digit PIN"),
    "office.field.pin_before": ("原密码", "PIN until now"),
    "office.field.new_pin": ("新密码", "New PIN"),
    "office.field.card": ("卡号", "Card number"),
    "office.field.reward": ("礼遇", "Reward"),
    "office.field.quantity": ("数量", "How many"),
    "office.field.hours": ("登录多少小时", "Signed in for how many hours"),
    "office.hint.identity_number": (
        "18 位，末位可以是 X。号码加密保存，账本条目里没有它。",
        "18 characters, the last may be X. It is kept sealed; no entry holds it.",
    ),
    "office.hint.number": ("贵组织自己的编号。", "Your own number for them, if you have one."),
    "office.hint.guardian_consent": (
        "未满 18 周岁须有监护人同意；未满 14 周岁没有同意不能注册。",
        ("Below 18 a guardian must agree; below 14 nobody is registered without."),
    ),
    "office.hint.organisation_code": (
        "18 位；团队可以不填。",
        "18 characters; a team needs none.",
    ),
    "office.hint.course": (
        "课程先作为活动登记。",
        "A course is registered as an activity first.",
    ),
    "office.hint.learning": ("不计入服务时长。", "These do not count as service."),
    "office.hint.medal": (
        "从 1 数起，时长够了才能授予。",
        "Counted from 1; the hours must reach it.",
    ),
    "office.hint.other_number": (
        "只能是本组织或下级组织的志愿者。",
        "One of your own volunteers or of those below you.",
    ),
    "office.hint.star": ("授予后的星级，须逐级申请。", "The star to be held; one step at a time."),
    "office.hint.grant_minutes": (
        "起始赠与由规则决定，不必填。",
        "For starting time the policy says how much.",
    ),
    "office.hint.card": (
        "本人已同意由本组织代为兑换时可以不填。",
        "Not needed where they consented that you reserve for them.",
    ),
    "office.hint.holder_types": ("由本人输入。", "Typed by the holder."),
    "office.hint.holder_chooses": (
        "由本人选定并输入，不会再显示；太简单的不行。",
        "Chosen and typed by the holder, never shown again; not one that anybody guesses.",
    ),
    "office.hint.quantity": ("不填为 1。", "1 unless said otherwise."),
    "office.hint.hours": ("不填为 12 小时。", "12 unless said otherwise."),
    "office.identity.old": (
        "这是旧的 15 位号码。请看证件上现在的 18 位号码。",
        "This is the old number of 15 digits. Take the one of 18 from the card.",
    ),
    "office.identity.length": (
        "号码应是 18 位，请数一数有没有漏字或多字。",
        "The number has 18 characters; see whether one is missing or twice.",
    ),
    "office.identity.shape": (
        "前 17 位应是数字，其中 8 位是真实的出生日期。请对照证件再看一遍。",
        (
            "The first 17 are digits, eight of them a real date of birth. Compare it with the card"
            " once more."
        ),
    ),
    "office.identity.check": (
        "最后一位与前面对不上，多半有一位抄错或两位颠倒了。请对照证件再看一遍。",
        (
            "The last character does not fit the rest: most likely a digit is wrong or two are"
            " swapped. Compare it with the card once more."
        ),
    ),
    # Closed lists.
    "office.choice.form.organisation": ("组织", "Organisation"),
    "office.choice.form.team": ("团队", "Team"),
    "office.choice.tier.city": ("市级", "City"),
    "office.choice.tier.county": ("县区级", "County"),
    "office.choice.tier.township": ("街道乡镇", "Township"),
    "office.choice.tier.community": ("社区村", "Community"),
    "office.choice.level.national": ("国家级", "National"),
    "office.choice.level.province": ("省级", "Province"),
    "office.choice.level.city": ("市级", "City"),
    "office.choice.level.county": ("县区级", "County"),
    "office.choice.level.organisation": ("本组织", "An organisation"),
    "office.choice.relation.spouse": ("配偶", "Spouse"),
    "office.choice.relation.lineal": ("直系亲属", "Parent, child or grandchild"),
    "office.choice.relation.friend": ("朋友", "Friend"),
    "office.choice.circumstance.needy_elder": ("困难老人", "Elder in need"),
    "office.choice.circumstance.key_lonely_elder": ("重点空巢独居老人", "Elder living alone"),
    "office.choice.circumstance.special_difficulty": ("特殊困难", "Special difficulty"),
    "office.choice.ground.starting": ("起始赠与", "Starting time"),
    "office.choice.ground.needy_elder": ("困难老人", "Elder in need"),
    "office.choice.ground.key_lonely_elder": ("重点空巢独居老人", "Elder living alone"),
    "office.choice.ground.special_difficulty": ("特殊困难", "Special difficulty"),
    "office.choice.purpose.credit_list": ("列入信用激励名单", "Being on the credit list"),
    "office.choice.purpose.merchant_display": (
        "向商家显示脱敏姓名",
        "Masked name shown at shops",
    ),
    "office.choice.purpose.office_redemption": (
        "由组织代为兑换",
        "An organisation reserves for them",
    ),
    "office.choice.purpose.share_records": ("共享服务记录", "Sharing service records"),
    "office.choice.purpose.statement": ("接收其他账本的证明", "Taking in another ledger's record"),
    "office.choice.answer.given": ("同意", "Agreed"),
    "office.choice.answer.refused": ("不同意", "Refused"),
    "office.choice.answer.withdrawn": ("撤回同意", "Withdrawn"),
    "office.choice.card.active": ("使用中", "In use"),
    "office.choice.card.lost": ("挂失", "Lost"),
    "office.choice.card.replaced": ("已换卡", "Replaced"),
    "office.choice.card.returned": ("已收回", "Given back"),
}
