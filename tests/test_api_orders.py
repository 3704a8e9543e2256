"""Service orders and pools over HTTP: what the door attests, and who finds what.

One ledger serves the whole module; when it is over its journal is held to every law again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from ledger.founding import adopt_policy
from ledger.vault.door import Relation
from tests.api_client import Answer, Cast, Site, moment
from tests.kit import SHANGHAI, TODAY, FakeClock, Ledger, policy_toml, scenario
from tests.recheck import recheck

WHY = {"Reason": "a yearly check"}


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    home = tmp_path_factory.mktemp("orders") / "home"
    shutil.copytree(sqlite_template, home)
    ledger = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock("2025-03-04 09:00"))
    site = Site(ledger.open(), ledger.clock)
    # Its activity is published before anybody serves there.
    cast = Cast(site)
    site.clock.set(TODAY)
    yield cast
    ledger.close()
    recheck(ledger.database_url)


@pytest.fixture(scope="module")
def site(town: Cast) -> Site:
    return town.site


@dataclass(frozen=True)
class One:
    """A volunteer and their token."""

    id: str
    token: str


@dataclass(frozen=True)
class People:
    """A town with an elder who saved ten hours, a neighbour, and somebody of another town."""

    town: Cast
    elder: One
    neighbour: One
    stranger: One
    elsewhere: str
    auditor: str


def register(site: Site, organisation: str, born: str = "1990-01-01", **given: Any) -> One:
    who = site.volunteer(organisation, born=born, **given)
    return One(who, site.volunteer_token(who))


def save(site: Site, town: Cast, one: One, day: str, hours: int = 5) -> None:
    """So many hours of a day are served and saved."""
    served = town.served(f"{day} 08:00", f"{8 + hours:02}:00", who=one.id)
    site.made(one.token, "/time-bank/deposits", {"record": served["record"], "minutes": 60 * hours})


@pytest.fixture(scope="module")
def people(site: Site, town: Cast) -> People:
    other = site.organisation()
    elder = register(site, town.home, "1960-01-01")
    for day in ("2025-03-05", "2025-03-06"):
        save(site, town, elder, day)
    auditor = site.made(site.operator, "/auditors", {"name": "审计所"})["auditor"]
    return People(
        town=town,
        elder=elder,
        neighbour=register(site, town.home),
        stranger=register(site, other),
        elsewhere=site.organisation_token(other),
        auditor=site.token(f"auditor:{auditor}", "auditor"),
    )


def today(site: Site) -> date:
    return datetime.fromtimestamp(site.clock.ms / 1000, SHANGHAI).date()


def tomorrow(site: Site) -> str:
    return (today(site) + timedelta(days=1)).isoformat()


def born(site: Site, years: int, days: int = 0) -> str:
    """The birthday of somebody who is so old today, or who will be in so many days."""
    day = today(site)
    return (day.replace(year=day.year - years) + timedelta(days=days)).isoformat()


def wanted(people: People, **given: Any) -> dict[str, Any]:
    """An hour of care tomorrow morning."""
    day = tomorrow(people.town.site)
    return {
        "organisation": people.town.home,
        "category": "health",
        "minutes": 60,
        "starts": moment(f"{day} 09:00"),
        "ends": moment(f"{day} 12:00"),
        "text": "陪我去医院",
        **given,
    }


def ask(site: Site, people: People, **given: Any) -> str:
    body = wanted(people, **given)
    return str(site.made(people.elder.token, "/orders", body)["order"])


def refused(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.code) == (status, code), answer.text


# A whole story ----------------------------------------------------------------------------------


def test_an_order_from_request_to_payment(site: Site, people: People) -> None:
    elder, neighbour, town = people.elder, people.neighbour, people.town
    day = tomorrow(site)
    asked = site.made(elder.token, "/orders", wanted(people, minutes=90))
    assert asked["expires"] == f"{today(site) + timedelta(days=1)}T01:00:00.000Z"
    order = f"/orders/{asked['order']}"
    before = site.get(elder.token, "/time-bank/saved").json
    assert before["set_aside_minutes"] >= 90

    site.made(neighbour.token, f"{order}/offer")
    site.made(elder.token, f"{order}/accept")
    site.clock.set(f"{day} 13:00")
    record = town.served(f"{day} 09:00", "10:00", who=neighbour.id)["record"]
    refused(site.post(elder.token, f"{order}/done", {"record": record}), 422, "not_the_provider")
    done = site.made(neighbour.token, f"{order}/done", {"record": record})
    assert done["minutes"] == 60
    paid = site.made(elder.token, f"{order}/confirm")
    assert (paid["minutes"], paid["overflow_minutes"], paid["returned_minutes"]) == (60, 0, 30)

    after = site.get(elder.token, "/time-bank/saved").json
    assert after["minutes"] == before["minutes"] + 30
    assert after["set_aside_minutes"] == before["set_aside_minutes"] - 90
    assert site.get(neighbour.token, "/time-bank/saved")["minutes"] == 60
    shown = site.get(elder.token, order).json
    assert (shown["state"], shown["provider"], shown["record"]) == (
        "confirmed",
        neighbour.id,
        record,
    )
    assert [event["kind"] for event in shown["events"]] == [
        "order_requested",
        "order_offered",
        "order_accepted",
        "order_done",
        "order_confirmed",
    ]


def test_a_dispute_is_heard_and_settled_with_a_reason(site: Site, people: People) -> None:
    day = tomorrow(site)
    order = f"/orders/{ask(site, people)}"
    site.made(people.town.host, f"{order}/assign", {"provider": people.neighbour.id})
    site.made(people.neighbour.token, f"{order}/accept")
    site.clock.set(f"{day} 18:00")
    served = people.town.served(f"{day} 14:00", "15:00", who=people.neighbour.id)
    site.made(people.neighbour.token, f"{order}/done", {"record": served["record"]})
    site.made(people.elder.token, f"{order}/dispute", {"text": "只来了半小时"})
    settled = {"minutes": 30, "reason": "双方同意"}
    refused(site.post(people.elsewhere, f"{order}/settle", settled), 404, "unknown_order")
    answer = site.made(people.town.host, f"{order}/settle", settled)
    assert (answer["minutes"], answer["returned_minutes"]) == (30, 30)
    words = [event.get("text") for event in site.get(people.elder.token, order)["events"]]
    assert words == [
        {"text": "陪我去医院"},
        None,
        None,
        None,
        {"text": "只来了半小时"},
        {"reason": "双方同意"},
    ]


# Who finds it -----------------------------------------------------------------------------------


def test_who_takes_part_sees_it_and_nobody_else(site: Site, people: People) -> None:
    """A neighbour who might serve sees when and what kind, and neither whom nor the words; who
    offered still does not; who is asked does."""
    order = ask(site, people)
    path = f"/orders/{order}"
    for token in (people.elder.token, people.town.host, site.operator):
        shown = site.get(token, path).json
        assert (shown["volunteer"], shown["text"]) == (people.elder.id, {"text": "陪我去医院"})
    refused(site.get(people.auditor, path), 422, "reason_missing")
    assert site.get(people.auditor, path, **WHY)["volunteer"] == people.elder.id
    for token in (people.stranger.token, people.elsewhere):
        refused(site.get(token, path), 404, "not_found")

    def neighbour_sees() -> tuple[str, bool]:
        answer = site.get(people.neighbour.token, path)
        assert answer.status == 200
        hidden = {"volunteer", "text", "events"}
        seen = hidden & answer.json.keys()
        assert seen in (set(), hidden)
        return answer["state"], bool(seen)

    assert neighbour_sees() == ("requested", False)
    site.made(people.neighbour.token, f"{path}/offer")
    assert neighbour_sees() == ("offered", False)
    site.made(people.elder.token, f"{path}/decline")
    site.made(people.town.host, f"{path}/assign", {"provider": people.neighbour.id})
    assert neighbour_sees() == ("assigned", True)
    site.made(people.elder.token, f"{path}/cancel", {"reason": "好多了"})
    assert neighbour_sees() == ("cancelled", False)


def listed(site: Site, token: str, query: str = "", **headers: str) -> set[str]:
    answer = site.get(token, f"/orders?limit=200{query}", **headers)
    assert answer.status == 200, answer.text
    return {each["order"] for each in answer["data"]}


def test_each_list_has_what_is_its_readers(site: Site, people: People) -> None:
    order = ask(site, people)
    for token in (people.elder.token, people.town.host, site.operator):
        assert order in listed(site, token)
        assert order in listed(site, token, f"&organisation={people.town.home}&state=requested")
        assert order not in listed(site, token, "&state=done")
    assert order in listed(site, people.auditor, **WHY)
    refused(site.get(people.auditor, "/orders"), 422, "reason_missing")
    assert order not in listed(site, people.neighbour.token)
    assert order in listed(site, people.neighbour.token, "&open=yes")
    # One's own is not what one could serve.
    assert order not in listed(site, people.elder.token, "&open=yes")
    for query in ("", "&open=yes", f"&open=yes&organisation={people.town.home}"):
        assert order not in listed(site, people.stranger.token, query)
    assert order not in listed(site, people.elsewhere)
    alone = register(site, "")
    site.made(people.neighbour.token, f"/orders/{order}/offer")
    assert order in listed(site, people.neighbour.token)
    assert order not in listed(site, alone.token, "&open=yes")
    site.made(people.elder.token, f"/orders/{order}/decline")
    # Whom no organisation registered may serve any.
    assert order in listed(site, alone.token, "&open=yes")
    site.made(people.elder.token, f"/orders/{order}/cancel")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("offer", {}),
        ("accept", {}),
        ("decline", {}),
        ("done", {"record": "0" * 16}),
        ("confirm", {}),
        ("dispute", {"text": "?"}),
        ("cancel", {"reason": "?"}),
    ],
)
def test_to_a_stranger_it_is_not_there(
    site: Site, people: People, what: str, body: dict[str, str]
) -> None:
    order = ask(site, people)
    path = f"/orders/{order}/{what}"
    size = site.size()
    unknown = site.post(people.stranger.token, f"/orders/{'0' * 16}/{what}", body)
    answer = site.post(people.stranger.token, path, body)
    refused(answer, 404, "unknown_order")
    assert answer["detail"] == unknown["detail"]
    assert site.size() == size
    site.made(people.elder.token, f"/orders/{order}/cancel")


def test_an_organisation_assigns_only_whom_it_could_know(site: Site, people: People) -> None:
    order = f"/orders/{ask(site, people)}"
    body = {"provider": people.stranger.id}
    refused(site.post(people.town.host, f"{order}/assign", body), 404, "unknown_party")
    body = {"provider": people.neighbour.id}
    refused(site.post(people.elsewhere, f"{order}/assign", body), 404, "unknown_order")
    refused(site.post(people.elsewhere, f"{order}/cancel"), 404, "unknown_order")
    site.made(people.town.host, f"{order}/assign", body)
    site.made(people.town.host, f"{order}/cancel", {"reason": "无人"})


# What the door attests --------------------------------------------------------------------------


def under(site: Site, parameters: dict[str, Any]) -> str:
    """An organisation with rules of its own."""
    home = site.organisation()
    adopt_policy(site.book, policy_toml(parameters, organisation=home).encode())
    return home


def hour_of(site: Site, home: str, one: One) -> str:
    """The record of an hour for an organisation; what becomes of it is the matter of the test."""
    body = {
        "volunteer": one.id,
        "activity": site.activity(home, category="culture"),
        # It was published when it was held.
        "evidence": "backfill",
        "starts": moment("2025-03-08 09:00"),
        "ends": moment("2025-03-08 10:00"),
        "check_in": moment("2025-03-08 09:00"),
        "check_out": moment("2025-03-08 10:00"),
        "recorder": site.staff(home),
        "approver": site.staff(home),
    }
    made = site.made(site.organisation_token(home), "/service-records", body)
    return str(made["record"])


def save_an_hour(site: Site, home: str, one: One) -> None:
    body = {"record": hour_of(site, home, one), "minutes": 60}
    site.made(one.token, "/time-bank/deposits", body)


def gate_of(site: Site, one: One, home: str) -> str:
    """By what somebody with time may ask for service; or the code of the no."""
    body = {
        "organisation": home,
        "category": "health",
        "minutes": 1,
        "starts": moment(f"{tomorrow(site)} 09:00"),
        "ends": moment(f"{tomorrow(site)} 10:00"),
    }
    answer = site.post(one.token, "/orders", body)
    if answer.status != 201:
        return answer.code
    return str(site.book.entry(answer["entry"]).facts["age_gate"])


@scenario("""
  id              | age | days | spouse | in_days | difficulty | gate
  own-age         |  60 |    0 |     30 |       0 | no         | met
  B7              |  60 |    1 |      0 |       0 | no         | age_gate_unmet
  B8              |  40 |    0 |     60 |       0 | no         | spouse
  spouse-too-59   |  40 |    0 |     60 |       1 | no         | age_gate_unmet
  difficulty      |  55 |    0 |      0 |       0 | yes        | difficulty
  too-young-still |  55 |    1 |      0 |       0 | yes        | age_gate_unmet
  no-difficulty   |  55 |    0 |      0 |       0 | no         | age_gate_unmet
