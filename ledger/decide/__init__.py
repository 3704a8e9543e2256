"""Decide what an action means.

Pure: no clock, no database, no configuration, no vault. The same action, standing and time always
give the same drafts, which is how an auditor can replay us. A refusal raises `Refused`; whatever
returns will be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ledger import actions
from ledger.actions import Action
from ledger.decide import (
    bans,
    cards,
    catalogue,
    certificates,
    clerks,
    consents,
    credit,
    documents,
    honours,
    objections,
    offline,
    orders,
    parties,
    points,
    qualifications,
    review,
    rewards,
    service,
    settlement,
    stars,
    statements,
    time_bank,
    webhooks,
)
from ledger.entry import Draft
from ledger.standing import Standing

RULES: Final = 1
"""The number of this decision code: a changed outcome is a new number, the old code stays."""

Decision = list[Draft]

_DECIDE: Final[Mapping[type[Action], Callable[[Any, Standing, int], Decision]]] = {
    actions.Begin: documents.begin,
    actions.AdoptPolicy: documents.adopt_policy,
    actions.AdoptCalendar: documents.adopt_calendar,
    actions.CommitAccessLog: documents.commit_access_log,
    actions.IssueCertificate: certificates.issue,
    actions.RegisterVolunteer: parties.register_volunteer,
    actions.RegisterGroup: parties.register_group,
    actions.ReachMajority: parties.reach_majority,
    actions.RecordGuardianConsent: parties.record_guardian_consent,
    actions.RegisterOrganisation: parties.register_organisation,
    actions.RegisterStaff: parties.register_staff,
    actions.RegisterMerchant: parties.register_merchant,
    actions.RegisterBranch: parties.register_branch,
    actions.RegisterTerminal: parties.register_terminal,
    actions.RegisterAuditor: parties.register_auditor,
    actions.RegisterOperator: parties.register_operator,
    actions.ChangeParty: parties.change_party,
    actions.RegisterRelation: parties.register_relation,
    actions.RemoveRelation: parties.remove_relation,
    actions.RecordCircumstance: parties.record_circumstance,
    actions.RemoveCircumstance: parties.remove_circumstance,
    actions.RegisterClerk: clerks.register,
    actions.LimitClerk: clerks.limit,
    actions.NoteCapture: clerks.note,
    actions.IssueCredential: parties.issue_credential,
    actions.RevokeCredential: parties.revoke_credential,
    actions.RegisterActivity: parties.register_activity,
    actions.RecordQualification: qualifications.record_qualification,
    actions.RecordService: service.record,
    actions.ConfirmService: review.confirm,
    actions.RefuseService: review.refuse,
    actions.EvaluateService: review.evaluate,
    actions.ProveFraud: bans.prove_fraud,
    actions.DismissFraud: bans.dismiss_fraud,
    actions.ReverseService: service.reverse,
    actions.CorrectService: service.correct,
    actions.FileObjection: objections.file,
    actions.ForwardObjection: objections.forward,
    actions.DecideObjection: objections.decide,
    actions.IssueStatement: statements.issue,
    actions.AcceptStatement: statements.accept,
    actions.ApplyForStar: stars.apply,
    actions.NoticeStar: stars.notice,
    actions.GrantStar: stars.grant,
    actions.RefuseStar: stars.refuse,
    actions.AssessStars: stars.assess,
    actions.DecideDowngrade: stars.decide_downgrade,
    actions.GrantMedal: honours.grant_medal,
    actions.RecordCommendation: honours.commend,
    actions.StatePopulation: honours.state_population,
    actions.LapsePoints: points.lapse,
    actions.AwardReferral: points.refer,
    actions.RecordConsent: consents.record,
    actions.ListForCredit: credit.list_for_credit,
    actions.RecordDishonesty: credit.record_dishonesty,
    actions.RepairDishonesty: credit.repair_dishonesty,
    actions.DepositTime: time_bank.deposit,
    actions.TransferTime: time_bank.transfer,
    actions.DonateTime: time_bank.donate,
    actions.GrantTime: time_bank.grant,
    actions.MoveFrozenTime: time_bank.move_frozen,
    actions.RequestOrder: orders.request,
    actions.OfferService: orders.offer,
    actions.AssignOrder: orders.assign,
    actions.AcceptOrder: orders.accept,
    actions.DeclineOrder: orders.decline,
    actions.ReportOrderDone: orders.report_done,
    actions.ConfirmOrder: orders.confirm,
    actions.DisputeOrder: orders.dispute,
    actions.SettleOrder: orders.settle,
    actions.CancelOrder: orders.cancel,
    actions.ExpireOrder: orders.expire,
    actions.PublishReward: catalogue.publish,
    actions.DraftReward: catalogue.draft,
    actions.RestockReward: catalogue.restock,
    actions.WithdrawReward: catalogue.withdraw,
    actions.StateFund: catalogue.state_fund,
    actions.Reserve: rewards.reserve,
    actions.ExtendRedemption: rewards.extend,
    actions.Capture: rewards.capture,
    actions.SignVoucher: offline.sign,
    actions.OpenOffline: offline.open_session,
    actions.TakeOffline: offline.take,
    actions.CloseOffline: offline.close,
    actions.IssueCard: cards.issue,
    actions.CloseCard: cards.close,
    actions.ChangeCardPin: cards.change_pin,
    actions.GuardRedemption: cards.guard,
    actions.ReissueCode: cards.reissue,
    actions.Release: rewards.release,
    actions.ExpireRedemption: rewards.expire,
    actions.VoidRedemption: rewards.void,
    actions.RefundRedemption: rewards.refund,
    actions.ReviewCapture: settlement.review,
    actions.CloseSettlement: settlement.close,
    actions.SetWebhook: webhooks.set_webhook,
    actions.StopWebhook: webhooks.stop,
}


def decide(action: Action, standing: Standing, time: int) -> Decision:
    """The entries that `action` means at `time` (ms UTC). Raises Refused where the answer is no."""
    return _DECIDE[type(action)](action, standing, time)
