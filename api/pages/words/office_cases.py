"""An organisation's desk: stars, objections, service orders and pools."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    # Stars.
    "office.stars": ("星级", "Stars"),
    "office.stars.none": ("这里没有星级事项。", "Nothing about stars here."),
    "office.stars.none.how": (
        "志愿者申请星级，或您推荐一位成员，就会出现在这里。",
        "When a volunteer applies for a star or you nominate a member, it comes up here.",
    ),
    "office.case.applied": ("待公示", "Applied"),
    "office.case.noticed": ("公示中", "Under notice"),
    "office.case.granted": ("已授予", "Granted"),
    "office.case.refused": ("未通过", "Refused"),
    "office.case.proposed": ("待定降星", "Lower star proposed"),
    "office.case.confirmed": ("已降星", "Lowered"),
    "office.case.dismissed": ("不予降星", "Kept"),
    "office.case.becomes": ("星级", "The star"),
    "office.case.whose": ("由谁决定", "Who decides"),
    "office.case.ours": ("本组织这一级", "Your tier"),
    "office.case.theirs": ("由{tier}决定", "{tier}"),
    "office.case.notice": ("公示", "Notice"),
    "office.case.until": ("至 {day} 止", "to the end of {day}"),
    "office.notices": ("公示名单", "Public notices"),
    "office.notices.about": (
        "对外公布的就是这些：不出现任何人的姓名或编号，申请人凭公示编号认出自己。",
        (
            "This is what is published: nobody's name or number. Whoever applied knows the number"
            " of their own notice."
        ),
    ),
    "office.notices.none": ("现在没有公示。", "No notice is running."),
    "office.notice.number": ("公示编号", "Notice"),
    "office.notice.days": ("公示期", "Days of notice"),
    "office.act.notice": ("开始公示", "Begin the notice"),
    "office.about.notice": (
        "从今天起公示规则规定的工作日，公示期内任何人可以提出异议。公示不写姓名。",
        (
            "It runs from today for the policy's number of working days, in which anybody may"
            " object. It names nobody."
        ),
    ),
    "office.act.grant": ("授予星级", "Grant the star"),
    "office.about.grant": (
        "公示期满且时长仍然达到时授予。",
        "Once the notice is over, if the hours still reach it.",
    ),
    "office.act.refuse_star": ("不予授予", "Refuse"),
    "office.about.refuse_star": (
        "写明原因，本人看得到，也可以提出异议。时长和现有星级不变。",
        (
            "Say why; the volunteer reads it and can object. Hours and the present star stay as"
            " they are."
        ),
    ),
    "office.act.downgrade": ("决定是否降星", "Decide about a lower star"),
    "office.about.downgrade": (
        "因记录撤销，时长不再达到现有星级。由您决定，不会自动下调；本人可以提出异议。",
        (
            "A record was taken back and the hours no longer reach the star. You decide; nothing"
            " happens by itself, and the volunteer can object."
        ),
    ),
    "office.field.confirmed": ("决定", "Decision"),
    "office.choice.downgrade.confirm": ("下调星级", "Lower the star"),
    "office.choice.downgrade.dismiss": ("保留星级", "Keep the star"),
    # Objections.
    "office.objections": ("异议", "Objections"),
    "office.objections.open": ("待答复", "To answer"),
    "office.objections.upheld": ("已采纳", "Upheld"),
    "office.objections.rejected": ("未采纳", "Rejected"),
    "office.objections.all": ("全部", "All"),
    "office.objections.none": ("没有异议。", "No objections."),
    "office.objections.none.how": (
        "志愿者对自己的记录、兑换或星级提出异议时，会出现在这里，并写明最迟哪天答复。",
        (
            "When a volunteer objects to a record, a redemption or a star of theirs, it comes up"
            " here with the last day for your answer."
        ),
    ),
    "office.subject.record": ("服务记录", "a service record"),
    "office.subject.redemption": ("兑换", "a redemption"),
    "office.subject.star": ("星级", "a star"),
    "office.subject.credit": ("信用激励", "the credit list"),
    "office.subject.other": ("其他", "something else"),
    "office.objection.due": ("最迟 {day} 答复", "answer by {day}"),
    "office.objection.overdue": ("已过期，应在 {day} 前答复", "overdue since {day}"),
    "office.objection.deadlines": (
        "标记最迟 {flag}，答复最迟 {decide}，都按工作日计。",
        "Flagged by {flag}, answered by {decide}; both counted in working days.",
    ),
    "office.objection.wrote": ("志愿者写道", "What the volunteer wrote"),
    "office.objection.no_text": ("（内容已删除）", "(the text is gone)"),
    "office.objection.subject": ("所涉事项", "What it is about"),
    "office.objection.elsewhere": (
        "没有可以在这里显示的事项，请看志愿者的条目。",
        "Nothing that can be shown here; see the volunteer's entries.",
    ),
    "office.objection.member": ("查看这位志愿者", "See this volunteer"),
    "office.objection.steps": ("办理经过", "What was done"),
    "office.activity": ("活动", "Activity"),
    "office.claimed": ("记录时长", "Claimed"),
    "office.paid": ("认定时长", "Recognised"),
    "office.act.answer": ("答复异议", "Answer it"),
    "office.about.answer": (
        "写明理由，本人看得到。采纳后请另行更正或撤销那条记录。",
        (
            "Say why; the volunteer reads it. What an upheld one puts right is corrected or"
            " reversed by itself."
        ),
    ),
    "office.act.hand_on": ("转交", "Hand it on"),
    "office.about.hand_on": (
        "只能转交一次，转交后由对方决定，期限重新计算。",
        "Once only; whoever has it then decides it, within days of their own.",
    ),
    "office.field.outcome": ("结论", "Outcome"),
    "office.field.whose_answer": ("转给", "Whose answer it is"),
    "office.hint.answer": ("说清依据和接下来怎么办。", "What it rests on, and what happens now."),
    "office.choice.outcome.upheld": ("采纳", "Upheld"),
    "office.choice.outcome.rejected": ("不采纳", "Rejected"),
    # Service orders.
    "office.orders": ("服务订单", "Service orders"),
    "office.orders.none": ("这里没有订单。", "No orders here."),
    "office.orders.none.how": (
        "服务对象用存下的时间请人服务时，会出现在这里，由您指派志愿者。",
        (
            "When somebody asks to be served for saved time, it comes up here for you to assign a"
            " volunteer."
        ),
    ),
    "office.order.requested": ("待接", "Requested"),
    "office.order.offered": ("有人愿接", "Offered"),
    "office.order.assigned": ("已指派", "Assigned"),
    "office.order.accepted": ("已接单", "Accepted"),
    "office.order.done": ("已服务", "Done"),
    "office.order.disputed": ("有争议", "Disputed"),
    "office.order.confirmed": ("已确认", "Confirmed"),
    "office.order.settled": ("已裁定", "Settled"),
    "office.order.cancelled": ("已取消", "Called off"),
    "office.order.expired": ("已过期", "Expired"),
    "office.order.by": ("由 {name} 服务", "served by {name}"),
    "office.order.asked": ("请求", "What is asked for"),
    "office.order.became": ("经过", "What became of it"),
    "office.order.recipient": ("服务对象", "Who is served"),
    "office.order.provider": ("志愿者", "Volunteer"),
    "office.order.set_aside": ("预留时间", "Time set aside"),
    "office.order.expires": ("无人接单则失效于", "Lapses unless accepted by"),
    "office.elsewhere": ("（别处的志愿者）", "(somebody else's volunteer)"),
    "office.act.assign": ("指派志愿者", "Assign a volunteer"),
    "office.about.assign": (
        "志愿者接受后才算接单；不能指派服务对象本人。",
        "It is accepted once the volunteer says so; nobody serves themselves.",
    ),
    "office.act.settle": ("裁定争议", "Settle the dispute"),
    "office.about.settle": (
        "写明给志愿者多少时间，其余退回服务对象。",
        "So much goes to the volunteer, the rest back to who was served.",
    ),
    "office.act.cancel": ("取消订单", "Call it off"),
    "office.about.cancel": (
        "预留的时间全部退回服务对象。",
        "All that was set aside goes back.",
    ),
    "office.field.provider_number": (
        "志愿者编号或证件号码",
        "The volunteer's number or identity number",
    ),
    "office.field.to_provider": ("给志愿者的分钟数", "Minutes to the volunteer"),
    "office.hint.to_provider": (
        "从 0 到记录的时长。",
        "From nothing to all that was reported.",
    ),
    # Pools.
    "office.pools": ("时间池", "Pools of time"),
    "office.pools.about": (
        "捐赠的时间存在池里，只能赠给规则允许的人，池里有多少才能给多少。",
        (
            "Donated time stands in pools. It goes to those whom policy names, and no more of it"
            " than there is."
        ),
    ),
    "office.pools.own": ("本组织的池", "Your own pool"),
    "office.pools.platform": ("平台池", "The platform's pool"),
    # What activities are about.
    "office.category.community_governance": ("社区治理", "Community governance"),
    "office.category.culture": ("文化", "Culture"),
    "office.category.education": ("助学支教", "Education"),
    "office.category.elderly_and_disabled": ("助老助残", "The elderly and disabled"),
    "office.category.emergency": ("应急救援", "Emergencies"),
    "office.category.environment": ("生态环保", "Environment"),
    "office.category.events": ("赛会服务", "Events"),
    "office.category.health": ("卫生健康", "Health"),
    "office.category.legal_aid": ("法律援助", "Legal aid"),
    "office.category.traffic": ("交通引导", "Traffic"),
    "office.category.other": ("其他", "Other"),
}
