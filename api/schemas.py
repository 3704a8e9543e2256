"""The shape of what comes in and goes out. Shape only: what it means is decided in `ledger`.

Fields never guess: "3", 3.0 and true are no integers, a time has its zone, text has a length.
Messages are written `code|reason`; `api.problems` tells the two apart.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, post_load

from api.times import rfc3339
from ledger.actions.catalogue import PERIODS, REWARD_FORMS
from ledger.actions.credentials import ROLES
from ledger.actions.objections import SUBJECTS
from ledger.actions.parties import CIRCUMSTANCES, FORMS, TIERS
from ledger.actions.service import CATEGORIES, CONDUCTS, EVIDENCE
from ledger.cards import BadCard, looks_like_card, normalise_card
from ledger.codes import BadCode, normalise, split_rotating
from ledger.decide.time_bank import STARTING
from ledger.door.service import ITEMS_MAX
from ledger.door.sessions import HOURS, HOURS_MAX
from ledger.ids import is_id
from ledger.policy import KINDS

PARTY_KINDS: Final = (
    "auditor",
    "branch",
    "clerk",
    "merchant",
    "operator",
    "organisation",
    "staff",
    "terminal",
    "volunteer",
)
AMOUNT_MAX: Final = 2**53 - 1
_RFC3339: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)?",
    re.ASCII,
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_OWNER: Final = re.compile(
    rf"(?:{'|'.join((*PARTY_KINDS, 'held', 'pool'))}):[0-9abcdefghjkmnpqrstvwxyz]{{16}}"
    r"|pool:platform|issuer:(?:service|time|point|star|credit)|lapsed"
)
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100

_ONE_OF_TWO: Final = "missing_field|send a code or a card, one of the two"
_MESSAGES: Final = {
    "required": "missing_field|this field is missing",
    "null": "wrong_type|null is no value here; leave the field out",
}


class Strict(Schema):
    """A body: unknown fields are refused, by name."""

    error_messages = {  # noqa: RUF012 - marshmallow's own way to name it
        "unknown": "unknown_field|there is no such field here",
        "type": "wrong_type|this must be a JSON object",
    }


class Whole(fields.Integer):
    """A JSON integer from `least` to `most`, units in its name."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def __init__(self, *, least: int = 1, most: int = AMOUNT_MAX, **kwargs: Any) -> None:
        metadata = {"minimum": least, "maximum": most, **kwargs.pop("metadata", {})}
        super().__init__(strict=True, metadata=metadata, **kwargs)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError("wrong_type|this must be an integer, without quotes or fraction")
        if not self.least <= value <= self.most:
            raise ValidationError(f"out_of_range|this is from {self.least} to {self.most}")
        return value


class Typed(fields.String):
    """Text that people typed: NFC, outer space stripped, `least` to `most` characters, one line
    unless `lines`."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def __init__(
        self, *, least: int = 1, most: int = 200, lines: bool = False, **kwargs: Any
    ) -> None:
        metadata = {"minLength": least, "maxLength": most, **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)
        self.least, self.most, self.lines = least, most, lines

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        # Measured first: normalising is no work for text that is refused anyway.
        if len(value) > self.most:
            raise ValidationError(f"too_long|this has at most {self.most} characters")
        text = unicodedata.normalize("NFC", value).strip()
        if len(text) < self.least:
            raise ValidationError("empty|this must not be empty")
        if not self.lines and not {"\n", "\r", "\t"}.isdisjoint(text):
            raise ValidationError("bad_text|this is one line, without tabs")
        return text


class Choice(fields.String):
    """One of a closed list of words."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def __init__(self, *choices: str, **kwargs: Any) -> None:
        metadata = {"enum": list(choices), **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)
        self.choices = choices

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        if value not in self.choices:
            raise ValidationError(f"not_a_choice|this is one of {', '.join(self.choices)}")
        return value


class Id(fields.String):
    """An id of ours: 16 characters."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        if not is_id(value):
            raise ValidationError("bad_id|an id has 16 characters; copy it as it was answered")
        return value


class Owner(fields.String):
    """Whose accounts: `volunteer:<id>`, `held:<id>`, `pool:platform`, `issuer:point`, `lapsed`."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        if not is_owner(value):
            raise ValidationError("bad_id|an owner is written like volunteer:0123456789abcdef")
        return value


