"""What a volunteer's pages say of records, objections, stars and their own data."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    # The menu.
    "my.more": ("更多", "More"),
    "my.more.service": ("服务与荣誉", "Service and honours"),
    "my.more.time": ("时间与互助", "Time and helping each other"),
    "my.more.data": ("我的信息", "My data"),
    "my.more.account": ("账户", "Account"),
    "my.go_on": ("继续", "Go on"),
    "my.operator": ("运营方", "the operator"),
    "my.organisation": ("组织", "Organisation"),
    "my.shop": ("商户", "a shop"),
    "my.voucher": ("一张券", "A voucher"),
    # After something was done.
    "my.done.number": ("凭证号", "Number"),
    "my.done.number.hint": (
        "以后问起这件事，报这个号就行。",
        "Quote this number whenever you ask about it.",
    ),
    "my.done.objection_filed": ("异议已提交", "Your objection is filed"),
    "my.then.objection_filed": (
        "最迟 {day} 前会有答复，答复会出现在「我的异议」里。",
        "You will have an answer by {day} at the latest. It will stand under “Objections”.",
    ),
    "my.done.star_applied": ("已申请 {star} 星", "You applied for star {star}"),
    "my.then.star_applied": (
        "接下来由组织审核并公示，结果会出现在「我的星级」里。",
        "It is now checked and put on public notice. The outcome will stand under “My star”.",
    ),
    "my.done.consent_recorded.given": ("已记下：同意", "Noted: you agree"),
    "my.then.consent_recorded.given": (
        "您随时可以撤回，撤回和同意一样简单。",
        "You can take it back whenever you like, as easily as you gave it.",
    ),
    "my.done.consent_recorded.refused": ("已记下：不同意", "Noted: you do not agree"),
    "my.then.consent_recorded.refused": (
        "不会影响您的时长、星级和积分。想法变了，可以随时改。",
        "Your hours, star and points stay as they are. You can change your mind whenever you like.",
    ),
    "my.done.consent_recorded.withdrawn": ("已撤回", "Taken back"),
    "my.then.consent_recorded.withdrawn": (
        "从现在起生效。此前依据您的同意做过的事不受影响。",
        "It holds from now on. What was done while you agreed stays as it is.",
    ),
    "my.done.card_closed": ("卡已停用", "Your card has stopped"),
    "my.then.card_closed": (
        "从这一刻起，谁也不能再用它。带证件到所属组织的窗口，可以补一张新卡。",
        (
            "Nobody can use it any more. Bring your ID to your organisation's office and they will"
            " give you another."
        ),
    ),
    "my.done.card_pin_changed": ("密码已改", "Your PIN is changed"),
    "my.then.card_pin_changed": (
        "从现在起用新密码。",
        "Use the new one from now on.",
    ),
    "my.confirm.change": ("改一改", "Change something"),
    "my.confirm.not": ("先不了", "Not now"),
    # Records.
    "my.record": ("服务记录", "Service record"),
    "my.records": ("服务记录", "Service records"),
    "my.records.by": ("按状态查看", "By state"),
    "my.records.all": ("全部", "All"),
    "my.records.none.all": ("还没有服务记录。", "There is no record of your service yet."),
    "my.records.none.effective": ("还没有生效的记录。", "No record counts yet."),
    "my.records.none.held": ("没有等待复核的记录。", "Nothing waits for a review."),
    "my.records.none.refused": ("没有未通过的记录。", "Nothing was refused."),
    "my.records.none.reversed": ("没有撤销的记录。", "Nothing was taken back."),
    "my.records.how": (
        "参加活动、按时签到签退，组织登记后就会出现在这里。",
        "Take part, check in and out; once the organisation has recorded it, it stands here.",
    ),
    "my.record.elsewhere": ("外地转入的服务", "Service from another ledger"),
    "my.record.state": ("状态", "State"),
    "my.record.state.effective": ("已生效", "Counts"),
    "my.record.state.held": ("待复核", "In review"),
    "my.record.state.refused": ("未通过", "Refused"),
    "my.record.state.reversed": ("已撤销", "Taken back"),
    "my.record.objected": (
        "您对这条记录的异议正在处理。",
        "Your objection to it is being answered.",
    ),
    "my.record.when": ("签到至签退", "Checked in"),
    "my.record.claims": ("登记时长", "Recorded"),
    "my.record.paid": ("计入时长", "Counted"),
    "my.record.points": ("所得积分", "Points"),
    "my.record.saved": ("时间存折", "Saved time"),
    "my.record.save": ("存入", "Save it"),
    "my.record.evidence": ("记录方式", "How it was recorded"),
    "my.record.evidence.check_in": ("当场签到、签退", "Checked in and out on the spot"),
    "my.record.evidence.backfill": ("事后补录", "Entered afterwards (backfill)"),
    "my.record.corrects": ("更正自", "Corrects"),
    "my.record.before": ("原来的记录", "the record before"),
    "my.record.replaced": ("更正为", "Corrected by"),
    "my.record.after": ("现在的记录", "the record in its place"),
    "my.record.ended.refused": ("未通过于", "Refused"),
    "my.record.ended.reversed": ("撤销于", "Taken back"),
    "my.record.entry": ("登记于", "Recorded"),
    "my.because.overlap_with": (
        "这条记录与 {when} 的「{where}」时间重叠。",
        "This record covers some of the same time as “{where}” on {when}.",
    ),
    "my.because.overlap_at": (
        "这条记录与 {when} 的另一条记录时间重叠。",
        "This record covers some of the same time as another one, on {when}.",
    ),
    "my.because.overlap": (
        "这条记录与当时另一条记录时间重叠，那条记录现已不算。",
        "It covered the same time as another record, which counts no more.",
    ),
    "my.because.day_over_8h": (
        "加上这条，当天的时长超过了一天可以自动计入的上限。",
        "With this one the day has more hours than are counted without a look.",
    ),
    "my.because.day_over_12h": (
        "加上这条，当天的时长特别长，要由更高一级核实。",
        "With this one the day is so long that somebody further up must look at it.",
    ),
    "my.because.self_check_in": (
        "这次是您用自己的手机签到的，要由组织核实。",
        "You checked in with your own phone, so the organisation confirms it.",
    ),
    "my.because.late": (
        "组织登记得晚了，超过了规定的工作日。这不是您的错。",
        "The organisation recorded it later than the rules allow. That is no fault of yours.",
    ),
    "my.because.other": ("这条记录需要人工核实。", "Somebody needs to look at this record."),
    "my.record.review.host": (
        "已转所属组织人工复核。通过后自动计入，不用您做什么。",
        (
            "A reviewer of the organisation is looking at it. Once confirmed it counts by itself;"
            " you need do nothing."
        ),
    ),
    "my.record.lately.days": (
        (
            "最近 {days} 天这样的复核共 {n} 件：一半在录入后 {half} 个工作日内有结果，"
            "十件里有九件在 {most} 个工作日内。这是实际情况，不是承诺。"
        ),
        (
            "Of the {n} reviews like this in the last {days} days, half were decided by working"
            " day {half} after entry, and nine in ten by working day {most}. That is how it was,"
            " and no promise."
        ),
    ),
    "my.record.lately.half_same_day": (
        (
            "最近 {days} 天这样的复核共 {n} 件：一半在录入当天就有结果，"
            "十件里有九件在 {most} 个工作日内。这是实际情况，不是承诺。"
        ),
        (
            "Of the {n} reviews like this in the last {days} days, half were decided on the day of"
            " entry, and nine in ten by working day {most} after it. That is how it was, and no"
            " promise."
        ),
    ),
    "my.record.lately.same_day": (
        (
            "最近 {days} 天这样的复核共 {n} 件，十件里有九件在录入当天就有结果。"
            "这是实际情况，不是承诺。"
        ),
        (
            "Of the {n} reviews like this in the last {days} days, nine in ten were decided on the"
            " day of entry. That is how it was, and no promise."
        ),
    ),
    "my.record.review.top": (
        "已转最高一级组织人工复核。通过后自动计入，不用您做什么。",
        (
            "A reviewer at the top of the organisations is looking at it. Once confirmed it counts"
            " by itself; you need do nothing."
        ),
    ),
    "my.record.refused": ("复核没有通过：{said}", "It was refused on review: {said}"),
    "my.record.refused.silent": (
        "复核没有通过，没有留下可以显示的理由。",
        "It was refused on review, and no reason is left to show.",
    ),
    "my.record.reversed": (
        "这条记录已撤销，时长和积分随之扣回：{said}",
        "This record was taken back, with its hours and points: {said}",
    ),
    "my.record.reversed.silent": (
        "这条记录已撤销，时长和积分随之扣回。",
        "This record was taken back, with its hours and points.",
    ),
    # Objections.
    "my.objections": ("我的异议", "Objections"),
    "my.objections.none": ("您还没有提过异议。", "You have not objected to anything."),
    "my.objections.how": (
        "哪条记录、哪张券、哪次星级结果不对，都可以在那一页提出。",
        "Where a record, a voucher or a star is wrong, you can say so on its page.",
    ),
    "my.object": ("我有异议", "I object"),
    "my.object.other": ("对别的事提出异议", "Object to something else"),
    "my.object.hint": (
        "觉得不对就提出来，{n} 个工作日内必须答复。",
        "If something is wrong, say so. You are owed an answer within {n} working days.",
    ),
    "my.object.text": ("哪里不对", "What is wrong"),
    "my.object.text.hint": (
        "写清楚时间、地点和经过，能证明的人或材料也写上。",
        "Say when, where and what happened, and who or what can show it.",
    ),
    "my.object.then": (
        "提交后立即标记，由没有经手过的人在 {n} 个工作日内答复。您写的内容只有处理的人能看到。",
        (
            "It is flagged at once and answered within {n} working days by somebody who had no part"
            " in it. Only they read what you write."
        ),
    ),
    "my.object.button": ("提交异议", "File the objection"),
    "my.objection.about.record": ("对服务记录提出异议", "Object to a service record"),
    "my.objection.about.redemption": ("对一次兑换提出异议", "Object to a redemption"),
    "my.objection.about.star": ("对星级提出异议", "Object to a star decision"),
    "my.objection.about.credit": ("对守信激励提出异议", "Object to the credit list"),
    "my.objection.about.other": ("提出异议", "Object to something"),
    "my.objection.to.record": ("服务记录", "A service record"),
    "my.objection.to.redemption": ("兑换", "A redemption"),
    "my.objection.to.star": ("星级", "A star"),
    "my.objection.to.credit": ("守信激励", "The credit list"),
    "my.objection.to.other": ("其他事项", "Something else"),
    "my.objection.filed": ("{when} 提出", "Filed {when}"),
    "my.objection.by": ("{day} 前答复", "answer due by {day}"),
    "my.objection.late": ("本应 {day} 前答复", "answer was due by {day}"),
    "my.objection.state.filed": ("等待答复", "Awaits an answer"),
    "my.objection.state.forwarded": ("已转交，等待答复", "Passed on, awaits an answer"),
    "my.objection.state.upheld": ("成立", "Upheld"),
    "my.objection.state.rejected": ("不成立", "Rejected"),
    "my.objection.awaits": (
        "由{who}答复，最迟 {day}。",
        "To be answered by {who}, on {day} at the latest.",
    ),
    "my.objection.awaits.late": (
        "{who}本应在 {day} 前答复，已经超期。您可以直接联系他们，报下面的凭证号。",
        (
            "The answer of {who} was due by {day} and is late. You can call them and quote the"
            " number below."
        ),
    ),
    "my.objection.is.upheld": ("您说得对，异议成立。", "You are right: it was upheld."),
    "my.objection.is.rejected": ("异议不成立，理由见下。", "It was rejected; the reason is below."),
    "my.objection.step.objection_filed": ("您提出异议", "You objected"),
    "my.objection.step.objection_forwarded": ("已转交{who}", "Passed on to {who}"),
    "my.objection.step.objection_decided": ("答复", "The answer"),
    "my.objection.amend": (
        "提交后不能再改。写错了、要补充或不想再提，请联系{who}，报账目号 #{n}。",
        (
            "What was filed cannot be changed. If you typed something wrong, have more to say or"
            " no longer object, tell {who}, and name entry #{n}."
        ),
    ),
    "my.objection.upheld.then": (
        "需要更正的，会由组织另行更正，并出现在您的明细里。",
        "What has to be put right is put right in an entry of its own, in your history.",
    ),
    # Stars and honours.
    "my.stars": ("我的星级", "My star"),
    "my.stars.held": ("{n} 星志愿者", "You hold star {n}"),
    "my.stars.none": ("还没有星级", "No star yet"),
    "my.stars.way": ("离下一星还有多远", "The way to the next star"),
    "my.stars.next": (
        "再服务 {much} 可申请 {n} 星。",
        "{much} more and you can apply for star {n}.",
    ),
    "my.stars.can": (
        "计入星级的时长有 {much}，可以申请 {n} 星了。",
        "{much} of yours count: you can apply for star {n}.",
    ),
    "my.stars.decided": ("您的星级正在审核，进展如下。", "Your star is being decided; see below."),
    "my.stars.highest": ("您已是最高星级，谢谢您。", "You hold the highest star. Thank you."),
    "my.stars.apply": ("申请 {n} 星", "Apply for star {n}"),
    "my.stars.apply.then": (
        "申请后由组织审核，并不记名公示；到期没有异议就授予。",
        "It is checked and put on public notice without your name, and granted once that is over.",
    ),
    "my.stars.counts": ("计入星级", "Counts for stars"),
    "my.stars.all": ("服务时长合计", "Service in all"),
    "my.stars.backfill": ("其中补录", "Of it backfilled"),
    "my.stars.learning": ("学时（另计）", "Learning (apart)"),
    "my.stars.cases": ("申请与认定", "Applications and decisions"),
    "my.stars.case.grant": ("申请 {n} 星", "Star {n}"),
    "my.stars.case.downgrade": ("建议降为 {n} 星", "Down to star {n}"),
    "my.stars.state.applied": ("审核中", "Being checked"),
    "my.stars.state.noticed": ("公示中", "On public notice"),
    "my.stars.state.granted": ("已授予", "Granted"),
    "my.stars.state.refused": ("未通过", "Refused"),
    "my.stars.state.proposed": ("待决定", "To be decided"),
    "my.stars.state.confirmed": ("已降星", "Downgraded"),
    "my.stars.state.dismissed": ("不予降星", "Not downgraded"),
    "my.stars.notice": ("公示至 {day}。", "On notice until {day}."),
    "my.stars.refused": (
        "您的时长一分不少，补上缺的以后可以再申请；觉得不对，可以提出异议。",
        (
            "None of your hours are lost. You can apply again once what is missing is there, or"
            " object if you think it is wrong."
        ),
    ),
    "my.stars.proposed": (
        "有记录被撤销，剩下的时长够不上现在的星级，所以有了这个建议。决定之前您仍是原来的星级；觉得不对，现在就可以提出异议。",
        (
            "A record was taken back, and what is left no longer reaches the star you hold. You"
            " keep it until somebody decides. If this is wrong, object now."
        ),
    ),
    "my.certificates": ("服务记录证明", "Certificates of service"),
    "my.honours": ("荣誉与礼遇", "Honours and courtesies"),
    "my.honours.none": ("这里还是空的。", "Nothing here yet."),
    "my.honours.how": (
        "奖章、表彰、培训和保险，组织登记后会出现在这里。",
        "Medals, commendations, courses and insurances stand here once they are recorded.",
    ),
    "my.honours.pack": ("{n} 星礼遇", "What star {n} brings"),
    "my.honours.worth": ("价值 {n} 元", "worth {n} yuan"),
    "my.honours.medals": ("奖章", "Medals"),
    "my.honours.medal": ("第 {n} 枚奖章", "Medal {n}"),
    "my.honours.commendations": ("嘉许与表彰", "Commendations"),
    "my.honours.commendation": ("嘉许", "Commendation"),
    "my.honours.level.national": ("国家级", "National"),
    "my.honours.level.province": ("省级", "Provincial"),
    "my.honours.level.city": ("市级", "City"),
    "my.honours.level.county": ("县级", "County"),
    "my.honours.level.organisation": ("组织", "By an organisation"),
    "my.honours.qualifications": ("培训与保险", "Courses and insurances"),
    "my.honours.insurance": ("人身意外伤害保险", "Accident insurance"),
    "my.honours.course": ("培训", "A course"),
    "my.honours.until": ("有效至 {day}", "good until {day}"),
    "my.honours.for_good": ("长期有效", "good without end"),
}
