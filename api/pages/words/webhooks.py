"""What the pages about webhooks say."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "hook.title": ("网络通知", "Webhooks"),
    "hook.hint": (
        "账本每写下一件与您有关的事，就通知您自己的服务器。通知里只有编号，没有姓名和数额。",
        (
            "Your own server is told of each thing that the ledger writes about you. A message has"
            " ids only, no name and no amount."
        ),
    ),
    "hook.what.for": ("通知自己的服务器", "Tell your own server what happens"),
    "hook.done": ("已办好，凭证号 {number}。", "Done. Entry {number}."),
    "hook.none": ("还没有通知地址。", "There is no endpoint yet."),
    "hook.none.how": (
        "添加之后，从那时起发生的事会发到这个地址。",
        "Add one, and it is told of what happens from then on.",
    ),
    "hook.new": ("添加通知地址", "Add an endpoint"),
    "hook.others": ("其他各方的", "Of others"),
    "hook.others.hint": (
        "地址只有其所有者看得到，这里只有主机名。",
        "An address is shown to its owner alone; here you see its host.",
    ),
    "hook.events_all": ("全部事件", "Everything"),
    "hook.events_some": ("{n} 种事件", "{n} kind of event", "{n} kinds of events"),
    # How it stands.
    "hook.on": ("正常", "In order"),
    "hook.waiting": ("{n} 条等待送达", "{n} message waits", "{n} messages wait"),
    "hook.failed": ("{n} 条未送达", "{n} message failed", "{n} messages failed"),
    "hook.off.asked": ("已暂停", "Paused"),
    "hook.off.failing": ("一直失败，已停用", "Kept failing; stopped"),
    "hook.off.gone": ("地址已不存在，已停用", "Gone; stopped"),
    "hook.off.means.asked": (
        "您暂停了它，现在什么都不发。",
        "You paused it. Nothing is sent now.",
    ),
    "hook.off.means.failing": (
        "三天里一条都没送到，账本已停用它。修好接收端后再启用。",
        (
            "It took nothing for three days, and the ledger stopped. Mend the receiver, then go on"
            " here."
        ),
    ),
    "hook.off.means.gone": (
        "接收端回答 410，表示地址不再使用，账本已停用它。地址变了请先修改。",
        (
            "It answered 410, which says that the address is not used any more, and the ledger"
            " stopped. If it moved, change the address first."
        ),
    ),
    "hook.enable": ("启用", "Go on"),
    "hook.missed": ("把停用期间的事也补发", "Also send what happened meanwhile"),
    "hook.state": ("状态", "State"),
    "hook.owner": ("所有者", "Owner"),
    "hook.set_by": ("最近设置", "Set by"),
    # Adding and changing.
    "hook.url": ("地址", "Address"),
    "hook.url.hint": (
        "https，端口 443 或 8443。地址加密保存，只给您看；可以在路径里放一段只有您知道的字符。",
        (
            "https, port 443 or 8443. It is sealed and shown to you alone, so a secret may stand in"
            " its path."
        ),
    ),
    "hook.url.kept": ("留空则不变。", "Left empty, it stays."),
    "hook.url.hidden": ("只有所有者看得到", "Shown to its owner alone"),
    "hook.events": ("通知哪些事", "What it is told of"),
    "hook.events.hint": (
        "勾选需要的；一项都不勾，就是全部，包括以后新增的。",
        "Tick what you want. With none ticked it is everything, and what may come later too.",
    ),
    "hook.group.vouchers": ("礼遇、券与结算", "Rewards, vouchers and settlement"),
    "hook.group.service": ("服务与异议", "Service and objections"),
    "hook.group.time": ("时间存折与订单", "Saved time and orders"),
    "hook.group.honours": ("星级、表彰与积分", "Stars, honours and points"),
    "hook.group.parties": ("各方", "Who takes part"),
    "hook.group.rules": ("规则与凭据", "Rules and credentials"),
    "hook.add": ("添加", "Add"),
    "hook.change": ("修改", "Change"),
    "hook.save": ("保存修改", "Save"),
    # Trying it, and what became of messages.
    "hook.test": ("发一条测试", "Send a test"),
    "hook.test.hint": (
        "测试与真通知走同一条路：同样签名，同样重试，结果列在下面。",
        (
            "A test goes the way of every message: signed alike, tried again alike, and its outcome"
            " stands below."
        ),
    ),
    "hook.test.kind": ("测试", "Test"),
    "hook.deliveries": ("发送情况", "Messages"),
    "hook.deliveries.none": ("没有通知。", "There is no message."),
    "hook.deliveries.how": (
        "发一条测试，或等下一件事发生。",
        "Send a test, or wait for the next thing to happen.",
    ),
    "hook.deliveries.kept": (
        "已了结的保留三十天；凭证一直在，什么时候都可以补发。",
        "What is over is kept for thirty days. The entries stay, and can be told again any time.",
    ),
    "hook.look": ("再看一次", "Look again"),
    "hook.every": ("全部", "All"),
    "hook.is.waiting": ("等待送达", "Waiting"),
    "hook.is.delivered": ("已送达", "Delivered"),
    "hook.is.failed": ("未送达", "Failed"),
    "hook.is.stopped": ("停发", "Not sent"),
    "hook.what": ("事件", "What happened"),
    "hook.attempts": ("次数", "Attempts"),
    "hook.came": ("最近一次的结果", "Last outcome"),
    "hook.next": ("下次 {when}", "again {when}"),
    "hook.not_yet": ("马上发送", "Being sent"),
    "hook.again": ("再发一次", "Send again"),
    "hook.again.now": ("现在就发", "Send now"),
    "hook.answer.ok": ("已收下", "Taken"),
    "hook.answer.moved": (
        "接收端让我们去别的地址；通知不跟随跳转，请改成最终地址",
        "It pointed elsewhere. Redirects are not followed: give the final address",
    ),
    "hook.answer.denied": (
        "接收端拒绝；请检查路径中的暗号和验签",
        "It would not let us in. Check the secret in the path and how you verify",
    ),
    "hook.answer.missing": (
        "接收端没有这个路径，或不接受 POST",
        "There is nothing at this path, or it takes no POST",
    ),
    "hook.answer.gone": ("接收端说不再使用", "It says that it is not used any more"),
    "hook.answer.busy": ("接收端太忙，稍后再发", "It is too busy; we come back later"),
    "hook.answer.broken": ("接收端自己出错，请看它的日志", "It broke itself; see its own log"),
    "hook.answer.other": ("接收端没有收下", "It did not take the message"),
    "hook.fault.not_allowed": (
        "地址不是公网地址；需要时请运营方放行这个网络",
        "The address is no public one. The operator can allow its network",
    ),
    "hook.fault.unresolved": (
        "找不到这个主机名，请检查拼写和域名解析",
        "This name leads nowhere. Check its spelling and its DNS",
    ),
    "hook.fault.refused": (
        "对方没有在听，请检查服务和防火墙",
        "Nobody listens there. Check the service and the firewall",
    ),
    "hook.fault.timeout": (
        "五秒内没有回答；请先回答，再处理",
        "No answer within five seconds. Answer first, then do the work",
    ),
    "hook.fault.tls": (
        "证书不对：过期、名称不符，或缺少中间证书",
        "Its certificate is wrong: expired, of another name, or its chain is not whole",
    ),
    "hook.fault.broken": (
        "连接中断，或回答不是 HTTP",
        "The connection broke, or its answer was no HTTP",
    ),
    "hook.many": ("补发", "Telling it again"),
    "hook.many.open": ("从某条凭证起全部补发", "Everything from one entry on"),
    "hook.many.go": ("补发", "Send them again"),
    "hook.many.on": (
        "{number} 之前的已经发出，请从这里继续。",
        "Everything before {number} is on its way. Go on from here.",
    ),
    "hook.since": ("从凭证号", "From entry"),
    "hook.since.hint": (
        "同一件事的编号不变，接收端可以据此去重。",
        "Each message keeps its id, so the receiver knows what it had before.",
    ),
    "hook.care": ("接收端须知", "For whoever keeps the receiver"),
    "hook.fails": ("一直失败怎么办", "When it keeps failing"),
    "hook.fails.1": (
        "看上面「最近一次的结果」：它说的是接收端哪里不对。",
        "Read the last outcome above: it says what is wrong at the receiver.",
    ),
    "hook.fails.2": (
        "修好后发一条测试，看到「已送达」为止。",
        "Mend it and send a test, until it says “Delivered”.",
    ),
    "hook.fails.3": (
        "失败的会自己重试：5 秒、5 分钟、半小时……三天里十次，都不成就不再发。",
        (
            "What failed is tried again by itself: after 5 seconds, 5 minutes, half an hour … ten"
            " times in three days, and then no more."
        ),
    ),
    "hook.fails.4": (
        "三天里一条都没送到，地址会被停用；修好后在这里启用，并补发。",
        (
            "After three days in which nothing arrived the endpoint is stopped. Go on with it here"
            " and send again what it missed."
        ),
    ),
    "hook.fails.5": (
        "什么都没丢：凭证都在账本里，接收端随时可以自己来查。",
        "Nothing is lost: the entries are in the ledger, and the receiver may ask for them.",
    ),
    "hook.verify": ("怎样确认是我们发的", "How to know that we sent it"),
    "hook.verify.means": (
        "没有需要保管的密钥：每条通知都有签名，用这把公钥验。公钥请现在取一次并保存，不要从通知里取。",
        (
            "There is no secret to keep: each message is signed, and this public key checks it."
            " Take it once, now, and keep it; never take it from a message."
        ),
    ),
    "hook.verify.how": (
        "十行代码的例子见 docs/webhooks.md，也适用任何 Standard Webhooks 程序库。",
        "Ten lines of code are in docs/webhooks.md; any library for Standard Webhooks will do.",
    ),
    "hook.ends": ("暂停与移除", "Pausing and removing"),
    "hook.end.disable": ("暂停", "Pause"),
    "hook.end.disable.means": (
        "什么都不再发，地址保留。启用时可以补发。",
        "Nothing is sent, and the address stays. What happened can be sent when you go on.",
    ),
    "hook.end.disable.go": ("确认暂停", "Confirm: pause"),
    "hook.end.remove": ("移除", "Remove"),
    "hook.end.remove.means": (
        "不再发送，地址销毁，不能恢复。设置过的凭证留在账本里，其中没有地址。",
        (
            "Nothing is sent any more and the address is destroyed, for good. The entries that set"
            " it stay; the address is not in them."
        ),
    ),
    "hook.end.remove.go": ("确认移除", "Confirm: remove"),
}
