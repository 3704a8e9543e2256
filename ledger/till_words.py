"""What a till says, in Chinese and in English: what happened, and what to do now.

Pure data and the filling in of facts. `AT_THE_TILL` is the closed list of why a voucher cannot be
taken, in order of precedence: the same list, in the same order, as docs/refusals.md "At the till".
A sentence names a time, a branch or a number only where it is known; the first of a code's
sentences whose every blank can be filled is the one that is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from string import Formatter
from typing import Any, Final, NamedTuple

from ledger.standing import china_time


class Words(NamedTuple):
    """One sentence in both languages; `{blanks}` are filled from facts."""

    zh: str
    en: str


AT_THE_TILL: Final[Mapping[str, Sequence[Words]]] = {
    "clerk_not_active": (
        Words(
            "这位店员已停用，暂时不能核销，请联系店长。",
            "This clerk is switched off for now. Ask your manager.",
        ),
    ),
    "terminal_needed": (
        Words(
            "这个登录不能核销，请在本店登记的收银机上登录。",
            "This sign-in cannot take vouchers. Use one of your shop's registered tills.",
        ),
    ),
    "unknown_party": (
        Words(
            "这台收银机没有登记在本店，请联系店长。",
            "This till is not registered with this shop. Ask your manager.",
        ),
    ),
    "party_not_active": (
        Words(
            "这台收银机或本店已停用，暂时不能核销，请联系店长。",
            "This till or this branch is switched off for now. Ask your manager.",
        ),
    ),
    "too_many_attempts": (
        Words(
            "输错次数过多，这张券没有查。请 {wait}后再试。",
            "Too many wrong codes, so this voucher was not looked up. Try again in {wait}.",
        ),
    ),
    "practice_code": (
        Words(
            "这是练习码，不是真的券，没有核销。要练习请切换到练习模式。",
            "This is a practice code, not a voucher. Nothing was taken; switch to practice to use"
            " it.",
        ),
    ),
    "bad_code": (
        Words(
            "券码有误，请对照券面重新输入。这次不计，还可试 {left} 次。",
            "That is not a voucher code. Compare it with the voucher and type it again. This try"
            " does not count; {left} left.",
        ),
        Words(
            "券码有误，请对照券面重新输入。",
            "That is not a voucher code. Compare it with the voucher and type it again.",
        ),
    ),
    "bad_card": (
        Words(
            "卡号有误，请对照卡面重新输入。这次不计，还可试 {left} 次。",
            "That is not a card number. Compare it with the card and type it again. This try does"
            " not count; {left} left.",
        ),
        Words(
            "卡号有误，请对照卡面重新输入。",
            "That is not a card number. Compare it with the card and type it again.",
        ),
    ),
    "pin_needed": (
        Words(
            "这是志愿者卡，请持卡人输入六位密码。",
            "This is a volunteer's card. Let the holder type their six-digit PIN.",
        ),
    ),
    "bad_pin": (
        Words(
            "密码是六位数字，请持卡人重新输入。",
            "A PIN has six digits. Let the holder type it again.",
        ),
    ),
    "unknown_code": (
        Words(
            "本店没有这张券，请核对券码。还可试 {left} 次。",
            "This shop has no such voucher. Check the code; {left} left.",
        ),
        Words(
            "本店没有这张券，请核对券码。",
            "This shop has no such voucher. Check the code.",
        ),
    ),
    "pin_cooling_off": (
        Words(
            "这张卡密码输错次数过多，请 {wait}后再试。",
            "Too many wrong PINs for this card. Try again in {wait}.",
        ),
    ),
    "wrong_card_or_pin": (
        Words(
            "卡号或密码不对，请持卡人重新输入。还可试 {left} 次。",
            "Card or PIN is wrong. Let the holder type the PIN again; {left} left.",
        ),
        Words(
            "卡号或密码不对，请持卡人重新输入。",
            "Card or PIN is wrong. Let the holder type the PIN again.",
        ),
    ),
    "nothing_reserved_here": (
        Words(
            "这张卡在本店没有可用的券。请持卡人先兑换。",
            "Nothing is reserved at this shop with this card. The holder reserves first.",
        ),
    ),
    "choose_voucher": (
        Words(
            "这张卡在本店有几张券，请选择一张再核销。",
            "This card has several vouchers here. Choose one, then take it.",
        ),
    ),
    "already_captured": (
        Words(
            "这张券已于 {when} 在 {branch} 核销，不能再用。",
            "This voucher was taken {when} at {branch}. It cannot be used again.",
        ),
        Words(
            "这张券已于 {when} 核销，不能再用。",
            "This voucher was taken {when}. It cannot be used again.",
        ),
    ),
    "voided": (
        Words(
            "这张券核销后已撤销，价值已退回持券人。请持券人重新兑换。",
            "This voucher was taken and undone; its value went back. The holder can reserve again.",
        ),
    ),
    "released": (
        Words(
            "持券人已退回这张券。请持券人重新兑换。",
            "The holder gave this voucher back. They can reserve again.",
        ),
    ),
    "expired": (
        Words(
            "这张券已于 {when} 过期。请持券人重新兑换。",
            "This voucher ran out {when}. The holder can reserve again.",
        ),
    ),
    "wrong_branch": (
        Words(
            "这张券本店不能用，限 {branches}。",
            "This voucher is for {branches}, not for this branch.",
        ),
        Words(
            "这张券本店不能用，限本商户其他门店。",
            "This voucher is for another branch of yours.",
        ),
    ),
    "outside_hours": (
        Words(
            "这张券限 {weekdays} {opens} 至 {closes} 可用，请在此时间内再来。",
            "This voucher can be used on {weekdays} from {opens} to {closes}. Please come back"
            " then.",
        ),
        Words(
            "这张券每天 {opens} 至 {closes} 可用，请在此时间内再来。",
            "This voucher can be used from {opens} to {closes}. Please come back then.",
        ),
    ),
    "quantity_too_large": (
        Words(
            "这张券只有 {reserved} 份，请改数量后再试。",
            "This voucher is for {reserved}. Enter no more than that.",
        ),
    ),
    "account_stopped": (
        Words(
            "这张券正在核查，暂时不能核销。运营方会处理，请持券人稍后再来。",
            "This voucher is being checked and cannot be taken now. The operator is looking into"
            " it; please come back later.",
        ),
    ),
    "holder_not_active": (
        Words(
            "持券人目前不能兑换，请持券人联系所在的志愿服务组织。",
            "The holder cannot redeem at present. They can ask their organisation.",
        ),
    ),
    "clerk_limit_reached": (
        Words(
            "这位店员今日限额 {limit}，已用 {used}，这张超出了。请由店长核销，或明天再来。",
            "This clerk's limit is {limit} a day and {used} is used; this is more. Ask your manager"
            " to take it, or come back tomorrow.",
        ),
    ),
    "too_soon": (
        Words(
            "持券人刚刚用过一张券，请等 {wait}再核销。",
            "The holder used a voucher a moment ago. Wait {wait}, then take this one.",
        ),
    ),
    "card_closed": (
        Words(
            "这张卡已停用，不能核销。请持卡人联系所在的志愿服务组织。",
            "This card was closed and takes nothing. The holder can ask their organisation.",
        ),
    ),
    "rotating_value_needed": (
        Words(
            "这张券还需要持券人手机上的六位动态数字，请扫手机上的二维码。",
            "This voucher also needs the six digits on the holder's phone. Scan the phone's code.",
        ),
    ),
    "rotating_cooling_off": (
        Words(
            "动态数字输错次数过多，请 {wait}后再试。",
            "Too many wrong digits for this holder. Try again in {wait}.",
        ),
    ),
    "wrong_rotating_value": (
        Words(
            "动态数字不对，请重新扫持券人手机上的二维码。还可试 {left} 次。",
            "Those are not the digits on the holder's phone now. Scan it again; {left} left.",
        ),
        Words(
            "动态数字不对，请重新扫持券人手机上的二维码。",
            "Those are not the digits on the holder's phone now. Scan it again.",
        ),
    ),
    "attestation_outdated": (
        Words(
            "动态数字已过时，请重新扫持券人手机上的二维码。",
            "Those digits are too old by now. Scan the holder's phone again.",
        ),
    ),
    "rotating_value_used": (
        Words(
            "这组动态数字已用过，请等 {wait}后再扫手机上的新数字。",
            "Those digits were used already. Wait {wait}, then scan the new ones on the phone.",
        ),
    ),
}
"""Why a voucher cannot be taken: the closed list, the first that holds is the answer."""

AROUND_THE_TILL: Final[Mapping[str, Words]] = {
    "token_missing": Words(
        "收银机还没有登录，请登录后再试。", "This till is not signed in. Sign in and try again."
    ),
    "token_invalid": Words(
        "收银机的登录无效，请重新登录。", "This till's sign-in is not valid. Sign in again."
    ),
    "token_revoked": Words(
        "收银机的登录已被收回，请联系店长。",
        "This till's sign-in was taken back. Ask your manager.",
    ),
    "token_expired": Words(
        "收银机的登录已到期，请重新登录。", "This till's sign-in has run out. Sign in again."
    ),
    "caller_not_active": Words(
        "本商户目前停用，不能核销，请联系运营方。",
        "This merchant is switched off at present. Call the operator.",
    ),
    "role_not_allowed": Words(
        "这个登录不是商户的，不能核销，请联系店长。",
        "This sign-in is not a merchant's and cannot take vouchers. Ask your manager.",
    ),
    "scope_missing": Words(
        "这台收银机没有这项权限，请联系店长。",
        "This till was not given that right. Ask your manager.",
    ),
    "real_code": Words(
        "这可能是真的券，练习中没有核销。请退出练习后再扫。",
        "This may be a real voucher; practice takes none. Leave practice and scan it again.",
    ),
    "key_reused": Words(
        "收银程序的编号重复了，这次没有核销。请先看今日核销，再重新扫码。",
        "The till used one request number twice; this time nothing was taken. See today's list,"
        " then scan again.",
    ),
    "request_in_flight": Words(
        "上一次还在处理，请稍等再试。", "The last try is still being answered. Wait a moment."
    ),
    "clock_unsure": Words(
        "系统正在核对时间，暂时不能核销。请稍后用同一笔再试，不会扣两次。",
        "The system is checking its clock. Try the same one again soon; it is never taken twice.",
    ),
    "stopping": Words(
        "系统正在重启。请 5 秒后用同一笔再试，不会扣两次。",
        "The system is restarting. Try the same one again in 5 seconds; it is never taken twice.",
    ),
    "internal_error": Words(
        "系统出了问题。请用同一笔重试；仍不行请联系运营方。",
        "Something failed on our side. Try the same one again; if it fails, call the operator.",
    ),
}
"""What any request may be told, at a till too."""

OTHERWISE: Final = Words(
    "收银程序发来的请求有误，没有核销。请重新扫码；仍不行请联系技术支持。",
    "Nothing was taken: this till sent something that cannot be read. Scan again, or call support.",
)
"""For what only a fault of the till's program can cause."""

