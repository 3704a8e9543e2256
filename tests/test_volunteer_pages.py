"""A volunteer's own pages: what I have, every entry about me, what I can get, and my vouchers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.pages.volunteer.rewards import priced
from audit import receipt as audited
from tests.api_client import Cast, Site, moment
from tests.page_client import Browser, text_of
from tests.volunteers import Life


@pytest.fixture
def life(site: Site) -> Life:
    return Life(site)


def me(life: Life, who: str = "") -> Browser:
    return Browser(life.site).signed_in(f"volunteer:{who or life.cast.ana}")


def entry_of(life: Life, kind: str) -> int:
    """The newest entry of a kind about Ana."""
    path = f"/volunteers/{life.cast.ana}/entries?newest_first=yes"
    lines = life.site.get(life.cast.ana_token, path)["data"]
    return int(next(line["entry"] for line in lines if line["kind"] == kind))


# The first screen --------------------------------------------------------------------------------


def test_whoever_has_nothing_yet_reads_how_it_gets_here(site: Site) -> None:
    cast = Cast(site)
    page = Browser(site).signed_in(f"volunteer:{cast.ana}").get("/me")
    assert page.status_code == 200
    assert "这一页还是空白" in text_of(page)
    assert "时间存折" not in text_of(page)


def test_the_first_screen_says_what_i_have(life: Life) -> None:
    life.reserve()
    text = text_of(me(life).get("/me"))
    assert "张三" in text
    assert "54 小时 100 小时 再服务 46 小时 可申请 1 星 服务时长全部计入星级。" in text
    assert "时间存折 0 分 积分 52.99 其中 52.99 将于 2028年3月31日 后失效" in text
    assert "我的券 1 张可用" in text
    assert "兑换 咖啡一杯 −1 积分" in text
    assert "服务 社区助餐 +7 小时 20 分" in text


def test_it_says_which_hours_count_and_which_do_not(life: Life) -> None:
    life.served("2025-03-06 09:00", "11:00", evidence="backfill")
    text = text_of(me(life).get("/me"))
    assert "服务时长全部计入星级，其中补录 2 小时。" in text
    assert "学时" not in text


def test_the_one_voucher_is_one_tap_away_and_several_are_two(life: Life) -> None:
    browser = me(life)
    first = life.reserve()
    assert f'href="/me/vouchers/{first["redemption"]}"' in browser.get("/me").get_data(as_text=True)
    life.reserve()
    page = browser.get("/me").get_data(as_text=True)
    assert f'href="/me/vouchers/{first["redemption"]}"' not in page


def test_it_is_in_english_as_well(life: Life) -> None:
    text = text_of(me(life).get("/me?lang=en"))
    assert "54 h 100 h 46 h more to star 1" in text
    assert "54 of them" not in text
    assert "Service 社区助餐 +7 h 20 min" in text


def test_every_way_on_from_the_first_screen_leads_somewhere(life: Life) -> None:
    life.reserve()
    browser = me(life)
    html = browser.get("/me").get_data(as_text=True)
    found = set(re.findall(r'href="(/(?!pages/)[^"]*)"', html))
    assert {"/me/time", "/me/stars", "/me/more", "/me/vouchers", "/me/rewards"} <= found
    for address in found:
        assert browser.get(address).status_code == 200, address


def test_these_pages_are_a_volunteers_own(life: Life) -> None:
    shop = Browser(life.site).signed_in(f"merchant:{life.till.merchant}")
    for path in ("/me", "/me/history", "/me/entries/1", "/me/rewards", "/me/vouchers"):
        assert shop.get(path).status_code == 403
        assert Browser(life.site).get(path).status_code == 401


# The history -------------------------------------------------------------------------------------


def test_the_history_begins_with_the_newest_and_goes_on_page_by_page(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.volunteer.history.LINES_SHOWN", 5)
    browser, seen, path = me(life), [], "/me/history"
    while path:
        html = browser.get(path).get_data(as_text=True)
        seen += [int(each) for each in re.findall(r'href="/me/entries/(\d+)"', html)]
        more = re.search(r'href="(\?after=\d+)" rel="next"', html)
        path = f"/me/history{more[1]}" if more else ""
    assert seen == sorted(seen, reverse=True)
    every = life.site.get(life.cast.ana_token, f"/volunteers/{life.cast.ana}/entries")["data"]
    assert seen == [line["entry"] for line in reversed(every)]


def test_it_is_filtered_by_kind_of_thing_and_by_year(life: Life) -> None:
    life.reserve()
    browser = me(life)
    vouchers = text_of(browser.get("/me/history?about=vouchers&year=2025"))
    assert "兑换 咖啡一杯 −1 积分" in vouchers
    assert "社区助餐" not in vouchers
    assert "没有符合的记录" in text_of(browser.get("/me/history?about=stars"))
    assert "没有符合的记录" in text_of(browser.get("/me/history?year=2024"))
    hours = text_of(browser.get("/me/history?about=hours"))
    assert "+7 小时 20 分 +7.33 积分" in hours
    assert "咖啡一杯" not in hours
    assert browser.get("/me/history?about=everything").status_code == 422


def test_the_api_gives_the_history_from_either_end(life: Life) -> None:
    path, token = f"/volunteers/{life.cast.ana}/entries", life.cast.ana_token
    every = life.site.get(token, path)["data"]
    back = life.site.get(token, f"{path}?newest_first=yes&limit=3")
    assert back["data"] == every[:-4:-1]
    assert back["has_more"]
    rest = life.site.get(
        token, f"{path}?newest_first=yes&starting_after={back['data'][-1]['entry']}"
    )
    assert rest["data"] == every[-4::-1]
    assert not rest["has_more"]
    points = life.site.get(token, f"{path}?about=points&limit=2")
    assert [line["names"]["activity"] for line in points["data"]] == ["社区义诊"] * 2
    assert all("points" in line["about"] for line in points["data"])
    this_year = life.site.get(token, f"{path}?year=2025")["data"]
    assert this_year == every
    assert life.site.get(token, f"{path}?year=2026")["data"] == []


def test_a_year_is_chinas(life: Life) -> None:
    """Half past midnight on New Year's Day there is still the old year in London."""
    life.site.clock.set("2026-01-01 00:30")
    new = life.reserve()["entry"]
    path = f"/volunteers/{life.cast.ana}/entries?about=vouchers&year="
    found = {
        year: [line["entry"] for line in life.site.get(life.cast.ana_token, path + year)["data"]]
        for year in ("2025", "2026")
    }
    assert found == {"2025": [], "2026": [new]}


