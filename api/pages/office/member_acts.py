"""What an organisation does about one member: what it records, grants, issues and ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import abort, g, request
from flask.typing import ResponseReturnValue

from api.pages.calling import every, read
from api.pages.guard import for_roles, page, pages
from api.pages.office.desk import Field, Form, Options, answered, choices, id_of_member
from api.pages.qr import drawn_qr
from api.reads.parties import get_volunteer
from api.reads.rewards import get_reward, list_rewards
from api.reads.service import list_activities
from api.writes import cards, consents, credit_lists, honours, parties, service, stars, time_bank
from ledger.actions.cards import CARD_GROUNDS
from ledger.actions.consents import CONSENT_PURPOSES
from ledger.actions.honours import LEVELS
from ledger.actions.parties import CIRCUMSTANCES
from ledger.decide.time_bank import STARTING
from ledger.sequencer import Receipt

_RELATIONS: Final = ("spouse", "lineal", "friend")
_WHY: Final = (Field(name="reason", kind="lines", required=False),)
_CARD: Final = (
    Field(name="card", required=False, hint="card"),
    Field(name="pin", kind="pin", required=False, hint="holder_types"),
)

Act = Callable[[str], dict[str, Any]]


def _course(_: str) -> dict[str, Any]:
    return {
        "view": service.record_qualification,
        "fields": (
            Field(name="course", kind="choice", options=_activities(), hint="course"),
            Field(name="valid_from", kind="day", label="completed"),
            Field(name="valid_until", kind="last_day", required=False),
            Field(name="learning_minutes", kind="number", required=False, hint="learning"),
        ),
    }


def _insurance(_: str) -> dict[str, Any]:
    return {
        "view": service.record_qualification,
        "fields": (
            Field(name="valid_from", kind="day", label="covered_from"),
            Field(name="valid_until", kind="last_day", label="covered_until"),
        ),
    }


def _guardian(_: str) -> dict[str, Any]:
    return {"view": parties.record_guardian_consent}


def _majority(_: str) -> dict[str, Any]:
    return {"view": parties.reach_majority}


def _commendation(_: str) -> dict[str, Any]:
    return {
        "view": honours.record_commendation,
        "fields": (
            Field(name="title", label="commendation"),
            Field(name="level", kind="choice", options=choices("level", LEVELS)),
            Field(name="awarded", kind="day"),
            Field(name="issuer", required=False),
        ),
    }


def _medal(_: str) -> dict[str, Any]:
    return {
        "view": honours.grant_medal,
        "fields": (Field(name="medal", kind="number", hint="medal"),),
    }


def _referral(_: str) -> dict[str, Any]:
    return {
        "view": credit_lists.award_referral,
        "fields": (Field(name="referred", label="other_number", hint="other_number"),),
        "read_typed": _by_number("referred"),
    }


def _relation(_: str) -> dict[str, Any]:
    return {
        "view": parties.register_relation,
        "fields": (
            Field(name="relative", label="other_number", hint="other_number"),
            Field(name="relation", kind="choice", options=choices("relation", _RELATIONS)),
        ),
        "read_typed": _by_number("relative"),
    }


def _circumstance(_: str) -> dict[str, Any]:
    return {
        "view": parties.record_circumstance,
        "fields": (
            Field(
                name="circumstance", kind="choice", options=choices("circumstance", CIRCUMSTANCES)
            ),
        ),
    }


def _consent(_: str) -> dict[str, Any]:
    return {
        "view": consents.record_consent,
        "fields": (
            Field(name="purpose", kind="choice", options=choices("purpose", CONSENT_PURPOSES)),
            Field(
                name="answer", kind="choice", options=choices("answer", ("refused", "withdrawn"))
            ),
        ),
    }


def _nominate(volunteer: str) -> dict[str, Any]:
    return {
        "view": stars.apply_for_star,
        "ids": {},
        "fixed": {"volunteer": volunteer},
        "fields": (Field(name="star", kind="number", hint="star"),),
    }


def _time(volunteer: str) -> dict[str, Any]:
    return {
        "view": time_bank.grant_time,
        "ids": {},
        "fixed": {"volunteer": volunteer, "pool": g.caller.id},
        "fields": (
            Field(
                name="ground", kind="choice", options=choices("ground", (STARTING, *CIRCUMSTANCES))
            ),
            Field(name="minutes", kind="number", required=False, hint="grant_minutes"),
        ),
    }


def _becomes(view: Callable[..., Any], *, dangerous: bool = True) -> Act:
    def act(volunteer: str) -> dict[str, Any]:
        ids = {"address": f"volunteer:{volunteer}"}
        return {"view": view, "ids": ids, "fields": _WHY, "is_dangerous": dangerous}

    return act


def _fraud(_: str) -> dict[str, Any]:
    return {
        "view": parties.prove_fraud,
        "fields": (Field(name="reason", kind="lines"),),
        "is_dangerous": True,
    }


ACTS: Final[Mapping[str, Act]] = {
    "course": _course,
    "insurance": _insurance,
    "guardian": _guardian,
    "majority": _majority,
    "commendation": _commendation,
    "medal": _medal,
    "referral": _referral,
    "relation": _relation,
    "circumstance": _circumstance,
    "consent": _consent,
    "nominate": _nominate,
    "time": _time,
    "suspend": _becomes(parties.suspend_party),
    "reinstate": _becomes(parties.reinstate_party, dangerous=False),
    "leave": _becomes(parties.leave),
    "died": _becomes(parties.record_death),
    "fraud": _fraud,
}
"""What is asked with one form, by the last part of its address."""


@pages.route("/office/members/<id:volunteer>/act/<act>", methods=["GET", "POST"])
@for_roles("organisation")
def act_on_member(volunteer: str, act: str) -> ResponseReturnValue:
    """Ask for one thing about a member."""
    if act not in ACTS:
        abort(404)
    given = {"ids": {"volunteer": volunteer}, **ACTS[act](volunteer)}
    return answered(Form(act=act, back=_at(volunteer), whom=_whom(volunteer), **given))


@pages.route("/office/members/<id:volunteer>/end/<what>/<id:one>", methods=["GET", "POST"])
@for_roles("organisation")
def end_on_file(volunteer: str, what: str, one: str) -> ResponseReturnValue:
    """End a relation or a circumstance."""
    views = {"relation": parties.end_relation, "circumstance": parties.end_circumstance}
    if what not in views:
        abort(404)
    form = Form(
        act=f"end_{what}",
        view=views[what],
        ids={"volunteer": volunteer, what: one},
        back=_at(volunteer),
        whom=_whom(volunteer),
        is_dangerous=True,
    )
    return answered(form)


@pages.route("/office/members/<id:volunteer>/card", methods=["GET", "POST"])
@for_roles("organisation")
def member_card(volunteer: str) -> ResponseReturnValue:
    """Issue a card, or another for the one they have. The number is shown once, to be printed."""
    replaces = request.args.get("replaces", "")
    form = Form(
        act="replace_card" if replaces else "card",
        view=cards.issue_card,
        ids={"volunteer": volunteer},
        fixed={"replaces": replaces} if replaces else {},
        back=_at(volunteer),
        whom=_whom(volunteer),
        fields=(Field(name="pin", kind="pin", hint="holder_chooses"),),
    )

    def shown_once(receipt: Receipt, once: Mapping[str, Any]) -> ResponseReturnValue:
        return page("office/card", form=form, once=once, entry_number=receipt.entry.index)

    return answered(form, shown_once)


@pages.route("/office/members/<id:volunteer>/card/<id:card>/close", methods=["GET", "POST"])
@for_roles("organisation")
def close_member_card(volunteer: str, card: str) -> ResponseReturnValue:
    """A card is lost or given back: it stops at once."""
    form = Form(
        act="close_card",
        view=cards.close_card,
        ids={"volunteer": volunteer, "card": card},
        back=_at(volunteer),
        whom=_whom(volunteer),
        fields=(Field(name="ground", kind="choice", options=choices("card", CARD_GROUNDS)),),
        is_dangerous=True,
    )
    return answered(form)


@pages.route("/office/members/<id:volunteer>/card/<id:card>/pin", methods=["GET", "POST"])
@for_roles("organisation")
def change_member_pin(volunteer: str, card: str) -> ResponseReturnValue:
    """The holder chooses another PIN, knowing the one before."""
    form = Form(
        act="card_pin",
        view=cards.change_card_pin,
        ids={"volunteer": volunteer, "card": card},
        back=_at(volunteer),
        whom=_whom(volunteer),
        fields=(
            Field(name="pin", kind="pin", label="pin_before", hint="holder_types"),
            Field(name="new_pin", kind="pin", hint="holder_chooses"),
        ),
    )
    return answered(form)


@pages.route("/office/members/<id:volunteer>/reserve", methods=["GET", "POST"])
@for_roles("organisation")
def reserve_for_member(volunteer: str) -> ResponseReturnValue:
    """Reserve for a member at the desk, by their card or their consent; the slip is shown once."""
    form = Form(
        act="reserve",
        view=cards.reserve_at_office,
        fixed={"volunteer": volunteer},
        back=_at(volunteer),
        whom=_whom(volunteer),
        fields=(
            Field(name="reward", kind="choice", options=_rewards()),
            Field(name="quantity", kind="number", required=False, hint="quantity"),
            *_CARD,
        ),
    )

    def shown_once(receipt: Receipt, once: Mapping[str, Any]) -> ResponseReturnValue:
        facts = next(each.facts for each in receipt.entries if each.kind == "redemption_reserved")
        return page(
            "office/slip",
            form=form,
            once=once,
            entry_number=receipt.entry.index,
            item=read(get_reward, reward=facts["reward"])["text"].get("title", ""),
            pieces=facts["quantity"],
            expires=facts["expires"],
            qr=drawn_qr(once["code_url"]) if once else None,
        )

    return answered(form, shown_once)


def _at(volunteer: str) -> str:
    return f"/office/members/{volunteer}"


def _whom(volunteer: str) -> str:
    """The member as the organisation may see them. Raises Problem for another's."""
    return str(read(get_volunteer, volunteer=volunteer).get("name", ""))


def _by_number(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A number that was typed becomes the id of the member who has it."""

    def found(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, name: id_of_member(body.get(name, ""))}

    return found


def _activities() -> Options:
    """The newest first: what somebody took part in was mostly lately."""
    found = [(one["activity"], one["text"].get("name", "")) for one in every(list_activities)]
    return [(one, name or one) for one, name in reversed(found)]


def _rewards() -> Options:
    found = every(list_rewards)
    return [(one["reward"], one["text"].get("title", one["reward"])) for one in found]
