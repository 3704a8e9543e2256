"""Who may call what: every route by every kind of caller. A route that is not in the table fails.

`scope` is the scope that a token needs; `open` means that nobody needs a token, `token` that any
good one will do. The letters are the roles that get in: Operator, orGanisation, Reviewer,
Merchant, Volunteer, Auditor. What each of them then sees is the business of other tests.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from ledger.actions.catalogue import StateFund
from ledger.actions.credentials import IssueCredential
from ledger.actions.settlement import CloseSettlement
from ledger.actions.webhooks import SetWebhook
from ledger.book import Caller
from ledger.door import drafts, imports
from ledger.door.tokens import ROLE_SCOPES
from ledger.store.claims import captured_before
from tests import exports
from tests.kit import DAY_MS, TODAY, FakeClock, Ledger, Town, policy_toml
from tests.readers import ROLES, Readers
from tests.recheck import recheck

TABLE = """
    GET   /docs                                                open                    ......
    GET   /docs/docs.css                                       open                    ......
    GET   /openapi.json                                        open                    ......
    GET   /healthz                                             open                    ......
    GET   /readyz                                              open                    ......
    GET   /metrics                                             token                   o.....

    GET   LOG/checkpoint                                       open                    ......
    GET   LOG/tile/<path:place>                                open                    ......
    GET   LOG/tile/entries/<path:place>                        entries:read            .....a

    GET   /v1/me                                               token                   ogrmva
    GET   /v1/entries                                          entries:read            ogrmva
    GET   /v1/entries/<int:index>                              entries:read            o....a
    GET   /v1/entries/<int:index>/receipt                      entries:read            o....a
    GET   /v1/head                                             entries:read            o....a
    POST  /v1/entries/find                                     entries:read            .....a
    GET   /v1/accounts/<string:owner>                               entries:read            o....a
    GET   /v1/runs                                             exports:read            o....a
    POST  /v1/checks                                           exports:read            o....a
    GET   /v1/exports/bundle                                   exports:read            .....a

    GET   /v1/volunteers                                       volunteers:read         og....
    POST  /v1/volunteers                                       parties:write           og....
    POST  /v1/volunteers/find                                  volunteers:read         og....
    GET   /v1/volunteers/<id:volunteer>                        volunteers:read         ogr.v.
    GET   /v1/volunteers/<id:volunteer>/standing               volunteers:read         ogr.v.
    GET   /v1/volunteers/<id:volunteer>/entries                volunteers:read         ogr.v.
    GET   /v1/volunteers/<id:volunteer>/entries/<int:index>    volunteers:read         ogr.v.
    GET   /v1/volunteers/<id:volunteer>/accesses               volunteers:read         ....v.
    GET   /v1/volunteers/<id:volunteer>/accesses/days          volunteers:read         ....v.
    GET   /v1/volunteers/<id:volunteer>/relations              volunteers:read         ....v.
    POST  /v1/volunteers/<id:volunteer>/guardian-consent       parties:write           og....
    POST  /v1/volunteers/<id:volunteer>/majority               parties:write           og....
    POST  /v1/volunteers/<id:volunteer>/fraud                  parties:write           og....
    POST  /v1/volunteers/<id:volunteer>/fraud/dismiss          parties:write           o.....
    POST  /v1/volunteers/<id:volunteer>/circumstances          parties:write           og....
    POST  /v1/volunteers/<id:volunteer>/circumstances/<id:circumstance>/end  parties:write  og....
    GET   /v1/volunteers/<id:volunteer>/qualifications         volunteers:read         ogr.v.
    POST  /v1/volunteers/<id:volunteer>/qualifications         service-records:write   og....
    POST  /v1/groups                                           parties:write           og....
    POST  /v1/volunteers/<id:volunteer>/relations              parties:write           og....
    POST  /v1/volunteers/<id:volunteer>/relations/<id:relation>/end  parties:write     og....

    GET   /v1/volunteers/<id:volunteer>/helpers                parties:read            o...v.
    POST  /v1/volunteers/<id:volunteer>/helpers                parties:write           o...v.
    GET   /v1/helpers/<id:credential>/entries                  parties:read            o...v.
    POST  /v1/helpers/<id:credential>/end                      parties:write           o...v.
    GET   /v1/helping                                          parties:read            ..r.v.

    GET   /v1/organisations                                    parties:read            ogrmva
    POST  /v1/organisations                                    parties:write           og....
    GET   /v1/organisations/<id:organisation>                  parties:read            ogrmva
    GET   /v1/organisations/<id:organisation>/populations      indicators:read         og...a
    GET   /v1/staff                                            parties:read            og....
    POST  /v1/staff                                            parties:write           og....
    GET   /v1/merchants                                        parties:read            ogrmva
    POST  /v1/merchants                                        parties:write           o.....
    GET   /v1/merchants/<id:merchant>                          parties:read            ogrmva
    POST  /v1/merchants/<id:merchant>/branches                 parties:write           o..m..
    POST  /v1/branches/<id:branch>/terminals                   parties:write           o..m..
    POST  /v1/branches/<id:branch>/clerks                      parties:write           o..m..
    POST  /v1/clerks/<id:clerk>/limits                         parties:write           o..m..
    GET   /v1/merchants/<id:merchant>/clerks                   parties:read            o..m..
    POST  /v1/auditors                                         parties:write           o.....
    POST  /v1/parties/<party:address>/suspend                  parties:write           og.m..
    POST  /v1/parties/<party:address>/reinstate                parties:write           og.m..
    POST  /v1/parties/<party:address>/leave                    parties:write           og.mv.
    POST  /v1/parties/<party:address>/died                     parties:write           og....
    POST  /v1/parties/<party:address>/forget                   parties:write           o...v.
    GET   /v1/parties                                          parties:read            o.....
    GET   /v1/tokens                                           tokens:write            og.m..
    POST  /v1/tokens                                           tokens:write            og.m..
    GET   /v1/keys                                             open                    ......
    POST  /v1/tokens/<id:credential>/revoke                    tokens:write            og.m..
    POST  /v1/sign-in-links                                    tokens:write            og.m..

    GET   /v1/activities                                       activities:read         ogr.va
    POST  /v1/activities                                       activities:write        og....
    GET   /v1/activities/<id:activity>                         activities:read         ogr.va
    GET   /v1/service-records                                  service-records:read    ogr.va
    POST  /v1/service-records                                  service-records:write   og....
    POST  /v1/service-records/batch                            service-records:write   og....
    GET   /v1/service-records/<id:record>                      service-records:read    ogr.va
    GET   /v1/service-records/<id:record>/review               service-records:read    o.r...
    POST  /v1/service-records/<id:record>/confirm              service-records:review  o.r...
    POST  /v1/service-records/<id:record>/refuse               service-records:review  o.r...
    POST  /v1/service-records/<id:record>/evaluate             service-records:write   og....
    POST  /v1/service-records/<id:record>/reverse              service-records:write   og....
    POST  /v1/service-records/<id:record>/correct              service-records:write   og....

    GET   /v1/imports                                          service-records:read    .g....
    POST  /v1/imports                                          service-records:write   .g....
    GET   /v1/imports/<id:import_id>                           service-records:read    .g....
    GET   /v1/imports/<id:import_id>/rows                      service-records:read    .g....
    POST  /v1/imports/<id:import_id>/changes                   service-records:write   .g....
    POST  /v1/imports/<id:import_id>/commit                    service-records:write   .g....
    POST  /v1/imports/<id:import_id>/discard                   service-records:write   .g....

    GET   /v1/objections                                       objections:read         ogr.va
    POST  /v1/objections                                       objections:write        ....v.
    GET   /v1/objections/<id:objection>                        objections:read         ogr.va
    POST  /v1/objections/<id:objection>/forward                objections:decide       ogr...
    POST  /v1/objections/<id:objection>/decide                 objections:decide       ogr...
    GET   /v1/volunteers/<id:volunteer>/statement              statements:read         .g..v.
    POST  /v1/volunteers/<id:volunteer>/statements             statements:write        og....
    GET   /v1/anomalies                                        anomalies:read          o....a

    GET   /v1/stars/applications                               stars:read              ogr.va
    POST  /v1/stars/applications                               stars:write             og..v.
    POST  /v1/stars/applications/<id:case>/notice              stars:write             og....
    POST  /v1/stars/applications/<id:case>/grant               stars:write             og....
    POST  /v1/stars/applications/<id:case>/refuse              stars:write             og....
    POST  /v1/stars/downgrades/<id:case>/decide                stars:write             og....
    GET   /v1/stars/notices                                    open                    ......
    POST  /v1/volunteers/<id:volunteer>/medals                 honours:write           og....
    POST  /v1/volunteers/<id:volunteer>/commendations          honours:write           og....
    GET   /v1/volunteers/<id:volunteer>/honours                honours:read            og..v.
    POST  /v1/organisations/<id:organisation>/populations      honours:write           og....
    GET   /v1/indicators                                       indicators:read         og...a
    GET   /v1/reports/service                                  indicators:read         og...a

    POST  /v1/time-bank/deposits                               time-bank:write         ....v.
    POST  /v1/time-bank/transfers                              time-bank:write         ....v.
    POST  /v1/time-bank/donations                              time-bank:write         ....v.
    POST  /v1/time-bank/grants                                 time-bank:grant         og....
    POST  /v1/time-bank/frozen                                 time-bank:grant         o.....
    GET   /v1/time-bank/pools                                  time-bank:read          og..va
    GET   /v1/time-bank/saved                                  time-bank:read          ....v.

    GET   /v1/orders                                           orders:read             og..va
    POST  /v1/orders                                           orders:write            ....v.
    GET   /v1/orders/<id:order>                                orders:read             og..va
    POST  /v1/orders/<id:order>/offer                          orders:write            ....v.
    POST  /v1/orders/<id:order>/assign                         orders:write            og....
    POST  /v1/orders/<id:order>/accept                         orders:write            ....v.
    POST  /v1/orders/<id:order>/decline                        orders:write            ....v.
    POST  /v1/orders/<id:order>/done                           orders:write            ....v.
    POST  /v1/orders/<id:order>/confirm                        orders:write            ....v.
    POST  /v1/orders/<id:order>/dispute                        orders:write            ....v.
    POST  /v1/orders/<id:order>/settle                         orders:write            og....
    POST  /v1/orders/<id:order>/cancel                         orders:write            og..v.

    GET   /v1/rewards                                          open                    ......
    POST  /v1/rewards                                          rewards:write           o..m..
    GET   /v1/rewards/<id:reward>                              open                    ......
    POST  /v1/rewards/<id:reward>/revise                       rewards:write           o..m..
    POST  /v1/rewards/<id:reward>/publish                      rewards:write           o..m..
    POST  /v1/rewards/<id:reward>/restock                      rewards:write           o..m..
    POST  /v1/rewards/<id:reward>/withdraw                     rewards:write           o..m..
    GET   /v1/funds                                            funds:read              og.m.a
    POST  /v1/funds                                            funds:write             og....
    GET   /v1/funds/<id:fund>                                  funds:read              og.m.a
    POST  /v1/funds/<id:fund>                                  funds:write             og....
    GET   /v1/redemptions                                      redemptions:read        o..mva
    POST  /v1/redemptions                                      redemptions:reserve     ....v.
    GET   /v1/redemptions/<id:redemption>                      redemptions:read        o..mva
    GET   /v1/redemptions/<id:redemption>/qr                   redemptions:read        ....v.
    GET   /v1/redemptions/<id:redemption>/slip                 redemptions:read        ....v.
    POST  /v1/redemptions/<id:redemption>/release              redemptions:reserve     ....v.
    POST  /v1/redemptions/<id:redemption>/extend               redemptions:reserve     ....v.
    POST  /v1/redemptions/<id:redemption>/void                 redemptions:void        o..m..
    POST  /v1/redemptions/<id:redemption>/refund               redemptions:void        o..m..
    POST  /v1/redemptions/<id:redemption>/review               redemptions:review      o.....
    POST  /v1/redemptions/verify                               redemptions:verify      ...m..
    POST  /v1/redemptions/capture                              redemptions:capture     ...m..
    POST  /v1/redemptions/office                               redemptions:assist      .g....
    POST  /v1/redemptions/<id:redemption>/reissue              redemptions:reissue     .g..v.
    POST  /v1/redemptions/<id:redemption>/rotating             redemptions:reserve     ....v.
    GET   /v1/redemptions/<id:redemption>/rotating             redemptions:read        ....v.
    GET   /v1/volunteers/<id:volunteer>/looks                  redemptions:read        o...v.
    GET   /v1/volunteers/<id:volunteer>/cards                  cards:read              og..v.
    POST  /v1/volunteers/<id:volunteer>/cards                  cards:write             og....
    POST  /v1/volunteers/<id:volunteer>/cards/<id:card>/close  cards:write             og..v.
    POST  /v1/volunteers/<id:volunteer>/cards/<id:card>/pin    cards:write             .g..v.
    POST  /v1/redemptions/<id:redemption>/note                 redemptions:capture     ...m..
    GET   /v1/till                                             redemptions:read        ...m..
    GET   /v1/practice/codes                                   open                    ......
    POST  /v1/practice/redemptions/verify                      redemptions:verify      ...m..
    POST  /v1/practice/redemptions/capture                     redemptions:capture     ...m..
    POST  /v1/practice/redemptions/<id:redemption>/void        redemptions:void        ...m..

    GET   /v1/webhooks/key                                     open                    ......
    GET   /v1/webhooks                                         webhooks:read           og.m..
    POST  /v1/webhooks                                         webhooks:write          og.m..
    GET   /v1/webhooks/<id:webhook>                            webhooks:read           og.m..
    POST  /v1/webhooks/<id:webhook>                            webhooks:write          og.m..
    POST  /v1/webhooks/<id:webhook>/disable                    webhooks:write          og.m..
    POST  /v1/webhooks/<id:webhook>/enable                     webhooks:write          og.m..
    POST  /v1/webhooks/<id:webhook>/remove                     webhooks:write          og.m..
    POST  /v1/webhooks/<id:webhook>/replay                     webhooks:write          og.m..
    POST  /v1/webhooks/<id:webhook>/test                       webhooks:write          og.m..
    GET   /v1/webhooks/<id:webhook>/deliveries                 webhooks:read           og.m..
    POST  /v1/redemptions/<id:redemption>/offline              redemptions:reserve     ....v.
    GET   /v1/redemptions/<id:redemption>/offline              redemptions:read        ....v.
    GET   /v1/redemptions/<id:redemption>/offline/qr           redemptions:read        ....v.
    POST  /v1/offline                                          redemptions:capture     ...m..
    GET   /v1/offline                                          redemptions:read        o..m.a
    GET   /v1/offline/<id:session>                             redemptions:read        o..m.a
    POST  /v1/offline/<id:session>/uploads                     redemptions:capture     ...m..
    POST  /v1/offline/<id:session>/close                       redemptions:capture     ...m..
    GET   /v1/offline/<id:session>/conflicts                   redemptions:read        o..m.a
    GET   /v1/offline/conflicts                                redemptions:read        o..mva

    GET   /v1/settlements                                      settlements:read        o..m.a
    POST  /v1/settlements                                      settlements:write       o..m..
    GET   /v1/settlements/<id:settlement>                      settlements:read        o..m.a
    GET   /v1/merchants/<id:merchant>/claims                   settlements:read        o..m.a
    GET   /v1/merchants/<id:merchant>/balances                 settlements:read        o..m.a
    GET   /v1/merchants/<id:merchant>/settleable               settlements:read        o..m..
    GET   /v1/totals                                           open                    ......
    GET   /v1/certificates/<string:number>                     open                    ......
    POST  /v1/certificates/<string:number>/show                certificates:write      ....v.
    POST  /v1/volunteers/<id:volunteer>/certificates           certificates:write      og..v.
    GET   /v1/volunteers/<id:volunteer>/certificates           certificates:write      ....v.
    GET   /v1/volunteers/<id:volunteer>/certificates/<int:entry>/paper  certificates:write  og..v.

    GET   /v1/volunteers/<id:volunteer>/consents               credits:read            og..v.
    POST  /v1/volunteers/<id:volunteer>/consents               credits:write           og..v.
    POST  /v1/volunteers/<id:volunteer>/referrals              parties:write           og....
    POST  /v1/volunteers/<id:volunteer>/dishonesty             credits:write           o.....
    POST  /v1/volunteers/<id:volunteer>/dishonesty/repair      credits:write           o.....
    GET   /v1/credits                                          credits:read            og..va
    POST  /v1/credits/listings                                 credits:write           o.....
    GET   /v1/credits/lists/<string:cycle>                     open                    ......

    GET   /v1/policies                                         open                    ......
    POST  /v1/policies                                         policies:write          o.....
    GET   /v1/policies/<string:policy>/<int:version>           open                    ......
    GET   /v1/policies/shipped                                 open                    ......
    GET   /v1/policies/drafts                                  policies:write          o.....
    POST  /v1/policies/drafts                                  policies:write          o.....
    GET   /v1/policies/drafts/<id:draft>                       policies:write          o.....
    POST  /v1/policies/drafts/<id:draft>/simulate              policies:write          o.....
    POST  /v1/policies/drafts/<id:draft>/drop                  policies:write          o.....
