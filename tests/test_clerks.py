"""Clerks: own tokens, limits per day, own lines only; and who did it and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from audit.note import parse_key
from audit.verify import verify
from ledger.actions.rewards import Capture
from ledger.door.tokens import CLERK_SCOPES
from ledger.errors import Refused
from ledger.export import export_bundle
from ledger.rows import CLERK_DAY
from ledger.store import journal, queries
from tests.api_client import Answer, Cast, Site, Till, key
from tests.kit import Ledger, scenario


@dataclass
class Shop:
    """A merchant with two tills at one branch, one at another, and a holder with points."""

    site: Site
    cast: Cast
    till: Till
    owner: str
    coffee: str
    holder_token: str

    def clerk(self, name: str = "王五", **limits: int) -> tuple[str, str]:
        """A clerk of the branch, and a token for its till."""
        path = f"/branches/{self.till.branch}/clerks"
        clerk = str(self.site.made(self.owner, path, {"name": name})["clerk"])
        if limits:
            self.site.made(self.owner, f"/clerks/{clerk}/limits", limits)
        return clerk, self.token(clerk)

    def token(self, clerk: str, **given: Any) -> str:
        body = {"party": f"merchant:{self.till.merchant}", "role": "merchant"}
        body |= {"terminal": self.till.terminal, "clerk": clerk, **given}
        return str(self.site.made(self.owner, "/tokens", body)["token"])

    def voucher(self, quantity: int = 1) -> dict[str, Any]:
        body = {"reward": self.coffee, "quantity": quantity}
        made: dict[str, Any] = self.site.made(self.holder_token, "/redemptions", body)
        self.site.clock.forward(seconds=20)
        return made

    def take(self, token: str, voucher: dict[str, Any], **given: Any) -> Answer:
        return self.site.post(token, "/redemptions/capture", {"code": voucher["code"], **given})


@pytest.fixture
def shop(ledger: Ledger) -> Shop:
    site = Site(ledger.open(), ledger.clock)
    cast = Cast(site)
    for day in (3, 4, 5, 6, 7):
        cast.served(f"2025-03-0{day} 09:00", "16:00")
    till = site.till()
    owner = site.token(f"merchant:{till.merchant}", "merchant")
    return Shop(site, cast, till, owner, site.reward(till), cast.ana_token)


# Who ---------------------------------------------------------------------------------------------


def test_a_clerks_capture_says_who_and_where(shop: Shop) -> None:
    clerk, token = shop.clerk()
    voucher = shop.voucher()
    taken = shop.take(token, voucher)
    assert taken.status == 201, taken.text
    line = shop.site.get(shop.owner, f"/redemptions/{voucher['redemption']}")
    assert (line["clerk"], line["terminal"], line["branch"]) == (
        clerk,
        shop.till.terminal,
        shop.till.branch,
    )
    assert "volunteer" not in line.json
    with shop.site.book.database.reading() as connection:
        row = queries.redemption(connection, voucher["redemption"])
        entry = journal.read_entries(connection, [taken["entry"]])[0]
    assert row is not None
    assert row.clerk == clerk
    # The entry names the credential, and the credential the clerk: nobody typed it.
    bound = [e for e in history(shop, f"clerk:{clerk}") if e.kind == "credential_bound"]
    assert [e.facts["credential"] for e in bound] == [entry.auth]
    assert entry.actor == f"merchant:{shop.till.merchant}"


def history(shop: Shop, owner: str) -> list[Any]:
    return shop.site.book.history(owner)


def test_a_name_is_sealed_and_shown_to_the_merchant_alone(shop: Shop) -> None:
    clerk, token = shop.clerk("赵钱孙")
    path = f"/merchants/{shop.till.merchant}/clerks"
    (shown,) = shop.site.get(shop.owner, path)["data"]
    assert (shown["clerk"], shown["name"], shown["state"]) == (clerk, "赵钱孙", "active")
    (to_operator,) = shop.site.get(shop.site.operator, path)["data"]
    assert "name" not in to_operator
    assert shop.site.get(shop.site.till().token, path).status == 404
    assert shop.site.get(shop.holder_token, path).code == "role_not_allowed"
    for entry in history(shop, f"clerk:{clerk}"):
        assert "赵钱孙" not in entry.data.decode()
    assert "赵钱孙" not in shop.site.log.getvalue()
    # Forgotten, the name is gone and what was taken stays.
    voucher = shop.voucher()
    shop.take(token, voucher)
    shop.site.made(shop.site.operator, f"/parties/clerk:{clerk}/forget")
    (forgotten,) = shop.site.get(shop.owner, path)["data"]
    assert (forgotten["state"], "name" in forgotten) == ("forgotten", False)
    assert shop.site.get(shop.owner, f"/redemptions/{voucher['redemption']}")["clerk"] == clerk


def test_a_clerks_token_can_take_vouchers_and_no_more(shop: Shop) -> None:
    clerk, token = shop.clerk()
    assert set(shop.site.get(token, "/me")["scopes"]) == CLERK_SCOPES
    for path, body in (
        ("/settlements", {"redemptions": []}),
        (f"/branches/{shop.till.branch}/clerks", {"name": "x"}),
        (f"/clerks/{clerk}/limits", {}),
        (f"/parties/clerk:{clerk}/suspend", {}),
        ("/tokens", {"party": f"merchant:{shop.till.merchant}", "role": "merchant"}),
    ):
        assert shop.site.post(token, path, body).code == "scope_missing", path
    wider = {
        "party": f"merchant:{shop.till.merchant}",
        "role": "merchant",
        "terminal": shop.till.terminal,
        "clerk": clerk,
        "scopes": ["settlements:write"],
    }
    assert shop.site.post(shop.owner, "/tokens", wider).code == "scope_not_of_role"


def test_a_clerk_stands_at_the_tills_of_their_own_branch(shop: Shop) -> None:
    clerk, _ = shop.clerk()
    elsewhere = shop.site.till(shop.till.merchant)
    stranger = shop.site.till()
    body = {"party": f"merchant:{shop.till.merchant}", "role": "merchant", "clerk": clerk}
    refusals = {
        "terminal_needed": body,
        "unknown_party": body | {"terminal": elsewhere.terminal},
    }
    for code, sent in refusals.items():
        assert shop.site.post(shop.owner, "/tokens", sent).code == code
    theirs = {
        "party": f"merchant:{stranger.merchant}",
        "role": "merchant",
        "terminal": stranger.terminal,
        "clerk": clerk,
    }
    assert shop.site.post(shop.site.operator, "/tokens", theirs).code == "unknown_party"
    rival = shop.site.token(f"merchant:{stranger.merchant}", "merchant")
    assert shop.site.post(rival, "/tokens", theirs).code == "unknown_party"
    for path in (f"/clerks/{clerk}/limits", f"/parties/clerk:{clerk}/suspend"):
        assert shop.site.post(rival, path, {}).code == "unknown_party"
    assert shop.site.post(rival, f"/branches/{shop.till.branch}/clerks", {"name": "x"}).code == (
        "unknown_party"
    )


def test_a_till_decides_about_nobody(shop: Shop) -> None:
    """A merchant's own token does; a till's, whatever its scopes, does not."""
    clerk, _ = shop.clerk()
    for path, body in (
        (f"/branches/{shop.till.branch}/clerks", {"name": "x"}),
        (f"/clerks/{clerk}/limits", {"captures": 1}),
        (f"/parties/clerk:{clerk}/suspend", {}),
        (f"/parties/branch:{shop.till.branch}/leave", {}),
    ):
        assert shop.site.post(shop.till.token, path, body).code == "role_not_allowed", path


@pytest.mark.parametrize("change", ["suspend", "leave"])
def test_a_clerk_who_is_gone_takes_nothing(shop: Shop, change: str) -> None:
    """Nor does their token do anything else, at once; reinstated, it works again."""
    clerk, token = shop.clerk()
    voucher = shop.voucher()
    shop.site.made(shop.owner, f"/parties/clerk:{clerk}/{change}", {"reason": "离职"})
    refused = shop.take(token, voucher)
    assert (refused.status, refused.code) == (403, "clerk_not_active")
    assert refused["till"]["zh"] == "这位店员已停用，暂时不能核销，请联系店长。"
    assert shop.site.get(token, "/redemptions").code == "clerk_not_active"
    assert (
        shop.site.post(
            shop.owner,
            "/tokens",
            {
                "party": f"merchant:{shop.till.merchant}",
                "role": "merchant",
                "terminal": shop.till.terminal,
                "clerk": clerk,
            },
        ).code
        == "party_not_active"
    )
    shop.site.made(shop.owner, f"/parties/clerk:{clerk}/reinstate", {"reason": "回来了"})
    assert shop.take(token, voucher).status == 201


# How much --------------------------------------------------------------------------------------


@scenario("""
  id                 | limits                     | first | second | limited
  no-limit           |                            | 2     | 3      |
  exactly-two        | captures=2                 | 1     | 1      |
  one-too-many       | captures=1                 | 1     | 1      | captures
  exactly-the-points | points_hundredths=500      | 2     | 3      |
  one-hundredth-less | points_hundredths=499      | 2     | 3      | points
  time-is-not-points | minutes=1                  | 2     | 3      |
  the-first-is-named | captures=1,points_hundredths=499 | 2 | 3    | captures
