"""What a shop's till says."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
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
    "camera.start": ("用摄像头扫", "Scan with the camera"),
    "camera.stop": ("关闭摄像头", "Stop the camera"),
    "camera.picture": ("摄像头画面", "What the camera sees"),
    "camera.hint": (
        "把二维码放进画面，会自动读取。",
        "Hold the QR code in view; it is read by itself.",
    ),
    "camera.refused": (
        "没有获准使用摄像头。请在浏览器的网站设置里允许，或直接输入券码。",
        "The camera was not allowed. Allow it in the browser's site settings, or type the code.",
    ),
    "camera.missing": (
        "这台设备没有可用的摄像头。请用扫码枪，或直接输入券码。",
        "This device has no camera to use. Use a scanner, or type the code.",
    ),
    "camera.failed": (
        "摄像头没有打开，可能正被其他程序使用。请重试，或直接输入券码。",
        "The camera did not open; another program may be using it. Try again, or type the code.",
    ),
    # Practice.
    "practice.begin": ("练习", "Practise"),
    "practice.word": ("练习", "Practice"),
    "practice.band": ("什么都不会扣除", "Nothing is taken"),
    "practice.field": ("扫描或输入练习码", "Scan or type a practice code"),
    "practice.hint": (
        "这里只认练习码。真的券请回到收银。",
        "Only practice codes are read here. For a real voucher go back to the till.",
    ),
    "practice.over": ("结束练习，回到收银", "End practice, back to the till"),
    "practice.lessons": ("练习码", "Practice codes"),
    "practice.kind.code": ("券", "Vouchers"),
    "practice.kind.card": ("志愿者卡和密码", "A card and its PIN"),
    "practice.kind.phone": ("手机上的六位动态数字", "The six digits on a phone"),
    "practice.kind.network": ("断网", "The network goes"),
    "practice.pin": ("练习卡的密码是 {pin}。", "The practice card's PIN is {pin}."),
    "practice.pin.wrong": (
        "练习卡的密码是 {pin}。这一课先故意输错，例如 {typed}，再输对。",
        (
            "The practice card's PIN is {pin}. In this lesson type a wrong one first, such as"
            " {typed}, then the right one."
        ),
    ),
    "practice.digits.now": (
        "持券人的手机现在显示 {now}，{n} 秒后更换。",
        "The holder's phone shows {now} now, for 1 more second.",
        "The holder's phone shows {now} now, for {n} more seconds.",
    ),
    "practice.digits.wrong": (
        "持券人的手机现在显示 {now}。这一课先故意抄错一位，例如 {typed}，再输对。",
        (
            "The holder's phone shows {now} now. In this lesson type one digit wrong first, such as"
            " {typed}, then the right ones."
        ),
    ),
    "practice.digits.old": (
        "手机一分钟前显示 {typed}，现在是 {now}。这一课先输旧的，再输现在的。",
        (
            "A minute ago the phone showed {typed}, now {now}. In this lesson type the old digits"
            " first, then those of now."
        ),
    ),
    "practice.done": (
        "真的核销也是这样：之后可以撤销，凭证号会写入账本。",
        "A real one looks just like this: it can be undone, and has a number in the ledger.",
    ),
    "practice.undone": ("真的撤销也是这样。", "Undoing a real one looks just like this."),
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
    "answer.wait": ("再等 {n} 秒", "Wait 1 second", "Wait {n} seconds"),
    "answer.left": ("{n} 秒后可再问", "Ask again in {n} s"),
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
        "没有收到答复：没有查到，也没有扣除。请再试一次。",
        "No answer came: nothing was looked up and nothing taken. Try again.",
    ),
    "net.not": ("没有扣除", "Not taken"),
    "net.open": ("还不知道", "Not known yet"),
    "net.never": (
        "刚才那张券没有扣除。请重新扫码。",
        "The voucher was not taken. Scan it again.",
    ),
    "net.lost": (
        "没有收到刚才那张券的答复，还不知道是否已扣除。重新扫码前，请先看今日核销里有没有它。",
        (
            "No answer came about the voucher, so it is not known yet whether it was taken. Before"
            " you scan it again, see whether it is listed under Taken today."
        ),
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
    "line.undo_over": ("已过期限，不能再撤销。", "That is over: it can no longer be undone."),
    "line.next": ("下一张", "Next"),
    "line.note": ("备注", "Note"),
    "line.note.add": ("写备注", "Write a note"),
    "line.note.change": ("改备注", "Change the note"),
    "line.note.hint": (
        "只有本店看得到。不要写持券人的姓名或电话。",
        "Only the shop sees it. Write no name or number of the holder's.",
    ),
    "line.note.keep": ("保存备注", "Keep the note"),
    "line.noted": ("备注已保存。", "The note is kept."),
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
}
