"""Puts the work of years on one tray in minutes, and looks whether its memory, threads and open files stay as they are.

    python -m tests.bench.bench_soak [--events N] [--openings N] [--reports N] [--json FILE]

The tray is a real process with its icon in a real panel; hooks' lines arrive over its pipe, the menu is opened and the
reports are asked for as a panel and people do. Its wall clock goes by the events, so that days, weeks, months and years
come and go. A year of history is there before it starts. The control is the same process after a twentieth of the load;
of threads and files, of which there is one more or less at any moment, the most that it had after a tenth.
What the process that makes the pages has of memory is printed beside it: it ends when nobody asks for any.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from monitor_core.model import DAY_MS
from monitor_core.wire import WireEvent, decode_event, encode
from tests.bench.history import BEGIN_MS, YEARS, lines
from tests.bench.soak_load import Load, Sample, settle, steps
from tests.system.panel import running_desktop

#: After the year that is there before the tray starts. A year is 52 weeks here, so that weekdays stay what they are.
LOAD_YEARS, YEAR_MS = 9, 364 * DAY_MS
#: Looks at the process, one of which is the control.
LOOKS, CONTROL = 40, 2
#: How far the memory may be from the control's.
MAX_MB = 2.0


def main() -> int:
    """Prints a table. 1 where something grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--openings", type=int, default=10_000)
    parser.add_argument("--reports", type=int, default=1_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    options = parser.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="soak-") as folder:
            samples = soak(Path(folder), options.events, options.openings, options.reports)
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        raise SystemExit(str(missing)) from None
    if options.json:
        options.json.write_text(json.dumps([sample._asdict() for sample in samples], indent=2) + "\n")
    return verdict(samples)


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


def verdict(samples: list[Sample]) -> int:
    """1 where something grew, and a line that says what."""
    before, control, after = samples[1 : 2 * CONTROL + 1], samples[CONTROL], samples[CONTROL + 1 :]
    grown = {
        "RSS": max(abs(sample.rss_mb - control.rss_mb) for sample in after) > MAX_MB,
        "private memory": max(abs(sample.private_mb - control.private_mb) for sample in after) > MAX_MB,
        "threads": max(sample.threads for sample in after) > max(sample.threads for sample in before),
        "open files": max(sample.open_files for sample in after) > max(sample.open_files for sample in before),
    }
    print(f"RSS {control.rss_mb:.1f} MB after a twentieth, then {min(s.rss_mb for s in after):.1f} to"
          f" {max(s.rss_mb for s in after):.1f} MB, at the end {after[-1].rss_mb:.1f} MB")  # fmt: skip
    not_flat = [name for name, is_so in grown.items() if is_so]
    print(f"NOT FLAT: {', '.join(not_flat)}" if not_flat else "all flat")
    return 1 if not_flat else 0


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