""")
def test_a_clerks_day_has_limits(
    shop: Shop, limits: str, first: int, second: int, limited: str
) -> None:
    given = dict(each.split("=") for each in limits.split(",")) if limits else {}
    most = {name: int(value) for name, value in given.items()}
    clerk, token = shop.clerk("王五", **most)
    assert shop.take(token, shop.voucher(first)).status == 201
    voucher = shop.voucher(second)
    seen = shop.site.post(token, "/redemptions/verify", {"code": voucher["code"]})
    answer = shop.take(token, voucher)
    if not limited:
        assert (seen.status, answer.status) == (200, 201)
        return
    assert [each.code for each in (seen, answer)] == ["clerk_limit_reached"] * 2
    assert answer.status == 409
    facts = answer["facts"]
    assert (facts["limited"], facts["resets"]) == (limited, "2025-03-10T16:00:00.000Z")
    assert (facts["limit"], facts["used"]) == ((1, 1) if limited == "captures" else (499, 200))
    # Another clerk of the branch, or the till without one, may still take it.
    _, other = shop.clerk("李四")
    assert shop.take(other, voucher).status == 201
    # And the next day this one may too.
    shop.site.clock.set("2025-03-11 00:00")
    assert shop.take(token, shop.voucher()).status == 201
    with shop.site.book.database.reading() as connection:
        owner, today = f"clerk:{clerk}", CLERK_DAY + "2025-03-11"
        assert queries.marks_of(connection, [owner], [today]) == {(owner, today): "1 100 0"}


def test_only_what_is_taken_of_it_counts(shop: Shop) -> None:
    """Of five reserved, two are within a limit of two points, three are not."""
    _, token = shop.clerk(points_hundredths=200)
    voucher = shop.voucher(5)
    assert shop.take(token, voucher, quantity=3).code == "clerk_limit_reached"
    assert shop.take(token, voucher, quantity=2).status == 201


def test_a_void_gives_nothing_of_the_day_back(shop: Shop) -> None:
    """Or a limit would be none to somebody who takes and undoes all day."""
    _, token = shop.clerk(captures=1)
    voucher = shop.voucher()
    shop.take(token, voucher)
    path = f"/redemptions/{voucher['redemption']}/void"
    shop.site.made(token, path, {"ground": "cannot_supply"})
    assert shop.take(token, shop.voucher()).code == "clerk_limit_reached"


def test_a_limit_can_be_raised_at_any_time(shop: Shop) -> None:
    clerk, token = shop.clerk(captures=1)
    shop.take(token, shop.voucher())
    voucher = shop.voucher()
    assert shop.take(token, voucher)["till"]["zh"] == (
        "这位店员今日限额 1 张，已用 1 张，这张超出了。请由店长核销，或明天再来。"
    )
    shop.site.made(shop.owner, f"/clerks/{clerk}/limits", {"captures": 2})
    assert shop.take(token, voucher).status == 201


def test_a_repeated_capture_is_answered_however_full_the_day(shop: Shop) -> None:
    """Its answer was lost; the limit has been reached by that very capture."""
    _, token = shop.clerk(captures=1)
    body, used = {"code": shop.voucher()["code"], "note": "靠窗"}, key()
    first = shop.site.post(token, "/redemptions/capture", body, key=used)
    size = shop.site.size()
    again = shop.site.post(token, "/redemptions/capture", body, key=used)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")
    # Whoever uses the same till with the shop's other token gets it too: the till is the scope.
    other = shop.site.post(shop.till.token, "/redemptions/capture", body, key=used)
    assert (other.json, shop.site.size()) == (first.json, size)


# Own lines -------------------------------------------------------------------------------------


def test_everybody_sees_their_own_lines(shop: Shop) -> None:
    """A clerk their own, a till its branch's, the merchant all, another merchant none."""
    (_, one), (_, two) = shop.clerk(), shop.clerk("李四")
    elsewhere = shop.site.till(shop.till.merchant)
    taken = {
        name: shop.voucher()
        for name, token in (
            ("one", one),
            ("two", two),
            ("till", shop.till.token),
            ("elsewhere", elsewhere.token),
        )
    }
    tokens = {"one": one, "two": two, "till": shop.till.token, "elsewhere": elsewhere.token}
    for name, voucher in taken.items():
        assert shop.take(tokens[name], voucher).status == 201
        shop.site.clock.forward(seconds=20)
    open_one = shop.voucher()
    ids = {each["redemption"]: name for name, each in taken.items()}
    sees = {
        "one": {"one"},
        "two": {"two"},
        "till": {"one", "two", "till"},
        "elsewhere": {"elsewhere"},
    }
    for name, own in sees.items():
        listed = shop.site.get(tokens[name], "/redemptions")["data"]
        assert {ids[each["redemption"]] for each in listed} == own, name
        for redemption, whose in ids.items():
            got = shop.site.get(tokens[name], f"/redemptions/{redemption}")
            assert got.status == (200 if whose in own else 404), (name, whose)
        assert shop.site.get(tokens[name], f"/redemptions/{open_one['redemption']}").status == 404
    everything = shop.site.get(shop.owner, "/redemptions")["data"]
    assert len(everything) == len(taken) + 1
    assert shop.site.get(shop.site.till().token, "/redemptions")["data"] == []


