"""The account of any range, and the number of its events: from the books where they hold all, else from the events."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from monitor_core.accounting import FUTURE_MS, Account, Rules, account, as_things_stand, usage_windows
from monitor_core.model import DAY_MS
from monitor_core.turns import PROVEN_CAP_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor_core.config import Config
    from monitor_core.model import Event, Interval, UsageWindow
    from monitor_core.store import Store


def rules_of(config: Config) -> Rules:
    """The accounting rules that a person's settings ask for."""
    return Rules(idle_ms=config.idle_timeout_ms, usage_window_ms=config.usage_window_ms)


def account_between(store: Store, span: Interval, rules: Rules, now_ms: int, *, may_lag: bool = False) -> Account:
    """The account, as far as anything of it reaches into ``span``: from the books, or from the events.

    The latter where the books are not up to date: the tray has not yet read what arrived last, or the settings have
    changed since it did.
    """
    with store.snapshot():
        if books_are_current(store, rules, now_ms, may_lag=may_lag):
            return account_from_books(store, span, rules, now_ms)
        found = account(events_reaching(store, span, rules), now_ms, rules)
        return Account(
            blocks=found.blocks,
            stints=found.stints,
            windows=_windows_from_prompts(store, span, rules, now_ms),
            open_streams=found.open_streams,
            finished=found.finished,
            waits=found.waits,
        )


def events_reaching(store: Store, span: Interval, rules: Rules) -> list[Event]:
    """All events that decide anything about ``span``."""
    reach_ms = PROVEN_CAP_MS + rules.idle_ms
    return store.events(span.start_ms - reach_ms, span.end_ms + reach_ms)


def books_are_current(store: Store, rules: Rules, now_ms: int, *, may_lag: bool = False) -> bool:
    """Whether the books hold all that there is at ``now_ms``, by these rules. To be asked within a snapshot.

    Where they ``may_lag``, all but what arrived last. Where nothing has arrived at all they do, before anybody begins
    them and by any rules.
    """
    state = store.books.state()
    if (state is None or not state.seen) and not store.newest():
        return True
    horizon_ms = now_ms + FUTURE_MS
    if state is None or not state.complete or state.latest_ms > horizon_ms:
        return False
    if not may_lag and state.seen != store.newest():
        return False
    ahead_ms = store.books.first_ahead()
    return state.is_by(rules) and (ahead_ms is None or ahead_ms > horizon_ms)


def settled_before_ms(now_ms: int) -> int:
    """A midnight of UTC: what ends before it changes by a write of the books only, and not by the clock.

    What is open at present began within the hours before ``now_ms``, and the books tell days that were changed.
    """
    return (now_ms - PROVEN_CAP_MS - FUTURE_MS) // DAY_MS * DAY_MS


def account_from_books(store: Store, span: Interval, rules: Rules, now_ms: int) -> Account:
    """The account, as far as anything of it reaches into ``span``, from books that are current."""
    start_ms, end_ms = span.start_ms - rules.idle_ms, span.end_ms + rules.idle_ms
    books = store.books
    return as_things_stand(
        books.runs(start_ms, end_ms),
        books.stints(start_ms, end_ms),
        books.tails(start_ms - PROVEN_CAP_MS, end_ms),
        books.waits(start_ms, end_ms),
        tuple(books.windows(span.start_ms - rules.usage_window_ms, span.end_ms)),
        now_ms,
        rules.idle_ms,
    )


def counts_between(
    store: Store, span: Interval, rules: Rules, now_ms: int, *, may_lag: bool = False
) -> Mapping[int, int]:
    """How many events of every kind there are in ``span`` at each place, without those of the future."""
    start_ms, end_ms = span.start_ms, min(span.end_ms, now_ms + FUTURE_MS + 1)
    first_day, end_day = -(-start_ms // DAY_MS), end_ms // DAY_MS
    with store.snapshot():
        if first_day >= end_day or not books_are_current(store, rules, now_ms, may_lag=may_lag):
            return store.counts(start_ms, end_ms)
        found = Counter(store.books.counts(first_day, end_day))
        # The books count days of UTC, which are not those of the range.
        found.update(store.counts(start_ms, first_day * DAY_MS))
        found.update(store.counts(end_day * DAY_MS, end_ms))
        return found


def _windows_from_prompts(store: Store, span: Interval, rules: Rules, now_ms: int) -> tuple[UsageWindow, ...]:
    """The usage windows that reach into ``span``.

    Where a window begins depends on the one before it, so prompts are read backwards until one comes after such a
    pause that it opened a window whatever was before.
    """
    window_ms = rules.usage_window_ms
    chain: list[int] = []
    for t_ms in store.prompts_before(min(span.end_ms, now_ms + FUTURE_MS + 1)):
        if chain and chain[-1] < span.start_ms and chain[-1] - t_ms >= window_ms:
            break
        chain.append(t_ms)
    return tuple(w for w in usage_windows(reversed(chain), window_ms) if w.end_ms > span.start_ms)
