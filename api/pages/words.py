"""Every word of the pages, Chinese first and English beside it; times and amounts as people say
them.

English is written, not translated. A key with three texts has an English one for a single thing
and one for several, chosen by the blank `n`.
"""

from __future__ import annotations

from typing import Final

from ledger.standing import china_time

LANGUAGES: Final = ("zh", "en")

WORDS: Final[dict[str, tuple[str, ...]]] = {
    # Everywhere.
    "name": ("星时", "Sidereal"),
    "skip": ("跳到内容", "Skip to content"),
    "other_language": ("English", "中文"),
    "print.large": ("大字", "Large print"),
    "print.normal": ("标准字号", "Normal print"),
    "sign_out": ("退出", "Sign out"),
    "sign_out.everywhere": ("在所有设备上退出", "Sign out everywhere"),
    "back_to_till": ("回到收银", "Back to the till"),
    # Signing in.
    "sign_in.title": ("登录", "Sign in"),
    "sign_in.code": ("登录码", "Sign-in code"),
    "sign_in.hint": (
        "店长或运营方给您的 16 位登录码，也可以粘贴整条链接。十分钟内有效，只能用一次。",
        (
            "The 16 characters that your manager or the operator gave you, or the whole link. Good"
            " for ten minutes, once."
        ),
    ),
    "sign_in.button": ("登录", "Sign in"),
    "sign_in.as": ("您将登录为", "You will be signed in as"),
    "sign_in.shared": (
        "这是别人也用的设备吗？用完请退出。",
        "Is this a device that others use too? Sign out when you are done.",
    ),
    # Where somebody stands.
    "place.clerk": ("店员 {name}", "Clerk: {name}"),
    "place.clerk.nameless": ("店员", "Clerk"),
    "place.shop": ("商户", "Merchant"),
    # The till.
    "till.title": ("收银", "Till"),
    "till.field": ("扫描或输入券码", "Scan or type the voucher"),
    "till.hint": (
        "扫码枪直接扫，或输入十位券码；志愿者卡输入卡号。",
        "Scan it, or type its ten characters. For a volunteer's card, type the card number.",
    ),
    "till.look": ("查验", "Check"),
    "till.no_terminal": (
        "这个登录不属于任何一台收银机，只能查看。",
        "This sign-in belongs to no till. You can look, not take vouchers.",
    ),
    "till.today": ("今日", "Today"),
    "till.count": ("{n} 张", "1 voucher", "{n} vouchers"),
    "till.pieces": ("{n} 份", "1 item", "{n} items"),
    "till.points": ("{n} 积分", "1 point", "{n} points"),
    "till.undone": ("其中撤销 {n} 张", "1 of them undone", "{n} of them undone"),
    "till.empty": (
        "今天还没有核销。核销过的券会列在这里。",
        "Nothing taken yet today. What you take is listed here.",
    ),
    "till.list": ("今日核销", "Taken today"),
    "till.newest": ("这里列出最近 {n} 张。", "The newest {n} are listed."),
    "till.left": ("今日还可核销：{what}", "You may still take today: {what}"),
    "state.captured": ("已核销", "Taken"),
    "state.settled": ("已结算", "Settled"),
    "state.voided": ("已撤销", "Undone"),
    "state.refunded": ("已退回", "Given back"),
    # The answer.
    "answer.valid": ("有效", "Valid"),
    "answer.refused": ("不能核销", "Not valid"),
    "answer.waiting": ("请稍候", "One moment"),
    "answer.more": ("还差一步", "One more step"),
    "answer.nothing_taken": ("尚未扣除。", "Nothing has been taken yet."),
    "answer.nameless": ("（名称未知）", "(name not known)"),
    "answer.quantity": ("份数", "Quantity"),
    "answer.of": ("{n} 份", "Quantity {n}"),
    "answer.confirm": ("确认核销", "Confirm"),
    "answer.cancel": ("取消，不核销", "Cancel, take nothing"),
    "answer.until": ("{when} 前有效", "Good until {when}"),
    "answer.holder": ("持券人 {name}", "Holder {name}"),
    "answer.branches": ("限 {names}", "Only at {names}"),
    "answer.used": ("{when} 已用", "Used {when}"),
    "answer.next": ("扫下一张", "Scan the next one"),
    "answer.again": ("再问一次", "Ask again"),
    "answer.pin": ("持卡人的六位密码", "The holder's six-digit PIN"),
    "answer.digits": ("持券人手机上的六位数字", "The six digits on the holder's phone"),
    "answer.go_on": ("继续", "Go on"),
    # When the network is away. What is said is what is true.
    "net.unsent": (
        "网络断了，尚未扣除。恢复后会自动核销，只扣一次。请不要关闭本页。",
        (
            "The network is down and nothing has been taken. It will be taken once, by itself, when"
            " the network is back. Keep this page open."
        ),
    ),
    "net.unknown": (
        "没有收到答复，还不知道是否已扣除。正在用同一编号再问，不会扣两次。请不要关闭本页。",
        (
            "No answer came, so it is not known yet whether it was taken. Asking again with the"
            " same number; it is never taken twice. Keep this page open."
        ),
    ),
    "net.look": (
        "网络断了，没有查到，也没有扣除。请恢复后再试。",
        "The network is down: nothing was looked up and nothing taken. Try again when it is back.",
    ),
    "net.asking": ("正在核销…", "Taking it…"),
    # After it.
    "line.done": ("已核销", "Taken"),
    "line.again": (
        "这张券已在这里核销过，只扣了一次。",
        "It had been taken here before, and was taken once only.",
    ),
    "line.undone": ("已撤销", "Undone"),
    "line.undone_sentence": (
        "价值已退回持券人。",
        "Its value went back to the holder.",
    ),
    "line.time": ("时间", "Time"),
    "line.number": ("凭证号", "Number"),
    "line.undo_until": ("可撤销至", "Can be undone until"),
    "line.next": ("下一张", "Next"),
    "line.undo": ("撤销这次核销", "Undo this"),
    "line.why": ("原因", "Reason"),
    "ground.mistake": ("扫错了", "Taken by mistake"),
    "ground.cannot_supply": ("没有货，给不了", "We cannot supply it"),
    "ground.system_fault": ("系统出错", "A fault of the system"),
    "line.undo_button": ("确认撤销", "Confirm: undo"),
    # Behind a voucher's QR code.
    "leads.title": ("这是一张志愿服务兑换券", "This is a volunteer's voucher"),
    "leads.what": (
        "请在商户的收银机上出示。券码不要发给别人，谁先用就归谁。",
        "Show it at the shop's till. Keep its code to yourself: whoever uses it first has it.",
    ),
    "leads.till": ("我是商户，打开收银", "I am at the till: open it"),
    # Failing.
    "failing.title": ("没有办成", "That did not work"),
    "failing.number": ("报错编号 {number}", "Number to quote: {number}"),
    "failing.back": ("返回", "Go back"),
    "why.other": (
        "这一步没有成功，什么都没有改变。请返回再试。",
        "This step failed and changed nothing. Go back and try again.",
    ),
    "why.not_found": ("没有这个页面。", "There is no such page."),
    "why.internal_error": (
        "系统出了问题。请返回再试；仍不行请报下面的编号。",
        "Something failed on our side. Go back and try again, or quote the number below.",
    ),
    "why.foreign_form": (
        "这张表单不是从本页发出的，没有执行。请从收银页重新开始。",
        "That form did not come from this page, so nothing was done. Begin again at the till.",
    ),
    "why.insecure_address": (
        "这个地址没有加密，不能登录。请联系运营方。",
        "This address is not encrypted, so nobody can sign in. Tell the operator.",
    ),
    "why.not_signed_in": (
        "您还没有登录，或已退出。",
        "You are not signed in, or were signed out.",
    ),
    "why.sign_in_link_over": (
        "这个登录码已用过、已过期或有误。请再要一个。",
        "This code was used, is too old or is wrong. Ask for a new one.",
    ),
    "why.token_revoked": (
        "您的登录已被收回，请联系店长。",
        "Your sign-in was taken back. Ask your manager.",
    ),
    "why.token_expired": ("登录已到期，请重新登录。", "Your sign-in has run out. Sign in again."),
    "why.clerk_not_active": (
        "这位店员已停用，请联系店长。",
        "This clerk is switched off for now. Ask your manager.",
    ),
    "why.caller_not_active": (
        "您所在的单位目前停用，请联系运营方。",
        "This account is switched off at present. Call the operator.",
    ),
    "why.role_not_allowed": ("这个页面不是给您的。", "This page is not for you."),
    "why.scope_missing": (
        "您没有这项权限，请联系店长。",
        "You were not given that right. Ask your manager.",
    ),
    "why.unknown_redemption": (
        "没有这条核销记录，或者不是这里核销的。",
        "There is no such line, or it was not taken here.",
    ),
    "why.redemption_state_conflict": (
        "这张券的状态已变，不能撤销。请看当前状态。",
        "This voucher has changed meanwhile and cannot be undone. See where it stands now.",
    ),
    "why.refund_over": ("已过撤销期限。", "The time to undo it is over."),
    "why.not_reversible": (
        "按规则，这个原因不能撤销。",
        "The rules do not let it be undone for this reason.",
    ),
    "why.account_stopped": (
        "这张券正在核查，暂时不能撤销。",
        "This voucher is being checked and cannot be undone now.",
    ),
    "why.request_in_flight": (
        "上一次还在处理，请稍等再试。",
        "The last try is still being answered. Wait a moment.",
    ),
}


