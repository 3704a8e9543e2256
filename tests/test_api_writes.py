"""Every write over HTTP: what it makes, and the nearest thing that it refuses.

One ledger serves the whole module; when it is over its journal is held to every law again, and
every projected row is compared with a fold from zero.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.times import rfc3339
from ledger.door import people
from ledger.door.vouchers import LIMITS, WINDOW_MS
from ledger.note import open_note
from ledger.policies import shipped
from tests.api_client import (
    Cast,
    Site,
    Till,
    identity_number,
    key,
    moment,
    organisation_code,
    site_of_its_own,
)
from tests.kit import Ledger

NOBODY = "0" * 16
_PLACE = r"{[a-z_]+}|<[a-z:_]+>"


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_of_its_own(sqlite_template, tmp_path_factory.mktemp("site") / "home") as made:
        made.cast = Cast(made)
        yield made


@pytest.fixture(scope="module")
def town(site: Site) -> Cast:
    assert site.cast is not None
    return site.cast


@pytest.fixture(scope="module")
def till(site: Site) -> Till:
    return site.till()


@pytest.fixture
def bo(site: Site, town: Cast) -> tuple[str, str]:
    """A volunteer of the town with five points, and a token."""
    who = site.volunteer(town.home)
    town.served("2025-03-08 09:00", "14:00", who=who)
    return who, site.volunteer_token(who)


def refused(site: Site, code: str, status: int, *args: Any, **kwargs: Any) -> Any:
    """The write is refused with this problem, and nothing is written."""
    before = site.size()
    answer = site.post(*args, **kwargs)
    assert (answer.status, answer.code) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert site.size() == before
    return answer


class TestWhoAsks:
    def test_a_write_without_a_token_is_401_and_says_how(self, site: Site) -> None:
        answer = refused(site, "token_missing", 401, "", "/merchants", {"name": "x"})
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_a_wrong_secret_and_an_unknown_credential_answer_alike(self, site: Site) -> None:
        wrong = site.operator[:-4] + ("AAAA" if site.operator[-4:] != "AAAA" else "BBBB")
        other = f"sdk_{NOBODY}_{'A' * 43}"
        noes = [
            refused(site, "token_invalid", 401, token, "/merchants", {"name": "x"})
            for token in (wrong, other, "x")
        ]
        assert len({no["detail"] for no in noes}) == 1

    def test_a_token_ends_at_its_time_and_not_a_moment_before(self, site: Site) -> None:
        token = site.token(
            f"merchant:{site.merchant()}", "merchant", expires=moment("2025-03-10 09:01")
        )
        now = site.clock.ms
        site.clock.ms = now + 59_999
        # Known, but not for this role.
        refused(site, "role_not_allowed", 403, token, "/auditors", {"name": "x"})
        site.clock.ms = now + 60_000
        refused(site, "token_expired", 401, token, "/auditors", {"name": "x"})
        site.clock.ms = now

    def test_a_revoked_token_stops_at_once(self, site: Site) -> None:
        issued = site.made(
            site.operator,
            "/tokens",
            {"party": f"merchant:{site.merchant()}", "role": "merchant"},
        )
        site.made(site.operator, f"/tokens/{issued['credential']}/revoke")
        refused(site, "token_revoked", 401, issued["token"], "/rewards", {})
        path = f"/tokens/{issued['credential']}/revoke"
        refused(site, "credential_revoked", 409, site.operator, path)

    def test_a_suspended_party_can_do_nothing_until_it_is_reinstated(self, site: Site) -> None:
        till = site.till()
        shop = f"/parties/merchant:{till.merchant}"
        site.made(site.operator, f"{shop}/suspend", {"reason": "under review"})
        refused(site, "caller_not_active", 403, till.token, "/rewards", {})
        refused(site, "party_state_conflict", 409, site.operator, f"{shop}/suspend")
        site.made(site.operator, f"{shop}/reinstate")
        refused(site, "missing_field", 422, till.token, "/redemptions/verify", {})

    def test_a_narrow_token_does_only_what_it_was_issued_for(self, site: Site, town: Cast) -> None:
        narrow = site.organisation_token(town.home, scopes=["service-records:write"])
        site.made(narrow, "/service-records", town.session("2025-03-05 09:00", "10:00"))
        refused(site, "scope_missing", 403, narrow, "/staff", {"name": "x"})

    def test_nobody_makes_a_wider_token_out_of_a_narrow_one(self, site: Site, town: Cast) -> None:
        narrow = site.organisation_token(town.home, scopes=["tokens:write", "parties:write"])
        body = {"party": f"organisation:{town.home}", "role": "organisation"}
        made = site.made(narrow, "/tokens", body)
        assert made["scopes"] == ["parties:write", "tokens:write"]
        wider = {**body, "scopes": ["service-records:write"]}
        refused(site, "scope_not_of_role", 422, narrow, "/tokens", wider)

    def test_an_organisation_issues_no_token_that_spends_a_volunteers_value(
        self, site: Site, town: Cast
    ) -> None:
        body = {"party": f"volunteer:{town.ana}", "role": "volunteer"}
        refused(site, "role_not_allowed", 403, town.host, "/tokens", body)

    def test_a_token_is_shown_once(self, site: Site) -> None:
        body = {"party": f"merchant:{site.merchant()}", "role": "merchant"}
        used = key()
        first = site.post(site.operator, "/tokens", body, key=used)
        again = site.post(site.operator, "/tokens", body, key=used)
        assert first["token"].startswith(f"sdk_{first['credential']}_")
        assert again.json == {**first.json, "token": None}
        assert again.headers["Idempotency-Replayed"] == "true"

    def test_cookies_mean_nothing(self, site: Site) -> None:
        cookie = {"Cookie": f"Authorization=Bearer {site.operator}"}
        refused(site, "token_missing", 401, "", "/merchants", {"name": "x"}, headers=cookie)


WRITES = """
/helpers/{id}/end                                      | operator volunteer
/imports/{id}/changes                                  | organisation
/imports/{id}/commit                                   | organisation
/imports/{id}/discard                                  | organisation
/policies/drafts                                       | operator
/policies/drafts/{id}/drop                             | operator
/policies/drafts/{id}/simulate                         | operator
/volunteers/{id}/helpers                               | operator volunteer
/activities                                            | operator organisation
/auditors                                              | operator
/branches/{id}/clerks                                  | operator merchant
/branches/{id}/terminals                               | operator merchant
/certificates/<string:number>/show                     | volunteer
/clerks/{id}/limits                                    | operator merchant
/credits/listings                                      | operator
/funds                                                 | operator organisation
/funds/{id}                                            | operator organisation
/groups                                                | operator organisation
/merchants                                             | operator
/merchants/{id}/branches                               | operator merchant
/objections                                            | volunteer
/objections/{id}/decide                                | operator organisation reviewer
/objections/{id}/forward                               | operator organisation reviewer
/offline                                               | merchant
/offline/{id}/close                                    | merchant
/offline/{id}/uploads                                  | merchant
/orders                                                | volunteer
/orders/{id}/accept                                    | volunteer
/orders/{id}/assign                                    | operator organisation
/orders/{id}/cancel                                    | operator organisation volunteer
/orders/{id}/confirm                                   | volunteer
/orders/{id}/decline                                   | volunteer
/orders/{id}/dispute                                   | volunteer
/orders/{id}/done                                      | volunteer
/orders/{id}/offer                                     | volunteer
/orders/{id}/settle                                    | operator organisation
/organisations                                         | operator organisation
/organisations/{id}/populations                        | operator organisation
/parties/{address}/died                                | operator organisation
/parties/{address}/forget                              | operator volunteer
/parties/{address}/leave                               | operator organisation merchant volunteer
/parties/{address}/reinstate                           | operator organisation merchant
/parties/{address}/suspend                             | operator organisation merchant
/policies                                              | operator
/practice/redemptions/capture                          | merchant
/practice/redemptions/verify                           | merchant
/practice/redemptions/{id}/void                        | merchant
/redemptions                                           | volunteer
/redemptions/capture                                   | merchant
/redemptions/office                                    | organisation
/redemptions/verify                                    | merchant
/redemptions/{id}/extend                               | volunteer
/redemptions/{id}/note                                 | merchant
/redemptions/{id}/offline                              | volunteer
/redemptions/{id}/refund                               | operator merchant
/redemptions/{id}/reissue                              | organisation volunteer
/redemptions/{id}/release                              | volunteer
/redemptions/{id}/review                               | operator
/redemptions/{id}/rotating                             | volunteer
/redemptions/{id}/void                                 | operator merchant
/rewards                                               | operator merchant
/rewards/{id}/publish                                  | operator merchant
/rewards/{id}/restock                                  | operator merchant
/rewards/{id}/revise                                   | operator merchant
/rewards/{id}/withdraw                                 | operator merchant
/service-records                                       | operator organisation
/service-records/batch                                 | operator organisation
/service-records/{id}/confirm                          | operator reviewer
/service-records/{id}/correct                          | operator organisation
/service-records/{id}/evaluate                         | operator organisation
/service-records/{id}/refuse                           | operator reviewer
/service-records/{id}/reverse                          | operator organisation
/settlements                                           | operator merchant
/sign-in-links                                         | operator organisation merchant
/staff                                                 | operator organisation
/stars/applications                                    | operator organisation volunteer
/stars/applications/{id}/grant                         | operator organisation
/stars/applications/{id}/notice                        | operator organisation
/stars/applications/{id}/refuse                        | operator organisation
/stars/downgrades/{id}/decide                          | operator organisation
/time-bank/deposits                                    | volunteer
/time-bank/donations                                   | volunteer
/time-bank/frozen                                      | operator
/time-bank/grants                                      | operator organisation
/time-bank/transfers                                   | volunteer
/tokens                                                | operator organisation merchant
/tokens/{id}/revoke                                    | operator organisation merchant
/volunteers                                            | operator organisation
/volunteers/{id}/cards                                 | operator organisation
/volunteers/{id}/cards/{id}/close                      | operator organisation volunteer
/volunteers/{id}/cards/{id}/pin                        | organisation volunteer
/volunteers/{id}/certificates                          | operator organisation volunteer
/volunteers/{id}/circumstances                         | operator organisation
/volunteers/{id}/circumstances/{id}/end                | operator organisation
/volunteers/{id}/commendations                         | operator organisation
/volunteers/{id}/consents                              | operator organisation volunteer
/volunteers/{id}/dishonesty                            | operator
/volunteers/{id}/dishonesty/repair                     | operator
/volunteers/{id}/fraud                                 | operator organisation
/volunteers/{id}/fraud/dismiss                         | operator
/volunteers/{id}/guardian-consent                      | operator organisation
/volunteers/{id}/majority                              | operator organisation
/volunteers/{id}/medals                                | operator organisation
/volunteers/{id}/qualifications                        | operator organisation
/volunteers/{id}/referrals                             | operator organisation
/volunteers/{id}/relations                             | operator organisation
/volunteers/{id}/relations/{id}/end                    | operator organisation
/volunteers/{id}/statements                            | operator organisation
/webhooks                                              | operator organisation merchant
/webhooks/{id}                                         | operator organisation merchant
/webhooks/{id}/disable                                 | operator organisation merchant
/webhooks/{id}/enable                                  | operator organisation merchant
/webhooks/{id}/remove                                  | operator organisation merchant
/webhooks/{id}/replay                                  | operator organisation merchant
/webhooks/{id}/test                                    | operator organisation merchant
"""
ALLOWED = {
    path.strip(): set(roles.split())
    for path, roles in (line.split("|") for line in WRITES.strip().splitlines())
}


WITHOUT_A_BODY = {"/imports", "/checks"}
"""A file is sent to the one, nothing to the other; tests/test_api_roles.py has who may."""


def as_path(rule: str) -> str:
    return re.sub("<id:[a-z_]+>", "{id}", rule.replace("<party:address>", "{address}"))[3:]


@pytest.fixture(scope="module")
def tokens(site: Site, town: Cast, till: Till) -> dict[str, str]:
    auditor = site.made(site.operator, "/auditors", {"name": "审计所"})["auditor"]
    return {
        "operator": site.operator,
        "organisation": town.host,
        "reviewer": town.reviewer,
        "merchant": till.token,
        "volunteer": town.ana_token,
        "auditor": site.token(f"auditor:{auditor}", "auditor"),
    }


class TestEveryRoute:
    def test_the_table_names_every_write(self, site: Site) -> None:
        rules = {
            as_path(rule.rule)
            for rule in site.app.url_map.iter_rules()
            if rule.endpoint.startswith("writes.")
        }
        assert rules - WITHOUT_A_BODY == ALLOWED.keys()

    @pytest.mark.parametrize("path", ALLOWED)
    def test_each_role_reaches_its_writes_and_no_others(
        self, site: Site, tokens: dict[str, str], path: str
    ) -> None:
        """Whoever is let in is told what is wrong with an absurd body instead."""
        real = path.replace("{id}", NOBODY).replace("{address}", f"volunteer:{NOBODY}")
        body = {"no such field": 1}
        refused(site, "token_missing", 401, "", real, body)
        for role, token in tokens.items():
            if role in ALLOWED[path]:
                answer = site.post(token, real, body)
                assert answer.status == 422
                assert {"pointer": "/no such field", "code": "unknown_field"} in [
                    {"pointer": each["pointer"], "code": each["code"]} for each in answer["errors"]
                ]
            else:
                refused(site, "role_not_allowed", 403, token, real, body)

    def test_the_description_is_valid_and_names_key_scope_and_problems(self, site: Site) -> None:
        spec = site.send("GET", "/openapi.json").json
        OpenAPIV31SpecValidator(spec).validate()
        assert spec["openapi"].startswith("3.1")
        for path, roles in ALLOWED.items():
            (operation,) = [
                item["post"]
                for name, item in spec["paths"].items()
                if "post" in item
                and re.sub(_PLACE, "{}", name) == "/v1" + re.sub(_PLACE, "{}", path)
            ]
            assert operation["security"] == [{"bearer": []}]
            assert operation["x-scope"]
            assert set(operation["x-roles"]) == roles
            assert "application/problem+json" in operation["responses"]["401"]["content"]
            headers = {each.get("name") for each in operation.get("parameters", ())}
            # What a till uploads carries its own counters.
            assert ("Idempotency-Key" in headers) == (not path.endswith(("/verify", "/uploads")))


class TestTheSameRequestAgain:
    def test_it_answers_alike_for_ever(self, site: Site) -> None:
        used, body = key(), {"name": "晨光面包"}
        first = site.post(site.operator, "/merchants", body, key=used)
        size = site.size()
        again = site.post(site.operator, "/merchants", body, key=used)
        assert (again.status, again.json) == (first.status, first.json) == (201, first.json)
        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        assert site.size() == size

    def test_another_body_under_the_key_is_refused(self, site: Site) -> None:
        used = key()
        site.post(site.operator, "/merchants", {"name": "one"}, key=used)
        refused(site, "key_reused", 422, site.operator, "/merchants", {"name": "two"}, key=used)

    def test_another_route_under_the_key_is_refused(self, site: Site) -> None:
        used = key()
        site.post(site.operator, "/merchants", {"name": "one"}, key=used)
        refused(site, "key_reused", 422, site.operator, "/auditors", {"name": "one"}, key=used)

    def test_a_key_is_the_callers_own(self, site: Site, town: Cast) -> None:
        used = key()
        first = site.post(site.operator, "/staff", {"name": "x"}, key=used)
        other = site.post(town.host, "/staff", {"name": "x"}, key=used)
        assert other.status == 201
        assert other["staff"] != first["staff"]

    def test_a_write_needs_a_key_of_16_to_64_plain_characters(self, site: Site) -> None:
        body = {"name": "x"}
        refused(site, "idempotency_key_missing", 400, site.operator, "/merchants", body, key="")
        for bad in ("k" * 15, "k" * 65, "k" * 15 + "#", "k" * 15 + "é"):
            refused(site, "bad_idempotency_key", 400, site.operator, "/merchants", body, key=bad)
        assert site.post(site.operator, "/merchants", body, key="k" * 16).status == 201
        assert site.post(site.operator, "/merchants", body, key="k" * 64).status == 201

    def test_while_one_is_answered_the_other_hears_409(
        self, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        entered, leave, used = threading.Event(), threading.Event(), key()
        register = people.register_merchant

        def slow(*args: Any, **kwargs: Any) -> Any:
            entered.set()
            assert leave.wait(30)
            return register(*args, **kwargs)

        monkeypatch.setattr(people, "register_merchant", slow)
        answers: list[Any] = []
        thread = threading.Thread(
            target=lambda: answers.append(
                site.post(site.operator, "/merchants", {"name": "x"}, key=used)
            )
        )
        thread.start()
        assert entered.wait(30)
        second = site.post(site.operator, "/merchants", {"name": "x"}, key=used)
        leave.set()
        thread.join()
        assert (second.status, second.code) == (409, "request_in_flight")
        assert second.headers["Retry-After"] == "1"
        assert answers[0].status == 201

    def test_a_write_can_be_acknowledged_with_a_signature(self, site: Site) -> None:
        prefer = {"Prefer": "respond-async, acknowledgement"}
        answer = site.post(site.operator, "/merchants", {"name": "x"}, headers=prefer)
        note = open_note(answer["acknowledgement"].encode(), [site.book.keys.ack.verifier])
        assert answer.headers["Preference-Applied"] == "acknowledgement"
        assert note.text.split("\n")[0] == "sidereal/ack@v1"
        assert note.text.split("\n")[2:4] == [str(answer["entry"]), answer["hash"]]
        plain = site.post(site.operator, "/merchants", {"name": "x"})
        assert "acknowledgement" not in plain.json


class TestRegistering:
    def test_the_answer_says_where_the_entry_stands(self, site: Site) -> None:
        made = site.made(site.operator, "/merchants", {"name": "晨光面包"})
        entry = site.book.entry(made["entry"])
        assert made["hash"] == entry.hash.hex()
        assert made["kind"] == entry.kind == "merchant_registered"
        assert made["receipt"].endswith(f"/v1/entries/{made['entry']}/receipt")
        assert made["time"] == rfc3339(entry.time)

    def test_nothing_personal_reaches_the_journal(self, site: Site, town: Cast) -> None:
        number = identity_number()
        made = site.made(
            town.host,
            "/volunteers",
            {"name": "欧阳锋", "identity_number": number, "number": "V-77001"},
        )
        data = site.book.entry(made["entry"]).data.decode()
        assert "欧阳锋" not in data
        assert number not in data
        assert "V-77001" not in data
        vault = site.book.vault.read(
            made["volunteer"], ["name", "number"], by="console", purpose="operation", at=0
        )
        assert vault == {"name": "欧阳锋", "number": "V-77001"}
        assert number not in site.log.getvalue()

    def test_an_identity_number_must_be_real(self, site: Site, town: Cast) -> None:
        good = identity_number()
        wrong = good[:-1] + ("0" if good[-1] != "0" else "1")
        body = {"name": "x", "identity_number": wrong}
        answer = refused(site, "bad_identity_number", 422, town.host, "/volunteers", body)
        assert wrong not in answer.text
        site.made(town.host, "/volunteers", {"name": "x", "identity_number": good})

    def test_a_minor_without_consent_is_marked_and_an_adult_is_not(
        self, site: Site, town: Cast
    ) -> None:
        """Eighteen on 2025-03-10, the day of the test; a day younger is a minor."""
        cases = [("2007-03-10", False, "not_needed"), ("2007-03-11", False, "missing")]
        cases.append(("2007-03-11", True, "consented"))
        for born, consent, expected in cases:
            body = {
                "name": "x",
                "identity_number": identity_number(born),
                "guardian_consent": consent,
            }
            made = site.made(town.host, "/volunteers", body)
            assert made["guardian"] == expected
        who = site.volunteer(town.home, born="2010-01-01")
        path = f"/volunteers/{who}/guardian-consent"
        site.made(town.host, path)
        refused(site, "consent_not_missing", 409, town.host, path)

    def test_who_registered_somebody_hears_of_a_conflict_and_others_do_not(
        self, site: Site, town: Cast
    ) -> None:
        stranger = site.organisation_token(site.organisation())
        known = identity_number()
        site.made(town.host, "/volunteers", {"name": "x", "identity_number": known, "number": "N1"})
        again = {"name": "x", "identity_number": known, "number": "N1"}
        other = {"name": "x", "identity_number": known, "number": "N2"}
        refused(site, "already_registered", 409, town.host, "/volunteers", again)
        refused(site, "identity_conflict", 409, town.host, "/volunteers", other)
        noes = [
            refused(site, "held_for_identity_check", 409, stranger, "/volunteers", body)
            for body in (again, other)
        ]
        assert noes[0]["detail"] == noes[1]["detail"]

    def test_tiers_run_downwards(self, site: Site) -> None:
        city = site.organisation(tier="city")
        host = site.organisation_token(city)
        county = {"name": "县", "organisation_code": organisation_code(), "tier": "county"}
        made = site.made(host, "/organisations", county)
        assert made["parent"] == city
        below = site.organisation_token(made["organisation"])
        up = {"name": "市", "organisation_code": organisation_code(), "tier": "city"}
        refused(site, "tier_not_below_parent", 422, below, "/organisations", up)

    def test_an_organisation_needs_a_valid_code_and_a_team_needs_none(
        self, site: Site, town: Cast
    ) -> None:
        refused(site, "bad_organisation_code", 422, town.host, "/organisations", {"name": "x"})
        bad = {"name": "x", "organisation_code": "91110108551385082R"}
        refused(site, "bad_organisation_code", 422, town.host, "/organisations", bad)
        site.made(town.host, "/organisations", {"name": "队", "form": "team"})

    def test_only_what_is_below_is_ours(self, site: Site, town: Cast) -> None:
        """Another's organisation answers exactly as one that does not exist."""
        other = site.organisation()
        body = {"name": "x", "identity_number": identity_number()}
        texts = set()
        for where in (other, NOBODY):
            sent = {**body, "organisation": where}
            no = refused(site, "unknown_party", 404, town.host, "/volunteers", sent)
            texts.add(no["detail"].replace(where, ""))
        assert len(texts) == 1
        team = site.made(town.host, "/organisations", {"name": "队", "form": "team"})
        site.made(town.host, "/volunteers", {**body, "organisation": team["organisation"]})

    def test_a_merchant_makes_its_own_branches_and_tills(self, site: Site, till: Till) -> None:
        token = site.token(f"merchant:{till.merchant}", "merchant")
        branch = site.made(token, f"/merchants/{till.merchant}/branches", {"name": "西门店"})
        site.made(token, f"/branches/{branch['branch']}/terminals", {"name": "一号机"})
        other = site.till()
        refused(
            site,
            "unknown_party",
            404,
            token,
            f"/merchants/{other.merchant}/branches",
            {"name": "x"},
        )
        refused(
            site, "unknown_party", 404, token, f"/branches/{other.branch}/terminals", {"name": "x"}
        )

    def test_an_auditor_is_registered_by_the_operator_alone(self, site: Site, town: Cast) -> None:
        assert site.made(site.operator, "/auditors", {"name": "审计所"})["auditor"]
        refused(site, "role_not_allowed", 403, town.host, "/auditors", {"name": "x"})