# One entry ---------------------------------------------------------------------------------------


def test_an_entry_says_what_happened_and_until_a_checkpoint_what_to_do(life: Life) -> None:
    life.reserve()
    index = entry_of(life, "redemption_reserved")
    text = text_of(me(life).get(f"/me/entries/{index}"))
    assert "−1 积分 积分已为这张券留出" in text
    assert f"#{index}" in text
    assert "对方 晨光面包 由谁办理 您本人" in text
    assert "下一个检查点还没有签出" in text
    assert me(life).get(f"/me/entries/{index}/receipt").status_code == 409


def test_an_entry_says_who_acted_for_me(life: Life) -> None:
    """A helper may be lent a part: what they cannot do is not offered to them."""
    friend = life.site.volunteer(life.cast.home, name="李四")
    scopes = ["volunteers:read", "entries:read", "rewards:read", "parties:read"]
    scopes += ["redemptions:reserve", "redemptions:read"]
    body = {
        "helper": f"volunteer:{friend}",
        "scopes": scopes,
        "expires": moment("2025-03-20 00:00"),
    }
    life.site.made(life.cast.ana_token, f"/volunteers/{life.cast.ana}/helpers", body)
    browser = Browser(life.site).signed_in(f"volunteer:{friend}")
    begun = browser.submit("/account", "/account/acting")
    assert begun.status_code == 303, text_of(begun)
    # The first screen and the reward are there for them, and it is said for whom.
    assert "张*" in text_of(browser.get("/me"))
    reward = f"/me/rewards/{life.coffee}"
    done = browser.submit(reward, reward, quantity="1")
    voucher = browser.get(done.headers["Location"])
    assert "/extend" in voucher.get_data(as_text=True)
    assert "/reissue" not in voucher.get_data(as_text=True)
    index = entry_of(life, "redemption_reserved")
    assert "由谁办理 您的代办人 李*" in text_of(me(life).get(f"/me/entries/{index}"))


