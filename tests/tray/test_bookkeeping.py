"""The books are brought up to date in halves of portions, between which others are served."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import pytest

from monitor_core.config import Config
from monitor_core.ingest import Ingest
from monitor_core.model import MINUTE_MS
from monitor_core.projects import Surroundings
from monitor_core.standing import books_are_current, rules_of
from monitor_core.store import WritableStore
from monitor_tray.bookkeeping import LATEST_S, LONGEST_S, PORTION, QUIET_S, RETRY_S, Bookkeeping
from monitor_tray.clock import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor_core.accounting import Rules
    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent

RULES = rules_of(Config())
OTHER_RULES = dataclasses.replace(RULES, idle_ms=9 * MINUTE_MS)


class Kept:
    """A store, its books, and a clock that stands still."""

    def __init__(self, paths: Paths, wire: Callable[..., WireEvent]) -> None:
        self.store = WritableStore(paths.database, paths.backups, 0)
        self.at = 1_000.0
        self.rules = RULES
        self.current_at_changes: list[bool] = []
        self.commits = 0
        self.bookkeeping = Bookkeeping(self.store, lambda: self.rules, self._written, self._changed)
        self._ingest = Ingest(self.store, Surroundings(home="/home/dev"))
        self._wire, self._numbers = wire, itertools.count()

    def arrive(self, count: int = 1) -> None:
        self._ingest.take([self._wire(next(self._numbers)) for _ in range(count)], durably=False)
        self.bookkeeping.arrived(self.at)

    def work(self) -> float:
        return self.bookkeeping.work(self.at)

    def query(self, sql: str) -> None:
        with self.store.transaction(durably=False):
            self.store._execute(sql, ())

    def finish(self) -> None:
        for _ in range(1_000):
            patience = self.work()
            if patience >= 1:
                return
            self.at += patience
        raise AssertionError("it never comes to an end")

    def are_current(self, rules: Rules = RULES) -> bool:
        return books_are_current(self.store, rules, now_ms())

    def _written(self, _: float) -> None:
        self.commits += 1

    def _changed(self) -> None:
        self.current_at_changes.append(self.are_current(self.rules))


@pytest.fixture
def kept(paths: Paths, wire: Callable[..., WireEvent]) -> Iterator[Kept]:
    found = Kept(paths, wire)
    found.arrive()
    found.finish()  # the first time all of them are made
    found.commits, found.current_at_changes = 0, []
    yield found
    found.store.close()


def test_a_portion_is_written_by_its_second_half(kept: Kept) -> None:
    kept.arrive(PORTION)
    kept.at += QUIET_S
    assert kept.work() == 0
    assert kept.commits == 0
    assert not kept.are_current()
    kept.work()
    assert kept.commits == 1
    assert kept.are_current()
    assert kept.current_at_changes == [True]


def test_what_arrives_between_the_halves_is_accounted_for_after_them(kept: Kept) -> None:
    kept.arrive()
    kept.at += QUIET_S
    assert kept.work() == 0
    kept.arrive(2 * PORTION)
    kept.finish()
    assert kept.are_current()
    assert kept.current_at_changes == [True]
    assert kept.work() == float("inf")


def test_rules_that_change_between_the_halves_hold_for_the_next_portion(kept: Kept) -> None:
    kept.arrive()
    kept.at += QUIET_S
    assert kept.work() == 0
    kept.rules = OTHER_RULES
    kept.finish()
    kept.arrive()
    kept.finish()
    assert kept.are_current(OTHER_RULES)


def test_books_that_are_begun_anew_between_the_halves_are_made_whole(kept: Kept) -> None:
    kept.arrive(2 * PORTION)
    kept.at += QUIET_S
    assert kept.work() == 0
    kept.bookkeeping.begin_anew()
    kept.finish()
    assert kept.are_current()


def test_books_that_cannot_be_gone_on_with_are_made_anew(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor_core.books._MANY", PORTION)
    kept.arrive(10 * PORTION)
    kept.finish()
    assert kept.are_current()
    assert kept.current_at_changes == [True]


def test_while_events_keep_coming_a_portion_is_due_whenever_nothing_waits_and_four_times_a_second_anyway(
    kept: Kept,
) -> None:
    """Time goes on by a millisecond, in which an event arrives; something always waits, unless it is asked for work."""
    forced = []
    for _ in range(1_000):
        kept.arrive()
        while kept.bookkeeping.cannot_wait(kept.at):
            forced.append(kept.at)
            assert kept.work() == 0
        kept.at += 0.001
    assert [after - before for before, after in itertools.pairwise(forced[::2])] == pytest.approx(
        [LATEST_S] * 2, rel=0.01
    )
    # Its two halves at once.
    assert forced[::2] == forced[1::2]
    kept.finish()
    began = kept.at
    due: list[float] = []
    while not due:
        kept.arrive()
        if kept.work() == 0:
            due.append(kept.at)
        kept.at += 0.001
    assert due[0] - began == pytest.approx(LONGEST_S, abs=0.0015)


@pytest.mark.parametrize("half", [1, 2])
def test_what_could_not_be_accounted_for_is_tried_again_and_told_of_then(
    kept: Kept, half: int, caplog: pytest.LogCaptureFixture
) -> None:
    kept.arrive()
    kept.at += QUIET_S
    if half == 2:
        assert kept.work() == 0
    kept.query("ALTER TABLE event RENAME TO elsewhere" if half == 1 else "ALTER TABLE tally RENAME TO elsewhere")
    assert kept.work() == RETRY_S
    assert "accounting for it later" in caplog.text
    assert (kept.commits, kept.current_at_changes) == (0, [])
    kept.query(f"ALTER TABLE elsewhere RENAME TO {'event' if half == 1 else 'tally'}")
    kept.at += RETRY_S
    kept.finish()
    assert kept.commits
    assert kept.current_at_changes == [True]


def test_a_look_that_finds_nothing_writes_nothing_and_tells_nobody(kept: Kept) -> None:
    kept.bookkeeping.look(kept.at)
    assert kept.work() == float("inf")
    assert (kept.commits, kept.current_at_changes) == (0, [])


def test_a_look_that_finds_other_rules_tells_of_the_books_that_are_made(kept: Kept) -> None:
    kept.rules = OTHER_RULES
    kept.bookkeeping.look(kept.at)
    kept.finish()
    assert kept.are_current(OTHER_RULES)
    assert kept.commits
    assert kept.current_at_changes == [True]