""")
def test_the_door_attests_who_may_spend(
    site: Site, age: int, days: int, spouse: int, in_days: int, difficulty: str, gate: str
) -> None:
    """P38 under a policy of 60, spouses included, 55 in special difficulty; to the day."""
    home = under(
        site,
        {
            "tb.redeem_min_age": 60,
            "tb.redeem_min_age_difficulty": 55,
            "tb.overdraft_min_minutes": 60,
        },
    )
    one = register(site, home, born(site, age, days))
    if spouse:
        relative = site.volunteer(home, born=born(site, spouse, in_days))
        body = {"relative": relative, "relation": "spouse"}
        site.made(site.operator, f"/volunteers/{one.id}/relations", body)
    if difficulty == "yes":
        site.book.vault.add_circumstance(
            one.id, "special_difficulty", circumstance_id=site.book.new_id()
        )
    assert gate_of(site, one, home) == gate


def test_b7_b8_the_spouse_counts_until_the_relation_ends(site: Site) -> None:
    home = under(site, {"tb.overdraft_min_minutes": 60})
    one = register(site, home, "1990-01-01")
    body = {"relative": site.volunteer(home, born="1950-01-01"), "relation": "spouse"}
    relation = site.made(site.operator, f"/volunteers/{one.id}/relations", body)["relation"]
    assert gate_of(site, one, home) == "spouse"
    site.made(site.operator, f"/volunteers/{one.id}/relations/{relation}/end")
    assert gate_of(site, one, home) == "age_gate_unmet"


@scenario("""
  id           | age | days | consent | allowed | gate
  grown-up     |  18 |    0 | no      | yes     | met
  with-consent |  18 |    1 | yes     | yes     | guardian
  not-here     |  18 |    1 | yes     | no      | age_gate_unmet
