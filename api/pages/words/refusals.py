"""What a no means to whoever reads it, by its code (docs/refusals.md)."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
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
