"""What an organisation can do with one form: what it is called, and what comes of it."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "office.act.register": ("注册志愿者", "Register a volunteer"),
    "office.about.register": (
        "对照本人证件填写。姓名与号码加密保存，别人只看到“张*”。",
        "Fill it in from their identity card. Name and number are kept sealed; others see a mask.",
    ),
    "office.act.register_staff": ("登记工作人员", "Register staff"),
    "office.about.register_staff": (
        "记录人和审核人须是两个人，复核员不能复核自己记录的服务。",
        "Who records and who approves are two people, and nobody reviews their own records.",
    ),
    "office.act.register_organisation": ("登记下级组织", "Register one below"),
    "office.about.register_organisation": (
        "层级须低于上级。团队不需要信用代码。",
        "Its tier is below that of the one above it. A team needs no code.",
    ),
    "office.act.link": ("发登录链接", "Make a sign-in link"),
    "office.about.link": (
        "链接只显示一次，十分钟内有效，只能用一次。请当面或用可靠的方式交给本人。",
        "It is shown once and good for ten minutes, once. Hand it over yourself.",
    ),
    "office.act.course": ("登记培训", "Record a course"),
    "office.about.course": (
        "要求培训的活动，完成后才能记录服务。",
        "Activities that ask for it count only after it was completed.",
    ),
    "office.act.insurance": ("登记保险", "Record insurance"),
    "office.about.insurance": (
        "要求保险的活动，须整段服务时间都在保障期内。",
        "Activities that ask for it need cover for the whole session.",
    ),
    "office.act.guardian": ("登记监护人同意", "Record guardian's consent"),
    "office.about.guardian": (
        "确认您已看过监护人的书面同意。",
        "You say that you have seen a guardian's written consent.",
    ),
    "office.act.majority": ("已年满十八岁", "Has come of age"),
    "office.about.majority": (
        "按证件上的出生日期核对；满了就不再需要监护人同意。",
        "Checked against the date of birth; from then on no guardian's consent is needed.",
    ),
    "office.act.commendation": ("登记嘉许", "Record a commendation"),
    "office.about.commendation": (
        "记下谁在何时因何嘉许了这位志愿者。",
        "Who commended this volunteer, when and what for.",
    ),
    "office.act.medal": ("授予奖章", "Grant a medal"),
    "office.about.medal": (
        "按累计服务时长授予，每级一次。",
        "For lifetime hours; each medal once.",
    ),
    "office.act.referral": ("介绍新人", "Brought a newcomer"),
    "office.about.referral": (
        "新人服务够时长后，介绍人得到规则规定的积分。",
        "Once the newcomer has served enough, the one who brought them gets the policy's points.",
    ),
    "office.act.relation": ("登记亲友关系", "Register a relation"),
    "office.about.relation": (
        "存下的时间可以赠给登记过的亲友。是谁、什么关系都加密保存。",
        "Saved time can be given to those on file. Who and how they are related stays sealed.",
    ),
    "office.act.end_relation": ("解除亲友关系", "End the relation"),
    "office.about.end_relation": (
        "解除后，这位志愿者的时间不能再赠给对方。",
        "From then on time can no longer be given between the two.",
    ),
    "office.act.circumstance": ("登记特殊情形", "Record a circumstance"),
    "office.about.circumstance": (
        "只登记规则要用到的。是哪一种加密保存，结束后销毁。",
        "Only what a policy asks about. Which one stays sealed, and is destroyed when it ends.",
    ),
    "office.act.end_circumstance": ("结束特殊情形", "End the circumstance"),
    "office.about.end_circumstance": (
        "存下的内容随之销毁，不能恢复。",
        "What was kept about it is destroyed for good.",
    ),
    "office.act.consent": ("登记拒绝或撤回", "Record a refusal or withdrawal"),
    "office.about.consent": (
        "本人说不同意或撤回时登记，立即生效。同意只能由本人在自己的页面作出。",
        (
            "When they refuse or withdraw; it holds at once. Only the volunteer consents, on their"
            " own page."
        ),
    ),
    "office.act.nominate": ("推荐星级", "Nominate for a star"),
    "office.about.nominate": (
        "推荐后由有权的组织公示，公示期满授予。",
        "The body that grants puts it up for notice, and grants it when that is over.",
    ),
    "office.act.time": ("赠与时间", "Grant time"),
    "office.about.time": (
        "从本组织的时间池赠与，不能超过池中所有。",
        "Out of your own pool, no more than it has.",
    ),
    "office.act.suspend": ("暂停", "Suspend"),
    "office.about.suspend": (
        "暂停后不能服务、兑换和登录；时长、星级和积分都保留，随时可以恢复。",
        (
            "They can neither serve, redeem nor sign in; hours, stars and points stay, and you can"
            " reinstate them."
        ),
    ),
    "office.act.reinstate": ("恢复", "Reinstate"),
    "office.about.reinstate": (
        "恢复后可以照常服务和兑换。",
        "They take part again as before.",
    ),
    "office.act.leave": ("退出", "Record that they left"),
    "office.about.leave": (
        "本人不再参加时登记。做过的服务都保留，存下的时间冻结。",
        "When they no longer take part. What they did stays; saved time is frozen.",
    ),
    "office.act.died": ("登记身故", "Record a death"),
    "office.about.died": (
        "登记后存下的时间冻结，由运营方按家属意愿决定去向。此项不能撤回。",
        (
            "Saved time is frozen until the operator decides with the family where it goes. This"
            " cannot be taken back."
        ),
    ),
    "office.act.fraud": ("认定弄虚作假", "Record proven fraud"),
    "office.about.fraud": (
        "只在按程序查实后登记。一段时间内不能补录；虚假记录另行撤销。本人可以提出异议。",
        (
            "Only once it was proven in due course. No backfill for a time; false records are"
            " reversed by themselves. The volunteer can object."
        ),
    ),
    "office.act.card": ("发卡", "Issue a card"),
    "office.about.card": (
        "给没有手机的志愿者。密码由本人选定并亲自输入。",
        "For volunteers without a phone. They choose the PIN and type it themselves.",
    ),
    "office.act.replace_card": ("换卡", "Replace the card"),
    "office.about.replace_card": (
        "旧卡立即停用。",
        "The card until now stops at once.",
    ),
    "office.act.close_card": ("停用卡", "Stop the card"),
    "office.about.close_card": (
        "卡立即停用，不能恢复；需要时另发一张。",
        "It stops at once and for good; another can be issued.",
    ),
    "office.act.card_pin": ("改密码", "Change the PIN"),
    "office.about.card_pin": (
        "本人记得原密码才能改；忘了请换卡。",
        "Who knows the PIN can change it; who forgot it gets another card.",
    ),
    "office.act.certificate": ("开具服务证明", "Issue a certificate"),
    "office.act.reserve": ("代为兑换", "Reserve for them"),
    "office.about.reserve": (
        "本人在柜台出示卡并输入密码，或已同意由本组织代办。凭条只显示一次。",
        (
            "They show card and PIN at your desk, or consented that you do it. The slip is shown"
            " once."
        ),
    ),
}