def test_entries_too_are_shown_to_those_whose_lines_they_are(shop: Shop) -> None:
    """The journal says no more at a till than the list of redemptions does."""
    (clerk, one), (_, two) = shop.clerk(), shop.clerk("李四")
    elsewhere = shop.site.till(shop.till.merchant)
    tokens = {"one": one, "two": two, "till": shop.till.token, "elsewhere": elsewhere.token}
    taken = {}
    for name, token in tokens.items():
        taken[name] = shop.take(token, shop.voucher())["entry"]
        shop.site.clock.forward(seconds=20)
    sees = {
        "one": {"one"},
        "two": {"two"},
        "till": {"one", "two", "till"},
        "elsewhere": {"elsewhere"},
    }
    for name, own in sees.items():
        listed = {row["entry"] for row in shop.site.get(tokens[name], "/entries?limit=100")["data"]}
        for whose, entry in taken.items():
            assert (entry in listed) == (whose in own), (name, whose)
            for path in (f"/entries/{entry}", f"/entries/{entry}/receipt"):
                answer = shop.site.get(tokens[name], path)
                assert (answer.status != 404) == (whose in own), (name, whose)
    kinds = {row["kind"] for row in shop.site.get(one, "/entries?limit=100")["data"]}
    assert kinds == {"clerk_registered", "credential_bound", "redemption_captured"}
    assert all(
        clerk in row["data"] or row["entry"] == taken["one"]
        for row in shop.site.get(one, "/entries?limit=100")["data"]
    )
    assert set(taken.values()) < {
        row["entry"] for row in shop.site.get(shop.owner, "/entries?limit=100")["data"]
    }


