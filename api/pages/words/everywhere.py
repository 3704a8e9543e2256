"""What every page says: signing in and out, failing."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    # Everywhere.
    "name": ("星时", "Sidereal"),
    "app.name": ("星时 · 志愿服务账本", "Sidereal, the volunteers' ledger"),
    "nav": ("栏目", "Sections"),
    "copy": ("复制", "Copy"),
    "copied": ("已复制", "Copied"),
    "list.more": ("更多", "More"),
    "field.optional": ("（可不填）", "(optional)"),
    "stars.held": ("{n} 星", "{n} star", "{n} stars"),
    "tier.province": ("省级", "Province"),
    "tier.city": ("市级", "City"),
    "tier.county": ("县区级", "County"),
    "tier.township": ("乡镇街道", "Township"),
    "tier.community": ("社区", "Community"),
    "tier.none": ("没有所属组织", "No organisation"),
    "role.volunteer": ("志愿者", "Volunteer"),
    "role.merchant": ("商户", "Merchant"),
    "role.organisation": ("志愿服务组织", "Organisation"),
    "role.reviewer": ("复核员", "Reviewer"),
    "role.auditor": ("审计员", "Auditor"),
    "role.operator": ("运营方", "Operator"),
    "skip": ("跳到内容", "Skip to content"),
    "other_language": ("English", "中文"),
    "print.large": ("大字", "Large print"),
    "print.normal": ("标准字号", "Normal print"),
    "sign_out": ("退出", "Sign out"),
    "sign_out.everywhere": ("在所有设备上退出", "Sign out everywhere"),
    # Signing in.
    "sign_in.title": ("登录", "Sign in"),
    "sign_in.code": ("登录码", "Sign-in code"),
    "sign_in.hint": (
        "组织、店长或运营方给您的 16 位登录码，也可以粘贴整条链接。十分钟内有效，只能用一次。",
        (
            "The 16 characters that your organisation, manager or operator gave you, or the whole"
            " link. Good for ten minutes, once."
        ),
    ),
    "sign_in.button": ("登录", "Sign in"),
    "sign_in.as": ("您将登录为", "You will be signed in as"),
    "sign_in.shared": (
        "这是别人也用的设备吗？用完请退出。",
        "Is this a device that others use too? Sign out when you are done.",
    ),
    # Failing.
    "failing.title": ("没有办成", "That did not work"),
    "failing.number": ("报错编号 {number}", "Number to quote: {number}"),
    "failing.back": ("返回", "Go back"),
}