""")
def test_the_door_attests_who_may_save(
    site: Site, age: int, days: int, consent: str, allowed: str, gate: str
) -> None:
    """P37."""
    home = under(site, {"tb.depositor_guardian_ok": allowed == "yes"})
    one = register(site, home, born(site, age, days), guardian_consent=consent == "yes")
    record = hour_of(site, home, one)
    answer = site.post(one.token, "/time-bank/deposits", {"record": record, "minutes": 60})
    if answer.status == 201:
        assert site.book.entry(answer["entry"]).facts["age_gate"] == gate
    else:
        assert answer.code == gate


@scenario("""
  id           | age | days | consent | allowed | code
  grown-up     |  18 |    0 | no      | no      |
  with-consent |  18 |    1 | yes     | yes     |
  not-here     |  18 |    1 | yes     | no      | age_gate_unmet
""")
def test_whoever_serves_for_saved_time_is_of_the_age_to_save_it(
    site: Site, age: int, days: int, consent: str, allowed: str, code: str
) -> None:
    """P37: an order is no way around the depositor's gate; by the policy of the order."""
    ours = {"tb.depositor_guardian_ok": allowed == "yes", "tb.redeem_min_age": 0}
    home = under(site, ours)
    recipient = register(site, home)
    # The provider's own policy says another thing, and is not asked.
    team = site.organisation(parent=home, form="team")
    theirs = {"tb.depositor_min_age": 0 if code else 99}
    adopt_policy(site.book, policy_toml(theirs, organisation=team).encode())
    one = register(site, team, born(site, age, days), guardian_consent=consent == "yes")
    save_an_hour(site, home, recipient)
    body = {
        "organisation": home,
        "category": "health",
        "minutes": 60,
        "starts": moment(f"{tomorrow(site)} 09:00"),
        "ends": moment(f"{tomorrow(site)} 10:00"),
    }
    order = f"/orders/{site.made(recipient.token, '/orders', body)['order']}"
    host = site.organisation_token(home)
    if code:
        offered = site.post(one.token, f"{order}/offer")
        refused(offered, 422, code)
        assert offered["facts"] == {"minimum_years": 18, "gate": "unmet"}
        refused(site.post(host, f"{order}/assign", {"provider": one.id}), 422, code)
        return
    site.made(one.token, f"{order}/offer")
    site.made(one.token, f"{order}/decline")
    site.made(host, f"{order}/assign", {"provider": one.id})
    site.made(one.token, f"{order}/accept")


