"""What the account page says: who is signed in, where else, and how they sign in."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "account.title": ("账号与登录", "Account and sign-in"),
    "account.role": ("身份", "Signed in as"),
    "account.since": ("登录时间", "Since"),
    "account.until": ("最迟自动退出", "Ends by itself"),
    "account.sessions": ("登录中的设备", "Where you are signed in"),
    "account.sessions.hint": (
        "我们不记录是什么设备。哪一次登录不是您的，请把它退出。",
        "We keep no note of what device it is. If one of these is not yours, end it.",
    ),
    "account.session": ("登录于 {since}", "Signed in {since}"),
    "account.session.until": ("最迟至 {until}", "until {until} at the latest"),
    "account.session.here": ("本设备", "This device"),
    "account.session.end": ("退出这一次", "End this one"),
    "account.session.end.label": ("退出 {since} 的登录", "End the session of {since}"),
    "account.done.ended": ("这次登录已退出。", "That session has ended."),
    "why.unknown_session": (
        "没有这次登录，或者它已经结束。",
        "There is no such session of yours; it may be over already.",
    ),
    "account.everywhere": ("退出所有设备", "Sign out on every device"),
    "account.everywhere.hint": (
        "手机丢了，或在别人的设备上忘了退出时用。还没用过的登录链接也一并作废。",
        (
            "For a lost phone, or a device of somebody else's where you forgot to. Sign-in links"
            " that nobody used yet end too."
        ),
    ),
}
