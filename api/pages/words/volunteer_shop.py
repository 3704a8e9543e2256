"""What a volunteer's pages of rewards and vouchers say."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "me.nameless": ("（名称未知）", "(name not known)"),
    "me.price.points": ("{n} 积分", "{n} point", "{n} points"),
    # Rewards.
    "me.rewards.title": ("兑换", "Rewards"),
    "me.rewards.have": ("您有 {points} 积分", "You have {points} points"),
    "me.rewards.saved": ("时间存折 {what}", "{what} saved"),
    "me.rewards.can": ("现在可以换", "You can get now"),
    "me.rewards.cannot": ("暂时换不了", "Not at present"),
    "me.rewards.empty": ("还没有可兑换的礼遇。", "There are no rewards yet."),
    "me.rewards.how": (
        "合作商户上架后会列在这里。您的积分照常有效。",
        "What partner shops offer will be listed here. Your points keep meanwhile.",
    ),
    "me.reward.quantity": ("数量", "How many"),
    "me.reward.reserve": ("兑换", "Get it"),
    "me.reward.what_happens": (
        "先留出积分，得到一张券，到店出示才算用掉。没有用会自动退回；时长和星级不变。",
        (
            "Its price is set aside and you get a voucher, used up only when you show it at the"
            " shop. Unused, it goes back by itself. Hours and stars stay as they are."
        ),
    ),
    "me.reward.shop": ("商户", "Shop"),
    "me.reward.branches": ("可用门店", "Where"),
    "me.reward.any_branch": ("该商户任一门店", "Any branch of the shop"),
    "me.reward.given": ("可用时间", "When"),
    "me.reward.left": ("剩余", "Left"),
    "me.reward.pieces": ("{n} 份", "{n}"),
    "me.reward.per_person": ("每人限", "For one person"),
    "me.reward.per_period": ("每人每{period}限", "For one person a {period}"),
    "me.reward.stars": ("星级要求", "Stars needed"),
    "me.reward.age": ("年龄要求", "Age needed"),
    "me.reward.years": ("满 {n} 周岁", "{n} years"),
    "me.reward.until": ("兑换截止", "On offer until"),
    "me.period.day": ("天", "day"),
    "me.period.week": ("周", "week"),
    "me.period.month": ("月", "month"),
    "me.period.quarter": ("季度", "quarter"),
    "me.period.year": ("年", "year"),
    "me.weekday.1": ("周一", "Mon"),
    "me.weekday.2": ("周二", "Tue"),
    "me.weekday.3": ("周三", "Wed"),
    "me.weekday.4": ("周四", "Thu"),
    "me.weekday.5": ("周五", "Fri"),
    "me.weekday.6": ("周六", "Sat"),
    "me.weekday.7": ("周日", "Sun"),
    # Why not.
    "me.why.insufficient_points": ("还差 {n} 积分", "{n} points more are needed"),
    "me.why.insufficient_time": ("存的时间还差 {what}", "{what} more of saved time are needed"),
    "me.why.star_gate_unmet": (
        "需要 {n} 星，您现在 {stars} 星",
        "For {n} stars and more; you hold {stars}",
    ),
    "me.why.age_gate_unmet": ("须满 {n} 周岁", "For people of {n} years and older"),
    "me.why.out_of_stock": ("已经换完，等商户补货", "None left until the shop adds more"),
    "me.why.per_person_limit": (
        "每人限 {n} 份，您已换 {taken} 份",
        "{n} for one person, and you have had {taken}",
    ),
    "me.why.per_period_limit": (
        "每人每{period}限 {n} 份，您已换 {taken} 份",
        "{n} for one person a {period}, and you have had {taken}",
    ),
    "me.why.reward_not_yet": ("{day} 起可换", "From {day} on"),
    "me.why.reward_over": ("已于 {day} 截止", "Over since {day}"),
    "me.why.redemption_frequency": (
        "本期 {n} 次已用完，{day} 起可以再换",
        "{n} in this period are used up; again from {day}",
    ),
    "me.why.spending_blocked": (
        "有一笔被追回，还清后才能兑换",
        "Something spent was taken back and has to be repaid first",
    ),
    # Vouchers.
    "me.vouchers.none": ("现在没有可用的券。", "You have no voucher to use now."),
    "me.vouchers.how": (
        "在“兑换”里用积分换一张，到店出示。",
        "Get one for points and show it at the shop.",
    ),
    "me.vouchers.past": ("用过和过期的", "Used, given back or over"),
    "me.voucher.until": ("{when} 前有效", "Good until {when}"),
    "me.voucher.left": ("还剩 {left}", "{left} left"),
    "me.voucher.days": ("{n} 天", "{n} d"),
    "me.voucher.qr": ("券的二维码，请商户扫描", "The voucher's QR code, for the shop to scan"),
    "me.voucher.code": ("券码", "Code"),
    "me.voucher.digits": ("验证数字", "Digits"),
    "me.voucher.new_digits": ("换新的数字", "Show new digits"),
    "me.voucher.show": (
        "请商户扫码或输入券码。券码不要发给别人。",
        "Let the shop scan it or type the code. Keep the code to yourself.",
    ),
    "me.voucher.guarded": (
        "请商户扫码；若输入券码，还要报六位数字。数字每半分钟换一次。",
        "Let the shop scan it. To type it they need the six digits too, new each half minute.",
    ),
    "me.voucher.costs": ("已留出", "Set aside"),
    "me.voucher.cost": ("价值", "Worth"),
    "me.voucher.back_at": ("没有用，退回时间", "Goes back unused"),
    "me.voucher.was_until": ("使用期至", "Was good until"),
    "me.voucher.used_at": ("使用时间", "Used"),
    "me.voucher.used_where": ("使用门店", "Where"),
    "me.voucher.used_pieces": ("用了", "Used of it"),
    "me.voucher.of": ("{n} / {all} 份，其余已退回", "{n} of {all}; the rest went back"),
    "me.voucher.used_number": ("核销凭证号", "Number of its use"),
    "me.voucher.refundable": ("商户可退至", "The shop can give it back until"),
    "me.voucher.number": ("兑换凭证号", "Number to quote"),
    "me.voucher.state.captured": ("已使用", "Used"),
    "me.voucher.state.settled": ("已使用", "Used"),
    "me.voucher.state.released": ("已退回", "Given back"),
    "me.voucher.state.expired": ("已过期", "Over"),
    "me.voucher.state.voided": ("已撤销", "Undone"),
    "me.voucher.state.refunded": ("已退款", "Refunded"),
    "me.voucher.became.captured": (
        "商户已收下这张券。不是您用的？请提出异议，答复之前不会付给商户。",
        (
            "The shop took this voucher. It was not you? Object: until that is answered the shop is"
            " not paid."
        ),
    ),
    "me.voucher.object": ("不是我用的，提出异议", "It was not me: object"),
    "me.voucher.became.settled": (
        "这张券已用掉，并已与商户结算。",
        "It was used, and the shop has been paid.",
    ),
    "me.voucher.became.released": (
        "您退回了这张券，留出的已回到账户。",
        "You gave it back, and what it held is yours again.",
    ),
    "me.voucher.became.expired": (
        "使用期已过，留出的会自动退回账户，不用您做什么。",
        "Its time is over. What it held goes back to you by itself; there is nothing to do.",
    ),
    "me.voucher.became.voided": (
        "商户撤销了核销，价值已退回您的账户。",
        "The shop undid its use, and its value went back to you.",
    ),
    "me.voucher.became.refunded": (
        "结算之后又退回了您的账户。",
        "After settlement its value was given back to you.",
    ),
    "me.voucher.acts": ("这张券还可以", "You can also"),
    "me.voucher.extend": ("延长使用期", "Make it longer"),
    "me.voucher.extend.what": (
        "可以延长一次，再给同样长的时间。",
        "Once, by as much time as it was made for.",
    ),
    "me.voucher.guard": ("加一道保护", "Ask for more than the code"),
    "me.voucher.guard.what": (
        "以后光有券码不能用，还要您手机上的六位数字，或您的志愿者卡和密码。不能取消。",
        (
            "From then on the code alone does not do: the six digits on your phone or your card and"
            " its PIN are needed too. This stays so."
        ),
    ),
    "me.voucher.reissue": ("换一个新券码", "Get a new code"),
    "me.voucher.reissue.what": (
        "券码被别人看到了？旧的立刻作废。",
        "Has somebody seen the code? The old one stops at once.",
    ),
    "me.voucher.slip": ("打印纸条", "Print it on a slip"),
    "me.voucher.release": ("退回这张券", "Give it back"),
    "me.voucher.release.what": (
        "{worth} 马上回到您的账户，这张券就不能再用。",
        "{worth} go back to you at once, and the voucher cannot be used any more.",
    ),
    "me.offline.sign": ("去没有网络的门店用", "Use it where there is no network"),
    "me.offline.what": (
        "选好门店后，券只能在那家用，也不能再退回或延长，要等商户上传之后。",
        (
            "Choose the branch: it is then good only there, and cannot be given back or made longer"
            " before the shop has had time to upload."
        ),
    ),
    "me.offline.branch": ("门店", "Branch"),
    "me.offline.show": ("离线券", "For a till without a network"),
    "me.offline.qr": ("离线券的二维码", "The QR code for a till without a network"),
    "me.offline.how": (
        "让没有网络的收银机扫这个码，并报出六位数字。可以先截图。",
        "Let the till scan this, and read out the six digits. You may keep a picture of it.",
    ),
    # What was just done.
    "me.done.redemption_reserved": (
        "换好了。到店出示下面的码。",
        "It is yours. Show the code below at the shop.",
    ),
    "me.done.redemption_extended": ("使用期已延长。", "It was made longer."),
    "me.done.redemption_released": (
        "已退回，留出的回到了您的账户。",
        "It was given back, and what it held is yours again.",
    ),
    "me.done.redemption_guarded": (
        "已加保护，光有券码不能用。",
        "Guarded: the code alone does not do any more.",
    ),
    "me.done.code_reissued": (
        "这是新的券码，旧的已作废。",
        "This is the new code; the old one is dead.",
    ),
    "me.done.voucher_signed": (
        "已签成离线券。码在下面“离线券”里。",
        "It is signed. Its code is below, under “For a till without a network”.",
    ),
}
