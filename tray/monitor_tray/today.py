"""Today, from the store to the glance: the one thing that the tray keeps up to date."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from monitor_core.away import away_of
from monitor_core.days import day_of
from monitor_core.model import MINUTE_MS
from monitor_core.reporting import build_report
from monitor_core.turns import StreamState
from monitor_tray.glance import AwayLine, Glance, PauseLine, ProjectLine, SessionLine, State, WindowLine
from monitor_tray.render.figures import minutes_of_projects
from monitor_tray.render.local_time import LocalClock
from monitor_tray.settings import zone_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor_core.config import Config
    from monitor_core.grouping import LastGrouping
    from monitor_core.report import Report, StreamNow
    from monitor_core.store import Store


def report_today(
    store: Store, config: Config, at_ms: int, last: LastGrouping | None = None, *, may_lag: bool = False
) -> Report:
    """The report of the day that ``at_ms`` lies in. Raises `StoreError`, `ConfigError`."""
    zone = zone_of(config)
    day = day_of(at_ms, zone, config.day_starts_at)
    return build_report(store, day, day, zone, config, at_ms, last, may_lag=may_lag)


def glance_of(report: Report, config: Config, trouble: str) -> Glance:
    """What the tray shows of ``report``; ``trouble`` is empty while all is well."""
    projects, minutes, parallel = minutes_of_projects(report)
    sessions = _sessions(report)
    # The very minutes that the reports show; less than one of them, but not nothing, is a millisecond.
    lines = tuple(ProjectLine(p.name, m * MINUTE_MS or 1, p.path) for p, m in zip(projects, minutes, strict=True))
    return Glance(
        total_ms=report.total_ms,
        goal_ms=config.goal_ms,
        state=_state(report, sessions, trouble),
        projects=lines,
        parallel_ms=-parallel * MINUTE_MS,
        trouble=trouble,
        sessions=sessions,
        last=_last(report),
        window=_window(report),
        pause=_pause(report),
        away=_away(report, lines),
    )


def _state(report: Report, sessions: Sequence[SessionLine], trouble: str) -> State:
    if trouble:
        return State.TROUBLE
    if report.pause is not None:
        return State.PAUSED
    return sessions[0].state if sessions else State.IDLE


def _sessions(report: Report) -> tuple[SessionLine, ...]:
    streams: dict[str, list[StreamNow]] = defaultdict(list)
    for stream in report.open_streams:
        streams[stream.session_id].append(stream)
    heads = [min(own, key=_urgency) for own in streams.values()]
    return tuple(_session(head, report) for head in sorted(heads, key=_urgency))


def _urgency(stream: StreamNow) -> tuple[bool, int, str, str]:
    """What waits for the person comes first, then what has gone on for longest."""
    return stream.state is not StreamState.BLOCKED, stream.since_ms, stream.session_id, stream.agent_id


def _session(stream: StreamNow, report: Report) -> SessionLine:
    return SessionLine(
        project=stream.project,
        state=State.WAITING if stream.state is StreamState.BLOCKED else State.WORKING,
        since=_seen_today(stream.since_ms, report),
        lasting_ms=max(0, report.now_ms - stream.since_ms),
    )


def _last(report: Report) -> str:
    # Time that was added by hand may lie ahead
    if report.last_ms is None or report.last_ms > report.now_ms:
        return ""
    return _seen_today(report.last_ms, report)


def _pause(report: Report) -> PauseLine | None:
    if report.pause is None:
        return None
    return PauseLine("" if report.pause.is_open_ended else _seen_today(report.pause.end_ms, report))


def _away(report: Report, projects: Sequence[ProjectLine]) -> AwayLine | None:
    away = away_of(report)
    if away is None:
        return None
    likeliest = sorted(projects, key=lambda project: project.path != away.project)
    start, end = (_seen_today(at_ms, report) for at_ms in (away.start_ms, away.end_ms))
    return AwayLine(away.start_ms, away.end_ms, start, end, tuple(likeliest))


def _window(report: Report) -> WindowLine | None:
    window = report.window
    return WindowLine(_seen_today(window.end_ms, report), window.prompts) if window else None


def _seen_today(at_ms: int, report: Report) -> str:
    """The time by the clock on the wall, with the weekday where that is not today's."""
    clock = LocalClock(report.zone)
    return clock.time_seen_from(clock.local(report.now_ms).date(), at_ms)