class TestLeavingAndForgetting:
    def test_somebody_who_left_can_come_back(self, site: Site, town: Cast) -> None:
        who = site.volunteer(town.home)
        site.made(site.volunteer_token(who), f"/parties/volunteer:{who}/leave")
        assert site.book.standing(who).state == "left"
        site.made(town.host, f"/parties/volunteer:{who}/reinstate", {"reason": "asked to"})
        assert site.book.standing(who).state == "active"

    def test_nobody_reinstates_themselves(self, site: Site, town: Cast) -> None:
        refused(
            site, "not_for_oneself", 422, town.host, f"/parties/organisation:{town.home}/suspend"
        )

    def test_whoever_stands_elsewhere_changes_nothing(self, site: Site, town: Cast) -> None:
        stranger = site.organisation_token(site.organisation())
        for who in (town.ana, NOBODY):
            refused(site, "unknown_party", 404, stranger, f"/parties/volunteer:{who}/suspend")

    def test_forgetting_destroys_the_person_and_keeps_the_hours(
        self, site: Site, town: Cast
    ) -> None:
        number = identity_number()
        body = {"name": "周芷若", "identity_number": number}
        who = site.made(town.host, "/volunteers", body)["volunteer"]
        token = site.volunteer_token(who)
        record = town.served("2025-03-07 09:00", "10:00", who=who)["record"]
        site.made(town.host, f"/service-records/{record}/reverse", {"reason": "周芷若 was at home"})
        reason = site.book.history(f"volunteer:{who}")[-1].facts["reason"]
        assert site.book.vault.open_text(reason) == {"reason": "周芷若 was at home"}

        used = key()
        path = f"/parties/volunteer:{who}/forget"
        refused(site, "role_not_allowed", 403, town.host, path)
        assert site.post(token, path, key=used).status == 201
        assert site.book.vault.read(who, ["name"], by="console", purpose="operation", at=0) == {}
        assert site.book.vault.open_text(reason) == {}
        assert site.book.standing(who).state == "forgotten"
        assert people.repeat_forgets(site.book) == 0
        # The same number may come back, as a new person.
        assert site.made(town.host, "/volunteers", body)["volunteer"] != who


