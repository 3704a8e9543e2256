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
        "这张表单不是从本页发出的，没有执行。请重新打开页面。",
        "That form did not come from this page, so nothing was done. Open the page again.",
    ),
    "why.insecure_address": (
        "这个地址没有加密，不能登录。请联系运营方。",
        "This address is not encrypted, so nobody can sign in. Tell the operator.",
    ),
    "why.not_signed_in": (
        "您还没有登录，或已退出。",
        "You are not signed in, or were signed out.",
    ),
    "why.session_idle": (
        "有一段时间没有操作，为了安全已自动退出。此前办成的都已保存。",
        (
            "Nothing was done here for a while, so you were signed out to be safe. What was done"
            " before is kept."
        ),
    ),
    "why.sign_in_again": (
        "为了安全，刚登录时才能添加登录方式或请人代办。请先退出，重新登录，在 15 分钟内完成。",
        (
            "To be safe, only who has just signed in adds a way of signing in, or lets somebody act"
            " for them. Sign out, sign in again, and do it within 15 minutes."
        ),
    ),
    "why.sign_in_link_over": (
        "这个登录码已用过、已过期或有误。请再要一个。",
        "This code was used, is too old or is wrong. Ask for a new one.",
    ),
    "why.token_revoked": (
        "您的登录已被收回，请联系给您登录码的人。",
        "Your sign-in was taken back. Ask whoever gave it to you.",
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
        "您没有这项权限，请联系给您登录码的人。",
        "You were not given that right. Ask whoever gave you the sign-in.",
    ),
    "why.unknown_redemption": (
        "没有这张券，或者不在您这里。",
        "There is no such voucher, or it is not with you.",
    ),
    "why.redemption_state_conflict": (
        "这张券的状态已变，请看当前状态。",
        "This voucher has changed meanwhile. See where it stands now.",
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
    "why.token_missing": ("您还没有登录。", "You are not signed in."),
    "why.token_invalid": ("登录无效，请重新登录。", "This sign-in is not valid. Sign in again."),
    "why.method_not_allowed": (
        "这个地址不能这样使用，请从页面重新开始。",
        "This address is not used like that. Begin again from a page.",
    ),
    "why.bad_request": (
        "没有读懂这次请求，什么都没有改变。请重新开始。",
        "The request could not be read, and nothing changed. Begin again.",
    ),
    "why.body_too_large": (
        "内容太长或文件太大，没有收下。",
        "This is longer, or the file larger, than is taken. Nothing was kept.",
    ),
    "why.compressed_body": ("请不要压缩后发送。", "Send it uncompressed."),
    "why.missing_body": (
        "没有收到内容，请填写后再提交。",
        "Nothing was filled in. Fill in the form and send it again.",
    ),
    "why.wrong_media_type": (
        "内容格式不对，请从页面提交。",
        "The content has the wrong format. Send it from the page.",
    ),
    "why.malformed_json": (
        "内容格式有误，没有读懂。",
        "The content is malformed and could not be read.",
    ),
    "why.duplicate_name": ("同一项填了两次。", "One field was sent twice."),
    "why.not_a_json_number": ("有一处不是有效的数字。", "One value is not a real number."),
    "why.nested_too_deep": (
        "内容层次太深，没有读取。",
        "The content is nested too deeply and was not read.",
    ),
    "why.reason_missing": (
        "请先写明查看的原因，再继续。",
        "Say why you look at this before you go on.",
    ),
    "why.bad_reason": (
        "原因请写成一行，不超过 200 字。",
        "Write the reason in one line of at most 200 characters.",
    ),
    "why.idempotency_key_missing": (
        "表单编号缺失，请重新打开页面再提交。",
        "This form has lost its number. Open the page again and send it once more.",
    ),
    "why.bad_idempotency_key": (
        "表单编号缺失或有误，请重新打开页面再提交。",
        "This form's number is missing or wrong. Open the page again and send it once more.",
    ),
    "why.not_acceptable": ("没有这种格式的文件。", "It is not to be had in that format."),
    "why.invalid_request": (
        "有几处需要改正，见各项下方的说明。",
        "Several things need correcting. Each is named below.",
    ),
    "why.unknown_field": (
        "提交了不认识的项目，请重新打开页面。",
        "Something was sent that has no place here. Open the page again.",
    ),
    "why.missing_field": ("请填写这一项。", "Please fill this in."),
    "why.wrong_type": (
        "这一项的格式不对，请重新填写。",
        "This is not the kind of value that belongs here.",
    ),
    "why.bad_text": (
        "请写成一行文字，不要含特殊字符。",
        "Write this in one line, without special characters.",
    ),
    "why.too_long": ("写得太长了，请缩短。", "This is too long. Shorten it."),
    "why.empty": ("这一项不能为空。", "This must not be empty."),
    "why.out_of_range": ("数字太小或太大。", "The number is too small or too large."),
    "why.not_a_choice": ("请从列出的选项中选一个。", "Choose one of the options listed."),
    "why.bad_id": (
        "编号不对。编号是 16 位，请原样复制。",
        "This is no id of ours: it has 16 characters. Copy it as it was shown.",
    ),
    "why.bad_time": ("没有这个日期或时间，请检查。", "There is no such day or time. Check it."),
    "why.no_time_zone": ("时间缺少时区。", "The time needs its zone."),
    "why.bad_period": (
        "请选一段时间：日、周、月、季、年，或起止两天（先后不要颠倒）。",
        "Choose a day, week, month, quarter or year, or two days in their order.",
    ),
    "why.bad_value": ("这一项没有读懂，请检查。", "This could not be read. Check it."),
    "why.printing_not_installed": (
        "这台服务器没有安装打印功能，请联系运营方。",
        "This server cannot make paper. Tell the operator.",
    ),
    "why.wrong_font": (
        "这台服务器的打印字体不对，请联系运营方。",
        "This server has the wrong font for paper. Tell the operator.",
    ),
    "why.key_reused": (
        "这张表单已用来办过另一件事。请重新打开页面再提交。",
        "This form was used for something else already. Open the page again and send it once more.",
    ),
    "why.stopping": (
        "系统正在重启，这次什么都没有改变。请稍后再试。",
        "The ledger is restarting and nothing changed this time. Try again in a moment.",
    ),
    "why.clock_unsure": (
        "系统时钟异常，暂停记账，这次什么都没有改变。请联系运营方。",
        "The ledger's clock cannot be trusted, so it writes nothing. Tell the operator.",
    ),
    "why.no_checkpoint": (
        "账本还没有签出第一个检查点，请稍后再来。",
        "No checkpoint has been signed yet. Come back in a moment.",
    ),
    "why.not_yet_covered": (
        "下一个检查点会包含这条记录，通常几分钟内签出。请稍后再取。",
        (
            "The next checkpoint will cover this entry, usually within minutes. Come back for its"
            " receipt."
        ),
    ),
    "why.too_many_lines": (
        "一次最多 3,000 行，每行一次。请缩短时间段。",
        "At most 3,000 lines at once, each once. Choose a shorter period.",
    ),
    "why.unknown_entry": (
        "没有这条记录，或者不能给您看。",
        "There is no such entry, or not for you.",
    ),
    "why.unknown_document": ("没有这份规则文件。", "There is no rule document of this name."),
    "why.policy_refused": (
        "这份规则文件不能使用，请看说明后改正。",
        "This rule document cannot be used as written. Read what is wrong and correct it.",
    ),
    "why.policy_already_adopted": (
        "这个版本已经生效，请提高版本号。",
        "This version is adopted already. Raise the version.",
    ),
    "why.unknown_draft": (
        "没有这份草案，可能已放弃。",
        "There is no such draft. It may have been given up.",
    ),
    "why.simulation_running": (
        "另一份草案正在试算，请等它算完。",
        "Another draft is being simulated. Wait until that is done.",
    ),
    "why.no_policy_in_force": (
        "那一天没有生效的规则。请检查日期，或先发布规则。",
        "No rules are in force on that day. Check the date, or adopt rules for it.",
    ),
    "why.unknown_party": (
        "没有找到这个人或单位，或者不在您这里。",
        "There is no such person or organisation, or not with you.",
    ),
    "why.party_not_active": (
        "对方目前停用、已退出或已注销，不能办理。",
        "They are suspended, have left or were forgotten, so this cannot be done.",
    ),
    "why.party_state_conflict": (
        "按目前的状态，不能这样改变。",
        "From the state it is in, this change is not possible.",
    ),
    "why.scope_not_of_role": (
        "这个角色或您自己没有其中的某项权限。",
        "This role, or you yourself, do not have all of these rights.",
    ),
    "why.role_not_of_party": ("对方不能以这个角色登录。", "They cannot have this role."),
    "why.unknown_credential": (
        "没有这个登录凭据，或者不是您的。",
        "There is no such credential, or it is not yours.",
    ),
    "why.credential_revoked": ("这个登录凭据已经收回了。", "This credential was revoked already."),
    "why.already_registered": ("已经登记过了。", "It is registered already."),
    "why.bad_tier": ("请选择四级之一。", "Choose one of the four tiers."),
    "why.bad_category": ("请选择服务类别。", "Choose a category of service."),
    "why.bad_amount": (
        "数量不能小于零，也不能多于登记数。",
        "A count is never below zero, nor above what is registered.",
    ),
    "why.not_a_person": ("只有自然人可以这样办理。", "This is only for people."),
    "why.bad_webhook_url": (
        "地址须是 https，端口 443 或 8443，不含用户名。",
        "The address must be https on port 443 or 8443, without a user name.",
    ),
    "why.address_not_global": (
        "这个地址不是公网地址，请运营方放行。",
        "This address is not a public one. The operator can allow its network.",
    ),
    "why.bad_event": (
        "没有这种事件，或不通知这一方。",
        "There is no such event, or this party is not told of it.",
    ),
    "why.webhook_state_conflict": (
        "状态已变，请刷新后再看。",
        "It has changed meanwhile. Load the page again.",
    ),
    "why.too_many_webhooks": (
        "最多十个启用的通知地址。",
        "At most ten endpoints are active at once.",
    ),
    "why.unknown_webhook": (
        "没有这个通知地址，或者不是您的。",
        "There is no such endpoint, or it is not yours.",
    ),
    "why.webhook_disabled": (
        "这个通知地址已停用，请先启用。",
        "This endpoint is disabled. Enable it first.",
    ),
    "why.already_running": (
        "核对正在进行，结果会显示在本页，请稍后刷新。",
        "A check is running already. Its outcome will stand here; load this page again shortly.",
    ),
}