def is_owner(text: str) -> bool:
    """Whether accounts can have such an owner, or entries be about it."""
    return _OWNER.fullmatch(text) is not None


class Moment(fields.Field[int]):
    """RFC 3339 with a zone, such as `2026-03-01T09:00:00+08:00`, from 2000 to 2100; ms UTC
    inside."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|a time is text, such as 2026-03-01T09:00:00+08:00")
        return milliseconds(value)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else rfc3339(value)


def milliseconds(written: str) -> int:
    """Milliseconds since 1970 UTC of an RFC 3339 time; what is finer than a millisecond is cut.

    Raises ValidationError.
    """
    matched = _RFC3339.fullmatch(written) if len(written) <= 40 else None
    if matched is None:
        raise ValidationError("bad_time|a time is written like 2026-03-01T09:00:00+08:00")
    *parts, fraction, zone = matched.groups()
    if zone is None:
        raise ValidationError("no_time_zone|a time needs its zone, such as +08:00 or Z")
    if not _FIRST_YEAR <= int(parts[0]) <= _LAST_YEAR:
        raise ValidationError(f"bad_time|the year is from {_FIRST_YEAR} to {_LAST_YEAR}")
    offset = "+00:00" if zone in "Zz" else zone
    try:
        moment = datetime.fromisoformat("{}-{}-{}T{}:{}:{}".format(*parts) + offset)
    except ValueError:
        raise ValidationError("bad_time|there is no such day or time") from None
    whole = int(moment.timestamp()) * 1000
    return whole + int((fraction or "0").ljust(3, "0")[:3])


class Day(fields.String):
    """A date such as `2026-03-01`, from 2000 to 2100; kept as written."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"format": "date", **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|a date is text, such as 2026-03-01")
        if not _DAY.fullmatch(value) or not _FIRST_YEAR <= int(value[:4]) <= _LAST_YEAR:
            raise ValidationError("bad_time|a date is written like 2026-03-01")
        try:
            date.fromisoformat(value)
        except ValueError:
            raise ValidationError("bad_time|there is no such day") from None
        return value


class Verbatim(fields.String):
    """Text that is kept to the byte: a signed file. What it must be, its reader says."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        return value


class YesNo(fields.Boolean):
    """A JSON `true` or `false`, nothing that resembles it."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError("wrong_type|this is true or false")
        return value


class Listed(fields.List[Any]):
    """A JSON array of at most `most` values."""

    default_error_messages = {  # noqa: RUF012
        **_MESSAGES,
        "invalid": "wrong_type|this must be an array",
    }

    def __init__(self, inner: Any, *, most: int, **kwargs: Any) -> None:
        metadata = {"maxItems": most, **kwargs.pop("metadata", {})}
        super().__init__(inner, metadata=metadata, **kwargs)
        self.most = most

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValidationError("wrong_type|this must be an array")
        if len(value) > self.most:
            raise ValidationError(f"too_long|this has at most {self.most} values")
        return super()._deserialize(value, attr, data, **kwargs)


class PartyAddress(fields.String):
    """Such as `merchant:0123456789abcdef`."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        kind, _, one = value.partition(":")
        if kind not in PARTY_KINDS or not is_id(one):
            raise ValidationError("bad_id|an address is written like merchant:0123456789abcdef")
        return value


class Pool(fields.String):
    """`platform`, or an organisation's id."""

    default_error_messages = {**_MESSAGES}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("wrong_type|this must be text")
        if value != "platform" and not is_id(value):
            raise ValidationError("bad_id|a pool is `platform` or an organisation's id")
        return value


# Bodies ------------------------------------------------------------------------------------------


class NothingSchema(Strict):
    """No fields: the address says it all."""


class NewVolunteerSchema(Strict):
    """A person who volunteers. Name and numbers are sealed; entries never hold them."""

    name = Typed(required=True, most=60)
    identity_number = Typed(required=True, most=40)
    number = Typed(most=64)
    organisation = Id()
    guardian_consent = YesNo(
        metadata={"description": "a guardian's consent has been seen (minors)"}
    )


