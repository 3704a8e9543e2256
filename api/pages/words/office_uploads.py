"""Exports that an organisation uploads."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "upload.title": (
        "上传记录",
        "Upload records",
    ),
    "upload.about": (
        "选择贵组织系统导出的服务记录。先看到每一行的结果，确认之后才会入账。",
        (
            "Choose the service records that your own system exported. You see what becomes of "
            "each row first; nothing is recorded until you say so."
        ),
    ),
    "upload.file": (
        "导出文件（CSV）",
        "Exported file (CSV)",
    ),
    "upload.file.hint": (
        "规定的二十列，最大 {n} MB。每天最多核对 {people} 人。文件加密保存三天，之后删除。",
        (
            "The twenty columns as exported, at most {n} MiB. Up to {people} people a day can "
            "be looked up. The file is kept encrypted for three days, then deleted."
        ),
    ),
    "upload.try": (
        "查看结果",
        "See what becomes of it",
    ),
    "upload.before": (
        "以前上传的",
        "Uploaded before",
    ),
    "upload.none": (
        "还没有上传过文件。",
        "No file was uploaded yet.",
    ),
    "upload.none.how": (
        "上传后，每份文件的进度和结果都在这里。",
        "Once you upload one, its progress and outcome stand here.",
    ),
    "upload.rows": (
        "{n} 行",
        "{n} row",
        "{n} rows",
    ),
    "upload.one": (
        "上传的文件",
        "Uploaded file",
    ),
    "upload.state.checked": (
        "待您确认",
        "waiting for you",
    ),
    "upload.state.committing": (
        "正在入账",
        "being recorded",
    ),
    "upload.state.committed": (
        "已入账",
        "recorded",
    ),
    "upload.state.stopped": (
        "已中断",
        "stopped",
    ),
    "upload.state.discarded": (
        "已放弃",
        "discarded",
    ),
    "upload.fixed": (
        "第 {n} 条记录已改好。",
        "Record {n} was put right.",
    ),
    "upload.stopped": (
        "入账中断，已入账的保留。可以从中断处继续。",
        "Recording stopped; what was recorded stays. You can go on from there.",
    ),
    "upload.emptied": (
        (
            "文件里有人已要求被遗忘：本人的行已经清空，算作跳过，其余各行不变。"
            "下面的积分和人数还是清空之前的；改动任何一行后会全部重算。"
        ),
        (
            "Somebody in this file asked to be forgotten. Their rows are empty now and skipped; all"
            " others are as they were. Points and people below are from before; they are counted"
            " anew whenever a row is changed."
        ),
    ),
    "upload.emptied.then": (
        "文件里有人已要求被遗忘，本人的行已经清空。",
        "Somebody in this file asked to be forgotten, and their rows are empty now.",
    ),
    "upload.discarded": (
        "这份文件已放弃，没有入账，文件已删除。",
        "This file was discarded: nothing of it was recorded, and the file is gone.",
    ),
    "upload.committed": (
        "已全部入账。下面是每一行的最终结果。",
        "All of it is recorded. Below is what became of each row.",
    ),
    "upload.known": (
        "这份文件以前入过账，下面是当时的结果；再次提交不会重复入账。",
        (
            "This file was recorded before, with the outcomes below. Committing it again "
            "records nothing twice."
        ),
    ),
    "upload.running": (
        "正在入账",
        "Recording",
    ),
    "upload.progress": (
        "已完成 {done} 行，共 {of} 行。",
        "{done} of {of} rows done.",
    ),
    "upload.running.hint": (
        "可以关闭这个页面，入账会继续。",
        "You may close this page; recording goes on.",
    ),
    "upload.refresh": (
        "刷新进度",
        "See how far it is",
    ),
    "upload.outcome.effective": (
        "有效",
        "effective",
    ),
    "upload.outcome.held": (
        "保留待复核",
        "held for review",
    ),
    "upload.outcome.refused": (
        "未通过",
        "refused",
    ),
    "upload.outcome.skipped": (
        "跳过",
        "skipped",
    ),
    "upload.minutes": (
        "有效时长",
        "Effective service",
    ),
    "upload.points": (
        "积分",
        "Points",
    ),
    "upload.people": (
        "志愿者",
        "Volunteers",
    ),
    "upload.minors": (
        "其中 {n} 位未成年人没有登记监护人同意，请补办。",
        "{n} minor has no guardian's consent on record; please see to it.",
        "{n} minors have no guardian's consent on record; please see to it.",
    ),
    "upload.commit": (
        "确认入账 {n} 行",
        "Record {n} row",
        "Record {n} rows",
    ),
    "upload.commit.hint": (
        "有效的立即计入，保留的等待复核，未通过的不入账。",
        "Effective rows count at once, held ones wait for review, refused ones are left out.",
    ),
    "upload.discard": (
        "放弃这份文件",
        "Discard this file",
    ),
    "upload.discard.about": (
        "什么都不入账，文件立即删除。",
        "Nothing is recorded and the file is deleted at once.",
    ),
    "upload.discard.now": (
        "放弃并删除",
        "Discard and delete",
    ),
    "upload.reasons": (
        "原因",
        "Why",
    ),
    "upload.rows.title": (
        "逐行结果",
        "Row by row",
    ),
    "upload.rows.none": (
        "这里没有行。",
        "No rows here.",
    ),
    "upload.filter": (
        "按结果筛选",
        "By outcome",
    ),
    "upload.all": (
        "全部",
        "All",
    ),
    "upload.column.record": (
        "记录",
        "Record",
    ),
    "upload.column.line": (
        "行号",
        "Line",
    ),
    "upload.column.outcome": (
        "结果",
        "Outcome",
    ),
    "upload.column.reasons": (
        "原因",
        "Reasons",
    ),
    "upload.column.minutes": (
        "分钟",
        "Minutes",
    ),
    "upload.column.volunteer": (
        "志愿者编号",
        "Volunteer's number",
    ),
    "upload.column.activity": (
        "活动",
        "Activity",
    ),
    "upload.column.times": (
        "签到、签退",
        "Check-in and out",
    ),
    "upload.row": (
        "第 {n} 行",
        "Line {n}",
    ),
    "upload.leave_out": (
        "去掉",
        "Leave out",
    ),
    "upload.leave_out.line": (
        "去掉第 {n} 行",
        "Leave out line {n}",
    ),
    "upload.leave_out.now": (
        "去掉选中的行",
        "Leave out ticked rows",
    ),
    "upload.leave_out.hint": (
        "去掉后会重新核对整份文件。",
        "The whole file is looked at again afterwards.",
    ),
    "upload.leave_out.this": (
        "去掉这一行",
        "Leave out this row",
    ),
    "upload.fix": (
        "改好并重新核对",
        "Put right and look again",
    ),
    "upload.again": (
        "还有问题：",
        "Not yet:",
    ),
    "upload.odd_length": (
        "这一行有 {n} 格，应为二十格。请逐格核对后保存。",
        "This row has {n} cells instead of twenty. Check each of them, then save.",
    ),
    "upload.downloads": (
        "下载",
        "Download",
    ),
    "upload.refused": (
        "下载未通过的行",
        "Download refused rows",
    ),
    "upload.refused.about": (
        "改好后另行上传。用电子表格打开时，请把证件号码一列设为文本，否则末几位会丢失。",
        (
            "Fix them and upload them by themselves. In a spreadsheet, open the identity "
            "numbers as text, or their last digits are lost."
        ),
    ),
    "upload.report.about": (
        "每一行的结果和原因，不含姓名和证件号码。",
        "What became of each row and why, without names or identity numbers.",
    ),
    "upload.report.csv": (
        "报告（CSV）",
        "Report (CSV)",
    ),
    "upload.report.json": (
        "报告（JSON）",
        "Report (JSON)",
    ),
    "upload.until": (
        "文件保存到 {when}。",
        "The file is kept until {when}.",
    ),
    "upload.gone": (
        "文件已删除，只留下每一行的结果。",
        "The file is gone; what became of each row stays.",
    ),
    "upload.cell.0": ("志愿者编号", "Volunteer's number"),
    "upload.cell.1": ("姓名", "Name"),
    "upload.cell.2": ("证件号码", "Identity number"),
    "upload.cell.3": ("组织名称", "Organisation"),
    "upload.cell.4": ("统一社会信用代码", "Organisation's code"),
    "upload.cell.5": ("活动编号", "Activity's number"),
    "upload.cell.6": ("活动名称", "Activity"),
    "upload.cell.7": ("服务类别", "Category"),
    "upload.cell.8": ("服务内容", "What was done"),
    "upload.cell.9": ("服务地点", "Place"),
    "upload.cell.10": ("活动负责人", "Activity's leader"),
    "upload.cell.11": ("活动开始", "Activity begins"),
    "upload.cell.12": ("活动结束", "Activity ends"),
    "upload.cell.13": ("签到", "Check-in"),
    "upload.cell.14": ("签退", "Check-out"),
    "upload.cell.15": ("扣除分钟", "Minutes to deduct"),
    "upload.cell.16": ("记录方式", "Evidence"),
    "upload.cell.17": ("记录人", "Recorder's number"),
    "upload.cell.18": ("审核人", "Approver's number"),
    "upload.cell.19": ("录入时间", "Recorded at"),
}
