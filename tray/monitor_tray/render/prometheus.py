"""A snapshot of the tray's numbers as Prometheus reads it: text, base units, one family for each kind of number.

Made by whoever asks, with Prometheus's own library; the tray itself only counts (see `monitor_tray.metrics`).
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.utils import floatToGoString

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client.core import Metric

    from monitor_tray.snapshot import Distribution, Snapshot

_T = TypeVar("_T")

_PREFIX = "claude_monitor_"


def exposition(snapshot: Snapshot | None) -> bytes:
    """The text; of None, where no tray runs, nothing but that."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Numbers(snapshot))
    return generate_latest(registry)


class _Numbers:
    def __init__(self, snapshot: Snapshot | None) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        yield _gauge("up", "Whether the tray runs and answers.", int(self._snapshot is not None))
        if self._snapshot is not None:
            yield from _families(self._snapshot)


def _families(of: Snapshot) -> Iterator[Metric]:
    info = {"version": of.version, "python": of.python, "schema": "" if of.schema is None else str(of.schema)}
    yield InfoMetricFamily(f"{_PREFIX}build", "What runs.", info)
    yield _gauge("start_time_seconds", "When the tray started, since 1970.", of.started_ms / 1_000)
    yield _gauge("trouble", "Whether recording or reading the settings is in trouble.", int(of.trouble))
    yield _gauge("icon", "Whether the icon is in the tray.", int(of.icon))
    yield from _arrivals(of)
    yield from _times(of)
    yield from _caches(of)
    yield from _sizes(of)
    yield from _process(of)


def _arrivals(of: Snapshot) -> Iterator[Metric]:
    events: dict[tuple[str, ...], float] = {
        (kind, source): count for source, kinds in of.events.items() for kind, count in kinds.items()
    }
    yield _counters("events", "Events that were committed or known already.", ("kind", "source"), events)
    yield _counters("events_stored", "Events that were new.", (), {(): of.stored})
    yield _counters("events_duplicate", "Events that were known already.", (), {(): of.duplicates})
    refused = _by_label(of.refused)
    yield _counters("refused", "Lines that were answered with a refusal; hooks keep theirs.", ("reason",), refused)
    dropped = _by_label(of.dropped)
    yield _counters("dropped", "What was given up for good, none of it acknowledged.", ("what",), dropped)
    by_source = ("source",)
    yield _histograms("batch_events", "Events of one commit.", by_source, _by_label(of.batch))
    yield _histogram("queue_events", "Events that waited when a commit began.", of.queue)


def _times(of: Snapshot) -> Iterator[Metric]:
    yield _histogram("hook_seconds", "What hooks say that they took.", of.hook)
    yield _histogram("acknowledgement_seconds", "From reading a hook's line to its answer.", of.acknowledgement)
    ingest = _by_label(of.ingest)
    yield _histograms("ingest_seconds", "One commit.", ("source",), ingest)
    yield _histogram("accounting_seconds", "One portion of the books.", of.accounting)
    yield _histogram("checkpoint_seconds", "Moving what was committed into the database.", of.checkpoint)
    yield _counters("checkpoint_failures", "Checkpoints that failed.", (), {(): of.checkpoint_failures})
    queries = _by_label(of.queries)
    yield _histograms("query_seconds", "Reads of the store, by name.", ("query",), queries)


def _caches(of: Snapshot) -> Iterator[Metric]:
    hits = _by_label({name: tries.hits for name, tries in of.caches.items()})
    yield _counters("cache_hits", "What was found in a cache.", ("cache",), hits)
    misses = _by_label({name: tries.misses for name, tries in of.caches.items()})
    yield _counters("cache_misses", "What had to be made.", ("cache",), misses)


def _sizes(of: Snapshot) -> Iterator[Metric]:
    files = _by_label({name: folder.files for name, folder in of.spool.items()})
    yield _gauges("spool_files", "Files in a folder of the spool.", ("folder",), files)
    sizes = _by_label({name: folder.bytes for name, folder in of.spool.items()})
    yield _gauges("spool_bytes", "What they hold.", ("folder",), sizes)
    yield _gauge("database_bytes", "Size of the database.", of.database_bytes)
    yield _gauge("wal_bytes", "Size of its write-ahead log.", of.wal_bytes)


def _process(of: Snapshot) -> Iterator[Metric]:
    yield _gauge("resident_memory_bytes", "What of the tray lies in memory.", of.process.resident_bytes)
    yield _gauge("private_memory_bytes", "What of that no other process shares.", of.process.private_bytes)
    yield _counters("cpu_seconds", "Processor time, user and system.", (), {(): of.process.cpu_s})
    yield _gauge("threads", "Threads of Python.", of.process.threads)
    yield _gauge("open_files", "Open file descriptors.", of.process.open_files)
    collections = _by_label({str(k): count for k, count in enumerate(of.process.gc_collections)})
    yield _counters("gc_collections", "Runs of the garbage collector.", ("generation",), collections)


def _by_label(values: Mapping[str, _T]) -> Mapping[tuple[str, ...], _T]:
    return {(label,): value for label, value in values.items()}


def _gauge(name: str, what: str, value: float | None) -> Metric:
    """Without a sample where the platform does not tell."""
    return _gauges(name, what, (), {} if value is None else {(): value})


def _gauges(name: str, what: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, what, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _counters(name: str, what: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = CounterMetricFamily(_PREFIX + name, what, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _histogram(name: str, what: str, of: Distribution) -> Metric:
    return _histograms(name, what, (), {(): of})


def _histograms(name: str, what: str, labels: tuple[str, ...], of: Mapping[tuple[str, ...], Distribution]) -> Metric:
    family = HistogramMetricFamily(_PREFIX + name, what, labels=labels)
    for key, distribution in of.items():
        bounds = [*map(floatToGoString, distribution.bounds), "+Inf"]
        buckets = list(zip(bounds, itertools.accumulate(distribution.counts), strict=True))
        family.add_metric(key, buckets=buckets, sum_value=distribution.sum)
    return family