class TestServiceRecords:
    def test_a_session_counts_at_once(self, site: Site, town: Cast) -> None:
        who = site.volunteer(town.home)
        made = town.served("2025-03-07 09:00", "11:30", who=who)
        assert (made["outcome"], made["minutes"], made["reasons"]) == ("effective", 150, [])
        assert site.book.standing(who).points_hundredths == 250

    def test_a_long_day_is_held_and_a_reviewer_decides(self, site: Site, town: Cast) -> None:
        who = site.volunteer(town.home)
        held = [town.served(f"2025-03-0{day} 09:00", "18:00", who=who) for day in (5, 6)]
        assert {(each["outcome"], *each["reasons"]) for each in held} == {("held", "day_over_8h")}
        confirm = f"/service-records/{held[0]['record']}/confirm"
        assert site.made(town.reviewer, confirm)["minutes"] == 540
        refused(site, "record_state_conflict", 409, town.reviewer, confirm)
        refuse = f"/service-records/{held[1]['record']}/refuse"
        site.made(town.reviewer, refuse, {"reason": "nobody saw it"})
        assert site.book.standing(who).service_minutes == 540

    def test_whoever_recorded_it_cannot_review_it(self, site: Site, town: Cast) -> None:
        who = site.volunteer(town.home)
        record = town.served("2025-03-05 09:00", "18:00", who=who)["record"]
        token = site.token(f"staff:{town.approver}", "reviewer")
        refused(site, "reviewer_took_part", 422, token, f"/service-records/{record}/confirm")

    def test_a_reviewer_sees_only_records_at_or_below(self, site: Site, town: Cast) -> None:
        who = site.volunteer(town.home)
        record = town.served("2025-03-05 09:00", "18:00", who=who)["record"]
        elsewhere = site.token(f"staff:{site.staff(site.organisation())}", "reviewer")
        for one in (record, NOBODY):
            refused(site, "unknown_record", 404, elsewhere, f"/service-records/{one}/confirm")

    def test_a_correction_reverses_and_records_anew(self, site: Site, town: Cast) -> None:
        who = site.volunteer(town.home)
        first = town.served("2025-03-07 09:00", "14:00", who=who)["record"]
        body = town.session("2025-03-07 09:00", "13:00", reason="left at one")
        del body["volunteer"]
        path = f"/service-records/{first}/correct"
        used = key()
        made = site.post(town.host, path, body, key=used)
        assert made.status == 201, made.text
        assert (made["corrects"], made["minutes"], len(made["entries"])) == (first, 240, 2)
        assert site.book.standing(who).service_minutes == 240
        assert site.post(town.host, path, body, key=used).json == made.json
        refused(site, "record_state_conflict", 409, town.host, path, body)

    def test_a_reversal_takes_everything_back(self, site: Site, town: Cast) -> None:
        who = site.volunteer(town.home)
        record = town.served("2025-03-07 09:00", "11:00", who=who)["record"]
        path = f"/service-records/{record}/reverse"
        site.made(town.host, path, {"reason": "wrong person"})
        standing = site.book.standing(who)
        assert (standing.service_minutes, standing.points_hundredths) == (0, 0)
        refused(site, "record_state_conflict", 409, town.host, path, {"reason": "again"})

    @pytest.mark.parametrize(
        ("change", "code", "status"),
        [
            ({"approver": "recorder"}, "recorder_is_approver", 422),
            ({"recorder": "ana"}, "self_recorded", 422),
            ({"check_out": "2025-03-04T09:00:00+08:00"}, "ends_before_it_starts", 422),
            ({"deducted_minutes": 60}, "nothing_served", 422),
            ({"kind": "meeting"}, "not_volunteer_service", 422),
            ({"activity": NOBODY}, "unknown_activity", 404),
            ({"volunteer": NOBODY}, "unknown_party", 404),
            ({"recorder": NOBODY}, "unknown_party", 404),
        ],
    )
    def test_what_is_no_service_is_refused(
        self, site: Site, town: Cast, change: dict[str, Any], code: str, status: int
    ) -> None:
        people_of_town = {"recorder": town.recorder, "ana": town.ana}
        change = {name: people_of_town.get(value, value) for name, value in change.items()}
        body = {**town.session("2025-03-04 09:00", "10:00"), **change}
        refused(site, code, status, town.host, "/service-records", body)

    def test_the_activitys_own_times_are_used_where_none_are_sent(
        self, site: Site, town: Cast
    ) -> None:
        body = town.session("2025-03-04 14:00", "15:00")
        del body["starts"], body["ends"]
        refused(site, "activity_times_missing", 422, town.host, "/service-records", body)
        timed = site.activity(
            town.home, starts=moment("2025-03-04 14:00"), ends=moment("2025-03-04 15:00")
        )
        # Registered afterwards, so its hours can only be backfilled.
        after = {**body, "activity": timed, "evidence": "backfill"}
        site.made(town.host, "/service-records", after)


