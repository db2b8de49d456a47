"""Analytics in the JSON report. The shape is documented in docs/analytics.md: keys and their units are a promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor_tray.render.local_time import LocalClock

if TYPE_CHECKING:
    from monitor_core.analytics import Analytics, Claude, Focus, Rhythms
    from monitor_core.report import Report
    from monitor_core.summary import Streak


def analytics_document(analytics: Analytics, report: Report) -> dict[str, Any]:
    """What stands under ``analytics``; ``None`` where there is too little data."""
    from monitor_core.analytics import insights  # noqa: PLC0415  only for those who ask for it
    from monitor_tray.render.insight_words import sentence  # noqa: PLC0415

    clock = LocalClock(report.zone)
    return {
        "focus": _focus(analytics.focus, clock),
        "rhythm": _rhythms(analytics.rhythms),
        "claude": _claude(analytics.claude, clock),
        "insights": [
            {"kind": insight.kind, "text": sentence(insight, report.zone)} for insight in insights(analytics, report)
        ],
    }


def _focus(focus: Focus, clock: LocalClock) -> dict[str, Any]:
    switching = focus.switching
    return {
        "score": focus.score,
        "deep_ms": focus.deep_ms,
        "deep_blocks": focus.deep_blocks,
        "deep_share": focus.deep_share,
        "flow_ms": focus.flow_ms,
        "flow_sessions": [
            {"start": clock.rfc3339(s.start_ms), "end": clock.rfc3339(s.end_ms), "deep_ms": s.deep_ms}
            for s in focus.flow
        ],
        "pieces": focus.pieces,
        "fragmentation": focus.fragmentation,
        "switches": switching.switches,
        "stays": switching.stays,
        "switches_per_hour": switching.per_hour,
        "switch_gap_ms": switching.switch_gap_ms,
        "stay_gap_ms": switching.stay_gap_ms,
        "switch_cost_ms": switching.cost_ms,
        "main_share": focus.main_share,
        "projects": [
            {
                "name": project.name,
                "deep_ms": project.deep_ms,
                "blocks": project.blocks,
                "longest_ms": project.longest_ms,
                "focus": project.focus,
            }
            for project in focus.projects
        ],
    }


def _rhythms(rhythms: Rhythms) -> dict[str, Any]:
    return {
        "hours_ms": rhythms.hours_ms,
        "peak_hours": rhythms.peak_hours,
        "rhythm": rhythms.rhythm,
        "rhythm_ms": rhythms.rhythm_ms,
        "days_worked": rhythms.days_worked,
        "mean_ms": rhythms.mean_ms,
        "deviation_ms": rhythms.deviation_ms,
        "consistency": rhythms.consistency,
        "longest_streak": _streak(rhythms.longest_streak),
        "current_streak": _streak(rhythms.current_streak),
        "weeks": [
            {"from": week.first_day.isoformat(), "to": week.last_day.isoformat(), "total_ms": week.total_ms}
            for week in rhythms.weeks
        ],
        "trend": rhythms.trend,
    }


def _streak(streak: Streak | None) -> dict[str, Any] | None:
    if streak is None:
        return None
    return {"from": streak.first_day.isoformat(), "to": streak.last_day.isoformat(), "days": streak.days}


def _claude(claude: Claude, clock: LocalClock) -> dict[str, Any]:
    return {
        "to_attention": claude.to_attention,
        "waits": claude.waits,
        "median_wait_ms": claude.median_wait_ms,
        "tool_ms": claude.tool_ms,
        "command_ms": claude.command_ms,
        "thinking_ms": claude.thinking_ms,
        "agents": claude.agents,
        "agents_working_ms": claude.agents_working_ms,
        "agents_ms": claude.agents_ms,
        "most_agents": claude.most_agents,
        "lanes": [
            {
                "lane": lane.lane,
                "project": lane.project,
                "start": clock.rfc3339(lane.start_ms),
                "end": clock.rfc3339(lane.end_ms),
                "working_ms": lane.working_ms,
            }
            for lane in claude.lanes
        ],
    }