class NewOrganisationSchema(Strict):
    """An organisation or team in the tree of four tiers."""

    name = Typed(required=True, most=100)
    organisation_code = Typed(most=40, metadata={"description": "needed unless it is a team"})
    parent = Id()
    tier = Choice(*TIERS)
    form = Choice(*FORMS)


class NewStaffSchema(Strict):
    """Somebody who records, approves or reviews."""

    name = Typed(required=True, most=60)
    number = Typed(most=64)
    organisation = Id()


class NamedSchema(Strict):
    """Something with a name and, perhaps, a number of its own."""

    name = Typed(required=True, most=100)
    number = Typed(most=64)


class NewClerkSchema(NamedSchema):
    """Somebody at a branch's tills; name and note are sealed. `number` is the shop's own."""

    note = Typed(most=200)


class ClerkLimitsSchema(Strict):
    """What a clerk may take in one local day; 0 or left out for no limit."""

    captures = Whole(least=0)
    points_hundredths = Whole(least=0, metadata={"description": "of a point"})
    minutes = Whole(least=0, metadata={"description": "of saved time"})


class NewRelationSchema(Strict):
    """What somebody is to a volunteer."""

    relative = Id(required=True)
    relation = Choice("spouse", "lineal", "friend", required=True)


class NewGroupSchema(Strict):
    """Volunteers who serve and save time as one, of an organisation that answers for them."""

    name = Typed(required=True, most=100)
    number = Typed(most=64)
    organisation = Id()


class NewCircumstanceSchema(Strict):
    """Something true of a volunteer that a policy asks about; sealed, the entry holds an id."""

    circumstance = Choice(*CIRCUMSTANCES, required=True)


class NewQualificationSchema(Strict):
    """A course completed or, without `course`, an accident insurance."""

    course = Id(metadata={"description": "the course's activity; without one, an insurance"})
    valid_from = Moment(
        required=True, metadata={"description": "when it was completed, or cover begins"}
    )
    valid_until = Moment(metadata={"description": "by default without end"})
    learning_minutes = Whole(
        least=0, most=10_000, metadata={"description": "courses; these are no service"}
    )
    recorder = Id(metadata={"description": "staff id"})
    organisation = Id()


class EvaluationSchema(Strict):
    """What an organisation says of a service, once."""

    score = Whole(required=True, most=5)
    conduct = Choice(*CONDUCTS)
    text = Typed(most=1000, lines=True)


class ReasonSchema(Strict):
    """Why; sealed, the entry holds a digest."""

    reason = Typed(required=True, most=1000, lines=True)


class MaybeReasonSchema(Strict):
    """Why, if there is something to say."""

    reason = Typed(most=1000, lines=True)


class NewTokenSchema(Strict):
    """For whom, and for what; by default everything the role may do."""

    party = PartyAddress(required=True)
    role = Choice(*ROLES, required=True)
    scopes = Listed(Typed(most=40), most=40)
    terminal = Id(metadata={"description": "merchants: the till that may capture with it"})
    clerk = Id(metadata={"description": "merchants: who alone uses it at that till"})
    expires = Moment()


class NewSignInLinkSchema(Strict):
    """Who is to be signed in, at which till, and for how long."""

    party = PartyAddress(required=True)
    terminal = Id(metadata={"description": "merchants: the till at which it is used"})
    clerk = Id(metadata={"description": "merchants: who stands at that till"})
    hours = Whole(most=HOURS_MAX, metadata={"description": f"{HOURS} unless said otherwise"})


class NewActivitySchema(Strict):
    """An activity; its name and content are sealed until somebody entitled reads them."""

    name = Typed(required=True, most=200)
    content = Typed(required=True, most=4000, lines=True)
    category = Choice(*CATEGORIES, required=True)
    starts = Moment()
    ends = Moment()
    organisation = Id()
    number = Typed(most=64)
    training = Id(metadata={"description": "the course, an activity, to be completed before"})
    insurance = Choice("required", metadata={"description": "needed over the whole session"})
    min_age = Whole(most=150, metadata={"description": "years"})
    participants = Whole(most=1_000_000, metadata={"description": "how many are expected"})