def test_only_the_own_capture_is_undone_or_noted(shop: Shop) -> None:
    (_, one), (_, two) = shop.clerk(), shop.clerk("李四")
    elsewhere = shop.site.till(shop.till.merchant)
    voucher = shop.voucher()
    shop.take(one, voucher)
    for what, body in (("void", {"ground": "cannot_supply"}), ("note", {"note": "拿铁"})):
        path = f"/redemptions/{voucher['redemption']}/{what}"
        for token in (two, elsewhere.token, shop.site.till().token):
            assert shop.site.post(token, path, body).code == "unknown_redemption", what
    path = f"/redemptions/{voucher['redemption']}/void"
    assert shop.site.post(one, path, {"ground": "cannot_supply"}).status == 201


def test_a_suspended_till_gives_nothing_back(shop: Shop) -> None:
    taken = shop.take(shop.till.token, shop.voucher())["redemption"]
    terminal = f"terminal:{shop.till.terminal}"
    shop.site.made(shop.site.operator, f"/parties/{terminal}/suspend", {"reason": "stolen"})
    bodies = {"void": {"ground": "cannot_supply"}, "refund": {"ground": "cannot_supply"}}
    for act, body in {**bodies, "note": {"note": "x"}}.items():
        refused = shop.site.post(shop.till.token, f"/redemptions/{taken}/{act}", body)
        assert (refused.code, refused["facts"]["party"]) == ("party_not_active", terminal)
    assert shop.site.get(shop.owner, f"/redemptions/{taken}")["state"] == "captured"


