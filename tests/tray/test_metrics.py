"""What the tray counts of itself, the document that it tells it in, and what of the machine it takes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.errors import MonitorError
from monitor_tray import resources, snapshot
from monitor_tray.gathering import snapshot_of, spool_of
from monitor_tray.metrics import OTHER, PIPE, SECONDS, SPOOL, Histogram, Metrics
from monitor_tray.snapshot import Distribution
from monitor_tray.writer import Counts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from monitor_core.paths import Paths
    from monitor_core.wire import WireEvent

MB = 1_000_000


def distribution(values: list[float], bounds: tuple[float, ...]) -> Distribution:
    histogram = Histogram(bounds)
    for value in values:
        histogram.observe(value)
    observed = histogram.observed()
    return Distribution(observed.bounds, tuple(observed.counts), observed.sum)


def taken(paths: Paths, metrics: Metrics) -> snapshot.Snapshot:
    return snapshot_of(paths, metrics, Counts(new=1), started_ms=0, state=None, icon=False, trouble=False)


class TestHistograms:
    def test_a_value_equal_to_a_bound_lies_below_it(self) -> None:
        assert distribution([1.0, 1.5, 2.0, 3.0], (1.0, 2.0)).counts == (1, 2, 1)

    def test_the_sum_is_that_of_all_values(self) -> None:
        assert distribution([0.5, 1.5, 7.0], (1.0, 2.0)).sum == 9.0

    def test_nothing_has_no_quantile(self) -> None:
        assert distribution([], (1.0,)).quantile(0.5) is None

    def test_what_lies_above_all_bounds_is_told_as_the_last_of_them(self) -> None:
        assert distribution([50.0], (1.0, 2.0)).quantile(0.99) == 2.0

    @given(st.lists(st.floats(0.00001, 9.9), min_size=1), st.floats(0.01, 1.0))
    def test_a_quantile_lies_in_the_bucket_of_the_value_that_it_stands_for(
        self, values: list[float], part: float
    ) -> None:
        told = distribution(values, SECONDS).quantile(part)
        assert told is not None
        rank = next(k for k in range(1, len(values) + 1) if k >= part * len(values))
        meant = sorted(values)[rank - 1]
        upper = next(bound for bound in SECONDS if bound >= meant)
        lower = max((bound for bound in SECONDS if bound < meant), default=0.0)
        assert lower <= told <= upper * (1 + 1e-9)


class TestCounting:
    def test_a_kind_that_nobody_knows_makes_no_label_of_its_own(self, wire: Callable[..., WireEvent]) -> None:
        metrics = Metrics()
        for kind in ("Stop", "Stop", "Ünvented\n1", "another"):
            metrics.event(wire(1, kind), PIPE)
        metrics.event(wire(1, "Stop"), SPOOL)
        assert metrics.events() == {PIPE: {"Stop": 2, OTHER: 2}, SPOOL: {"Stop": 1}, "noticed": {}}

    def test_what_hooks_say_that_they_took_is_told_in_seconds(self, wire: Callable[..., WireEvent]) -> None:
        metrics = Metrics()
        metrics.event(wire(1, took_us=1_500), PIPE)
        metrics.event(wire(2), PIPE)
        assert (sum(metrics.hook.observed().counts), metrics.hook.observed().sum) == (1, 0.0015)

    def test_a_cache_that_is_made_anew_goes_on_counting(self) -> None:
        metrics = Metrics()
        metrics.tries("places").count(found=False)
        metrics.tries("places").count(found=True)
        assert (metrics.caches()["places"].hits, metrics.caches()["places"].misses) == (1, 1)


class TestSnapshot:
    def test_it_comes_back_as_it_was_sent(self, paths: Paths, wire: Callable[..., WireEvent]) -> None:
        metrics = Metrics()
        metrics.event(wire(1, took_us=5), PIPE)
        metrics.query("Store.newest", 0.003)
        metrics.tries("places").count(found=True)
        sent = taken(paths, metrics)
        line = snapshot.encode(sent)
        assert line.count(b"\n") == 1
        assert snapshot.decode(line) == sent

    def test_a_field_of_a_later_version_is_passed_over(self, paths: Paths) -> None:
        sent = taken(paths, Metrics())
        later = {**msgspec.to_builtins(sent), "moon_phase": 3}
        assert snapshot.decode(msgspec.json.encode(later)) == sent

    @pytest.mark.parametrize("line", [b"", b"{", b'{"error":"there is no command"}', b"\xff", b"[1]"])
    def test_anything_else_says_what_to_do(self, line: bytes) -> None:
        with pytest.raises(MonitorError, match="quit it and start it again"):
            snapshot.decode(line)


class TestLookingUp:
    def test_the_spool_is_counted_with_its_bytes(
        self, paths: Paths, spooled: Callable[[WireEvent], Path], wire: Callable[..., WireEvent]
    ) -> None:
        size = sum(spooled(wire(number)).stat().st_size for number in (1, 2))
        (paths.spool_bad / "x").write_bytes(b"abc")
        found = spool_of(paths, within_s=5.0)
        assert (found["new"].files, found["new"].bytes, found["new"].complete) == (2, size, True)
        assert (found["bad"].files, found["bad"].bytes) == (1, 3)

    def test_a_spool_of_more_than_can_be_looked_at_in_time_says_so(self, paths: Paths) -> None:
        for number in range(1_200):
            (paths.spool_new / str(number)).touch()
        found = spool_of(paths, within_s=0.0)["new"]
        assert not found.complete
        assert found.files < 1_200

    def test_without_a_database_there_is_no_schema(self, paths: Paths) -> None:
        assert taken(paths, Metrics()).schema is None

    @pytest.mark.skipif(os.name != "posix", reason="Windows does not tell open files")
    def test_an_opened_file_is_seen(self, tmp_path: Path) -> None:
        before = resources.own().open_files
        with (tmp_path / "x").open("wb"):
            after = resources.own().open_files
        assert before is not None
        assert after == before + 1

    def test_memory_that_is_used_is_seen(self) -> None:
        before = resources.own()
        block = b"x" * (40 * MB)
        after = resources.own()
        assert before.resident_bytes is not None
        assert after.resident_bytes is not None
        assert after.private_bytes is not None
        assert after.resident_bytes - before.resident_bytes > 30 * MB
        assert after.private_bytes <= after.resident_bytes
        del block
