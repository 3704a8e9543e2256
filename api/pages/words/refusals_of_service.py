"""What a no about people, service, stars and papers means, by its code."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "why.batch_too_large": ("一批最多 5,000 条记录。", "A batch holds 1 to 5,000 records."),
    "why.unknown_activity": ("没有登记过这个活动。", "This activity is not registered."),
    "why.activity_times_missing": (
        "这个活动没有公布时间，请填写起止时间。",
        "The activity has no published times, so give its beginning and end.",
    ),
    "why.times_are_published": (
        "这个活动已公布时间，不能另填。",
        "The activity's times are published and cannot be given again.",
    ),
    "why.wrong_organisation": (
        "更正须由原记录单位办理。",
        "A correction stays with the organisation that recorded it.",
    ),
    "why.malformed_row": (
        "这一行不是二十列，请检查是否多了或少了逗号。",
        "The row has not twenty cells. Look for a missing or an extra comma.",
    ),
    "why.bad_identity_number": (
        "证件号码的出生日期或校验码不对，请对照证件。",
        "The ID number's date or check character does not fit. Copy it from the document.",
    ),
    "why.bad_organisation_code": (
        "组织要有 18 位统一社会信用代码，校验码要对；请对照证书。团队可以不填。",
        (
            "An organisation has a code of 18 characters that fits its check character. Copy it"
            " from the certificate. Only a team needs none."
        ),
    ),
    "why.bad_number": ("扣除分钟不是整数。", "The deducted minutes are no whole number."),
    "why.unknown_evidence": (
        "记录方式只能是签到或补录。",
        "The evidence is either check-in or backfill.",
    ),
    "why.missing_check_out": (
        "没有签退时间，请核实何时结束。",
        "There is no check-out. Ask when the session ended.",
    ),
    "why.not_volunteer_service": (
        "会议、值班、本职工作、捐款捐物、社会实践、校内劳动不是志愿服务，不予记录（民政部令第67号第十九条）。",
        (
            "Meetings, duty shifts, one's own job, donations, social practice and school duties "
            "are not volunteer service and are not recorded (Order 67, article 19)."
        ),
    ),
    "why.identity_conflict": (
        "志愿者编号与证件号码对不上：其中一个已属于另一个人。请与本人核对。",
        (
            "The volunteer number and the ID number do not belong together: one is somebody "
            "else's. Check both with the volunteer."
        ),
    ),
    "why.guardian_consent_needed": (
        "志愿者未成年，请先登记监护人同意。",
        "The volunteer is a minor. Record a guardian's consent first.",
    ),
    "why.self_recorded": (
        "记录人或审核人不能是志愿者本人。",
        "Nobody records or approves their own service.",
    ),
    "why.recorder_is_approver": (
        "记录人和审核人不能是同一个人。",
        "Recorder and approver must be two people.",
    ),
    "why.ends_before_it_starts": (
        "结束时间须晚于开始时间。",
        "The end must be after the beginning.",
    ),
    "why.session_too_long": (
        "一次服务不能超过 24 小时，是否漏了签退？",
        "A session has at most 24 hours. Was check-out missed?",
    ),
    "why.recorded_before_it_ended": (
        "录入时间早于签退时间，请检查。",
        "It was recorded before its own check-out. Check the times.",
    ),
    "why.nothing_served": ("扣除之后不足一分钟。", "No full minute is left after deductions."),
    "why.session_outside_activity": (
        "签到签退不在活动时间之内，请检查。",
        "No moment of the session lies within the activity's times. Check them.",
    ),
    "why.self_check_in_not_allowed": (
        "参加的人太少，不能自己用手机签到，请工作人员办理签到。",
        "Too few take part for checking in on one's own phone. Let staff check in.",
    ),
    "why.not_published_before_start": (
        "活动是在开始之后才登记的，请改用补录。",
        "The activity was registered after it began. Backfill the hours instead.",
    ),
    "why.backfill_banned": (
        "此人因虚报被停止补录，期限未满或时长未补足。请改用签到。",
        "After proven fraud this person's hours are not backfilled yet. Check in instead.",
    ),
    "why.duplicate_record": (
        "同一人、同一活动、同一签到签退已有记录，请更正那一条。",
        "The same session is recorded already. Correct that record instead.",
    ),
    "why.overlapping_record": (
        "与另一条记录的时间重叠，请更正其中一条。",
        "Another record covers part of this time. Correct one of the two.",
    ),
    "why.too_many_check_ins": (
        "同一天对同一活动签到次数已满，请合并时段。",
        "There are too many check-ins to one activity on one day. Put the sessions together.",
    ),
    "why.training_missing": (
        "还没有完成这个活动要求的培训，请先登记培训。",
        "The training for this activity was not completed before. Record the course first.",
    ),
    "why.insurance_missing": (
        "保险没有覆盖整个时段，请先登记保险。",
        "The insurance does not cover the whole session. Record the insurance first.",
    ),
    "why.attestation_outdated": (
        "活动的要求刚刚改变，请再提交一次。",
        "What the activity asks has just changed. Send it again.",
    ),
    "why.age_gate_unmet": (
        "年龄不符合要求，或年龄未知。",
        "Too young for this, or of unknown age.",
    ),
    "why.too_late": (
        "超过了允许的工作日，按规则不再记录。",
        "Too many working days have passed, and the rules record it no more.",
    ),
    "why.unreadable_file": (
        "文件读不了，请重新选择。",
        "The file cannot be read. Choose it again.",
    ),
    "why.binary_file": (
        "这不是文本文件，请另存为 CSV 再上传。",
        "This is no text. Save it as CSV and upload it again.",
    ),
    "why.empty_file": ("文件是空的。", "There is nothing in the file."),
    "why.bad_encoding": (
        "文件编码不是 UTF-8 也不是 GB18030，请另存后再上传。",
        "The file is neither UTF-8 nor GB18030. Save it as one of them and upload it again.",
    ),
    "why.wrong_header": (
        "第一行不是规定的二十个列名，什么都没有导入。请用系统导出的原文件。",
        (
            "The first line is not the twenty column names, so nothing was imported. Use the file"
            " as your system exported it."
        ),
    ),
    "why.unclosed_quote": ("有一个引号没有配对。", "A quotation mark opens and never closes."),
    "why.cell_too_long": (
        "有一格过长，是否少了引号？",
        "One cell is longer than any should be. Is a quotation mark missing?",
    ),
    "why.import_running": (
        "另一份文件正在导入，请等它完成。",
        "Another file is being imported. Wait until it has ended.",
    ),
    "why.file_too_large": (
        "文件超过 24 MB，请分成几份上传。",
        "The file is longer than 24 MiB. Upload it in parts.",
    ),
    "why.too_many_identities": (
        "今天核对的人数已到上限。请明天继续，或请运营方导入。",
        (
            "Your organisation has asked about as many people as a day allows. Go on tomorrow, or"
            " let the operator import the file."
        ),
    ),
    "why.import_state_conflict": (
        "这份文件已提交或已放弃，不能再改。",
        "This file is committed or discarded already and cannot be changed any more.",
    ),
    "why.import_changed": (
        "这份文件刚被改动过，请重新查看后再提交。",
        "This file was changed meanwhile. Look at it again, then go on.",
    ),
    "why.import_file_gone": (
        "文件只保留三天，现已删除。请重新上传。",
        "A file is kept for three days and this one is gone. Upload it again.",
    ),
    "why.unknown_row": ("文件里没有这一行。", "The file has no such row."),
    "why.foreign_organisation": (
        "这一行的统一社会信用代码不是贵组织或下级组织的，请由该组织上传。",
        (
            "The row is of an organisation that is neither yours nor below you. Let that"
            " organisation upload it."
        ),
    ),
    "why.foreign_activity": (
        "这个活动编号已由别的组织使用，请改用自己的编号。",
        "Another organisation's activity has this number. Give yours a number of its own.",
    ),
    "why.recorded_in_the_future": (
        "录入时间晚于现在，请更正。",
        "The row says that it was recorded later than now. Correct the time.",
    ),
    "why.file_changed": (
        "文件在读取时被改动。已记录的保留，可以再次上传。",
        "The file changed while it was read. What was recorded stays; upload it again.",
    ),
    "why.unknown_record": (
        "没有这条服务记录，或者不在您这里。",
        "There is no such record, or it is not yours.",
    ),
    "why.record_state_conflict": (
        "这条记录的状态已变，请刷新后再看。",
        "This record has changed meanwhile. Load the page again to see where it stands.",
    ),
    "why.reviewer_took_part": (
        "复核员不能复核自己记录、审核或参加的服务。",
        "Whoever recorded, approved or served does not review it.",
    ),
    "why.reviewer_of_wrong_tier": (
        "这条须由另一级的复核员处理。",
        "A reviewer of another tier decides this one.",
    ),
    "why.wrong_volunteer": ("更正不能换人。", "A correction stays with its volunteer."),
    "why.already_evaluated": (
        "这条记录已评价过，只能评价一次。",
        "This record was evaluated already, once and for good.",
    ),
    "why.bad_evaluation": (
        "评分为 1 至 5，表现为良好或不佳。",
        "A score is from 1 to 5, conduct good or poor.",
    ),
    "why.organisation_needed": ("请说明由哪个组织记录。", "Say which organisation records it."),
    "why.bad_qualification": (
        "学习时长为 0 至 10,000 分钟，保险没有学习时长。",
        "Learning minutes are from 0 to 10,000, and an insurance has none.",
    ),
    "why.already_qualified": (
        "同样的培训或保险已登记过。",
        "The same course or insurance is recorded already.",
    ),
    "why.too_much_learning": (
        "当天学习时长超过上限，或尚未完成。",
        "More learning in one day than counts, or not completed yet.",
    ),
    "why.volunteer_needed": ("请说明是哪位志愿者。", "Say which volunteer it is for."),
    "why.wrong_nominator": (
        "只能提名本组织及下级组织的志愿者。",
        "An organisation nominates volunteers of its own or below it.",
    ),
    "why.star_out_of_sequence": (
        "星级须依次申请，或者已经拥有。",
        "Stars are applied for one after the other, or this one is held already.",
    ),
    "why.star_case_open": (
        "已有一项星级申请在办理中，一次一项。",
        "One application is being decided already.",
    ),
    "why.star_not_eligible": (
        "计入星级的时长还不够。",
        "The hours that count do not reach this star yet.",
    ),
    "why.star_nomination_needed": (
        "这一级起须由组织提名。",
        "From this star on an organisation nominates.",
    ),
    "why.star_tenure_short": ("注册时间还不够。", "Not registered for long enough yet."),
    "why.star_quality_short": (
        "服务评价没有达到要求，或还没有评价。",
        "The mean evaluation is below what this star needs, or there is none.",
    ),
    "why.star_points_short": (
        "累计积分没有达到要求。",
        "Fewer points were earned than this star needs.",
    ),
    "why.unknown_star_case": (
        "没有这项星级申请，或者不归您办理。",
        "There is no such application, or it is not yours.",
    ),
    "why.star_case_state_conflict": (
        "这项申请已公示或已决定，请刷新后再看。",
        "This application is noticed or decided already. Load the page again.",
    ),
    "why.wrong_granting_tier": ("这一级星级由另一级组织认定。", "Another tier grants this star."),
    "why.star_notice_needed": ("须先公示。", "Public notice comes first."),
    "why.notice_running": ("公示期未满。", "The public notice is not over yet."),
    "why.star_reached_again": (
        "时长又达到了现有星级，只能驳回降级建议。",
        "The hours reach the star again, so the proposal can only be dismissed.",
    ),
    "why.star_by_application": (
        "按规则星级须申请，不自动授予。",
        "These rules grant no star by themselves.",
    ),
    "why.nothing_to_grant": ("目前没有可以授予的星级。", "There is no star to grant now."),
    "why.medal_granted_already": ("这枚奖章已授予过。", "This medal was granted already."),
    "why.medal_not_reached": (
        "累计时长未达到，或规则没有这枚奖章。",
        "Fewer lifetime hours than it needs, or the rules have no such medal.",
    ),
    "why.bad_level": ("请选择表彰级别。", "Choose the commendation's level."),
    "why.unknown_objection": (
        "没有这项异议，或者不归您办理。",
        "There is no such objection, or it is not yours to answer.",
    ),
    "why.objection_state_conflict": ("这项异议已有结论。", "This objection is decided already."),
    "why.objection_open": (
        "对此已有一项异议在办理中。",
        "An objection to this is being answered already.",
    ),
    "why.already_forwarded": ("异议只能转交一次。", "An objection is forwarded once."),
    "why.same_organisation": (
        "本来就归该组织答复。",
        "It is that organisation's to answer already.",
    ),
    "why.no_such_subject": ("这类异议不需要编号。", "An objection of this kind names no id."),
    "why.consent_not_missing": (
        "监护人同意已登记，或不需要。",
        "A guardian's consent is there, or not needed.",
    ),
    "why.relation_to_oneself": ("亲属关系须是两个人。", "A relation is between two people."),
    "why.unknown_relation": ("没有这条亲属关系。", "There is no such relation."),
    "why.unknown_circumstance": ("没有这项情况登记。", "There is no such circumstance."),
    "why.identity_banned": (
        "此人因虚报被停用。",
        "This person is banned for proven fraud at present.",
    ),
    "why.held_for_identity_check": (
        "已转身份核查，由运营方联系您。",
        "Held for an identity check. The operator looks into it.",
    ),
    "why.bad_terms": (
        "活动要求填写有误：保险为必需或不填，年龄和人数不小于 0。",
        (
            "What the activity asks is not as it should be: insurance is required or nothing, age"
            " and numbers are from 0 on."
        ),
    ),
    "why.not_a_newcomer": (
        "这位志愿者登记在先，不算新人。",
        "They were registered first and are no newcomer.",
    ),
    "why.referral_of_oneself": ("不能推荐自己。", "Nobody brings themselves."),
    "why.referral_not_rewarded": ("按规则推荐没有积分。", "The rules give no points for it."),
    "why.already_referred": ("这位新人已有推荐人。", "A newcomer brings points once."),
    "why.served_too_little": (
        "新人还没有服务满可得积分的时长。",
        "The newcomer has yet to serve in hours that earn points.",
    ),
    "why.nothing_to_state": ("还没有有效的服务记录。", "There is no effective record."),
    "why.own_statement": ("这些记录本来就在本账本上。", "The records are on this ledger already."),
    "why.statement_invalid": (
        "这份记录单有一处不成立，没有接收。",
        "Something in this statement does not hold, so nothing was accepted.",
    ),
    "why.origin_not_known": (
        "运营方还没有接收过那个账本的记录单。",
        "The operator has accepted nothing from that ledger yet.",
    ),
    "why.statement_known": ("其中的记录都已转入过。", "Every record in it has come over before."),
    "why.statement_of_another": (
        "其中有记录已转给另一位志愿者，请核实身份。",
        "Records in it came over for another volunteer. Find out who it is.",
    ),
    "why.certificate_is_free": (
        "记录证明免费，不得收费（民政部令第67号第三条、第十四条）。",
        "Certificates are free (Order 67, articles 3 and 14).",
    ),
    "why.certificate_incomplete": (
        "证明须写明服务时间、服务内容和记录单位；该单位在这段时间没有您的记录。",
        (
            "A certificate states time, content and recording unit, and that unit recorded "
            "nothing in this period."
        ),
    ),
    "why.unknown_certificate": (
        "没有这份证明，或者不是您的。",
        "There is no such certificate, or it is not yours.",
    ),
    "why.too_many_checks": (
        "这里核对得太多了，请等几分钟再试。",
        "Too many certificates were checked from here. Wait a few minutes.",
    ),
    "why.consent_is_personal": ("同意只能由本人给出。", "Consent is given by the volunteer alone."),
    "why.bad_consent": ("没有这种同意事项。", "There is no such purpose of consent."),
    "why.consent_unchanged": (
        "现在就是这样，没有改变。",
        "This is the answer that stands already.",
    ),
    "why.wrong_cycle": ("不是当前的名单周期。", "Another cycle of the list runs now."),
    "why.already_listed": ("本周期已列入名单。", "Listed in this cycle already."),
    "why.credit_stars_short": ("名单要求更高的星级。", "The list asks for more stars."),
    "why.credit_minutes_short": (
        "名单要求更多的服务时长。",
        "The list asks for more hours of service.",
    ),
    "why.credit_not_clean": (
        "注册或失信修复后的年限还不够。",
        "Too few years since registration, or since serious dishonesty.",
    ),
    "why.nothing_to_repair": (
        "没有需要修复的失信记录。",
        "No serious dishonesty stands against them.",
    ),
    "why.nothing_to_lift": ("没有生效中的禁止。", "No ban is in force against them."),
}