VALID: Final = Words(
    "有效：{title} {quantity} 份，可以核销。", "Valid: {title}, quantity {quantity}. Go ahead."
)
VALID_RAPID: Final = Words(
    "有效：{title} {quantity} 份。持券人刚刚用过一张券，核销后须经复核才结算。",
    "Valid: {title}, quantity {quantity}. The holder used another a moment ago, so this one is"
    " settled only after a review.",
)
TAKEN: Final = Words("{moment} 已核销 {quantity} 份。", "Taken {moment}: quantity {quantity}.")
"""Of a capture's answer, the first time and every time: so it names the moment."""

MOMENTS: Final = ("captured_at", "expired_at")
"""Facts that are times (ms): what is said of them depends on the day on which it is said."""
_MONTHS: Final = (
    "January February March April May June July August September October November December"
).split()
_MINUTE: Final = 60
_HUNDRED: Final = 100
_WAIT_MINUTES_FROM: Final = 120
"""Seconds from which on a wait is told in minutes, rounded up."""


def said(
    code: str, facts: Mapping[str, Any], *, now: int, names: Mapping[str, str]
) -> dict[str, str]:
    """The sentence for a refusal's code and facts, as `{"zh": …, "en": …}`.

    `now` in ms; `names` are the merchant's own branches by id. A code of neither list gets
    `OTHERWISE`.
    """
    choice = AT_THE_TILL.get(code) or (AROUND_THE_TILL.get(code, OTHERWISE),)
    blanks = _blanks(facts, now, names)
    for words in choice:
        if _names_in(words) <= blanks.keys():
            return _filled(words, blanks)
    return _filled(OTHERWISE, {})


