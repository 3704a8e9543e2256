"""What tills take without a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger import account
from ledger.entry import Entry
from ledger.fold.changes import Fold, count_mark, counted, present, set_mark
from ledger.fold.clerks import clerk_of
from ledger.rows import (
    CONFLICTS,
    OFFLINE,
    TOLD,
    OfflineConflict,
    OfflineSession,
    Redemption,
    offline_mark,
)
from ledger.standing import Standing, china_date, month_of


def may_have_taken(
    session: OfflineSession, redemption: Redemption, accepted: int, time: int
) -> bool:
    """Whether a till's clock can be right that says `accepted` (ms) of what it uploads at `time`:
    its session was open by then, and the voucher reserved."""
    return max(session.opened, redemption.reserved) <= accepted <= time


def told_offline(standing: Standing, holder: str, time: int, within: int) -> bool:
    """Whether some till says that it took a voucher of this holder's (address) without a network
    less than `within` ms before or after `time` (ms)."""
    months = {month_of(time - within), month_of(time + within)}
    marks = (standing.marks[holder, TOLD + month] for month in sorted(months))
    told = [int(each) for mark in marks if mark is not None for each in mark.value.split(" ")]
    return any(abs(each - time) < within for each in told)


def conflicts_of_day(standing: Standing, terminal: str, time: int) -> int:
    """How many conflicts a till (id) uploaded so far on the local day of `time` (ms)."""
    return counted(standing, f"terminal:{terminal}", CONFLICTS + china_date(time))


def _voucher_signed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    redemption = present(standing.redemptions[facts["redemption"]])
    after = redemption._replace(upload_by=facts["upload_by"])
    standing.redemptions.change(redemption.redemption, after)
    set_mark(standing, f"redemption:{redemption.redemption}", OFFLINE, facts["branch"], entry)
    standing.mention(account.volunteer(redemption.volunteer), entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _offline_opened(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    session = OfflineSession(
        **facts,
        state="open",
        last=0,
        recorded=0,
        taken_points=0,
        taken_minutes=0,
        opened=entry.time,
        since=entry.index,
        clerk=clerk_of(standing, entry.auth),
    )
    standing.offline_sessions.add(session.session, session)
    set_mark(standing, f"branch:{session.branch}", OFFLINE, session.session, entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _offline_closed(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    session = present(standing.offline_sessions[facts["session"]])
    standing.offline_sessions.change(session.session, session._replace(state="closed"))
    # Once its time to upload was over, another till may have begun there.
    owner = f"branch:{session.branch}"
    mark = standing.marks[owner, OFFLINE]
    if mark is not None and mark.value == session.session:
        set_mark(standing, owner, OFFLINE, "", entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)


def _offline_conflict(standing: Standing, facts: Mapping[str, Any], entry: Entry) -> None:
    taken = {**facts, "till_session": facts["session"]}
    take_offline(standing, facts["asset"], facts["amount"], taken, entry)
    found = standing.redemptions[facts["redemption"]] if facts["redemption"] else None
    volunteer = found.volunteer if found is not None else ""
    key = (facts["session"], facts["counter"])
    conflict = OfflineConflict(*key, facts["merchant"], volunteer, entry.index)
    standing.offline_conflicts.add(key, conflict)
    day = CONFLICTS + china_date(entry.time)
    count_mark(standing, f"terminal:{facts['terminal']}", day, 1, entry)
    standing.mention(f"merchant:{facts['merchant']}", entry)
    if volunteer:
        standing.mention(account.volunteer(volunteer), entry)


def take_offline(
    standing: Standing, asset: str, amount: int, facts: Mapping[str, Any], entry: Entry
) -> None:
    """One counter more of a till's session was uploaded, whatever became of it."""
    session = present(standing.offline_sessions[facts["till_session"]])
    after = session._replace(
        last=max(session.last, facts["counter"]),
        recorded=session.recorded + 1,
        taken_points=session.taken_points + (amount if asset == account.POINT else 0),
        taken_minutes=session.taken_minutes + (amount if asset == account.TIME else 0),
    )
    standing.offline_sessions.change(session.session, after)
    owner, what = offline_mark(session.session, facts["counter"])
    set_mark(standing, owner, what, facts["redemption"] or "unknown", entry)


FOLDS: Final[Mapping[str, Fold]] = {
    "voucher_signed": _voucher_signed,
    "offline_opened": _offline_opened,
    "offline_closed": _offline_closed,
    "offline_conflict": _offline_conflict,
}
