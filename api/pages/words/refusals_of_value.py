"""What a no about saved time, points, rewards, vouchers and tills means, by its code."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "why.not_saved_here": (
        "这条记录来自另一个账本，请在原账本存入。",
        "The record came over from another ledger. Save it where it was recorded.",
    ),
    "why.already_deposited": ("这条记录已经存入过。", "This record was saved already."),
    "why.too_many_minutes": ("超过了这条记录的时长。", "More than the record brought."),
    "why.group_has_no_account": ("按规则团体没有时间账户。", "These rules give groups no account."),
    "why.nothing_to_save": ("不足一个存入单位。", "Less than one unit of saved time."),
    "why.group_donates_only": (
        "团体只能捐赠所存时间。",
        "A group donates what it saved and does nothing else with it.",
    ),
    "why.not_a_relative": (
        "按规则只能赠给登记的亲属等指定的人。",
        "Saved time goes to registered relatives and others whom the rules name.",
    ),
    "why.spending_blocked": (
        "有一笔被追回，先还清才能使用。",
        "Something spent was taken back. It is repaid first.",
    ),
    "why.insufficient_time": ("存的时间不够。", "Not that much time is saved."),
    "why.insufficient_points": ("积分不够。", "There are not enough points."),
    "why.not_whole_coins": ("请按规定的整数单位。", "Saved time moves in whole units here."),
    "why.account_full": (
        "账户或当天已满，不能再存。",
        "The account, or the day, cannot hold so much.",
    ),
    "why.not_your_pool": (
        "只能从本组织的时间池支出。",
        "An organisation grants out of its own pool only.",
    ),
    "why.ground_not_granted": (
        "没有登记相应情况，或规则不予发放。",
        "The circumstance is not on file, or the rules grant nothing for it.",
    ),
    "why.no_starting_time": ("按规则没有起始时间。", "The rules give nobody time to start with."),
    "why.already_granted": ("已经授予过。", "It was granted already."),
    "why.pool_empty": ("时间池不够。", "The pool has not so much."),
    "why.not_frozen": ("账户没有冻结。", "The account is not frozen."),
    "why.one_destination": (
        "请在受赠人和时间池中选一个。",
        "Choose a recipient or a pool, not both.",
    ),
    "why.star_gate_unmet": ("星级还不够。", "This needs more stars."),
    "why.redemption_frequency": ("本期兑换次数已用完。", "No more redemptions in this period."),
    "why.unknown_order": (
        "没有这张服务单，或者与您无关。",
        "There is no such order, or you take no part in it.",
    ),
    "why.not_the_recipient": ("这一步由服务对象办理。", "This is for whoever is served."),
    "why.not_the_provider": ("这一步由提供服务的志愿者办理。", "This is for whoever serves."),
    "why.order_state_conflict": (
        "服务单的状态已变，请刷新后再看。",
        "This order has changed meanwhile. Load the page again.",
    ),
    "why.order_expired": ("没有人及时接单，服务单已过期。", "Nobody accepted in time."),
    "why.not_for_oneself": ("不能服务自己的服务单。", "Nobody serves an order of their own."),
    "why.record_not_of_order": (
        "这条记录的类别、日期或组织与服务单不符。",
        "The record is of another category, other days or another organisation.",
    ),
    "why.not_expired_yet": ("还没有到期。", "Its time is not over yet."),
    "why.merchant_needed": ("请说明是哪家商户的。", "Say whose reward it is."),
    "why.unknown_reward": (
        "没有这项礼遇，或者不是您的。",
        "There is no such reward, or it is not yours.",
    ),
    "why.reward_withdrawn": ("已下架，请另发一项。", "It was withdrawn. Publish another."),
    "why.reward_state_conflict": (
        "已发布的只能改库存。要改其他内容，请另发一项并下架这一项。",
        (
            "A published reward changes no more but for its stock. Publish another and withdraw "
            "this one."
        ),
    ),
    "why.bad_reward": (
        "礼遇内容填写有误，请检查各项。",
        "The reward is not as rewards are. Check each field.",
    ),
    "why.time_pays_service_only": (
        "时间只能支付服务单，不能换物品。",
        "Saved time pays service orders, not goods.",
    ),
    "why.unknown_fund": (
        "没有为这家商户出资的这笔资金。",
        "No fund of this name pays for this shop's rewards.",
    ),
    "why.fund_committed": (
        "已预留和核销的超过这个数。",
        "More than that is reserved and captured already.",
    ),
    "why.reward_not_available": (
        "未发布、已下架或不在有效期内。",
        "Not published, withdrawn, or outside its dates.",
    ),
    "why.out_of_stock": ("剩余数量不够。", "Fewer are left."),
    "why.fund_exhausted": ("资助方的额度已用完或已停止。", "Its sponsor pays for no more."),
    "why.per_person_limit": ("已达每人限量。", "One person can have no more of it."),
    "why.per_period_limit": (
        "已达本期每人限量。",
        "One person can have no more of it in this period.",
    ),
    "why.tier_gate_unmet": ("限其他层级组织的志愿者。", "This is for volunteers of another tier."),
    "why.outside_organisation": (
        "限另一个组织的志愿者。",
        "This is for volunteers of another organisation.",
    ),
    "why.expired": ("已过期，价值已退回。", "Its time is over, and its value went back."),
    "why.voucher_signed": (
        "已签成离线券，时间不能再改。",
        "It was signed for a till without a network, with its time.",
    ),
    "why.not_extendable": ("按规则不能延长。", "By the rules no reservation is made longer."),
    "why.already_extended": (
        "已经延长过一次。可以退回后重新兑换。",
        "It was made longer once already. Give it back and reserve again.",
    ),
    "why.volunteer_or_card_needed": (
        "请说明是哪位志愿者，或出示卡和密码。",
        "Say whom it is for, or take their card and PIN.",
    ),
    "why.too_many_attempts": ("错误次数太多，请稍后再试。", "Too many wrong tries. Wait a while."),
    "why.too_many_attempts.wait": (
        "试的次数太多了，请 {n} 分钟后再试。",
        "Too many tries. Try again in {n} minute.",
        "Too many tries. Try again in {n} minutes.",
    ),
    "why.card_of_another": ("这张卡是另一位志愿者的。", "The card is another volunteer's."),
    "why.guarded_already": (
        "已经要求出示手机数字了。",
        "It asks for the value on the phone already.",
    ),
    "why.consent_missing": (
        "没有出示卡时，须志愿者本人先同意。",
        "Without the card the volunteer consents first.",
    ),
    "why.offline_voucher": (
        "这是离线券，券码不能更换。",
        "This voucher works offline, so its code stays.",
    ),
    "why.code_reissued_already": ("刚刚换过券码。", "Another code was made this moment."),
    "why.unknown_card": (
        "没有这张卡，或者不是您的。",
        "There is no such card, or it is another's.",
    ),
    "why.card_closed": ("这张卡已停用。", "This card is closed already."),
    "why.card_held_already": (
        "已有一张卡，请先挂失或换卡。",
        "They have a card. Replace it, or report it lost first.",
    ),
    "why.terminal_needed": ("须在登记的收银机上核销。", "Vouchers are taken at a registered till."),
    "why.practice_code": ("这是练习码，不是真券。", "This is a code for practice, and no voucher."),
    "why.bad_code": ("券码有误，请核对。", "This is no voucher's code. Check it."),
    "why.bad_card": ("卡号有误，请核对。", "This is no card's number. Check it."),
    "why.pin_needed": ("请持卡人输入六位密码。", "The holder types the six-digit PIN."),
    "why.bad_pin": ("密码是六位数字。", "A PIN has six digits."),
    "why.unknown_code": ("本店没有这张券。", "No voucher of this shop has this code."),
    "why.pin_cooling_off": ("密码错误次数太多，请稍后再试。", "Too many wrong PINs. Wait a while."),
    "why.wrong_card_or_pin": ("卡号或密码不对。", "The card or its PIN is wrong."),
    "why.nothing_reserved_here": (
        "持卡人在本店没有预留。",
        "Its holder has nothing reserved at this shop.",
    ),
    "why.choose_voucher": ("这里有几张，请选一张。", "Several are reserved here. Choose one."),
    "why.already_captured": ("已经核销过。", "It was taken already."),
    "why.voided": ("已撤销，价值已退回。", "It was undone, and its value went back."),
    "why.released": ("持券人已退回。", "Its holder gave it back."),
    "why.wrong_branch": ("限其他门店使用。", "It is for other branches."),
    "why.outside_hours": ("现在不在可用时段。", "Not at this hour."),
    "why.quantity_too_large": ("没有预留这么多。", "Fewer are reserved."),
    "why.holder_not_active": ("持券人目前不能兑换。", "Its holder cannot redeem at present."),
    "why.clerk_limit_reached": (
        "超过这位店员今日的限额。",
        "With this one the clerk would take more today than they may.",
    ),
    "why.too_soon": (
        "同一持券人刚用过一张，请等几秒。",
        "The same holder used a voucher seconds ago. Wait a moment.",
    ),
    "why.rotating_value_needed": (
        "请看持券人手机上的六位数字。",
        "The six digits on the holder's phone are needed.",
    ),
    "why.rotating_cooling_off": (
        "数字错误次数太多，请稍后再试。",
        "Too many wrong digits. Wait a while.",
    ),
    "why.wrong_rotating_value": (
        "数字不对，请看最新的。",
        "The digits are wrong. Read the newest ones.",
    ),
    "why.rotating_value_used": (
        "这组数字已用过，请等下一组。",
        "These digits were used. Wait for the next ones.",
    ),
    "why.real_code": (
        "这可能是真券，练习中不收。",
        "This may be a real voucher, and practice takes none.",
    ),
    "why.nothing_to_review": (
        "没有需要核查的，或已核查过。",
        "There is nothing to review, or somebody has.",
    ),
    "why.nothing_to_lapse": ("没有到期的积分。", "No points have passed their last day."),
    "why.voucher_signed_already": ("已签过，请重新打开。", "It was signed before. Open it again."),
    "why.voucher_not_signed": ("这张券没有签成离线券。", "Nobody had it signed."),
    "why.offline_not_allowed": ("按规则不支持离线核销。", "The rules take no vouchers offline."),
    "why.bad_till_key": ("收银机的公钥有误。", "The till's key is not valid."),
    "why.unknown_offline_session": (
        "这台收银机没有这次离线时段。",
        "This till has no such session.",
    ),
    "why.offline_session_open": (
        "本店已有一次离线时段未结束。",
        "A till of this branch has a session that is open.",
    ),
    "why.bad_acceptance": (
        "离线记录的签名不对，没有写入。",
        "The till did not sign this, and nothing was written.",
    ),
    "why.offline_session_closed": ("这次离线时段已结束。", "This session is closed."),
    "why.counter_reused": (
        "这个序号已上传过别的内容。",
        "Something else was uploaded under this counter.",
    ),
    "why.too_many_conflicts": (
        "这台收款机今天的离线冲突太多，其余的明天再传，并请检查机器。",
        "This till has too many conflicts today: upload the others tomorrow, and look at the till.",
    ),
    "why.counters_missing": ("还有离线记录没有上传。", "Not everything was uploaded yet."),
    "why.already_settled": ("已经结算过。", "It was settled before."),
    "why.awaits_review": ("已标记，须先核查。", "It was flagged and is reviewed first."),
    "why.within_void_window": (
        "还在可撤销期内，暂不能结算。",
        "It can still be undone, so it is not settled yet.",
    ),
    "why.nothing_to_settle": ("没有可以结算的。", "There is nothing to settle."),
}
