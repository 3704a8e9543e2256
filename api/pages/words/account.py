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
    "account.everything.hint": (
        (
            "怀疑有人用过您的登录时用：除了退出所有设备，还解除全部 {n} 种绑定的登录方式。"
            "之后要用新的登录码才能登录。可以代您办理的人不变。"
        ),
        (
            "If somebody else may have been in here: it also removes the one way of signing in that"
            " was added. You then need a new code to sign in. Who may act for you stays."
        ),
        (
            "If somebody else may have been in here: it also removes all {n} ways of signing in"
            " that were added. You then need a new code to sign in. Who may act for you stays."
        ),
    ),
    "sign_out.everything": (
        "退出所有设备并解除绑定",
        "Sign out everywhere and remove them",
    ),
    "account.idle": (
        "{n} 分钟没有操作也会退出",
        "or after {n} minute without use",
        "or after {n} minutes without use",
    ),
    "account.session.idle": ("不再使用则至 {until}", "until {until} unless it is used"),
    "sign_in.unsent": (
        "刚才填写的还没有提交。重新登录后按浏览器的“后退”，回到那一页，填过的字一般还在；文件要重新选。",
        (
            "What you had just filled in was not sent. Sign in again, then go back in your browser"
            " until you see the form: what you typed is usually still there. Choose files again."
        ),
    ),
    # Signing out at the provider as well.
    "signed_out.title": ("您已在这里退出", "You are signed out here"),
    "signed_out.there": (
        "您在 {host} 可能还登录着。",
        "You may still be signed in at {host}.",
    ),
    "signed_out.button": ("也在 {host} 退出", "Sign out at {host} too"),
    "signed_out.hint": (
        "在别人的设备上请一并退出，否则下一个人可以用它登录。{host} 会先问您一句。",
        (
            "On a device of somebody else's do so, or the next person can sign in with it. {host}"
            " asks you first."
        ),
    ),
    "signed_out.again": ("重新登录", "Sign in again"),
    "account.session.for": ("代 {name} 办理中", "acting for {name}"),
    "account.session.by": ("{name} 代您办理中", "{name}, acting for you"),
    # Acting for somebody who cannot.
    "acting.title": ("代办", "Acting for somebody"),
    "acting.for": ("您正在代 {name} 办理", "You are acting for {name}"),
    "acting.begin": ("代 {name} 办理", "Act for {name}"),
    "acting.end": ("结束代办", "Stop acting"),
    "acting.hint": (
        "您办的每一件事都会记下是您代办的，本人随时看得到，也随时可以停止。",
        (
            "Everything you do is kept with a note that it was you. The person sees it at any time"
            " and can end it at any time."
        ),
    ),
    "acting.over": ("代办已结束", "You act for them no more"),
    "acting.back": ("回到我自己的页面", "Back to my own pages"),
    "why.help_over": (
        "这次代办已被收回、已到期，或有一方账号停用。已办好的事不受影响。",
        (
            "It was taken back, its time is over, or one of the two accounts is switched off. What"
            " was done stays done."
        ),
    ),
    "why.helper_not_active": (
        "代办人的账号目前停用，不能代办。",
        "The helper's account is switched off at present, so they act for nobody.",
    ),
    "why.not_for_helpers": (
        "这件事只能由本人办理，不能代办。",
        "This is for the person alone. Nobody can do it for them.",
    ),
    "why.bad_helper": (
        "代办人须是另一位志愿者或工作人员，不能是团体，也不能是您自己。",
        "A helper is another volunteer or a member of staff: no group, and not yourself.",
    ),
    "helping.helped": ("我可以代办的人", "People I may act for"),
    "helping.helpers": ("可以代我办理的人", "Who may act for me"),
    "helping.helper": ("代办人", "Helper"),
    "helping.hint": (
        "自己不方便时，可以请信得过的人代您办理。每一件都记下是谁代办的，您随时可以停止。",
        (
            "If you cannot do it yourself, somebody you trust can do it for you. Each thing says"
            " who did it, and you can end it at any time."
        ),
    ),
    "helping.late": (
        "为了安全，只能在登录后 15 分钟内请人代办。请先退出，重新登录；也可以书面委托运营方登记。",
        (
            "To be safe, you name somebody within 15 minutes of signing in. Sign out and in again"
            " to do so, or ask whoever runs this ledger in writing."
        ),
    ),
    "helping.new": ("请人代我办理", "Let somebody act for me"),
    "helping.new.lead": (
        "请对方打开“账号与登录”，把那里的代办号码告诉您。",
        "Ask them for the helper's number that stands on their account page.",
    ),
    "helping.number": ("我的代办号码", "My helper's number"),
    "helping.number.hint": (
        "有人想请您代办时，把这个号码告诉对方。只凭它不能登录。",
        "Tell it to whoever wants you to act for them. Nobody can sign in with it.",
    ),
    "helping.field": ("对方的代办号码", "Their helper's number"),
    "helping.field.hint": ("16 位字母和数字", "16 letters and digits"),
    "helping.unknown": (
        "没有这个号码。请对方再看一下自己的“账号与登录”。",
        "Nobody has this number. Ask them to look at their account page again.",
    ),
    "helping.what": ("可以代办", "May"),
    "helping.what.look": ("查看", "look"),
    "helping.what.always": (
        "可以查看您的时长、积分和记录，但看不到证件号码。还可以：",
        "They can see your hours, points and records, never your ID number. They may also:",
    ),
    "helping.what.orders": ("约服务、用时间存折", "book services and spend saved time"),
    "helping.what.vouchers": ("兑换奖励、使用券", "redeem rewards and use vouchers"),
    "helping.what.objections": ("提出异议", "object to records"),
    "helping.what.stars": ("申请星级", "apply for stars"),
    "helping.never": (
        "不能代办：注销或退出、各项同意、证明、卡和密码、再请别人代办。",
        (
            "Never: leaving or being forgotten, consents, certificates, cards and PINs, or letting"
            " somebody else act."
        ),
    ),
    "helping.days.label": ("多久", "For how long"),
    "helping.days": ("{n} 天", "{n} day", "{n} days"),
    "helping.until": ("至 {until}", "until {until}"),
    "helping.ends": ("到期", "Ends"),
    "helping.agreed": ("约定记录", "Agreed in entry"),
    "helping.check": ("下一步", "Next"),
    "helping.agree": ("同意代办", "Agree"),
    "helping.agree.title": ("让 {name} 代您办理？", "Let {name} act for you?"),
    "helping.done.agreed": (
        "已约定。对方登录后，在自己的“账号与登录”里就能代您办理。",
        "Agreed. They will find you on their account page once they are signed in.",
    ),
    "helping.done.ended": ("已停止，对方不能再代您办理。", "Ended. They act for you no more."),
    "helping.paused": ("暂停", "Paused"),
    "helping.state.active": ("有效", "Good"),
    "helping.state.paused": ("有一方账号停用，暂不能代办", "Paused: an account is switched off"),
    "helping.state.ended": ("已停止", "Ended"),
    "helping.state.over": ("已到期", "Over"),
    "helping.did": ("代我办了什么", "What they did for me"),
    "helping.did.nothing": ("还没有代办过。", "Nothing yet."),
    "helping.did.first": (
        "这里是最早的 {n} 件，其余在“明细”里。",
        "The first one; the rest is in your history.",
        "The first {n}; the rest is in your history.",
    ),
    "helping.end": ("停止代办", "End it now"),
    "helping.end.hint": (
        "立即生效。已经办好的事不受影响。",
        "It stops at once. What was done stays done.",
    ),
    # Who one is elsewhere.
    "sign_in.provider": ("用 {host} 登录", "Sign in with {host}"),
    "identity.title": ("用其他账号登录", "Other ways to sign in"),
    "identity.elsewhere": ("其他账号", "An account elsewhere"),
    "identity.since": ("绑定于 {since}", "linked {since}"),
    "identity.link": ("绑定 {host} 的账号", "Link an account at {host}"),
    "identity.unlink": ("解除绑定", "Unlink"),
    "identity.hint": (
        "绑定后不用登录码也能登录。我们不保存您在那里的姓名、邮箱或电话。",
        (
            "Once linked you sign in without a code. We keep neither your name there nor an address"
            " or a number."
        ),
    ),
    "identity.late": (
        "为了安全，只能在登录后 15 分钟内绑定。要绑定，请先退出，重新登录。",
        (
            "To be safe, an account is linked within 15 minutes of signing in. Sign out and in"
            " again to do so."
        ),
    ),
    "identity.not_mine": (
        "哪一个不是您绑定的，请解除，再用下面的“退出所有设备”。",
        "If you did not link one of these, unlink it, then sign out on every device below.",
    ),
    "identity.done.linked": ("已绑定，下次可以用它登录。", "Linked. You can sign in with it now."),
    "identity.done.unlinked": (
        "已解除绑定，用它登录的设备都已退出。",
        "Unlinked. Every device that was signed in with it is signed out.",
    ),
    "why.identity_refused": (
        "这次登录没有完成，或已经超时。请重新开始。",
        "That sign-in was not completed, or took too long. Begin again.",
    ),
    "why.unknown_identity": (
        "这个账号还没有绑定。请先用服务组织或运营方给的登录码登录，再到“账号与登录”里绑定它。",
        (
            "This account is linked to nobody here. Sign in with a code from your organisation or"
            " the operator first, then link it on your account page."
        ),
    ),
    "why.identity_taken": (
        "这个账号已经绑定给别人，或您以前的登录。请先在那里解除绑定。",
        "This account is linked already, to you or to somebody else. Unlink it there first.",
    ),
    # Passkeys.
    "sign_in.passkey": ("用通行密钥登录", "Sign in with a passkey"),
    "passkey.title": ("通行密钥", "Passkeys"),
    "passkey.hint": (
        "用手机或电脑的指纹、面容或锁屏密码登录，不用登录码。指纹和面容不会离开您的设备。",
        (
            "Sign in with the fingerprint, face or screen lock of your phone or computer, without a"
            " code. Fingerprint and face never leave your device."
        ),
    ),
    "passkey.late": (
        "为了安全，只能在登录后 15 分钟内添加。要添加，请先退出，重新登录。",
        (
            "To be safe, a passkey is added within 15 minutes of signing in. Sign out and in again"
            " to add one."
        ),
    ),
    "passkey.not_mine": (
        "哪一把不是您添加的，请移除，再用下面的“退出所有设备”。",
        "If you did not add one of these, remove it, then sign out on every device below.",
    ),
    "passkey.add": ("添加通行密钥", "Add a passkey"),
    "passkey.added": ("添加于 {since}", "Added {since}"),
    "passkey.used": ("上次用它登录：{last}", "last signed in with it {last}"),
    "passkey.unused": ("还没有用它登录过", "not signed in with it yet"),
    "passkey.here": ("本次登录", "This sign-in"),
    "passkey.remove": ("移除", "Remove"),
    "passkey.remove.label": ("移除 {since} 添加的通行密钥", "Remove the passkey added {since}"),
    "passkey.done.added": (
        "已添加，下次可以用它登录。",
        "Added. You can sign in with it now.",
    ),
    "passkey.done.removed": (
        "已移除，用它登录的设备都已退出。请在设备的密码管理里也把它删除。",
        (
            "Removed. Every device that was signed in with it is signed out. Delete it in your"
            " device's password settings as well."
        ),
    ),
    "passkey.none.show": (
        "没有登录：已取消，或这台设备上没有这里的通行密钥。可以再试一次，或用登录码登录。",
        (
            "You are not signed in: it was cancelled, or there is no passkey for this site on this"
            " device. Try again, or use a code."
        ),
    ),
    "passkey.none.make": (
        "没有添加：已取消或超时。要添加时请再点一次。",
        "Nothing was added: it was cancelled or took too long. Press again to add one.",
    ),
    "passkey.again": (
        "这台设备上已经有您的通行密钥，直接用它登录就可以。",
        "This device has a passkey of yours already. Just sign in with it.",
    ),
    "passkey.elsewhere": (
        "通行密钥只在它自己的网址上有效。请核对地址栏里的网址，再重新打开本页。",
        "Passkeys are good at their own address alone. Check it, then open the page again.",
    ),
    "passkey.unable": (
        "这台设备不能保存通行密钥，或没有设锁屏密码。请设好锁屏，或换一台设备。",
        (
            "This device cannot keep a passkey, or has no screen lock. Set one up, or use another"
            " device."
        ),
    ),
    "passkey.failed": (
        "这次没有办成，什么也没有改变。请检查网络，重新打开本页再试。",
        "That did not work, and nothing has changed. Check the network and open the page again.",
    ),
    "why.passkey_refused": (
        "这次没有通过验证，或已经超时。请再试一次；还不行就用登录码登录。",
        "That could not be verified, or took too long. Try again, or use a code.",
    ),
    "why.unknown_passkey": (
        "这里不认识这把通行密钥，它可能已被移除。请用登录码登录，再到“账号与登录”里重新添加。",
        (
            "This passkey is not known here; it may have been removed. Sign in with a code, then"
            " add one on your account page."
        ),
    ),
    "why.passkey_taken": (
        "这把通行密钥已经可以登录，不用再添加。",
        "This passkey signs in here already. There is no need to add it again.",
    ),
    "why.provider_unreachable": (
        "对方的登录服务暂时没有应答。请稍后再试，或用登录码登录。",
        "The other sign-in service does not answer. Try later, or use a code.",
    ),
    "why.sign_in_not_offered": (
        "这里没有开通这种登录方式。请用登录码登录。",
        "This way of signing in is not offered here. Use a code.",
    ),
    "why.bad_means": (
        "只能绑定您本人的登录方式。",
        "One links only how one signs in oneself.",
    ),
}