def test_its_receipt_is_checked_without_us(
    life: Life, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = entry_of(life, "service_recorded")
    life.site.book.signer.sign()
    browser = me(life)
    page = browser.get(f"/me/entries/{index}")
    command = re.search(
        r"python -m audit.receipt (\S+) \\\s+--key '(\S+)'", page.get_data(as_text=True)
    )
    assert command is not None
    kept = tmp_path / command[1]
    answer = browser.get(f"/me/entries/{index}/receipt")
    assert f"filename={command[1]}" in answer.headers["Content-Disposition"]
    kept.write_bytes(answer.get_data())
    assert audited.main([str(kept), "--key", command[2]]) == 0
    said = capsys.readouterr().out
    digest = re.search(r"hash: (\w{64})", said)
    assert digest is not None
    assert digest[1] in page.get_data(as_text=True)
    assert said.startswith(f"VERIFIED\nentry: {index}\n")


def test_its_bytes_are_there_without_my_name(life: Life) -> None:
    index = entry_of(life, "service_recorded")
    kept = me(life).get(f"/me/entries/{index}/bytes")
    assert json.loads(kept.get_data())["index"] == index
    assert "张三" not in kept.get_data(as_text=True)


def test_anothers_entry_is_not_there(life: Life) -> None:
    other = life.site.volunteer(life.cast.home)
    browser, index = me(life, other), entry_of(life, "service_recorded")
    for path in ("", "/receipt", "/bytes"):
        assert browser.get(f"/me/entries/{index}{path}").status_code == 404
        assert browser.get(f"/me/entries/{10**9}{path}").status_code == 404


@pytest.mark.parametrize("number", ["9" * 15, "9" * 19, "9" * 40])
def test_a_number_longer_than_any_is_not_there(life: Life, number: str) -> None:
    browser = me(life)
    for path in (f"entries/{number}", f"entries/{number}/bytes", f"certificates/{number}"):
        assert browser.get(f"/me/{path}").status_code == 404


def test_every_entry_of_a_life_has_a_page_that_leads_on(life: Life) -> None:
    """Whatever happened to a volunteer, its page is there, and so is what it is about."""
    used, given_back = life.reserve(), life.reserve()
    life.take(used)
    life.site.made(life.cast.ana_token, f"/redemptions/{given_back['redemption']}/release")
    life.served("2025-03-05 10:00", "12:00")
    browser = me(life)
    path = f"/volunteers/{life.cast.ana}/entries"
    for line in life.site.get(life.cast.ana_token, path)["data"]:
        page = browser.get(f"/me/entries/{line['entry']}")
        assert page.status_code == 200, line
        for lead in re.findall(r'<dd><a href="([^"]+)"', page.get_data(as_text=True)):
            assert browser.get(lead).status_code == 200, (line, lead)
    held = text_of(browser.get(f"/me/entries/{entry_of(life, 'service_recorded')}"))
    assert "服务，待复核" in held
    assert "与另一次服务的时间重叠，由复核员核对" in held


# Rewards -----------------------------------------------------------------------------------------


def test_each_reward_that_i_cannot_have_says_the_one_reason(life: Life) -> None:
    life.offer_all_kinds()
    text = text_of(me(life).get("/me/rewards"))
    can, _, cannot = text.partition("暂时换不了")
    assert "您有 50.99 积分 现在可以换 咖啡一杯 1 积分 晨光面包" in can
    for reason in (
        "家政服务一次 1,000 积分 晨光面包 还差 949.01 积分",
        "博物馆年卡 1 积分 晨光面包 需要 3 星，您现在 0 星",
        "老年公交卡 1 积分 晨光面包 须满 60 周岁",
        "端午礼盒 1 积分 晨光面包 5月20日 00:00 起可换",
        "春节礼盒 1 积分 晨光面包 已于 00:00 截止",
        "体检套餐 1 积分 晨光面包 每人限 1 份，您已换 1 份",
        "理发一次 1 积分 晨光面包 每人每月限 1 份，您已换 1 份",
        "电影票 1 积分 晨光面包 已经换完，等商户补货",
    ):
        assert reason in cannot


def test_what_the_page_says_is_what_reserving_answers(life: Life) -> None:
    """Whoever sends the form all the same is told the same, keeps what they typed, and nothing is
    written."""
    life.offer_all_kinds()
    browser = me(life)
    page = f"/me/rewards/{life.coffee}"
    for reward in life.rewards.values():
        form = browser.form(browser.get(page)) | {"quantity": "1"}
        size = life.site.size()
        answer = browser.post(f"/me/rewards/{reward}", form)
        assert answer.status_code in (403, 409, 422)
        assert life.site.size() == size
    answer = browser.submit(page, page, quantity="1001")
    assert answer.status_code == 409
    assert "剩余数量不够" in text_of(answer)


def test_a_reward_is_reserved_once_however_often_the_form_comes(life: Life) -> None:
    browser, page = me(life), f"/me/rewards/{life.coffee}"
    form = browser.form(browser.get(page)) | {"quantity": "2"}
    first = browser.post(page, form)
    assert first.status_code == 303
    size = life.site.size()
    again = browser.post(page, form)
    assert again.headers["Location"] == first.headers["Location"]
    assert life.site.size() == size
    text = text_of(browser.get(first.headers["Location"]))
    assert "咖啡一杯 × 2 晨光面包 换好了。到店出示下面的码。" in text
    assert "已留出 2 积分" in text


@pytest.mark.parametrize("quantity", ["", "0", "-1", "1.5", "９", "x"])
def test_no_number_is_no_reservation(life: Life, quantity: str) -> None:
    page = f"/me/rewards/{life.coffee}"
    answer = me(life).submit(page, page, quantity=quantity)
    assert answer.status_code == 422
    assert life.site.get(life.cast.ana_token, "/redemptions")["data"] == []


def test_a_reward_that_is_not_there_is_not_there(life: Life) -> None:
    assert me(life).get("/me/rewards/0123456789abcdef").status_code == 404


@pytest.mark.parametrize(
    ("star", "price", "full"), [(0, 1_000, 0), (1, 900, 1_000), (5, 500, 1_000)]
)
def test_stars_make_a_discount_cheaper(star: int, price: int, full: int) -> None:
    """As a reservation would be priced: whoever holds no star pays the full price."""
    one = {"price_hundredths": 1_000, "star_prices": [900, 800, 700, 600, 500], "can_reserve": True}
    found = priced(one, {"star": star})
    assert (found["price"], found["full_price"]) == (price, full)


# Vouchers ----------------------------------------------------------------------------------------


def shown(voucher: dict[str, Any]) -> str:
    return f"/me/vouchers/{voucher['redemption']}"


def test_a_voucher_is_shown_with_its_code_and_its_picture(life: Life) -> None:
    voucher = life.reserve()
    browser = me(life)
    page = browser.get(shown(voucher))
    assert voucher["code"] in text_of(page)
    assert "09:30 前有效" in text_of(page)
    assert "data-digits" not in page.get_data(as_text=True)
    picture = browser.get(f"{shown(voucher)}/qr", Accept="image/avif,image/webp,*/*")
    assert picture.mimetype == "image/svg+xml"
    assert b"<svg" in picture.get_data()
    assert voucher["code"].replace("-", "") not in life.site.log.getvalue()


def test_those_that_can_be_used_come_first_and_the_others_say_what_became_of_them(
    life: Life,
) -> None:
    used, kept = life.reserve(), life.reserve()
    life.take(used)
    text = text_of(me(life).get("/me/vouchers"))
    assert "1 张可用 咖啡一杯 晨光面包 09:30 前有效" in text
    assert "咖啡一杯 1 积分 09:00 东门店 已使用" in text
    page = text_of(me(life).get(shown(used)))
    assert "已使用 商户已收下这张券" in page
    assert "使用时间 09:00 使用门店 东门店 核销凭证号" in page
    assert used["code"] not in page
    life.site.clock.forward(minutes=60)
    over = text_of(me(life).get(shown(kept)))
    assert "已过期" in over
    assert "没有可用的券" in text_of(me(life).get("/me/vouchers"))


def test_a_voucher_is_made_longer_once(life: Life) -> None:
    browser, path = me(life), shown(life.reserve())
    done = browser.submit(path, f"{path}/extend")
    page = browser.get(done.headers["Location"])
    assert "使用期已延长" in text_of(page)
    assert "10:00 前有效" in text_of(page)
    assert f'action="{path}/extend"' not in page.get_data(as_text=True)
    again = browser.post(f"{path}/extend", browser.form(page) | {"key": "0" * 32})
    assert again.status_code == 409


def test_a_voucher_is_given_back(life: Life) -> None:
    browser, path = me(life), shown(life.reserve())
    form = browser.form(browser.get(path))
    done = browser.submit(path, f"{path}/release")
    text = text_of(browser.get(done.headers["Location"]))
    assert "已退回，留出的回到了您的账户" in text
    assert f"#{entry_of(life, 'redemption_released')}" in text
    again = browser.post(f"{path}/release", form | {"key": "0" * 32})
    assert again.status_code == 409
    assert "已退回" in text_of(again)
    assert f"{path}/qr" not in again.get_data(as_text=True)
    assert browser.get(f"{path}/qr").status_code == 409
    assert browser.get(f"{path}/digits").status_code == 409


def test_a_guarded_voucher_shows_six_digits_that_the_till_takes(life: Life) -> None:
    voucher = life.reserve()
    browser, path = me(life), shown(voucher)
    done = browser.submit(path, f"{path}/guard")
    page = browser.get(done.headers["Location"])
    assert "光有券码不能用" in text_of(page)
    digits = re.search(r"<output[^>]*>(\d{3}) (\d{3})</output>", page.get_data(as_text=True))
    assert digits is not None
    fresh = browser.get(f"{path}/digits").get_json()
    assert (fresh["value"], fresh["needed"]) == (digits[1] + digits[2], True)
    assert 0 < fresh["seconds_left"] <= 30
    life.site.clock.forward(seconds=20)
    body = {"code": voucher["code"]}
    no = life.site.post(life.till.token, "/redemptions/capture", body)
    assert no.code == "rotating_value_needed"
    body["rotating"] = browser.get(f"{path}/digits").get_json()["value"]
    assert life.site.post(life.till.token, "/redemptions/capture", body).status == 201


def test_a_new_code_stops_the_old_one(life: Life) -> None:
    voucher = life.reserve()
    browser, path = me(life), shown(voucher)
    done = browser.submit(path, f"{path}/reissue")
    text = text_of(browser.get(done.headers["Location"]))
    assert "这是新的券码" in text
    assert voucher["code"] not in text
    body = {"code": voucher["code"]}
    assert life.site.post(life.till.token, "/redemptions/verify", body).code == "unknown_code"


def test_a_voucher_is_signed_for_a_branch_without_a_network(life: Life) -> None:
    voucher = life.reserve()
    browser, path = me(life), shown(voucher)
    done = browser.submit(path, f"{path}/sign", branch=life.till.branch)
    page = browser.get(done.headers["Location"])
    assert "已签成离线券" in text_of(page)
    assert f'src="{path}/offline"' in page.get_data(as_text=True)
    assert f'action="{path}/release"' not in page.get_data(as_text=True)
    assert browser.get(f"{path}/offline").mimetype == "image/svg+xml"
    other = life.site.till(life.till.merchant)
    again = browser.form(page) | {"key": "0" * 32, "branch": other.branch}
    assert browser.post(f"{path}/sign", again).status_code == 409


def test_a_voucher_that_was_not_signed_has_no_picture_for_a_till_without_a_network(
    life: Life,
) -> None:
    assert me(life).get(f"{shown(life.reserve())}/offline").status_code in (404, 409)


def test_anothers_voucher_is_not_there(life: Life) -> None:
    voucher = life.reserve()
    browser = me(life, life.site.volunteer(life.cast.home))
    path = shown(voucher)
    form = browser.form(browser.get("/account")) | {"key": "0" * 32}
    for part in ("", "/qr", "/slip", "/digits", "/offline"):
        assert browser.get(f"{path}{part}").status_code == 404
    for what in ("extend", "release", "guard", "reissue", "sign"):
        answer = browser.post(f"{path}/{what}", form | {"branch": life.till.branch})
        assert answer.status_code == 404
    (kept,) = life.site.get(life.cast.ana_token, "/redemptions")["data"]
    assert (kept["state"], kept["code"], kept["guarded"]) == ("reserved", voucher["code"], False)


def test_what_was_done_is_only_said_of_what_was(life: Life) -> None:
    """An address with the number of another entry says nothing."""
    voucher, other = life.reserve(), life.reserve()
    browser = me(life)
    for index in (str(other["entry"]), "999999", "-1", "x", "9" * 40):
        text = text_of(browser.get(f"{shown(voucher)}?entry={index}"))
        assert "换好了" not in text
    said = browser.get(f"{shown(voucher)}?entry={voucher['entry']}")
    assert "换好了" in text_of(said)
    taken = life.take(voucher)["entry"]
    assert browser.get(f"{shown(voucher)}?entry={taken}").status_code == 200


@pytest.mark.parametrize("lost", ["form", "origin"])
def test_a_form_that_is_not_of_the_page_changes_nothing(life: Life, lost: str) -> None:
    voucher = life.reserve()
    browser, path = me(life), shown(voucher)
    form = browser.form(browser.get(path)) | {"branch": life.till.branch, "quantity": "1"}
    if lost == "form":
        form["form"] = "0" * 64
    else:
        browser.origin = "https://evil.example"
    size = life.site.size()
    for what in ("extend", "release", "guard", "reissue", "sign"):
        assert browser.post(f"{path}/{what}", form).status_code == 403
    assert browser.post(f"/me/rewards/{life.coffee}", form).status_code == 403
    assert life.site.size() == size