class TestBatches:
    def test_each_item_has_its_own_outcome_and_the_answer_stays(
        self, site: Site, town: Cast
    ) -> None:
        who = site.volunteer(town.home)
        good = town.session("2025-03-06 09:00", "10:00", who=who)
        items: list[Any] = [
            good,
            {**good, "evidence": "hearsay"},
            good,
            town.session("2025-03-07 09:00", "18:00", who=who),
            "not a record",
            None,
            {**good, "volunteer": NOBODY},
        ]
        used = key()
        first = site.post(town.host, "/service-records/batch", {"items": items}, key=used)
        assert first.status == 201
        assert first["recorded"] == 2
        assert [(each["outcome"], each["reasons"]) for each in first["items"]] == [
            ("effective", []),
            ("refused", ["not_a_choice"]),
            ("refused", ["duplicate_record"]),
            ("held", ["day_over_8h"]),
            ("refused", ["wrong_type"]),
            ("refused", ["wrong_type"]),
            ("refused", ["unknown_party"]),
        ]
        assert first["items"][1]["pointer"] == "/evidence"
        assert (first["items"][0]["minutes"], first["items"][0]["points_hundredths"]) == (60, 100)

        size = site.size()
        again = site.post(town.host, "/service-records/batch", {"items": items}, key=used)
        assert (again.status, again.json) == (201, first.json)
        assert again.headers["Idempotency-Replayed"] == "true"
        fewer = {"items": items[:2]}
        refused(site, "key_reused", 422, town.host, "/service-records/batch", fewer, key=used)
        assert site.size() == size

    def test_a_batch_holds_1_to_5000_records(self, site: Site, town: Cast) -> None:
        sizes: list[list[Any]] = [[], [{}] * 5_001]
        for items in sizes:
            refused(
                site, "batch_too_large", 422, town.host, "/service-records/batch", {"items": items}
            )