"""
LETTERS = dict(zip("ogrmva", ROLES, strict=True))
HIDDEN = {"/v1/entries/<int:index>", "/v1/entries/<int:index>/receipt"}
"""The genesis entry is about nobody: whoever may ask but is no auditor finds nothing there."""
NOT_V1 = ("/docs", "/openapi.json", "/healthz", "/readyz", "LOG")
FROM_OUTSIDE = {"REMOTE_ADDR": "192.0.2.7"}


@dataclass(frozen=True)
class Row:
    """One route, and who gets in."""

    method: str
    rule: str
    scope: str
    roles: frozenset[str]

    @property
    def is_open(self) -> bool:
        return self.scope == "open"


def table() -> list[Row]:
    rows = []
    for line in TABLE.split("\n"):
        if line.strip():
            method, rule, scope, letters = line.split()
            roles = frozenset(LETTERS[letter] for letter in letters if letter != ".")
            rows.append(Row(method, rule, scope, roles))
    return rows


@pytest.fixture(scope="module")
def readers(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Readers]:
    """One town for all: nobody here is let to change anything."""
    home = tmp_path_factory.mktemp("roles") / "home"
    shutil.copytree(sqlite_template, home)
    ledger = Ledger(home, f"sqlite:///{home}/ledger.db", FakeClock(TODAY))
    town = Town(ledger.open(), ledger.clock)
    # The rules of the day of a capture say when it can be settled.
    town.rules({"redeem.void_hours": 0})
    made = Readers(town)
    made.town.deposit(made.ours.volunteer, made.ours.record, 60)
    made.ours = replace(made.ours, order=made.town.order(made.ours.volunteer))
    made.funds_and_settlements = funds_and_settlements(made)
    made.uploads = {"<id:import_id>": uploaded(made)}
    for role in ("operator", "organisation", "merchant"):
        url = made.book.vault.seal_text({"url": "https://shop.example/told"}, at=ledger.clock.ms)
        endpoint = SetWebhook(webhook=made.town.new(), party=made.parties[role], events="", url=url)
        made.town.do(endpoint)
        made.endpoints[made.tokens[role]] = endpoint.webhook
    made.funds_and_settlements["<int:entry>"] = certificate(made)
    made.funds_and_settlements["<id:credential>"] = lent(made)
    yield made
    ledger.close()
    recheck(ledger.database_url)


def uploaded(made: Readers) -> str:
    """A file that the organisation uploaded, of which nothing was recorded."""
    caller = Caller(party=f"organisation:{made.ours.organisation}", role="organisation")
    content = exports.text_of([exports.row()]).encode()
    return imports.check(made.book, caller, content, import_id=made.town.new()).import_id


def funds_and_settlements(made: Readers) -> dict[str, str]:
    """A fund of the organisation for the merchant, a settlement of what the merchant took, and a
    policy that somebody weighs."""
    ours, town = made.ours, made.town
    fund, settlement = town.new(), town.new()
    town.do(
        StateFund(fund=fund, organisation=ours.organisation, cents=1_000, merchants=ours.merchant)
    )
    with made.book.database.reading() as connection:
        claims = captured_before(connection, ours.merchant, "", town.clock.ms + 1, 1)
    town.do(
        CloseSettlement(
            settlement=settlement,
            merchant=ours.merchant,
            redemptions=tuple(claims),
            ends=town.clock.ms + 1,
        )
    )
    draft = drafts.keep(made.book, toml=policy_toml({}), by=made.parties["operator"])
    return {"<id:fund>": fund, "<id:settlement>": settlement, "<id:draft>": draft}


def lent(made: Readers) -> str:
    """The credential with which a neighbour may act for the volunteer."""
    helping = IssueCredential(
        credential=made.town.new(),
        party=f"volunteer:{made.ours.volunteer}",
        role="volunteer",
        scopes="parties:read",
        expires=made.town.clock.ms + DAY_MS,
        helper=f"volunteer:{made.theirs.volunteer}",
    )
    made.town.do(helping)
    return helping.credential


def certificate(made: Readers) -> str:
    """The number of the entry of a certificate of the volunteer's."""
    wanted = {
        "organisation": made.ours.organisation,
        "content": "社区义诊",
        "first_day": "2020-01-01",
        "last_day": "2030-12-31",
    }
    answer = made.client.post(
        f"/v1/volunteers/{made.ours.volunteer}/certificates",
        json=wanted,
        headers={
            "Authorization": f"Bearer {made.tokens['operator']}",
            "Idempotency-Key": made.town.key(),
        },
    )
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["entry"])


