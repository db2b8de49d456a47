"""The document that the tray answers the command ``metrics`` with: its numbers since it started, as JSON of one line.

Both sides use it: the tray makes one (`monitor_tray.gathering`), the commands ``metrics`` and ``health`` read it. A new
field has a default, so that a tray and commands of different versions understand each other; what a platform does not
tell is null. Lengths of time are seconds and sizes bytes, as Prometheus has them.
"""

from __future__ import annotations

import itertools

import msgspec

from monitor_core.errors import MonitorError
from monitor_core.tries import Tries


class Distribution(msgspec.Struct, frozen=True):
    """How many values there were: ``counts[k]`` of them up to ``bounds[k]``, included, and above the bound before.

    ``counts`` has one more, for those above all bounds. ``sum`` is that of all values.
    """

    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    sum: float

    @property
    def count(self) -> int:
        """How many values there were."""
        return sum(self.counts)

    def quantile(self, part: float) -> float | None:
        """About the value that ``part`` (0 to 1) of all values do not exceed; None where there were none.

        Within a bucket the values are taken to be spread evenly. What lies above all bounds is told as the last bound.
        """
        rank = part * self.count
        if not self.count:
            return None
        for lower, upper, count, seen in zip(
            (0.0, *self.bounds), self.bounds, self.counts, itertools.accumulate(self.counts), strict=False
        ):
            if count and seen >= rank:
                return lower + (upper - lower) * (1 - (seen - rank) / count)
        return self.bounds[-1]


class Folder(msgspec.Struct, frozen=True):
    """Files of one folder of the spool and what they hold together.

    Where there were too many to look at in time, ``complete`` is false, and there are more.
    """

    files: int
    bytes: int
    complete: bool = True


class Process(msgspec.Struct, frozen=True):
    """What the operating system and Python tell of the process; ``gc_collections`` is by generation, youngest first."""

    cpu_s: float
    threads: int
    gc_collections: tuple[int, ...]
    resident_bytes: int | None = None
    private_bytes: int | None = None
    open_files: int | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one tray at ``at_ms``.

    ``events`` counts by source and kind what was committed or known already: ``stored`` and ``duplicates`` together.
    ``refused`` is by reason, ``dropped`` by what it was. ``state`` is what the icon tells, or would tell, null before
    the first look at the store; ``icon`` is whether it is there. ``ingest`` and ``batch`` are by source.
    """

    ok: bool = True
    at_ms: int
    version: str
    python: str
    schema: int | None
    started_ms: int
    state: str | None
    icon: bool
    trouble: bool
    events: dict[str, dict[str, int]]
    stored: int
    duplicates: int
    refused: dict[str, int]
    dropped: dict[str, int]
    ingest: dict[str, Distribution]
    batch: dict[str, Distribution]
    queue: Distribution
    acknowledgement: Distribution
    hook: Distribution
    accounting: Distribution
    checkpoint: Distribution
    checkpoint_failures: int
    queries: dict[str, Distribution]
    caches: dict[str, Tries]
    spool: dict[str, Folder]
    database_bytes: int | None
    wal_bytes: int | None
    process: Process


def encode(snapshot: Snapshot) -> bytes:
    """The line, its newline included."""
    return msgspec.json.encode(snapshot) + b"\n"


def decode(line: bytes) -> Snapshot:
    """The snapshot in a tray's answer. Raises `MonitorError` for anything else."""
    try:
        return msgspec.json.decode(line, type=Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MonitorError(
            "the running tray is of another version and tells no metrics; quit it and start it again"
        ) from error
