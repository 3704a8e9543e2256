"""An organisation's reports, and what it states of a year."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "office.reports": ("报表", "Reports"),
    "office.reports.about": (
        "按志愿者所属组织和服务月份统计，含所有下级组织。报表里没有任何人的姓名或编号。",
        (
            "By the volunteers' own organisation and the month of the service, with all that stands"
            " below. Nobody's name or number is in it."
        ),
    ),
    "office.first_month": ("从", "From"),
    "office.last_month": ("到", "To"),
    "office.show": ("查看", "Show"),
    "office.download": ("下载 {kind}", "Download {kind}"),
    "office.month": ("月份", "Month"),
    "office.month.01": ("1月", "Jan"),
    "office.month.02": ("2月", "Feb"),
    "office.month.03": ("3月", "Mar"),
    "office.month.04": ("4月", "Apr"),
    "office.month.05": ("5月", "May"),
    "office.month.06": ("6月", "Jun"),
    "office.month.07": ("7月", "Jul"),
    "office.month.08": ("8月", "Aug"),
    "office.month.09": ("9月", "Sep"),
    "office.month.10": ("10月", "Oct"),
    "office.month.11": ("11月", "Nov"),
    "office.month.12": ("12月", "Dec"),
    "office.people.unit": ("人", "people"),
    "office.by_organisation": ("按组织", "By organisation"),
    "office.targets": ("{year} 年指标", "Targets of {year}"),
    "office.ratio.residents": (
        "注册志愿者 {part} 人，建成区常住人口 {whole} 人，占 {percent}%，目标是大于 {target}%",
        (
            "{part} registered volunteers among {whole} residents: {percent}%. The target is more"
            " than {target}%"
        ),
    ),
    "office.ratio.staff": (
        "文明单位职工 {whole} 人，其中注册志愿者 {part} 人，占 {percent}%，目标是大于 {target}%",
        (
            "{part} of {whole} staff of civilised units are registered: {percent}%. The target is"
            " more than {target}%"
        ),
    ),
    "office.ratio.members": (
        "在职党员 {whole} 人，其中注册志愿者 {part} 人，占 {percent}%，目标是大于 {target}%",
        (
            "{part} of {whole} in-service Party members are registered: {percent}%. The target is"
            " more than {target}%"
        ),
    ),
    "office.ratio.unstated.residents": (
        "常住人口还没有填报，算不出注册比例",
        "Nobody has stated how many residents there are",
    ),
    "office.ratio.unstated.staff": (
        "文明单位职工人数还没有填报",
        "Nobody has stated how many staff civilised units have",
    ),
    "office.ratio.unstated.members": (
        "在职党员人数还没有填报",
        "Nobody has stated how many in-service Party members there are",
    ),
    "office.ratio.active": (
        "注册 {whole} 人中，当年服务过的 {part} 人，占 {percent}%",
        "{part} of {whole} registered volunteers served in it: {percent}%",
    ),
    "office.ratio.each": ("人均 {much}", "{much} each"),
    "office.verdict.met": ("达到", "Met"),
    "office.verdict.not_met": ("未达到（正好等于不算）", "Not met (exactly equal is not more)"),
    "office.verdict.not_applicable": ("不适用", "Not applicable"),
    "office.chart.minutes": ("每月服务时长", "Service by month"),
    "office.chart.people": ("每月注册与服务人数", "Registered and active by month"),
    "office.chart.category": ("各类服务时长", "Service by category"),
    "office.chart.tier": ("各层级服务时长", "Service by tier"),
    "office.chart.stars": ("现有星级人数", "Stars held now"),
    "office.chart.points": ("每月积分", "Points by month"),
    "office.chart.saved": ("每月时间存折", "Saved time by month"),
    "office.across.category": ("类别", "Category"),
    "office.across.tier": ("层级", "Tier"),
    "office.across.stars": ("星级", "Star"),
    "office.series.minutes": ("服务时长", "Service"),
    "office.series.registered": ("注册", "Registered"),
    "office.series.active": ("服务人数", "Active"),
    "office.series.holders": ("人数", "Volunteers"),
    "office.series.points_issued": ("发放积分", "Points issued"),
    "office.series.points_redeemed": ("兑换积分", "Redeemed"),
    "office.series.saved": ("存入时间", "Time saved"),
    "office.series.for_orders": ("付服务订单", "For orders"),
    "office.series.for_rewards": ("换礼遇", "For rewards"),
    "office.choice.tier.none": ("不属于组织", "Of no organisation"),
    "office.category.elsewhere": ("其他账本转入", "From another ledger"),
    # What is stated of a year.
    "office.populations": ("年度人口数据", "People of a year"),
    "office.populations.none": (
        "还没有填报过。填报后报表才能算出注册比例。",
        "Nothing stated yet. The reports need it for their ratios.",
    ),
    "office.act.population": ("填报一年的数据", "State a year"),
    "office.about.population": (
        "本组织和下级组织合计的人数。同一年再填一次，以新的为准；没填的按 0 计，该项比例不计算。",
        (
            "Of yours and all below you together. Stated again for the same year, the new figures"
            " hold; what is left out is 0, and its ratio is not worked out."
        ),
    ),
    "office.field.year": ("年份", "Year"),
    "office.field.residents": ("建成区常住人口", "Residents"),
    "office.field.staff": ("文明单位职工", "Staff"),
    "office.field.staff_registered": ("其中注册志愿者", "Staff who are registered"),
    "office.field.members": ("在职党员", "Party members"),
    "office.field.members_registered": ("党员中注册志愿者", "Party members who are registered"),
    "office.hint.residents": ("建成区范围内的人数。", "People of the built-up area."),
    "office.hint.staff": ("各级文明单位的人数。", "People of civilised units."),
    "office.hint.staff_registered": ("不多于职工人数。", "No more than the staff."),
    "office.hint.members": ("组织关系在本地的人数。", "In-service members."),
    "office.hint.members_registered": ("不多于在职党员人数。", "No more than the members."),
}