def said_valid(*, title: str, quantity: int, rapid: bool) -> dict[str, str]:
    """The sentence for a voucher that can be taken: so many pieces of something."""
    words = VALID_RAPID if rapid else VALID
    if not title:
        words = Words(
            words.zh.replace("{title} ", ""), words.en.replace("{title}, quantity", "quantity")
        )
    return _filled(words, {"title": (title, title), "quantity": _both(quantity)})


def in_practice(words: Mapping[str, str]) -> dict[str, str]:
    """The same sentence as practice says it, so that neither is taken for the other."""
    return {"zh": f"【练习】{words['zh']}", "en": f"[Practice] {words['en']}"}


def said_taken(*, time: int, quantity: int) -> dict[str, str]:
    """The sentence for a capture at `time` (ms): the same whenever it is told again."""
    at = china_time(time)
    moment = (f"{at.month}月{at.day}日 {at:%H:%M}", f"on {_day(at)} at {at:%H:%M}")
    return _filled(TAKEN, {"moment": moment, "quantity": _both(quantity)})


Blanks = dict[str, tuple[str, str]]
"""What fills each blank, in Chinese and in English."""


def _filled(words: Words, blanks: Blanks) -> dict[str, str]:
    # Filled in one pass: a title with braces in it is only a title.
    return {
        "zh": words.zh.format_map({name: both[0] for name, both in blanks.items()}),
        "en": words.en.format_map({name: both[1] for name, both in blanks.items()}),
    }


