"""Puts the work of years on one tray in minutes, and looks whether its memory, threads and open files stay as they are.

    python -m tests.bench.bench_soak [--events N] [--openings N] [--reports N]

The tray is a real process with its icon in a real panel; hooks' lines arrive over its pipe, the menu is opened and the
reports are asked for as a panel and people do. Its wall clock goes by the events, so that days, weeks, months and years
come and go. A year of history is there before it starts. The control is the same process after a twentieth of the load;
of threads and files, of which there is one more or less at any moment, and of the process that makes the pages, the
most that there was within the first tenth.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from monitor_core.model import DAY_MS
from monitor_core.wire import WireEvent, decode_event, encode
from tests.bench.figures import Control, Figure, missed, table
from tests.bench.history import BEGIN_MS, YEARS, lines
from tests.bench.soak_load import Load, Sample, settle, steps
from tests.system.panel import running_desktop

if TYPE_CHECKING:
    from collections.abc import Callable

#: After the year that is there before the tray starts. A year is 52 weeks here, so that weekdays stay what they are.
LOAD_YEARS, YEAR_MS = 9, 364 * DAY_MS
#: Looks at the process, one of which is the control.
LOOKS, CONTROL = 40, 2
#: What the tray may have of memory, how far that may be from the control's, and what the maker of pages may have.
MAX_RSS_MB, MAX_OFF_MB, MAX_MAKER_MB = 45.0, 2.0, 100.0


def main() -> int:
    """Prints the figures. 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--openings", type=int, default=10_000)
    parser.add_argument("--reports", type=int, default=1_000)
    options = parser.parse_args()
    figures = measure(options.events, options.openings, options.reports)
    print(table(figures))
    return 1 if missed(figures) else 0


def measure(events: int = 1_000_000, openings: int = 10_000, reports: int = 1_000) -> list[Figure]:
    """Takes nine minutes, and prints meanwhile what it sees."""
    try:
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            return _figures(soak(Path(folder), events, openings, reports))
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        raise SystemExit(str(missing)) from None


def soak(folder: Path, events: int, openings: int, reports: int) -> list[Sample]:
    """What was seen before the load and after each part of it."""
    first_year, rest = folder / "before.jsonl", folder / "load.jsonl"
    written = _write_years(first_year, rest, events // LOAD_YEARS)
    with running_desktop(folder / "desk") as desktop:
        desktop.start_panel()
        with Load(desktop, first_year) as load:
            settle()
            samples = [load.sample()]
            print(f"{written:,} events of {LOAD_YEARS} years, {openings:,} openings of the menu, {reports:,} reports")
            heads = f"{'done':>6} {'RSS MB':>8} {'private MB':>11} {'threads':>8} {'files':>6}"
            print(f"{heads} {'pages MB':>9} {'seconds':>8}")
            began = time.monotonic()
            _print(0, samples[0], 0.0)
            for k, some in enumerate(steps(rest, LOOKS * 25), start=1):
                parts = LOOKS * 25
                load.step(
                    some,
                    openings * k // parts - openings * (k - 1) // parts,
                    reports * k // parts - reports * (k - 1) // parts,
                )
                if k % 25 == 0:
                    settle()
                    samples.append(load.sample())
                    _print(k // 25, samples[-1], time.monotonic() - began)
            print(f"{load.pages():,} pages were opened; the database has {load.database.stat().st_size / 1e6:.0f} MB")
    return samples


def _figures(samples: list[Sample]) -> list[Figure]:
    before, control, after = samples[1 : 2 * CONTROL + 1], samples[CONTROL], samples[CONTROL + 1 :]

    def memory(what: str, of: Callable[[Sample], float], at_most: float | None = None) -> list[Figure]:
        beside = Control("after a twentieth", of(control))
        most, least = max(map(of, after)), min(map(of, after))
        return [
            Figure(f"{what}, the most", most, "MB", beside, at_most=at_most, off_at_most=MAX_OFF_MB),
            Figure(f"{what}, the least", least, "MB", beside, off_at_most=MAX_OFF_MB),
            Figure(f"{what}, at the end", of(after[-1]), "MB", beside, off_at_most=MAX_OFF_MB),
        ]

    def count(what: str, of: Callable[[Sample], int]) -> Figure:
        beside = Control("within the first tenth", max(map(of, before)))
        return Figure(f"{what}, the most", max(map(of, after)), "", beside, ratio_at_most=1.0)

    maker = Control("within the first tenth", max(sample.maker_mb for sample in before))
    return [
        *memory("RSS", lambda sample: sample.rss_mb, MAX_RSS_MB),
        *memory("private memory", lambda sample: sample.private_mb),
        count("threads", lambda sample: sample.threads),
        count("open files", lambda sample: sample.open_files),
        Figure(
            "RSS of what makes the pages, the most", max(sample.maker_mb for sample in after), "MB", maker,
            at_most=MAX_MAKER_MB,
        ),
    ]  # fmt: skip


def _write_years(first_year: Path, rest: Path, events: int) -> int:
    """Years that are all alike, so that what they need of memory is: the first, and the `LOAD_YEARS` after it.

    Returns how many events these have.
    """
    made = [event for event in map(decode_event, lines(events * YEARS)) if event.t < BEGIN_MS + YEAR_MS]
    first_year.write_bytes(b"".join(map(encode, made)))
    with rest.open("wb") as file:
        for year in range(1, LOAD_YEARS + 1):
            file.writelines(encode(_later(event, year)) for event in made)
    return len(made) * LOAD_YEARS


def _later(event: WireEvent, year: int) -> WireEvent:
    """The same in another year, in a session of its own."""
    shift_ms = year * YEAR_MS
    return replace(
        event,
        id=f"{event.id[:19]}{year:04x}{event.id[23:]}",
        t=event.t + shift_ms,
        awake=event.t + shift_ms - BEGIN_MS,
        session_id=f"{event.session_id}-{year}",
    )


def _print(part: int, sample: Sample, seconds: float) -> None:
    print(
        f"{part / LOOKS:6.1%} {sample.rss_mb:8.2f} {sample.private_mb:11.2f} {sample.threads:8} {sample.open_files:6}"
        f" {sample.maker_mb:9.2f} {seconds:8.0f}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
