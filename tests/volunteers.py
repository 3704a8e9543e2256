"""A volunteer with something to look at: hours of two months, a voucher used, one to use, rewards
that can be had and rewards that cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.api_client import Cast, Site, Till, moment


@dataclass
class Life:
    """What tests know of Ana's account: she has 64 hours, and points for each."""

    site: Site
    cast: Cast = field(init=False)
    till: Till = field(init=False)
    coffee: str = ""
    rewards: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cast = Cast(self.site)
        with self.site.earlier():
            self.meal = self.site.activity(self.cast.home, name="社区助餐", content="送餐上门")
        for day in (24, 25, 26, 27):
            self.served(f"2025-02-{day} 09:00", "17:00")
        for day in (3, 4, 5):
            self.served(f"2025-03-0{day} 09:00", "16:20", activity=self.meal)
        self.till = self.site.till()
        self.coffee = self.site.reward(self.till)

    def served(self, start: str, end: str, **given: Any) -> Any:
        """A session that the organisation records."""
        return self.cast.served(start, end, **given)

    def reserve(self, reward: str = "", quantity: int = 1) -> dict[str, Any]:
        """A voucher of Ana's, as the API answers it."""
        body = {"reward": reward or self.coffee, "quantity": quantity}
        made: dict[str, Any] = self.site.made(self.cast.ana_token, "/redemptions", body)
        self.site.clock.forward(seconds=20)
        return made

    def take(self, voucher: dict[str, Any]) -> Any:
        """The till takes it."""
        body = {"code": voucher["code"]}
        return self.site.made(self.till.token, "/redemptions/capture", body)

    def offer_all_kinds(self) -> None:
        """Rewards with each reason why Ana cannot have them."""
        kinds: dict[str, dict[str, Any]] = {
            "dear": {"title": "家政服务一次", "price_hundredths": 100_000},
            "starred": {"title": "博物馆年卡", "gate_stars": 3},
            "aged": {"title": "老年公交卡", "min_age": 60},
            "soon": {"title": "端午礼盒", "valid_from": moment("2025-05-20 00:00")},
            "over": {
                "title": "春节礼盒",
                "valid_from": moment("2025-01-01 00:00"),
                "valid_until": moment("2025-03-10 00:00"),
            },
            "once": {"title": "体检套餐", "per_person": 1},
            "weekly": {"title": "理发一次", "per_period": 1, "period": "month"},
            "last": {"title": "电影票", "stock": 1},
        }
        for name, given in kinds.items():
            if name == "over":
                with self.site.earlier():
                    self.rewards[name] = self.site.reward(self.till, **given)
            else:
                self.rewards[name] = self.site.reward(self.till, **given)
        for name in ("once", "weekly", "last"):
            self.reserve(self.rewards[name])


__all__ = ["Life"]