class _SessionSchema(Strict):
    evidence = Choice(*EVIDENCE, required=True)
    check_in = Moment(required=True)
    check_out = Moment(required=True)
    deducted_minutes = Whole(least=0, most=100_000)
    travel_minutes = Whole(
        least=0, most=100_000, metadata={"description": "within the session; deducted by policy"}
    )
    meal_minutes = Whole(least=0, most=100_000)
    rest_minutes = Whole(least=0, most=100_000)
    method = Choice("self_gps", metadata={"description": "checked in by one's own telephone"})
    recorder = Id(required=True, metadata={"description": "staff id"})
    approver = Id(required=True, metadata={"description": "staff id"})
    starts = Moment(metadata={"description": "by default the activity's"})
    ends = Moment(metadata={"description": "by default the activity's"})
    kind = Choice(*sorted(KINDS), metadata={"description": "only where it is no volunteer service"})


class NewRecordSchema(_SessionSchema):
    """One session of service."""

    volunteer = Id(required=True)
    activity = Id(required=True)


class CorrectionSchema(_SessionSchema):
    """What the record should have said, and why."""

    activity = Id(metadata={"description": "by default the record's own"})
    reason = Typed(required=True, most=1000, lines=True)


class BatchSchema(Strict):
    """Up to 5,000 records; an item whose shape is wrong is refused alone."""

    items = fields.List(
        fields.Raw(allow_none=True),
        required=True,
        metadata={"minItems": 1, "maxItems": ITEMS_MAX, "items": {"type": "object"}},
        error_messages={**_MESSAGES, "invalid": "wrong_type|this must be an array"},
    )


class DepositSchema(Strict):
    """Save minutes of an own record."""

    record = Id(required=True)
    minutes = Whole(required=True)


class TransferSchema(Strict):
    """Give saved minutes to a registered relative."""

    recipient = Id(required=True)
    minutes = Whole(required=True)


class DonationSchema(Strict):
    """Give saved minutes to a pool."""

    pool = Pool(required=True)
    minutes = Whole(required=True)


class GrantSchema(Strict):
    """Time out of a pool. `minutes` for a circumstance; for `starting` policy says how many."""

    volunteer = Id(required=True)
    pool = Pool(required=True)
    ground = Choice(STARTING, *CIRCUMSTANCES, required=True)
    minutes = Whole()


class FrozenTimeSchema(Strict):
    """Where the saved time of somebody who died or left goes: to a recipient or to a pool."""

    volunteer = Id(required=True)
    minutes = Whole(required=True)
    recipient = Id()
    pool = Pool()
    reason = Typed(required=True, most=1000, lines=True)


class NewOrderSchema(Strict):
    """Service that is asked for; `minutes` of saved time are set aside for it."""

    organisation = Id(required=True, metadata={"description": "whose order book it goes into"})
    category = Choice(*CATEGORIES, required=True)
    minutes = Whole(required=True)
    starts = Moment(required=True)
    ends = Moment(required=True)
    text = Typed(
        most=1000,
        lines=True,
        metadata={"description": "what is needed; sealed, for those who take part"},
    )


class AssignmentSchema(Strict):
    """Who is asked to serve."""

    provider = Id(required=True)


class OrderDoneSchema(Strict):
    """The record of what was done."""

    record = Id(required=True)


class OrderDisputeSchema(Strict):
    """What was not as reported."""

    text = Typed(required=True, most=1000, lines=True)


class OrderSettlementSchema(Strict):
    """What goes to the provider, from nothing to all that was reported, and why."""

    minutes = Whole(required=True, least=0)
    reason = Typed(required=True, most=1000, lines=True)


