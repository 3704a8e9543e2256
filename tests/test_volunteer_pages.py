"""A volunteer's own pages: what I have, every entry about me, what I can get, and my vouchers."""

from __future__ import annotations

import pytest

from tests.api_client import Cast, Site
from tests.kit import Ledger
from tests.page_client import Browser, text_of


@pytest.fixture
def cast(ledger: Ledger) -> Cast:
    return Cast(Site(ledger.open(), ledger.clock))


def ana(cast: Cast) -> Browser:
    return Browser(cast.site).signed_in(f"volunteer:{cast.ana}")


# The first screen --------------------------------------------------------------------------------


def test_whoever_has_nothing_yet_reads_how_it_gets_here(cast: Cast) -> None:
    page = ana(cast).get("/me")
    assert page.status_code == 200
    assert "这里还是空白的一页" in text_of(page)
    assert "时间存折" not in text_of(page)


def test_the_first_screen_says_what_i_have(cast: Cast) -> None:
    cast.served("2025-03-03 09:00", "17:00")
    till = cast.site.till()
    coffee = cast.site.reward(till)
    cast.site.made(cast.ana_token, "/redemptions", {"reward": coffee})
    text = text_of(ana(cast).get("/me"))
    assert "张三" in text
    assert "8 小时" in text
    assert "再服务 92 小时 可申请 1 星" in text
    assert "积分 7 其中 7 将于 2028年3月31日 后失效" in text
    assert "1 张可用" in text
    assert "兑换 咖啡一杯 −1 积分" in text
    assert "服务 社区义诊 +8 小时" in text