def say(key: str, lang: str, /, **blanks: object) -> str:
    """A text in one language. Raises KeyError for a key that there is not."""
    texts = WORDS[key]
    if lang == "zh":
        chosen = texts[0]
    else:
        chosen = texts[-1] if len(texts) < 3 or str(blanks.get("n")) != "1" else texts[1]
    return chosen.format_map(blanks) if blanks else chosen


def known(code: str) -> str:
    """A refusal's code where there are words for it, else `other`."""
    return code if f"why.{code}" in WORDS else "other"


def moment(time: int, now: int, lang: str) -> str:
    """A time (ms) on the clocks of China: the day only where it is another, the year likewise."""
    at, today = china_time(time), china_time(now)
    clock = f"{at:%H:%M}"
    if at.date() == today.date():
        return clock
    year = at.year != today.year
    if lang == "zh":
        return f"{f'{at.year}年' if year else ''}{at.month}月{at.day}日 {clock}"
    return f"{at.day} {_MONTHS[at.month - 1]}{f' {at.year}' if year else ''}, {clock}"


def points(hundredths: int) -> str:
    """Points with two decimals only where there are any."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"


def duration(minutes: int, lang: str) -> str:
    """Hours and minutes, never decimals."""
    hours, rest = divmod(minutes, 60)
    units = ("小时", "分") if lang == "zh" else ("h", "min")
    parts = [f"{n} {unit}" for n, unit in zip((hours, rest), units, strict=True) if n]
    return " ".join(parts) or f"0 {units[1]}"


def numbered(index: int) -> str:
    """An entry's number as people read it: `18 204`, with thin spaces."""
    return f"{index:,}".replace(",", "\u2009")


_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