def call(readers: Readers, row: Row, token: str = "") -> TestResponse:
    """A request for what is the callers' own where it reads, for nobody's where it writes."""
    ours = readers.ours
    nobody = readers.town.new()
    ids = {
        "<id:volunteer>": ours.volunteer,
        "<id:organisation>": ours.organisation,
        "<id:merchant>": ours.merchant,
        "<id:activity>": ours.activity,
        "<id:record>": ours.record,
        "<id:reward>": ours.reward,
        "<id:redemption>": ours.redemption,
        "<id:objection>": ours.objection,
        "<id:order>": ours.order,
        "<id:webhook>": readers.endpoints.get(token, nobody),
        "<id:session>": ours.offline,
        **readers.funds_and_settlements,
        **readers.uploads,
        "<int:index>": str(ours.record_entry) if "/<id:volunteer>/" in row.rule else "0",
        "<string:policy>": "cn-default",
        "<string:owner>": f"volunteer:{ours.volunteer}",
        "<string:cycle>": "2025",
        "<int:version>": "3",
        "<path:place>": "000.p/1" if "/entries/" in row.rule else "0/000.p/1",
    }
    if row.method == "POST":
        ids = dict.fromkeys([*ids, *re.findall(r"<id:\w+>", row.rule)], nobody)
        ids["<party:address>"] = f"volunteer:{nobody}"
    path = row.rule.replace("LOG", readers.log_prefix)
    for placeholder, one in ids.items():
        path = path.replace(placeholder, one)
    if row.rule == "/v1/parties":
        path += "?kind=merchant"
    headers = {"Reason": "a test of who gets in"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if row.method == "GET":
        return readers.client.get(path, headers=headers, environ_base=FROM_OUTSIDE, buffered=True)
    headers["Idempotency-Key"] = readers.town.key()
    return readers.client.post(path, json={}, headers=headers, environ_base=FROM_OUTSIDE)


def gets_in(row: Row, answer: TestResponse) -> bool:
    """Whether whoever asked was let in, whatever became of what they asked."""
    if row.method == "GET":
        return answer.status_code == 200
    return answer.status_code in (201, 202, 404, 409, 422)


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_every_route_is_in_the_table_and_nothing_else_is(readers: Readers) -> None:
    served = {
        (method, rule.rule.replace(readers.log_prefix, "LOG"))
        for rule in readers.app.url_map.iter_rules()
        # Pages take no token: tests/test_pages.py.
        if not rule.endpoint.startswith("pages.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    rows = table()
    assert served == {(row.method, row.rule) for row in rows}
    assert len(served) == len(rows)


def test_without_a_token_only_what_is_open_answers(readers: Readers) -> None:
    for row in table():
        answer = call(readers, row)
        if row.is_open:
            assert gets_in(row, answer), row
        else:
            assert code_of(answer) == (401, "token_missing"), row
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_in_where_the_table_says_and_nowhere_else(
    readers: Readers, role: str
) -> None:
    for row in table():
        answer = call(readers, row, readers.tokens[role])
        if row.is_open or role in row.roles:
            assert gets_in(row, answer), (row, answer.text)
            # A check goes on behind its answer, and would read a ledger that is put away.
            readers.app.extensions["sidereal"].checker.wait()
        elif row.rule in HIDDEN:
            assert code_of(answer) == (404, "not_found"), (row, answer.text)
        else:
            assert code_of(answer) == (403, "role_not_allowed"), (row, answer.text)


@pytest.mark.parametrize("state", ["expired", "revoked", "unknown"])
def test_a_token_whose_time_is_over_is_no_token(readers: Readers, state: str) -> None:
    tokens = {
        "expired": lambda: readers.expired_token("operator"),
        "revoked": lambda: readers.revoked_token("operator"),
        "unknown": lambda: readers.tokens["operator"][:-1] + "!",
    }
    code = "token_invalid" if state == "unknown" else f"token_{state}"
    token = tokens[state]()
    for row in table():
        answer = call(readers, row, token)
        if row.is_open and row.rule.startswith(NOT_V1):
            assert gets_in(row, answer), row
        else:
            assert code_of(answer) == (401, code), (row, answer.text)


@pytest.mark.parametrize("role", ROLES)
def test_a_token_without_the_scope_stays_outside(readers: Readers, role: str) -> None:
    narrow = {
        scope: readers.token(role, scopes="+".join(sorted(ROLE_SCOPES[role] - {scope})))
        for scope in sorted({row.scope for row in table() if role in row.roles})
    }
    for row in table():
        if role in row.roles:
            answer = call(readers, row, narrow[row.scope])
            if row.scope == "token":
                assert gets_in(row, answer), (row, answer.text)
            else:
                assert code_of(answer) == (403, "scope_missing"), (row, answer.text)


def test_whoever_is_suspended_has_no_token_that_works(readers: Readers) -> None:
    town = readers.town
    who = town.volunteer()
    token = readers.token("volunteer", party=f"volunteer:{who}")
    assert readers.get("/v1/me", token=token).status_code == 200
    town.suspend(who)
    assert code_of(readers.get("/v1/me", token=token)) == (403, "caller_not_active")
    town.becomes(f"volunteer:{who}", "reinstated")
    assert readers.get("/v1/me", token=token).status_code == 200


def test_figures_are_for_this_machine_unless_a_proxy_stands_before_it(readers: Readers) -> None:
    assert readers.client.get("/metrics").status_code == 200
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        answer = readers.client.get("/metrics", headers={header: "127.0.0.1"})
        assert answer.status_code == 401


def test_figures_name_nobody(readers: Readers) -> None:
    """Routes are counted by their template, and what is no route is one line."""
    readers.get(f"/v1/volunteers/{readers.ours.volunteer}", "operator")
    readers.get("/wp-login.php")
    figures = readers.client.get("/metrics").text
    assert 'route="/v1/volunteers/<id:volunteer>",status="200"' in figures
    assert 'method="any",route="none",status="404"' in figures
    for secret in (readers.ours.volunteer, readers.ours.code, "wp-login", "sdk_"):
        assert secret not in figures
    assert f"sidereal_entries {readers.town.size()}.0" in figures


def test_ready_says_what_it_looked_at(readers: Readers) -> None:
    readers.book.signer.sign()
    answer = readers.client.get("/readyz")
    assert answer.status_code == 200
    found = answer.get_json()
    assert found["status"] == "ready"
    assert found["checks"] == dict.fromkeys(
        ["database", "vault", "migrations", "head", "clock", "checkpoint"], "ok"
    )
    assert found["entries"] == found["checkpoint_size"] == readers.town.size()


def test_a_server_that_cannot_be_trusted_is_not_ready_and_says_why_but_lives(
    readers: Readers,
) -> None:
    """Each thing that is wrong has its name; put right, the server is ready again."""
    book, clock = readers.book, readers.town.clock
    book.signer.sign()

    def named(check: str) -> tuple[int, str]:
        answer = readers.client.get("/readyz")
        assert readers.client.get("/healthz").status_code == 200
        return answer.status_code, answer.get_json()["checks"][check]

    now = clock.ms
    clock.ms = now - 1
    assert named("clock") == (503, "clock_unsure")
    clock.ms = now

    (head,) = (book.home / "heads").iterdir()
    hidden = head.rename(head.with_suffix(".hidden"))
    assert named("head") == (503, "head_unknown")
    hidden.rename(head)

    readers.town.volunteer()
    clock.forward(minutes=5)
    assert named("checkpoint") == (503, "checkpoint_late")
    book.signer.sign()
    assert named("checkpoint") == (200, "ok")