def _names_in(words: Words) -> set[str]:
    return {name for text in words for _, name, _, _ in Formatter().parse(text) if name}


def _blanks(facts: Mapping[str, Any], now: int, names: Mapping[str, str]) -> Blanks:
    """Every blank that these facts can fill."""
    blanks: Blanks = {}
    for name in MOMENTS:
        if name in facts:
            blanks["when"] = _when(facts[name], now)
    if named := names.get(facts.get("branch", "")):
        blanks["branch"] = _both(named)
    branches = [names[each] for each in facts.get("branches", ()) if each in names]
    if branches and len(branches) == len(facts["branches"]):
        blanks["branches"] = ("、".join(branches), ", ".join(branches))
    if "wait_seconds" in facts:
        blanks["wait"] = _wait(facts["wait_seconds"])
    # With none left the sentence without a number is said; the next try names the wait.
    if left := facts.get("attempts_left"):
        blanks["left"] = str(left), "1 try" if left == 1 else f"{left} tries"
    for name in ("opens", "closes"):
        if name in facts:
            hour, minute = divmod(facts[name], _MINUTE)
            blanks[name] = _both(f"{hour:02d}:{minute:02d}")
    if facts.get("weekdays"):
        blanks["weekdays"] = _weekdays([int(day) for day in facts["weekdays"].split("+")])
    if "limited" in facts:
        for name in ("limit", "used"):
            blanks[name] = _limited(facts["limited"], facts[name])
    if "reserved" in facts:
        blanks["reserved"] = _both(facts["reserved"])
    return blanks


def _both(text: str | int) -> tuple[str, str]:
    return str(text), str(text)


def _weekdays(days: Sequence[int]) -> tuple[str, str]:
    """Days of the week, 1 Monday to 7 Sunday and ascending, as people say them: 周一至周五."""
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    said = [(run[0], run[-1]) if len(run) > 2 else (day, day) for run in runs for day in run[:2]]
    said = list(dict.fromkeys(said))
    chinese = (
        f"周{_DAYS[first][0]}" + (f"至周{_DAYS[last][0]}" if last > first else "")
        for first, last in said
    )
    english = (
        _DAYS[first][1] + (f" to {_DAYS[last][1]}" if last > first else "") for first, last in said
    )
    return "、".join(chinese), ", ".join(english)


_DAYS: Final = {
    1: ("一", "Monday"),
    2: ("二", "Tuesday"),
    3: ("三", "Wednesday"),
    4: ("四", "Thursday"),
    5: ("五", "Friday"),
    6: ("六", "Saturday"),
    7: ("日", "Sunday"),
}


def _limited(what: str, number: int) -> tuple[str, str]:
    """So many captures, hundredths of a point or minutes."""
    if what == "captures":
        return f"{number} 张", "1 voucher" if number == 1 else f"{number} vouchers"
    if what == "minutes":
        return f"{number} 分钟", f"{number} minutes"
    whole, rest = divmod(number, _HUNDRED)
    points = f"{whole}.{rest:02d}" if rest else str(whole)
    return f"{points} 积分", f"{points} points"


def _when(time: int, now: int) -> tuple[str, str]:
    """A past time as people say it: the day only where it is another, the year likewise."""
    at, today = china_time(time), china_time(now)
    clock = f"{at:%H:%M}"
    if at.date() == today.date():
        return clock, f"at {clock}"
    if at.year == today.year:
        return f"{at.month}月{at.day}日 {clock}", f"on {_day(at)} at {clock}"
    return (
        f"{at.year}年{at.month}月{at.day}日 {clock}",
        f"on {_day(at)} {at.year} at {clock}",
    )


def _day(at: datetime) -> str:
    # Not `%B`: what a month is called must not depend on the server's own language.
    return f"{at.day} {_MONTHS[at.month - 1]}"


def _wait(seconds: int) -> tuple[str, str]:
    if seconds < _WAIT_MINUTES_FROM:
        return f"{seconds} 秒", "1 second" if seconds == 1 else f"{seconds} seconds"
    minutes = -(-seconds // _MINUTE)
    return f"{minutes} 分钟", f"{minutes} minutes"