@pytest.mark.parametrize("assigned", [False, True])
def test_the_age_is_asked_again_when_an_order_is_accepted(site: Site, assigned: bool) -> None:
    """The rules may have changed since the offer."""
    home = under(site, {"tb.redeem_min_age": 0, "tb.depositor_min_age": 16})
    recipient, one = register(site, home), register(site, home, born(site, 17))
    save_an_hour(site, home, recipient)
    body = {
        "organisation": home,
        "category": "health",
        "minutes": 60,
        "starts": moment(f"{tomorrow(site)} 09:00"),
        "ends": moment(f"{tomorrow(site)} 10:00"),
    }
    order = f"/orders/{site.made(recipient.token, '/orders', body)['order']}"
    answers, others = (one, recipient) if assigned else (recipient, one)
    if assigned:
        host = site.organisation_token(home)
        site.made(host, f"{order}/assign", {"provider": one.id})
    else:
        site.made(one.token, f"{order}/offer")
    stricter = policy_toml({"tb.redeem_min_age": 0}, organisation=home)
    adopt_policy(site.book, stricter.encode())
    refused(site.post(answers.token, f"{order}/accept"), 422, "age_gate_unmet")
    # Whose answer it is not reads nothing about anybody's age.
    code = "not_the_provider" if assigned else "not_the_recipient"
    assert site.post(others.token, f"{order}/accept").code == code