def test_a_till_undoes_for_its_branch_and_the_merchant_for_all(shop: Shop) -> None:
    _, one = shop.clerk()
    for token in (shop.till.token, shop.owner):
        voucher = shop.voucher()
        shop.take(one, voucher)
        path = f"/redemptions/{voucher['redemption']}/void"
        assert shop.site.post(token, path, {"ground": "cannot_supply"}).status == 201


# Today -----------------------------------------------------------------------------------------


def test_a_till_knows_its_day(shop: Shop) -> None:
    clerk, token = shop.clerk(captures=5, points_hundredths=900)
    vouchers = [shop.voucher(quantity) for quantity in (2, 3)]
    for voucher in vouchers:
        shop.take(token, voucher)
        shop.site.clock.forward(seconds=20)
    shop.take(shop.till.token, shop.voucher())
    path = f"/redemptions/{vouchers[0]['redemption']}/void"
    shop.site.made(token, path, {"ground": "cannot_supply"})
    seen = shop.site.get(token, "/till").json
    assert seen == {
        "merchant": shop.till.merchant,
        "branch": shop.till.branch,
        "branch_name": "东门店",
        "terminal": shop.till.terminal,
        "clerk": clerk,
        "date": "2025-03-10",
        "resets": "2025-03-10T16:00:00.000Z",
        "today": {
            "captures": 2,
            "quantity": 5,
            "points_hundredths": 500,
            "minutes": 0,
            "undone": 1,
        },
        "limits": {"captures": 5, "points_hundredths": 900, "minutes": 0},
        "left": {"captures": 3, "points_hundredths": 400, "minutes": 0},
    }
    (listed,) = shop.site.get(shop.owner, f"/merchants/{shop.till.merchant}/clerks")["data"]
    assert listed["used"] == {"captures": 2, "points_hundredths": 500, "minutes": 0}
    till = shop.site.get(shop.till.token, "/till").json
    assert (till["today"]["captures"], till["branch_today"]["captures"]) == (3, 3)
    assert "clerk" not in till
    owner = shop.site.get(shop.owner, "/till").json
    assert (owner["today"]["captures"], "terminal" in owner, "branch_today" in owner) == (
        3,
        False,
        False,
    )
    shop.site.clock.set("2025-03-11 00:00")
    assert shop.site.get(token, "/till")["today"]["captures"] == 0


# Notes -----------------------------------------------------------------------------------------


def test_a_note_is_sealed_and_shown_to_the_shop(shop: Shop) -> None:
    _, token = shop.clerk()
    voucher = shop.voucher()
    taken = shop.take(token, voucher, note="少冰")
    assert (taken["kind"], len(taken["entries"])) == ("redemption_captured", 2)
    path = f"/redemptions/{voucher['redemption']}"
    assert shop.site.get(token, path)["note"] == "少冰"
    shop.site.made(shop.owner, f"{path}/note", {"note": "少冰，外带"})
    assert shop.site.get(shop.owner, path)["note"] == "少冰，外带"
    assert "note" not in shop.site.get(shop.holder_token, path).json
    for entry in history(shop, f"merchant:{shop.till.merchant}"):
        assert "少冰" not in entry.data.decode()
    kinds = [each.kind for each in history(shop, f"merchant:{shop.till.merchant}")]
    assert kinds.count("capture_noted") == 2


def test_what_was_noted_goes_with_whom_it_was_noted_about(shop: Shop) -> None:
    """Every note about a forgotten holder's capture, and what was noted about a forgotten clerk;
    again at every start. The holder sees that something was noted."""
    vault, site = shop.site.book.vault, shop.site
    path = f"/branches/{shop.till.branch}/clerks"
    clerk = site.made(shop.owner, path, {"name": "王五", "note": "只在周末"})
    taken = shop.take(shop.till.token, shop.voucher(), note="坐轮椅的老先生")
    path = f"/redemptions/{taken['redemption']}/note"
    again = site.made(shop.owner, path, {"note": "张老先生，住三单元"})
    noted = [clerk["entry"], taken["entries"][1], again["entry"]]
    digests = [site.book.entry(each).facts["text"] for each in noted]
    assert all(vault.open_text(each) for each in digests)
    seen = {row["entry"] for row in site.get(shop.holder_token, "/entries?limit=100")["data"]}
    assert set(noted[1:]) < seen

    site.made(site.operator, f"/parties/clerk:{clerk['clerk']}/forget")
    assert [bool(vault.open_text(each)) for each in digests] == [False, True, True]
    site.made(shop.holder_token, f"/parties/volunteer:{shop.cast.ana}/forget")
    assert not any(vault.open_text(each) for each in digests)