class NewRewardSchema(Strict):
    """Something a merchant gives, for points or for saved time."""

    title = Typed(required=True, most=200)
    description = Typed(most=4000, lines=True)
    form = Choice(*REWARD_FORMS, required=True)
    price_hundredths = Whole(metadata={"description": "hundredths of a point"})
    price_minutes = Whole(metadata={"description": "saved minutes; service orders"})
    stock = Whole(required=True)
    valid_from = Moment(required=True)
    valid_until = Moment(required=True)
    merchant = Id()
    per_person = Whole()
    gate_stars = Whole(most=20)
    hold_minutes = Whole(most=525_600)
    branches = Listed(Id(), most=100)
    opens_minute = Whole(least=0, most=1439)
    closes_minute = Whole(most=1440)
    weekdays = Listed(
        Whole(most=7), most=7, metadata={"description": "1 Monday … 7 Sunday; empty: any"}
    )
    per_period = Whole(metadata={"description": "how many one person can have in a `period`"})
    period = Choice(*PERIODS)
    min_age = Whole(most=150, metadata={"description": "full years"})
    tiers = Listed(
        Choice(*TIERS), most=4, metadata={"description": "of the holder's own organisation"}
    )
    within = Id(
        metadata={"description": "only for this organisation's volunteers and those below it"}
    )
    fund = Id(metadata={"description": "the sponsor's fund that pays for it"})
    value_cents = Whole(
        metadata={"description": "what a piece is worth to the fund, hundredths of a yuan"}
    )


class ReserveSchema(Strict):
    """One reward, or several of it."""

    reward = Id(required=True)
    quantity = Whole(most=1_000_000)


class CardSchema(Strict):
    """A card with its PIN, as the holder typed it."""

    card = Typed(most=64, metadata={"description": "its number; does nothing without the PIN"})
    pin = Typed(most=16, metadata={"description": "six digits, typed by the holder"})


class CodeSchema(CardSchema):
    """A code as it was typed or scanned, or a card with its PIN; by default all that is reserved.

    One of `code` and `card` is needed. A card's number may come in `code`: a till has one field.
    """

    code = Typed(
        most=64, metadata={"description": "ten characters; a dot and the phone's six digits follow"}
    )
    rotating = Typed(
        most=16, metadata={"description": "the six digits on the phone, where not behind the dot"}
    )
    redemption = Id(metadata={"description": "which one, where a card has several here"})
    quantity = Whole()

    @post_load
    def _as_made(self, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        """However the code was typed, it is the same request (design §6). What is no code stays,
        for the view to refuse."""
        if looks_like_card(body.get("code", "")):
            body.setdefault("card", body.pop("code"))
        if ("code" in body) == ("card" in body):
            raise ValidationError(_ONE_OF_TWO, "code")
        with suppress(BadCode):
            if "code" in body:
                typed, value = split_rotating(body["code"])
                if value:
                    body |= {"code": typed, "rotating": value}
                body["code"] = normalise(body["code"])
        with suppress(BadCard):
            if "card" in body:
                body["card"] = normalise_card(body["card"])
        return body


class PracticeCodeSchema(CodeSchema):
    """A practice code or card, with what is typed beside it; by default all that is reserved."""


class NewObjectionSchema(Strict):
    """What a volunteer objects to, and why; sealed, the entry holds a digest."""

    subject_kind = Choice(*SUBJECTS, required=True)
    subject = Id(
        metadata={"description": "the record's, redemption's or star case's id; else left out"}
    )
    organisation = Id(
        metadata={"description": "who is to answer; by default the record's organisation, or yours"}
    )
    text = Typed(required=True, most=4000, lines=True)


class ForwardingSchema(Strict):
    """Whose answer it is instead."""

    organisation = Id(required=True)


class ObjectionAnswerSchema(Strict):
    """Whether the volunteer is right, and why."""

    outcome = Choice("upheld", "rejected", required=True)
    reason = Typed(required=True, most=1000, lines=True)


class NewStatementSchema(Strict):
    """A volunteer's statement from another ledger, and that ledger's public key."""

    statement = Verbatim(required=True, metadata={"description": "the whole file, unchanged"})
    key = Typed(
        required=True, most=512, metadata={"description": "the VKEY that the other ledger prints"}
    )


class SimulationOfDraftSchema(Strict):
    """From which day on a draft is taken to be in force."""

    since = Day(metadata={"description": "local; the draft's own first day unless said"})


class NewPolicySchema(Strict):
    """A policy document (docs/policy.md)."""

    toml = Typed(required=True, most=400_000, lines=True)