class TestSavedTime:
    def test_a_record_is_saved_once_and_donated(self, site: Site, town: Cast) -> None:
        who = site.volunteer(town.home)
        token = site.volunteer_token(who)
        record = town.served("2025-03-07 09:00", "11:00", who=who)["record"]
        deposit = {"record": record, "minutes": 121}
        refused(site, "too_many_minutes", 422, token, "/time-bank/deposits", deposit)
        made = site.made(token, "/time-bank/deposits", {"record": record, "minutes": 120})
        assert (made["minutes"], made["overflow_minutes"]) == (120, 0)
        refused(
            site,
            "already_deposited",
            409,
            token,
            "/time-bank/deposits",
            {"record": record, "minutes": 1},
        )
        gift = {"pool": "platform", "minutes": 121}
        refused(site, "insufficient_time", 422, token, "/time-bank/donations", gift)
        site.made(token, "/time-bank/donations", {"pool": town.home, "minutes": 120})
        assert site.book.standing(who).time_minutes == 0

    def test_saving_is_for_adults_and_for_ones_own(self, site: Site, town: Cast) -> None:
        """The guardian has not consented, so the record can only have come from elsewhere."""
        young = site.volunteer(town.home, born="2007-03-11")
        record = town.history("2025-03-07 09:00", "2025-03-07 11:00", who=young)
        body = {"record": record, "minutes": 60}
        refused(
            site, "age_gate_unmet", 422, site.volunteer_token(young), "/time-bank/deposits", body
        )
        refused(site, "unknown_record", 404, town.ana_token, "/time-bank/deposits", body)

    def test_time_goes_to_a_relative_and_to_nobody_else(self, site: Site, town: Cast) -> None:
        child, mother = site.volunteer(town.home), site.volunteer(town.home, born="1960-01-01")
        token = site.volunteer_token(child)
        record = town.served("2025-03-07 09:00", "11:00", who=child)["record"]
        site.made(token, "/time-bank/deposits", {"record": record, "minutes": 120})
        gift = {"recipient": mother, "minutes": 20}
        noes = [
            refused(
                site,
                "not_a_relative",
                422,
                token,
                "/time-bank/transfers",
                {"recipient": who, "minutes": 20},
            )["detail"]
            for who in (mother, NOBODY)
        ]
        assert noes[0] == noes[1]
        relations = f"/volunteers/{child}/relations"
        made = site.made(town.host, relations, {"relative": mother, "relation": "lineal"})
        site.made(token, "/time-bank/transfers", gift)
        assert site.book.standing(mother).time_minutes == 20
        assert site.book.standing(child).time_minutes == 100
        assert site.book.standing(child).service_minutes == 120

        used = key()
        end = f"{relations}/{made['relation']}/end"
        assert site.post(town.host, end, key=used).status == 201
        assert site.post(town.host, end, key=used).headers["Idempotency-Replayed"] == "true"
        refused(site, "not_a_relative", 422, token, "/time-bank/transfers", gift)
        refused(site, "unknown_relation", 404, town.host, end)

    def test_a_relation_is_between_two_people_of_ours(self, site: Site, town: Cast) -> None:
        relations = f"/volunteers/{town.ana}/relations"
        body = {"relative": town.ana, "relation": "spouse"}
        refused(site, "relation_to_oneself", 422, town.host, relations, body)
        stranger = site.volunteer(site.organisation())
        for who in (stranger, NOBODY):
            body = {"relative": who, "relation": "spouse"}
            refused(site, "unknown_party", 404, town.host, relations, body)

    def test_time_buys_service_from_sixty_on_or_with_a_spouse_of_sixty(
        self, site: Site, town: Cast, till: Till
    ) -> None:
        order = site.reward(till, form="service_order", price_hundredths=None, price_minutes=60)
        who = site.volunteer(town.home, born="1970-01-01")
        token = site.volunteer_token(who)
        record = town.served("2025-03-07 09:00", "11:00", who=who)["record"]
        site.made(token, "/time-bank/deposits", {"record": record, "minutes": 120})
        refused(site, "age_gate_unmet", 422, token, "/redemptions", {"reward": order})
        spouse = site.volunteer(town.home, born="1965-03-10")
        site.made(
            town.host, f"/volunteers/{who}/relations", {"relative": spouse, "relation": "spouse"}
        )
        made = site.made(token, "/redemptions", {"reward": order})
        assert made["amount_minutes"] == 60
        assert site.book.standing(who).time_minutes == 60

    def test_time_buys_no_goods(self, site: Site, till: Till) -> None:
        body = {
            "title": "米",
            "form": "gift",
            "price_minutes": 60,
            "stock": 1,
            "valid_from": moment("2025-01-01 00:00"),
            "valid_until": moment("2026-01-01 00:00"),
        }
        shop = site.token(f"merchant:{till.merchant}", "merchant")
        refused(site, "time_pays_service_only", 422, shop, "/rewards", body)