def test_who_only_offered_is_not_told_whom_by_an_entry(site: Site, people: People) -> None:
    """Declined or cancelled, the entry names the recipient: it is not theirs to read."""
    order = f"/orders/{ask(site, people)}"
    neighbour, elder = people.neighbour, people.elder
    site.made(neighbour.token, f"{order}/offer")
    declined = site.made(elder.token, f"{order}/decline")
    site.made(neighbour.token, f"{order}/offer")
    cancelled = site.made(elder.token, f"{order}/cancel", {"reason": "好多了"})
    for made in (declined, cancelled):
        assert site.get(neighbour.token, f"/entries/{made['entry']}").status == 404
        assert site.get(elder.token, f"/entries/{made['entry']}").status == 200


@scenario("""
  id           | to          | relation    | needy | code
  relative     | spouse      | spouse      | no    |
  friend       | friend      | friend      | no    |
  not-a-friend | spouse      | friend      | no    | not_a_relative
  needy        | needy_elder |             | yes   |
  not-needy    | needy_elder |             | no    | not_a_relative
  needy-unsaid | spouse      |             | yes   | not_a_relative
""")
def test_the_door_attests_whom_one_gives_to(
    site: Site, to: str, relation: Relation | Literal[""], needy: str, code: str
) -> None:
    """P39: the relation on file, or the circumstance where policy asks for one."""
    home = under(site, {"tb.transfer_to": [to]})
    giver, other = register(site, home), site.volunteer(home)
    save_an_hour(site, home, giver)
    if relation:
        site.book.vault.add_relation(
            giver.id, other, relation, relation_id=site.book.new_id(), at=site.clock.ms
        )
    if needy == "yes":
        site.book.vault.add_circumstance(other, "needy_elder", circumstance_id=site.book.new_id())
    answer = site.post(giver.token, "/time-bank/transfers", {"recipient": other, "minutes": 5})
    if code:
        refused(answer, 422, code)
    else:
        assert site.book.entry(answer["entry"]).facts["relation"] == to