def test_only_what_was_taken_is_noted(shop: Shop) -> None:
    voucher = shop.voucher()
    path = f"/redemptions/{voucher['redemption']}/note"
    assert shop.site.post(shop.owner, path, {"note": "x"}).code == "redemption_state_conflict"
    assert shop.site.post(shop.owner, "/redemptions/" + "0" * 16 + "/note", {"note": "x"}).code == (
        "unknown_redemption"
    )


# The auditor -----------------------------------------------------------------------------------


def test_who_took_it_survives_a_rebuild_and_an_audit(shop: Shop, tmp_path: Any) -> None:
    """The row comes from the entries alone, and the rules are held to the clerk's day again."""
    _, token = shop.clerk(captures=3, points_hundredths=600)
    for quantity in (1, 2, 3):
        assert shop.take(token, shop.voucher(quantity), note="x").status == 201
    shop.site.book.signer.sign()
    export_bundle(shop.site.book, tmp_path / "bundle", at=0)
    verdict = verify(tmp_path / "bundle", parse_key(shop.site.book.keys.log.vkey))
    assert (verdict.exit_code, verdict.size) == (0, shop.site.size()), verdict.reason


def test_rules_ask_for_the_clerk_where_the_door_did_not(shop: Shop) -> None:
    """An action that names a clerk who is none is refused by the rules themselves."""
    voucher = shop.voucher()
    action = Capture(
        redemption=voucher["redemption"],
        merchant=shop.till.merchant,
        branch=shop.till.branch,
        terminal=shop.till.terminal,
        clerk="0" * 16,
    )
    with pytest.raises(Refused) as caught:
        shop.site.book.would_capture(action)
    assert caught.value.code == "clerk_not_active"


def test_a_till_is_nobody_to_forget(shop: Shop) -> None:
    """The verifier would refuse such an entry; so does the writer."""
    for address in (f"branch:{shop.till.branch}", f"terminal:{shop.till.terminal}"):
        no = shop.site.post(shop.site.operator, f"/parties/{address}/forget")
        assert no.code == "not_a_person"


def test_a_settlement_names_branch_clerk_and_note_on_each_line(shop: Shop) -> None:
    """To the merchant; clerk and till see their own lines of it, and no whole of it but a branch's
    own. An operator learns no name and no note."""
    site, merchant = shop.site, shop.till.merchant
    clerk, token = shop.clerk("赵钱孙")
    mine = shop.voucher()
    shop.take(token, mine, note="少冰")
    other = shop.voucher()
    shop.take(shop.till.token, other)
    elsewhere = site.till(merchant)
    third = shop.voucher()
    shop.take(elsewhere.token, third)
    site.clock.forward(days=1)
    made = site.made(shop.owner, "/settlements", {"merchant": merchant})
    path = f"/settlements/{made['settlement']}"

    lines = {each["redemption"]: each for each in site.get(shop.owner, path)["claims"]}
    first = lines[mine["redemption"]]
    assert (first["clerk"], first["clerk_name"], first["note"]) == (clerk, "赵钱孙", "少冰")
    assert first["branch_name"] == "东门店"
    assert "clerk_name" not in lines[other["redemption"]]
    for text in (
        site.send("GET", f"/v1{path}?format=csv", token=shop.owner).text,
        site.send("GET", f"/v1/merchants/{merchant}/claims?format=csv", token=shop.owner).text,
    ):
        assert text.count("赵钱孙") == text.count("少冰") == 1
    shown = site.get(site.operator, path).text
    assert "赵钱孙" not in shown
    assert "少冰" not in shown

    claims = f"/merchants/{merchant}/claims"
    seen = {
        name: [each["redemption"] for each in site.get(whose, claims)["claims"]]
        for name, whose in (("clerk", token), ("till", shop.till.token), ("shop", shop.owner))
    }
    assert seen == {
        "clerk": [mine["redemption"]],
        "till": [mine["redemption"], other["redemption"]],
        "shop": [mine["redemption"], other["redemption"], third["redemption"]],
    }
    asked = site.get(token, f"{claims}?clerk={site.book.new_id()}&branch={elsewhere.branch}")
    assert asked["claims"] == []
    for whose in (token, shop.till.token):
        assert site.get(whose, path).status == 404
        assert site.get(whose, f"/merchants/{merchant}/balances").status == 404
        assert site.get(whose, "/settlements")["data"] == []