class TestVouchers:
    def test_reserve_verify_capture(self, site: Site, till: Till, bo: tuple[str, str]) -> None:
        who, token = bo
        reserved = site.made(token, "/redemptions", {"reward": site.reward(till), "quantity": 2})
        code = reserved["code"]
        assert reserved["code_url"].endswith(f"/r#{code.replace('-', '')}")
        assert reserved["amount_hundredths"] == 200
        assert site.book.standing(who).points_hundredths == 300

        size = site.size()
        typed = f" {code.lower().replace('-', '')} "
        seen = site.post(till.token, "/redemptions/verify", {"code": typed}, key="")
        assert (seen.status, seen["valid"], seen["title"]) == (200, True, "咖啡一杯")
        assert who not in seen.text
        assert site.size() == size

        used = key()
        taken = site.post(till.token, "/redemptions/capture", {"code": code}, key=used)
        assert taken.status == 201
        assert taken["acknowledgement"].startswith("sidereal/ack@v1\n")
        assert who not in taken.text
        site.clock.forward(minutes=31)
        again = site.post(till.token, "/redemptions/capture", {"code": code}, key=used)
        assert again.json == taken.json
        assert again.headers["Idempotency-Replayed"] == "true"
        second = refused(
            site, "already_captured", 409, till.token, "/redemptions/capture", {"code": code}
        )
        assert second["facts"] == {
            "captured_at": taken["time"],
            "branch": till.branch,
            "terminal": till.terminal,
        }
        for path in ("verify", "capture"):
            assert code.replace("-", "") not in site.log.getvalue(), path

    def test_a_repeated_reservation_shows_the_same_code(
        self, site: Site, till: Till, bo: tuple[str, str]
    ) -> None:
        body, used = {"reward": site.reward(till)}, key()
        first = site.post(bo[1], "/redemptions", body, key=used)
        assert site.post(bo[1], "/redemptions", body, key=used).json == first.json

    def test_what_is_given_back_cannot_be_taken(
        self, site: Site, till: Till, bo: tuple[str, str], town: Cast
    ) -> None:
        made = site.made(bo[1], "/redemptions", {"reward": site.reward(till)})
        path = f"/redemptions/{made['redemption']}/release"
        refused(site, "unknown_redemption", 404, town.ana_token, path)
        site.made(bo[1], path)
        assert site.book.standing(bo[0]).points_hundredths == 500
        refused(site, "redemption_state_conflict", 409, bo[1], path)
        refused(site, "released", 409, till.token, "/redemptions/capture", {"code": made["code"]})

    def test_part_of_it_can_be_taken_and_the_rest_comes_back(
        self, site: Site, till: Till, bo: tuple[str, str]
    ) -> None:
        made = site.made(bo[1], "/redemptions", {"reward": site.reward(till), "quantity": 3})
        over = {"code": made["code"], "quantity": 4}
        refused(site, "quantity_too_large", 422, till.token, "/redemptions/capture", over)
        site.made(till.token, "/redemptions/capture", {"code": made["code"], "quantity": 1})
        assert site.book.standing(bo[0]).points_hundredths == 400

    def test_exactly_enough_points_and_one_piece_fewer(
        self, site: Site, till: Till, bo: tuple[str, str]
    ) -> None:
        reward = site.reward(till, stock=5)
        body = {"reward": reward, "quantity": 6}
        refused(site, "out_of_stock", 409, bo[1], "/redemptions", body)
        site.made(bo[1], "/redemptions", {"reward": reward, "quantity": 5})
        dear = site.reward(till, price_hundredths=1)
        refused(site, "insufficient_points", 422, bo[1], "/redemptions", {"reward": dear})

    def test_another_shops_code_answers_exactly_as_an_unknown_one(
        self, site: Site, till: Till, bo: tuple[str, str]
    ) -> None:
        made = site.made(bo[1], "/redemptions", {"reward": site.reward(till)})
        noes = []
        for code in (made["code"], "00000-00000"):
            other = site.till()
            body = {"code": code}
            no = refused(site, "unknown_code", 404, other.token, "/redemptions/capture", body)
            noes.append({**no.json, "request_id": ""})
        assert noes[0] == noes[1]

    def test_a_typing_error_is_told_and_not_counted(self, site: Site) -> None:
        till = site.till()
        for _ in range(LIMITS["terminal"] + 1):
            refused(
                site, "bad_code", 422, till.token, "/redemptions/verify", {"code": "00000-00001"}
            )

    def test_wrong_codes_are_limited_until_the_window_ends(
        self, site: Site, bo: tuple[str, str]
    ) -> None:
        till = site.till()
        made = site.made(bo[1], "/redemptions", {"reward": site.reward(till)})
        now = site.clock.ms
        site.clock.ms = now // WINDOW_MS * WINDOW_MS + WINDOW_MS
        wrong = {"code": "00000-00000"}
        try:
            for left in range(LIMITS["terminal"] - 1, -1, -1):
                no = refused(site, "unknown_code", 404, till.token, "/redemptions/verify", wrong)
                assert no["facts"]["attempts_left"] == left
            # Now even the right one must wait, and says for how long.
            right = {"code": made["code"]}
            for path in ("/redemptions/verify", "/redemptions/capture"):
                no = refused(site, "too_many_attempts", 429, till.token, path, right)
                assert no.headers["Retry-After"] == str(WINDOW_MS // 1000)
            site.clock.ms += WINDOW_MS
            site.made(till.token, "/redemptions/capture", right)
        finally:
            site.clock.ms = max(now, site.clock.ms)

    def test_codes_are_taken_at_a_till_only(self, site: Site, till: Till) -> None:
        token = site.token(f"merchant:{till.merchant}", "merchant")
        body = {"code": "00000-00000"}
        refused(site, "terminal_needed", 403, token, "/redemptions/capture", body)
        other = site.till()
        refused(
            site,
            "unknown_party",
            404,
            site.operator,
            "/tokens",
            {"party": f"merchant:{till.merchant}", "role": "merchant", "terminal": other.terminal},
        )

    def test_a_key_must_not_contain_the_code(
        self, site: Site, till: Till, bo: tuple[str, str]
    ) -> None:
        code = site.made(bo[1], "/redemptions", {"reward": site.reward(till)})["code"]
        used = f"till-7-{code}-one"
        refused(
            site,
            "bad_idempotency_key",
            400,
            till.token,
            "/redemptions/capture",
            {"code": code},
            key=used,
        )

    def test_a_withdrawn_reward_is_not_to_be_had_and_what_is_reserved_stays_good(
        self, site: Site, till: Till, bo: tuple[str, str]
    ) -> None:
        reward = site.reward(till)
        made = site.made(bo[1], "/redemptions", {"reward": reward})
        path = f"/rewards/{reward}/withdraw"
        shop = site.token(f"merchant:{till.merchant}", "merchant")
        refused(site, "role_not_allowed", 403, till.token, path)
        stranger = site.token(f"merchant:{site.merchant()}", "merchant")
        refused(site, "unknown_reward", 404, stranger, path)
        site.made(shop, path, {"reason": "sold out"})
        refused(site, "reward_not_available", 409, bo[1], "/redemptions", {"reward": reward})
        site.made(till.token, "/redemptions/capture", {"code": made["code"]})


class TestRaces:
    def race(self, count: int, act: Any) -> list[Any]:
        """What each of so many callers hears who start together."""
        gate, answers = threading.Barrier(count), [None] * count

        def run(at: int) -> None:
            gate.wait()
            answers[at] = act(at)

        threads = [threading.Thread(target=run, args=(at,)) for at in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def test_eight_tills_and_one_voucher_make_one_capture(
        self, site: Site, bo: tuple[str, str]
    ) -> None:
        first = site.till()
        tills = [first] + [site.till(first.merchant) for _ in range(7)]
        code = site.made(bo[1], "/redemptions", {"reward": site.reward(first)})["code"]
        answers = self.race(
            8, lambda at: site.post(tills[at].token, "/redemptions/capture", {"code": code})
        )
        assert sorted(answer.status for answer in answers) == [201] + [409] * 7
        assert {answer.code for answer in answers if answer.status == 409} == {"already_captured"}

    def test_the_last_piece_goes_to_one_of_two(self, site: Site, town: Cast, till: Till) -> None:
        """Worked example K9: one succeeds, the other keeps the points."""
        people_here = []
        for _ in range(2):
            who = site.volunteer(town.home)
            town.served("2025-03-08 09:00", "10:00", who=who)
            people_here.append((who, site.volunteer_token(who)))
        reward = site.reward(till, stock=1)
        answers = self.race(
            2, lambda at: site.post(people_here[at][1], "/redemptions", {"reward": reward})
        )
        assert sorted(answer.status for answer in answers) == [201, 409]
        points = [site.book.standing(who).points_hundredths for who, _ in people_here]
        assert sorted(points) == [0, 100]

    def test_two_redemptions_of_all_the_time_make_one(
        self, site: Site, town: Cast, till: Till
    ) -> None:
        """Worked example B14: exactly one succeeds, balance 0."""
        order = site.reward(till, form="service_order", price_hundredths=None, price_minutes=120)
        who = site.volunteer(town.home, born="1960-01-01")
        token = site.volunteer_token(who)
        record = town.served("2025-03-07 09:00", "11:00", who=who)["record"]
        site.made(token, "/time-bank/deposits", {"record": record, "minutes": 120})
        answers = self.race(2, lambda at: site.post(token, "/redemptions", {"reward": order}))
        assert sorted(answer.status for answer in answers) == [201, 422]
        assert site.book.standing(who).time_minutes == 0

    def test_one_request_sent_many_times_at_once_is_written_once(
        self, site: Site, bo: tuple[str, str]
    ) -> None:
        till, used = site.till(), key()
        code = site.made(bo[1], "/redemptions", {"reward": site.reward(till)})["code"]
        answers = self.race(
            6,
            lambda at: site.post(till.token, "/redemptions/capture", {"code": code}, key=used),
        )
        assert {answer.status for answer in answers} <= {201, 409}
        assert {answer.code for answer in answers if answer.status == 409} <= {"request_in_flight"}
        assert len({answer["entry"] for answer in answers if answer.status == 201}) == 1


class TestOnBothDatabases:
    """The stories whose statements differ between the two."""

    def test_a_voucher_a_batch_and_wrong_codes(self, ledger: Ledger) -> None:
        site = Site(ledger.open(), ledger.clock)
        town, till = Cast(site), site.till()
        items = [town.session(f"2025-03-0{day} 09:00", "10:00") for day in (3, 4, 4)]
        used = key()
        first = site.post(town.host, "/service-records/batch", {"items": items}, key=used)
        again = site.post(town.host, "/service-records/batch", {"items": items}, key=used)
        assert (first["recorded"], again.json) == (2, first.json)
        body = {"reward": site.reward(till)}
        made = site.made(town.ana_token, "/redemptions", body)
        wrong = {"code": "00000-00000"}
        for left in (9, 8):
            no = site.post(till.token, "/redemptions/verify", wrong)
            assert (no.status, no["facts"]["attempts_left"]) == (404, left)
        code = {"code": made["code"]}
        answers = TestRaces().race(
            4, lambda at: site.post(till.token, "/redemptions/capture", code)
        )
        assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]
        assert site.book.standing(town.ana).points_hundredths == 100


class TestPolicies:
    def test_a_policy_is_adopted_once_and_by_the_operator(self, site: Site, town: Cast) -> None:
        toml = shipped("cn-default").decode().replace("version = 3", "version = 4")
        refused(site, "role_not_allowed", 403, town.host, "/policies", {"toml": toml})
        made = site.made(site.operator, "/policies", {"toml": toml})
        assert (made["policy"], made["version"]) == ("cn-default", 4)
        refused(site, "policy_already_adopted", 409, site.operator, "/policies", {"toml": toml})
        bad = toml.replace("version = 4", "version = 0")
        refused(site, "policy_refused", 422, site.operator, "/policies", {"toml": bad})


class TestAnotherDay:
    """The clock goes on and never back, so these come last."""

    def test_a_refusal_is_not_remembered(self, site: Site, town: Cast) -> None:
        used, tomorrow = key(), town.session("2025-03-11 09:00", "10:00")
        refused(
            site,
            "recorded_before_it_ended",
            422,
            town.host,
            "/service-records",
            tomorrow,
            key=used,
        )
        site.clock.set("2025-03-11 10:00")
        assert site.post(town.host, "/service-records", tomorrow, key=used).status == 201

    def test_a_batch_that_recorded_nothing_is_not_remembered(self, site: Site, town: Cast) -> None:
        used = key()
        items: dict[str, Any] = {"items": [{}, town.session("2025-03-12 09:00", "10:00")]}
        first = site.post(town.host, "/service-records/batch", items, key=used)
        assert (first.status, first["recorded"]) == (200, 0)
        site.clock.set("2025-03-12 10:00")
        again = site.post(town.host, "/service-records/batch", items, key=used)
        assert (again.status, again["recorded"]) == (201, 1)

    def test_a_reservation_whose_time_is_over_cannot_be_taken(
        self, site: Site, town: Cast, till: Till
    ) -> None:
        """Half an hour by default: a moment before is in time."""
        for seconds, status in ((1799, 201), (1800, 409)):
            who = site.volunteer(town.home)
            town.served("2025-03-11 09:00", "10:00", who=who)
            body = {"reward": site.reward(till)}
            made = site.made(site.volunteer_token(who), "/redemptions", body)
            site.clock.forward(seconds=seconds)
            code = {"code": made["code"]}
            answer = site.post(till.token, "/redemptions/capture", code)
            assert answer.status == status
        assert answer.code == "expired"
        assert answer["facts"]["expired_at"] == made["expires"]
