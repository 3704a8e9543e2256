"""What a volunteer's pages say of saved time, relatives and service orders."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    # An amount of time.
    "my.amount": ("多长时间", "How much time"),
    "my.amount.hours": ("小时", "hours"),
    "my.amount.minutes": ("分", "minutes"),
    # Saved time.
    "my.time": ("时间存折", "Saved time"),
    "my.time.can": ("可以使用", "to use"),
    "my.time.have": ("时间存折里有 {much}。", "You have {much} saved."),
    "my.time.aside": ("已为预约留出", "Set aside for orders"),
    "my.time.owed": ("尚欠", "Owed"),
    "my.time.owed.hint": (
        "存过的记录被撤销，时间却已用掉。以后存入的先抵这一笔。",
        "A record was taken back after its time was spent. What you save next repays it first.",
    ),
    "my.time.cap": ("最多可存", "Holds at most"),
    "my.time.what": (
        "把服务存成时间，需要时请人来服务；也可以转赠亲属，或捐进公共时间池。时间不能买卖。",
        (
            "Save your service as time and be served when you need it, give it to relatives, or"
            " donate it to a common pool. Time is neither bought nor sold."
        ),
    ),
    "my.time.deposit": ("存入一条服务记录", "Save a service record"),
    "my.time.ask": ("请人来服务", "Ask to be served"),
    "my.time.gift": ("转赠亲属", "Give to a relative"),
    "my.time.donate": ("捐进时间池", "Donate to a pool"),
    "my.time.history": ("收支明细", "What came and went"),
    "my.savable.title": ("选一条记录存入", "Choose a record to save"),
    "my.savable.none": ("没有可以存入的记录。", "There is no record to save."),
    "my.savable.how": (
        "已生效、还没有存过的服务记录会列在这里。",
        "Records that count and were not saved yet are listed here.",
    ),
    "my.deposit.hint": (
        "可以只存一部分，但每条记录只能存一次。",
        "You may save part of it, but each record is saved once only.",
    ),
    "my.deposit.not": (
        "这条记录不能存入：或者已经存过，或者现在不算，或者是外地转入的。",
        "This record cannot be saved: it was saved, does not count now, or came from elsewhere.",
    ),
    "my.gift.to": ("送给", "To"),
    "my.gift.needy": ("您写下编号的那位老人", "the elder whose number you typed"),
    "my.gift.other": ("或：需要照料的老人的编号", "Or: the number of an elder in need"),
    "my.gift.other.hint": (
        "16 位，请老人或所属组织告诉您。",
        "16 characters; the elder or their organisation can tell you.",
    ),
    "my.gift.hint": (
        "送出去的时间归对方，不能要回。",
        "What you give is theirs and cannot be asked back.",
    ),
    "my.donate.to": ("捐给", "To which pool"),
    "my.donate.hint": (
        "时间池里的时间用来帮助有困难的人，捐出后不能要回。",
        "Pools help people in need. What is donated cannot be asked back.",
    ),
    "my.pool.platform": ("公共时间池", "The common pool"),
    "my.relatives": ("我的亲友", "Relatives and friends"),
    "my.relatives.wrong": ("登记得不对？", "Is something wrong here?"),
    "my.relatives.none": ("还没有登记亲属。", "No relative is on file."),
    "my.relatives.how": (
        "两个人都要是注册志愿者。请带证件到所属组织的窗口登记关系。",
        (
            "Both of you need to be registered volunteers. Bring your IDs to your organisation's"
            " office to have it recorded."
        ),
    ),
    "my.relatives.can": ("可以转赠时间", "You can give time to them"),
    "my.relatives.cannot": ("按规则不能转赠时间", "The rules let no time be given to them"),
    "my.relatives.masked": (
        "姓名只显示姓。对方也能在这里看到您。",
        "Names are masked. They see you here in the same way.",
    ),
    "my.relation.spouse": ("配偶", "spouse"),
    "my.relation.lineal": ("直系亲属", "lineal relative"),
    "my.relation.friend": ("朋友", "friend"),
    # Asking before it is done.
    "my.confirm.title.deposit": ("存入时间", "Save time"),
    "my.confirm.deposit": ("从「{what}」存入 {much}？", "Save {much} of “{what}”?"),
    "my.confirm.then.deposit": (
        "服务时长和星级不变。这条记录以后不能再存。",
        "Your hours and star stay as they are. This record cannot be saved again.",
    ),
    "my.confirm.button.deposit": ("确认存入", "Save it"),
    "my.confirm.title.gift": ("转赠时间", "Give time"),
    "my.confirm.gift": ("把 {much} 送给 {who}？", "Give {much} to {who}?"),
    "my.confirm.then.gift": (
        "马上到对方的时间存折，不能要回。",
        "It reaches them at once and cannot be asked back.",
    ),
    "my.confirm.button.gift": ("确认转赠", "Give it"),
    "my.confirm.title.donate": ("捐出时间", "Donate time"),
    "my.confirm.donate": ("把 {much} 捐给「{who}」？", "Donate {much} to “{who}”?"),
    "my.confirm.then.donate": ("捐出后不能要回。", "It cannot be asked back."),
    "my.confirm.button.donate": ("确认捐出", "Donate it"),
    "my.confirm.title.order": ("请人来服务", "Ask to be served"),
    "my.confirm.order": (
        "{when} 请人来做「{what}」，从时间存折留出 {much}？",
        "Ask for “{what}” on {when}, and set {much} aside?",
    ),
    "my.confirm.then.order": (
        "现在只是留出，服务完成、您确认后才付给对方。没有人接，会自动退回。",
        (
            "It is only set aside. It is paid once you confirm the service, and comes back by"
            " itself if nobody takes it up."
        ),
    ),
    "my.confirm.button.order": ("确认预约", "Ask for it"),
    # After it.
    "my.done.time_deposited": ("已存入 {much}", "{much} saved"),
    "my.then.time_deposited": (
        "可以在时间存折里看到，需要时请人来服务。",
        "It stands in your saved time, to be served when you need it.",
    ),
    "my.done.overflow": (
        "存折已满，其中 {overflow} 进了公共时间池。",
        "Your account is full: {overflow} of it went to the common pool.",
    ),
    "my.done.returned": (
        "{returned} 已回到时间存折。",
        "{returned} came back to the account it was taken from.",
    ),
    "my.done.time_transferred": ("已送出 {much}", "{much} given"),
    "my.then.time_transferred": ("已到对方的时间存折。", "It has reached their saved time."),
    "my.done.time_donated": ("已捐出 {much}，谢谢您", "{much} donated. Thank you."),
    "my.then.time_donated": (
        "会用来帮助有困难的人。",
        "It will help people in need.",
    ),
    "my.done.order_requested": ("预约已发出", "Your order is out"),
    "my.then.order_requested": (
        "已留出 {much}。有志愿者愿意来，会出现在「服务订单」里，由您决定。",
        (
            "{much} are set aside. When a volunteer offers to come, it stands under “Service"
            " orders”, for you to decide."
        ),
    ),
    "my.done.order_offered": ("您已报名", "You offered to serve"),
    "my.then.order_offered": (
        "等服务对象答应。答应后才能看到具体内容。",
        "The recipient decides now. You will see what is needed once they accept.",
    ),
    "my.done.order_accepted": ("已答应", "Accepted"),
    "my.then.order_accepted": ("请按约定的时间进行。", "See you at the time agreed."),
    "my.done.order_declined": ("已谢绝", "Declined"),
    "my.then.order_declined": ("其他志愿者还可以报名。", "Other volunteers can still offer."),
    "my.done.order_done": ("已报完成：{much}", "Reported as done: {much}"),
    "my.then.order_done": (
        "等服务对象确认，时间就到您的存折。",
        "Once the recipient confirms, the time is yours.",
    ),
    "my.done.order_confirmed": ("已确认，付出 {much}", "Confirmed: {much} paid"),
    "my.then.order_confirmed": ("时间已付给志愿者。", "It has gone to the volunteer."),
    "my.done.order_disputed": ("已记下：与实际不符", "Noted: not as reported"),
    "my.then.order_disputed": (
        "由组织了解情况后决定，决定前时间仍留着。",
        "The organisation looks into it and decides. The time stays set aside until then.",
    ),
    "my.done.order_cancelled": ("预约已取消", "The order is cancelled"),
    "my.then.order_cancelled": ("双方都能看到。", "Both of you can see it."),
    # Service orders.
    "my.orders": ("服务订单", "Service orders"),
    "my.orders.new": ("请人来服务", "Ask to be served"),
    "my.orders.open": ("谁需要服务", "Who needs service"),
    "my.orders.asked": ("我请人服务", "I am served"),
    "my.orders.served": ("我去服务", "I serve"),
    "my.orders.none": ("还没有预约。", "There are no orders yet."),
    "my.orders.how": (
        "用存下的时间请志愿者来服务，或者看看谁需要您。",
        "Spend saved time on a volunteer's service, or see who needs you.",
    ),
    "my.orders.open.hint": (
        "只显示类别、时间和组织；答应以后才看得到是谁、要做什么。",
        (
            "You see what kind, when and where. Whom it is for and what they wrote you see once it"
            " is agreed."
        ),
    ),
    "my.orders.open.none": ("现在没有人需要服务。", "Nobody asks for service now."),
    "my.orders.open.how": (
        "所属组织及其上下级里的预约会列在这里。",
        "Orders in your organisation, those above and those below it are listed here.",
    ),
    "my.order.what": ("需要什么", "What is needed"),
    "my.order.text": ("说说具体要做什么", "What is to be done"),
    "my.order.text.hint": (
        "不要写地址和电话，志愿者答应后由组织联系。",
        "Leave address and phone number out: the organisation passes them on once it is agreed.",
    ),
    "my.order.day": ("哪一天", "Which day"),
    "my.order.from": ("从几点", "From"),
    "my.order.to": ("到几点", "To"),
    "my.order.amount.hint": (
        "从时间存折留出的时间，做得少就付得少。",
        "Saved time to set aside. Less service costs less.",
    ),
    "my.order.organisation": ("组织", "Organisation"),
    "my.order.too_young": (
        (
            "按现在的规则，您还不能用时间存折请人服务：要年满 {n} 岁，"
            "或者组织登记过规则认可的情况。存下的时间不会失效，也可以送人或捐出。"
        ),
        (
            "As the rules stand you cannot ask for service yet: one must be {n}, or have something"
            " on file that the rules accept instead. Saved time does not lapse, and you can give"
            " or donate it."
        ),
    ),
    "my.order.age_unknown": (
        (
            "按现在的规则，年满 {n} 岁才能用时间存折请人服务，账本里还没有您的出生日期。"
            "请联系您的组织补登。"
        ),
        (
            "As the rules stand, one must be {n} to ask for service with saved time, and the ledger"
            " does not know when you were born. Ask your organisation to put that right."
        ),
    ),
    "my.order.homeless": (
        "您还不属于任何组织，不能预约。请先到附近的志愿服务组织登记。",
        "You belong to no organisation yet. Register with one near you first.",
    ),
    "my.order.when": ("时间", "When"),
    "my.order.aside": ("留出时间", "Time set aside"),
    "my.order.expires": ("最迟答应", "To be accepted by"),
    "my.order.record": ("服务记录", "Service record"),
    "my.order.which": ("哪条服务记录", "Which service record"),
    "my.order.which.hint": (
        "同一类别、约定那天、还没有存入的记录。",
        "A record of this kind, of the days agreed, that was not saved.",
    ),
    "my.order.no_record": (
        "服务完成后，等组织登记了您的服务记录，再来这里报完成。",
        "Once the organisation has recorded your service, come back here to report it.",
    ),
    "my.order.do.offer": ("我愿意去", "I offer to serve"),
    "my.order.do.accept": ("答应", "Accept"),
    "my.order.do.decline": ("谢绝", "Decline"),
    "my.order.do.confirm": ("服务已完成，付给对方", "It was done: pay the volunteer"),
    "my.order.do.done": ("报告完成", "Report it as done"),
    "my.order.do.dispute": ("与实际不符", "It was not as reported"),
    "my.order.do.cancel": ("取消预约", "Cancel the order"),
    "my.order.dispute.text": ("哪里不符", "What was not as reported"),
    "my.order.dispute.hint": (
        "组织会向双方了解情况后决定。",
        "The organisation asks both of you and decides.",
    ),
    "my.order.dispute.button": ("提交，由组织决定", "Let the organisation decide"),
    "my.order.cancel.recipient": (
        "留出的 {much} 会全部回到您的时间存折。",
        "The {much} set aside come back to you in full.",
    ),
    "my.order.cancel.provider": (
        "您已经答应，取消会让对方失望。留出的时间会退给对方。",
        "You accepted, and somebody counts on you. What was set aside goes back to them.",
    ),
    "my.order.cancel.reason": ("原因", "Why"),
    "my.order.cancel.button": ("确认取消", "Cancel it"),
    "my.order.events": ("经过", "What happened"),
    "my.order.event.order_requested": ("发出预约", "Asked for"),
    "my.order.event.order_offered": ("有志愿者报名", "A volunteer offered"),
    "my.order.event.order_assigned": ("组织派单", "The organisation asked a volunteer"),
    "my.order.event.order_accepted": ("答应", "Accepted"),
    "my.order.event.order_declined": ("谢绝", "Declined"),
    "my.order.event.order_done": ("报告完成", "Reported as done"),
    "my.order.event.order_confirmed": ("确认并付出", "Confirmed and paid"),
    "my.order.event.order_disputed": ("提出不符", "Disputed"),
    "my.order.event.order_settled": ("组织决定", "Decided by the organisation"),
    "my.order.event.order_cancelled": ("取消", "Cancelled"),
    "my.order.event.order_expired": ("到期退回", "Ran out and came back"),
    "my.order.state.requested": ("等人报名", "Open"),
    "my.order.state.offered": ("等待答应", "Offered"),
    "my.order.state.assigned": ("等待答应", "Asked"),
    "my.order.state.accepted": ("已约定", "Agreed"),
    "my.order.state.done": ("等待确认", "To be confirmed"),
    "my.order.state.disputed": ("组织处理中", "Disputed"),
    "my.order.state.confirmed": ("已完成", "Done"),
    "my.order.state.settled": ("已了结", "Settled"),
    "my.order.state.cancelled": ("已取消", "Cancelled"),
    "my.order.state.expired": ("已过期", "Ran out"),
    "my.order.now.recipient.requested": (
        "还没有志愿者报名。",
        "No volunteer has offered yet.",
    ),
    "my.order.now.recipient.offered": (
        "有一位志愿者愿意来，请您决定。",
        "A volunteer offers to come. It is yours to decide.",
    ),
    "my.order.now.recipient.assigned": (
        "组织请了一位志愿者，等他答应。",
        "The organisation asked a volunteer, who has yet to accept.",
    ),
    "my.order.now.recipient.accepted": (
        "已约定，请按时等候。",
        "It is agreed. Expect the volunteer at that time.",
    ),
    "my.order.now.recipient.done": (
        "志愿者报告已完成。与实际相符就请确认。",
        "The volunteer reports it as done. Confirm if that is so.",
    ),
    "my.order.now.recipient.disputed": (
        "您提出了不符，等组织决定。",
        "You said it was not as reported. The organisation decides.",
    ),
    "my.order.now.recipient.confirmed": ("您已确认，时间已付。", "You confirmed, and it is paid."),
    "my.order.now.recipient.settled": ("组织已作决定。", "The organisation has decided."),
    "my.order.now.recipient.cancelled": (
        "已取消，时间已退回。",
        "It was cancelled, and the time came back.",
    ),
    "my.order.now.recipient.expired": (
        "没有人及时答应，时间已退回。",
        "Nobody accepted in time, and the time came back.",
    ),
    "my.order.now.provider.offered": (
        "您已报名，等服务对象答应。",
        "You offered. The recipient decides.",
    ),
    "my.order.now.provider.assigned": (
        "组织请您去服务，请您决定。",
        "The organisation asks you to serve. It is yours to decide.",
    ),
    "my.order.now.provider.accepted": (
        "已约定，请按时去服务。",
        "It is agreed. Please be there in time.",
    ),
    "my.order.now.provider.done": (
        "您已报完成，等服务对象确认。",
        "You reported it as done. The recipient confirms.",
    ),
    "my.order.now.provider.disputed": (
        "服务对象认为与实际不符，等组织决定。",
        "The recipient says it was not as reported. The organisation decides.",
    ),
    "my.order.now.provider.confirmed": (
        "服务对象已确认，时间已到您的存折。",
        "The recipient confirmed, and the time is yours.",
    ),
    "my.order.now.provider.settled": ("组织已作决定。", "The organisation has decided."),
    "my.order.now.provider.cancelled": ("已取消。", "It was cancelled."),
    "my.order.now.provider.expired": ("没有及时约定，已过期。", "It was not agreed in time."),
    "my.order.now.other.requested": ("在等志愿者报名。", "Waiting for a volunteer."),
    "my.category.community_governance": ("社区治理", "Community work"),
    "my.category.culture": ("文化文艺", "Culture"),
    "my.category.education": ("教育助学", "Education"),
    "my.category.elderly_and_disabled": ("助老助残", "Elderly and disabled people"),
    "my.category.emergency": ("应急救援", "Emergencies"),
    "my.category.environment": ("环境保护", "Environment"),
    "my.category.events": ("大型活动", "Events"),
    "my.category.health": ("医疗健康", "Health"),
    "my.category.legal_aid": ("法律援助", "Legal aid"),
    "my.category.traffic": ("文明交通", "Traffic"),
    "my.category.other": ("其他服务", "Other service"),
}