# Pools and frozen accounts ----------------------------------------------------------------------


def pools(site: Site) -> dict[str, int]:
    return {
        each["pool"]: each["minutes"]
        for each in site.get(site.operator, "/time-bank/pools")["data"]
    }


def test_an_organisation_grants_out_of_its_own_pool(site: Site) -> None:
    """P44: to its own volunteers, on what is on file, and no more than is there."""
    home = under(site, {"tb.grant_to": ["needy_elder"]})
    host, donors = site.organisation_token(home), [register(site, home) for _ in range(2)]
    for donor in donors:
        save_an_hour(site, home, donor)
        site.made(donor.token, "/time-bank/donations", {"pool": home, "minutes": 45})
    assert pools(site)[home] == 90
    needy = site.volunteer(home)
    body = {"volunteer": needy, "pool": home, "ground": "needy_elder", "minutes": 60}
    refused(site.post(host, "/time-bank/grants", body), 422, "ground_not_granted")
    site.book.vault.add_circumstance(needy, "needy_elder", circumstance_id=site.book.new_id())
    site.made(host, "/time-bank/grants", body)
    refused(site.post(host, "/time-bank/grants", body), 409, "pool_empty")
    refused(
        site.post(host, "/time-bank/grants", {**body, "pool": "platform"}), 422, "not_your_pool"
    )
    elsewhere = site.organisation_token(site.organisation())
    refused(site.post(elsewhere, "/time-bank/grants", body), 404, "unknown_party")
    site.made(site.operator, "/time-bank/grants", {**body, "minutes": 30})
    assert pools(site)[home] == 0


def test_what_the_dead_saved_is_moved_by_the_operator_alone(site: Site) -> None:
    """P46."""
    home = under(site, {})
    donor, gone = register(site, home), register(site, home)
    save_an_hour(site, home, donor)
    site.book.vault.add_relation(
        donor.id, gone.id, "lineal", relation_id=site.book.new_id(), at=site.clock.ms
    )
    site.made(donor.token, "/time-bank/transfers", {"recipient": gone.id, "minutes": 60})
    body = {"volunteer": gone.id, "minutes": 60, "recipient": donor.id, "reason": "继承"}
    refused(site.post(site.operator, "/time-bank/frozen", body), 409, "not_frozen")
    site.made(site.operator, f"/parties/volunteer:{gone.id}/leave")
    host = site.organisation_token(home)
    refused(site.post(host, "/time-bank/frozen", body), 403, "role_not_allowed")
    both = {**body, "pool": "platform"}
    refused(site.post(site.operator, "/time-bank/frozen", both), 422, "one_destination")
    moved = site.made(site.operator, "/time-bank/frozen", body)
    assert (moved["volunteer"], moved["recipient"], moved["minutes"]) == (gone.id, donor.id, 60)
    assert site.get(donor.token, "/time-bank/saved")["minutes"] == 60
