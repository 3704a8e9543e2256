"""Health, keys, and what the ledger did by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, g, redirect
from flask.typing import ResponseReturnValue

from api import webhook_delivery
from api.checking import LOOK_SECONDS, TASK, WEEKLY
from api.current import current_book, current_settings
from api.metrics import readiness
from api.pages import words
from api.pages.calling import read
from api.pages.guard import for_roles, page, pages
from api.pages.troubles import Noes, Trouble, trouble_of
from api.reads.access import list_keys
from api.reads.runs import check_begun, list_runs
from api.timers import QUIET_MS, tasks

CAME: Final = ("checkpoint_late", "unreachable", "migrations_missing", "head_ahead", "head_differs")
"""How a check may come out, where there are words for it; anything else is said in general."""
LATE_TURNS: Final = 3
"""A task that was not heard of for so many of its turns, and ten minutes, does not run."""


@pages.get("/operator/health")
@for_roles("operator")
def health() -> Response:
    """What `/readyz` finds, each check with what to do, and the newest turn of every timer."""
    return _health()


@pages.post("/operator/check")
@for_roles("operator")
def compare_now() -> ResponseReturnValue:
    """Begin to compare every stored row with the entries; the page then says how it went."""
    try:
        check_begun()
    except Noes as no:
        return _health(trouble_of(no))
    return redirect("/operator/health#timers", 303)


@pages.get("/operator/keys")
@for_roles("operator")
def keys() -> Response:
    """The public keys that sign now, each with what it is for and where the secret one lies."""
    return page("operator/keys", found=read(list_keys))


def troubles(runs: Mapping[str, Any], now_ms: int) -> dict[str, str]:
    """By task, what is wrong with it beside how its newest turn ended: `late`, `different`,
    `wrong`; nothing where nothing is."""
    newest = {each["task"]: each for each in runs["data"]}
    late = {
        name: "late"
        for name, seconds in _expected().items()
        if name in newest
        and now_ms - newest[name]["began"] > max(LATE_TURNS * seconds * 1000, LATE_TURNS * QUIET_MS)
    }
    rows = {
        name: kind
        for name, kind in ((TASK, "different"), ("sweep", "wrong"))
        if name in newest and newest[name]["found"].get(kind)
    }
    return late | rows


def said(found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(name, in words if there are any, value) of what a task found, without what is nought."""
    return [
        (
            name,
            words.say(f"op.did.{name}", g.lang) if f"op.did.{name}" in words.WORDS else "",
            str(value),
        )
        for name, value in found.items()
        if value and not isinstance(value, list)
    ]


def _health(trouble: Trouble | None = None) -> Response:
    runs = read(list_runs)
    newest = {each["task"]: each for each in runs["data"]}
    return page(
        "operator/health",
        trouble.status if trouble else 200,
        ready=readiness(),
        came_words=CAME,
        runs=runs,
        wrong=troubles(runs, current_book().clock.now_ms()),
        check=newest.get(TASK),
        sweep=newest.get("sweep"),
        never=[name for name in _expected() if name not in newest],
        said=said,
        trouble=trouble,
    )


def _expected() -> dict[str, float]:
    """What a serving ledger does by itself, each with how often, in seconds."""
    own = tasks(current_book(), sign_seconds=current_settings().checkpoint_seconds)
    return {
        **{task.name: task.every_seconds for task in own},
        "webhooks": webhook_delivery.LOOK_SECONDS,
        WEEKLY: LOOK_SECONDS,
    }
