"""Service records of an organisation, and what is done about them."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "record.title": (
        "服务记录",
        "Records",
    ),
    "record.one": (
        "一条服务记录",
        "A service record",
    ),
    "record.all": (
        "全部",
        "All",
    ),
    "record.order": (
        "排列方式",
        "In which order",
    ),
    "record.order.day": (
        "按服务日期",
        "By day of service",
    ),
    "record.order.entry": (
        "按入账先后",
        "Newest entries first",
    ),
    "record.none": (
        "没有这样的记录。",
        "There is no such record.",
    ),
    "record.none.how": (
        "上传导出的文件，或者手工登记一次服务。",
        "Upload an export, or record a session by hand.",
    ),
    "record.volunteer": (
        "志愿者",
        "Volunteer",
    ),
    "record.activity": (
        "活动",
        "Activity",
    ),
    "record.state": (
        "状态",
        "State",
    ),
    "record.review": (
        "复核",
        "Review",
    ),
    "record.corrects": (
        "更正自",
        "Corrects",
    ),
    "record.before": (
        "原记录",
        "the record before",
    ),
    "record.acts": (
        "可以做的事",
        "What can be done",
    ),
    "record.objection": (
        "志愿者对这条记录提出了异议，等待答复。",
        "The volunteer objected to this record; an answer is awaited.",
    ),
    "record.says.effective": (
        "有效，计入 {minutes}。",
        "Effective: {minutes} count.",
    ),
    "record.says.held": (
        "已保留，复核员确认后才计入。原因如下。",
        "Held: it counts once a reviewer confirms it, for the reasons below.",
    ),
    "record.says.refused": (
        "复核后不予认定，没有计入。",
        "A reviewer refused it; nothing of it counts.",
    ),
    "record.says.reversed": (
        "已撤销，不再计入。",
        "Reversed; it counts no more.",
    ),
    "office.act.record": (
        "登记一次服务",
        "Record a session",
    ),
    "office.about.record": (
        "填好后立刻知道是有效还是保留待复核。记录人和审核人不能是同一个人，也不能是志愿者本人。",
        (
            "You learn at once whether it is effective or held for review. Recorder and "
            "approver are two people, neither of them the volunteer."
        ),
    ),
    "office.act.activity": (
        "登记活动",
        "Register an activity",
    ),
    "office.about.activity": (
        "登记之后接着记录一次服务。开始之后才登记的活动只能补录。",
        (
            "You go on to recording a session of it. Hours of an activity that was registered "
            "after it began can only be backfilled."
        ),
    ),
    "office.act.evaluate": (
        "评价",
        "Evaluate",
    ),
    "office.about.evaluate": (
        "每条记录只能评价一次。",
        "A record is evaluated once.",
    ),
    "office.act.reverse": (
        "撤销",
        "Reverse",
    ),
    "office.about.reverse": (
        "撤销后，这条记录带来的时长和积分都会收回。记录本身和撤销的理由都会保留。",
        "Hours and points that the record brought are taken back. The record and the reason stay.",
    ),
    "office.act.correct": (
        "更正",
        "Correct",
    ),
    "office.about.correct": (
        "原记录撤销，更正后的记录取代它，两条互相指明。",
        "The record is reversed and the corrected one takes its place, each naming the other.",
    ),
    "office.field.volunteer_number": (
        "志愿者编号或证件号码",
        "Volunteer's number or identity number",
    ),
    "office.field.activity": (
        "活动",
        "Activity",
    ),
    "office.field.activity_name": (
        "活动名称",
        "Activity's name",
    ),
    "office.field.activity_number": (
        "活动编号",
        "Activity's number",
    ),
    "office.field.content": (
        "服务内容",
        "What is done there",
    ),
    "office.field.category": (
        "服务类别",
        "Category",
    ),
    "office.field.starts": (
        "活动开始",
        "Activity begins",
    ),
    "office.field.ends": (
        "活动结束",
        "Activity ends",
    ),
    "office.field.evidence": (
        "记录方式",
        "Evidence",
    ),
    "office.field.check_in": (
        "签到",
        "Check-in",
    ),
    "office.field.check_out": (
        "签退",
        "Check-out",
    ),
    "office.field.deducted_minutes": (
        "扣除分钟",
        "Minutes to deduct",
    ),
    "office.field.travel_minutes": (
        "其中路途分钟",
        "Minutes of travel",
    ),
    "office.field.meal_minutes": (
        "其中用餐分钟",
        "Minutes of meals",
    ),
    "office.field.rest_minutes": (
        "其中休息分钟",
        "Minutes of rest",
    ),
    "office.field.recorder": (
        "记录人",
        "Recorder",
    ),
    "office.field.approver": (
        "审核人",
        "Approver",
    ),
    "office.field.score": (
        "评分",
        "Score",
    ),
    "office.field.text": ("说明", "Comment"),
    "office.field.conduct": (
        "表现",
        "Conduct",
    ),
    "office.choice.conduct.good": (
        "良好",
        "good",
    ),
    "office.choice.conduct.poor": (
        "不良",
        "poor",
    ),
    "office.hint.activity_times": (
        "活动已公布时间的，不用填。",
        "Leave both times out where the activity has published ones.",
    ),
    "office.hint.published": (
        "公布的起止时间；没有公布的可以不填。",
        "As published; leave both out where none are.",
    ),
    "office.hint.deducted": (
        "不算服务的分钟数。",
        "Minutes that were no service.",
    ),
    "office.hint.approver": (
        "与记录人不是同一个人。",
        "Somebody other than the recorder.",
    ),
    "office.hint.score": (
        "五分最好。",
        "Five is best.",
    ),
    "office.hint.activity": (
        "没有的话，先登记活动。",
        "If it is not there, register the activity first.",
    ),
    "office.hint.content": (
        "具体做什么，写进证明。",
        "What people do there; it stands on certificates.",
    ),
    "office.hint.reason": (
        "加密保存，志愿者会看到。",
        "Kept encrypted; the volunteer reads it.",
    ),
    "correct.same": (
        "没有任何改动。",
        "Nothing is changed.",
    ),
    "correct.both": (
        "更正前后",
        "Before and after",
    ),
    "correct.what": (
        "内容",
        "What",
    ),
    "correct.old": (
        "原来",
        "Before",
    ),
    "correct.new": (
        "更正为",
        "After",
    ),
    "correct.changed": (
        "有改动",
        "changed",
    ),
    "correct.confirm": (
        "确认更正",
        "Correct the record",
    ),
    "correct.change": (
        "返回修改",
        "Change it again",
    ),
}
