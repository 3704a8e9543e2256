"""Decide what an action means.

Pure: no clock, no database, no configuration, no vault. The same action, standing and time always
give the same drafts, which is how an auditor can replay us. A refusal raises `Refused`; whatever
returns will be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ledger.actions import Action
from ledger.actions.cards import ChangeCardPin, CloseCard, GuardRedemption, IssueCard, ReissueCode
from ledger.actions.catalogue import (
    DraftReward,
    PublishReward,
    RestockReward,
    StateFund,
    WithdrawReward,
)
from ledger.actions.certificates import IssueCertificate
from ledger.actions.clerks import LimitClerk, NoteCapture, RegisterClerk
from ledger.actions.consents import RecordConsent
from ledger.actions.credentials import IssueCredential, RevokeCredential
from ledger.actions.credit import ListForCredit, RecordDishonesty, RepairDishonesty
from ledger.actions.documents import AdoptCalendar, AdoptPolicy, Begin, CommitAccessLog
from ledger.actions.honours import GrantMedal, RecordCommendation, StatePopulation
from ledger.actions.objections import DecideObjection, FileObjection, ForwardObjection
from ledger.actions.offline import CloseOffline, OpenOffline, SignVoucher, TakeOffline
from ledger.actions.orders import (
    AcceptOrder,
    AssignOrder,
    CancelOrder,
    ConfirmOrder,
    DeclineOrder,
    DisputeOrder,
    ExpireOrder,
    OfferService,
    ReportOrderDone,
    RequestOrder,
    SettleOrder,
)
from ledger.actions.parties import (
    ChangeParty,
    ReachMajority,
    RecordCircumstance,
    RecordGuardianConsent,
    RegisterAuditor,
    RegisterBranch,
    RegisterGroup,
    RegisterMerchant,
    RegisterOperator,
    RegisterOrganisation,
    RegisterRelation,
    RegisterStaff,
    RegisterTerminal,
    RegisterVolunteer,
    RemoveCircumstance,
    RemoveRelation,
)
from ledger.actions.points import AwardReferral, LapsePoints
from ledger.actions.rewards import (
    Capture,
    ExpireRedemption,
    ExtendRedemption,
    RefundRedemption,
    Release,
    Reserve,
    VoidRedemption,
)
from ledger.actions.service import (
    ConfirmService,
    CorrectService,
    DismissFraud,
    EvaluateService,
    ProveFraud,
    RecordQualification,
    RecordService,
    RefuseService,
    RegisterActivity,
    ReverseService,
)
from ledger.actions.settlement import CloseSettlement, ReviewCapture
from ledger.actions.stars import (
    ApplyForStar,
    AssessStars,
    DecideDowngrade,
    GrantStar,
    NoticeStar,
    RefuseStar,
)
from ledger.actions.statements import AcceptStatement, IssueStatement
from ledger.actions.time_bank import (
    DepositTime,
    DonateTime,
    GrantTime,
    MoveFrozenTime,
    TransferTime,
)
from ledger.actions.webhooks import SetWebhook, StopWebhook
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
    Begin: documents.begin,
    AdoptPolicy: documents.adopt_policy,
    AdoptCalendar: documents.adopt_calendar,
    CommitAccessLog: documents.commit_access_log,
    IssueCertificate: certificates.issue,
    RegisterVolunteer: parties.register_volunteer,
    RegisterGroup: parties.register_group,
    ReachMajority: parties.reach_majority,
    RecordGuardianConsent: parties.record_guardian_consent,
    RegisterOrganisation: parties.register_organisation,
    RegisterStaff: parties.register_staff,
    RegisterMerchant: parties.register_merchant,
    RegisterBranch: parties.register_branch,
    RegisterTerminal: parties.register_terminal,
    RegisterAuditor: parties.register_auditor,
    RegisterOperator: parties.register_operator,
    ChangeParty: parties.change_party,
    RegisterRelation: parties.register_relation,
    RemoveRelation: parties.remove_relation,
    RecordCircumstance: parties.record_circumstance,
    RemoveCircumstance: parties.remove_circumstance,
    RegisterClerk: clerks.register,
    LimitClerk: clerks.limit,
    NoteCapture: clerks.note,
    IssueCredential: parties.issue_credential,
    RevokeCredential: parties.revoke_credential,
    RegisterActivity: parties.register_activity,
    RecordQualification: qualifications.record_qualification,
    RecordService: service.record,
    ConfirmService: review.confirm,
    RefuseService: review.refuse,
    EvaluateService: review.evaluate,
    ProveFraud: bans.prove_fraud,
    DismissFraud: bans.dismiss_fraud,
    ReverseService: service.reverse,
    CorrectService: service.correct,
    FileObjection: objections.file,
    ForwardObjection: objections.forward,
    DecideObjection: objections.decide,
    IssueStatement: statements.issue,
    AcceptStatement: statements.accept,
    ApplyForStar: stars.apply,
    NoticeStar: stars.notice,
    GrantStar: stars.grant,
    RefuseStar: stars.refuse,
    AssessStars: stars.assess,
    DecideDowngrade: stars.decide_downgrade,
    GrantMedal: honours.grant_medal,
    RecordCommendation: honours.commend,
    StatePopulation: honours.state_population,
    LapsePoints: points.lapse,
    AwardReferral: points.refer,
    RecordConsent: consents.record,
    ListForCredit: credit.list_for_credit,
    RecordDishonesty: credit.record_dishonesty,
    RepairDishonesty: credit.repair_dishonesty,
    DepositTime: time_bank.deposit,
    TransferTime: time_bank.transfer,
    DonateTime: time_bank.donate,
    GrantTime: time_bank.grant,
    MoveFrozenTime: time_bank.move_frozen,
    RequestOrder: orders.request,
    OfferService: orders.offer,
    AssignOrder: orders.assign,
    AcceptOrder: orders.accept,
    DeclineOrder: orders.decline,
    ReportOrderDone: orders.report_done,
    ConfirmOrder: orders.confirm,
    DisputeOrder: orders.dispute,
    SettleOrder: orders.settle,
    CancelOrder: orders.cancel,
    ExpireOrder: orders.expire,
    PublishReward: catalogue.publish,
    DraftReward: catalogue.draft,
    RestockReward: catalogue.restock,
    WithdrawReward: catalogue.withdraw,
    StateFund: catalogue.state_fund,
    Reserve: rewards.reserve,
    ExtendRedemption: rewards.extend,
    Capture: rewards.capture,
    SignVoucher: offline.sign,
    OpenOffline: offline.open_session,
    TakeOffline: offline.take,
    CloseOffline: offline.close,
    IssueCard: cards.issue,
    CloseCard: cards.close,
    ChangeCardPin: cards.change_pin,
    GuardRedemption: cards.guard,
    ReissueCode: cards.reissue,
    Release: rewards.release,
    ExpireRedemption: rewards.expire,
    VoidRedemption: rewards.void,
    RefundRedemption: rewards.refund,
    ReviewCapture: settlement.review,
    CloseSettlement: settlement.close,
    SetWebhook: webhooks.set_webhook,
    StopWebhook: webhooks.stop,
}


def decide(action: Action, standing: Standing, time: int) -> Decision:
    """The entries that `action` means at `time` (ms UTC). Raises Refused where the answer is no."""
    return _DECIDE[type(action)](action, standing, time)
