"""Every sentence of an insight is true of the data, names its figures, and is missing where there is too little."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor_core.analytics import AgentRun, Prompt, Record, Rhythm, WeekTime, analyse, insights
from monitor_core.analytics.focus import FlowSession, is_deep
from monitor_core.analytics.insights import (
    Balanced,
    Favoured,
    Flowed,
    Focused,
    Kept,
    Leaned,
    Peaked,
    RanTools,
    Switched,
    Trended,
    UsedAgents,
    Varied,
    Waited,
)
from monitor_core.intervals import clip, common, length_ms, union
from monitor_core.model import HOUR_MS, MINUTE_MS, Interval
from monitor_core.summary import Streak
from monitor_tray.duration import format_duration_in_a_sentence as time
from monitor_tray.render.insight_words import MOST, sentence
from monitor_tray.render.json import report_json
from monitor_tray.render.text import Look
from monitor_tray.render.text_insights import insights_text
from tests.tray.render.samples import (
    HOSTILE,
    MONDAY,
    a_day,
    a_hostile_day,
    a_lone_stop,
    a_week,
    an_empty_day,
    block,
    instant,
    report,
)

if TYPE_CHECKING:
    from monitor_core.analytics import Insight
    from monitor_core.report import Report

M, H = MINUTE_MS, HOUR_MS
DAY = dt.timedelta(1)
LAST_WEEK = WeekTime(MONDAY, MONDAY + 6 * DAY, 5 * H)
STREAK = Streak(MONDAY, MONDAY + 5 * DAY, 6)
MORNING = FlowSession(instant(MONDAY, "09:10"), instant(MONDAY, "11:40"), 140 * M)


@pytest.mark.parametrize(
    ("insight", "words"),
    [
        (
            Trended(LAST_WEEK, 4 * H, 3, 0.25),
            "23 – 29 November: 5 h 00 min, +25 % against the 4 h 00 min a week of the 3 weeks before.",
        ),
        (
            Trended(LAST_WEEK, 10 * H, 3, -0.5),
            "23 – 29 November: 5 h 00 min, −50 % against the 10 h 00 min a week of the 3 weeks before.",
        ),
        (Focused(64, 60 * M, 100 * M, 2), "Focus score 64 of 100; deep work: 1 h 00 min of 1 h 40 min in 2 blocks."),
        (Focused(64, 60 * M, 100 * M, 1), "Focus score 64 of 100; deep work: 1 h 00 min of 1 h 40 min in 1 block."),
        (Focused(9, 0, 100 * M, 0), "Focus score 9 of 100; deep work: none."),
        (Switched(12, 2.44, 0, 0), "12 switches between projects, 2.4 an hour."),
        (
            Switched(12, 2.44, 3 * M, 36 * M),
            (
                "12 switches between projects, 2.4 an hour; "
                "they took 36 min, 3 min each, beyond the usual gap between prompts."
            ),
        ),
        (Peaked((9, 10, 15), 3 * H, 5 * H), "Peak hours 09:00 – 11:00 and 15:00 – 16:00: 3 h 00 min of 5 h 00 min."),
        (
            Peaked((0, 9, 23), 3 * H, 5 * H),
            "Peak hours 00:00 – 01:00, 09:00 – 10:00 and 23:00 – 24:00: 3 h 00 min of 5 h 00 min.",
        ),
        (
            RanTools(60 * M, 25 * M, 20 * M),
            "Claude worked 1 h 00 min: tools 25 min (shell commands 20 min), thinking 35 min.",
        ),
        (RanTools(60 * M, 25 * M, 0), "Claude worked 1 h 00 min: tools 25 min, thinking 35 min."),
        (
            Waited(70 * M, 12, 90_000),
            "Claude waited for you 1 h 10 min in 12 waits, at least half of them under 2 min.",
        ),
        (UsedAgents(3, 65 * M, 45 * M, 2), "3 subagents worked 1 h 05 min within 45 min, at most 2 at once."),
        (UsedAgents(2, 65 * M, 65 * M, 1), "2 subagents worked 1 h 05 min within 1 h 05 min, one at a time."),
        (
            Flowed(2, 3 * H, MORNING),
            "2 flow sessions with 3 h 00 min of deep work, the longest Monday, 23 November, 09:10 – 11:40.",
        ),
        (
            Flowed(1, 140 * M, MORNING),
            "1 flow session with 2 h 20 min of deep work, Monday, 23 November, 09:10 – 11:40.",
        ),
        (Balanced(60 * M, 30 * M, 2.0), "Claude worked 1 h 00 min, 2.0 times your attention of 30 min."),
        (
            Favoured("api", 3 * H, 0.75, H),
            "api had 75 % of all active time, 3 h 00 min; its longest block: 1 h 00 min.",
        ),
        (
            Leaned(Rhythm.EARLY, 3 * H, 5 * H),
            "Rhythm early bird: 3 h 00 min of 5 h 00 min was between 06:00 and 10:00.",
        ),
        (
            Varied(5, 4 * H, 75 * M, 0.6838),
            "5 days with 4 h 00 min ± 1 h 15 min (standard deviation): consistency 68 %.",
        ),
        (Kept(STREAK, goes_on=False), "A streak of 6 days, 23 – 28 November."),
        (Kept(STREAK, goes_on=True), "A streak of 6 days, 23 – 28 November, which goes on."),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_sentence_names_its_figures(insight: Insight, words: str) -> None:
    assert sentence(insight, a_day().zone) == words


#: A month of days with a stretch each in one or two projects; prompts, tools and subagents anywhere in them.
DAYS = st.lists(st.tuples(st.integers(5, 18), st.integers(0, 240), st.integers(0, 100)), min_size=1, max_size=28)
PROMPTS = st.lists(st.tuples(st.integers(0, 27), st.integers(5 * 60, 23 * 60), st.sampled_from("ab")), max_size=60)
RUNS = st.lists(st.tuples(st.integers(0, 27), st.integers(5 * 60, 22 * 60), st.integers(1, 60)), max_size=20)


def made_of(days: list[tuple[int, int, int]]) -> Report:
    a, b, waits = [], [], []
    for number, (hour, length, percent) in enumerate(days):
        day = MONDAY + number * DAY
        half = f"{hour + length * percent // 100 // 60}:{length * percent // 100 % 60:02}"
        a.append(block(f"{hour}:00", f"{hour + length // 60}:{length % 60:02}", f"{hour}:00-{half}", day=day))
        if percent % 3 == 0:
            b.append(block(f"{hour}:10", f"{hour}:{10 + percent // 3}", day=day))
        waits.append(Interval(instant(day, f"{hour}:00"), instant(day, f"{hour}:{percent % 60:02}")))
    waits = [wait for wait in waits if wait.length_ms]
    return report({"a": a, "b": b}, last=MONDAY + 27 * DAY, waits={"a": waits, "b": []})


def record_of(
    told: list[tuple[int, int, str]], runs: list[tuple[int, int, int]], agents: list[tuple[int, int, int]]
) -> Record:
    def at(day: int, minute: int) -> int:
        return instant(MONDAY + day * DAY, "00:00") + minute * M

    working = sorted((Interval(at(d, m), at(d, m + length)) for d, m, length in agents))
    return Record(
        prompts=tuple(sorted(Prompt(at(day, minute), project) for day, minute, project in told)),
        tools=union((at(d, m), at(d, m + length)) for d, m, length in runs),
        commands=union((at(d, m), at(d, m + length)) for d, m, length in runs[::2]),
        agents=tuple(AgentRun("s", str(n), "a", (own,)) for n, own in enumerate(working)),
    )


@given(DAYS, PROMPTS, RUNS, RUNS)
def test_every_sentence_is_true_of_the_data(
    days: list[tuple[int, int, int]],
    told: list[tuple[int, int, str]],
    runs: list[tuple[int, int, int]],
    agents: list[tuple[int, int, int]],
) -> None:
    made, record = made_of(days), record_of(told, runs, agents)
    found = insights(analyse(made, record), made)
    assert len({insight.kind for insight in found}) == len(found)
    for insight in found:
        check(insight, sentence(insight, made.zone), made, record)


def check(insight: Insight, words: str, made: Report, record: Record) -> None:  # noqa: C901, PLR0912  one case for each kind
    """Recomputes what ``words`` say from the report and the record, another way than the product does."""
    blocks = [b for project in made.projects for b in project.blocks]
    total = union((b.start_ms, b.end_ms) for b in blocks)
    working = union(i for b in blocks for i in b.working)
    match insight.kind:
        case "trend":
            *earlier, last = [sum(d.total_ms for d in made.days[n : n + 7]) for n in range(0, 28, 7)]
            mean_ms = sum(earlier) / len(earlier)
            assert time(last) in words
            assert f"{abs(round(100 * (last / mean_ms - 1)))} % against the {time(int(mean_ms))} a week" in words
        case "focus":
            assert made.total_ms >= H
            score = re.match(r"Focus score (\d+) of 100", words)
            assert score
            assert 0 <= int(score[1]) <= 100
            if "none" not in words:
                assert f" of {time(made.total_ms)} in" in words
        case "switches":
            pairs = zip(record.prompts, record.prompts[1:], strict=False)
            changes = sum(1 for a, b in pairs if a.project != b.project)
            count = re.match(r"\d+", words)
            assert count
            assert 3 <= int(count[0]) <= changes
        case "peak_hours":
            hours = re.findall(r"(\d\d):00 – (\d\d):00", words)
            in_them = sum(
                length_ms(clip(total, instant(day.date, f"{first}:00"), instant(day.date, f"{end}:00")))
                for day in made.days
                for first, end in hours
            )
            assert words.endswith(f": {time(in_them)} of {time(made.total_ms)}.")
        case "tools":
            ran = length_ms(common(record.tools, working))
            assert f"Claude worked {time(made.working_ms)}: tools {time(ran)}" in words
        case "waiting":
            waits = union(wait for project in made.projects for wait in project.waits)
            assert f"{time(made.waiting_ms)} in {len(waits)} waits" in words
            below = re.search(r"under (?:(\d+) h )?(\d+) min", words)
            assert below
            limit_ms = (int(below[1] or 0) * 60 + int(below[2])) * M
            assert 2 * sum(1 for wait in waits if wait.length_ms < limit_ms) >= len(waits)
        case "subagents":
            each = [length_ms(run.working) for run in record.agents]
            by_clock = length_ms(union(i for run in record.agents for i in run.working))
            assert f"{len(each)} subagents worked {time(sum(each))} within {time(by_clock)}" in words
        case "flow":
            assert isinstance(insight, Flowed)
            assert insight.sessions >= 1
            assert 45 * M <= insight.longest.deep_ms <= insight.deep_ms <= made.total_ms
            assert any(is_deep(b, []) and b.start_ms == insight.longest.start_ms for b in blocks)
        case "ratio":
            ratio = made.working_ms / made.attention_ms
            assert words.endswith(f"{ratio:.1f} times your attention of {time(made.attention_ms)}.")
        case "main_project":
            assert f"{made.projects[0].name} had" in words
            assert all(p.active_ms <= made.projects[0].active_ms for p in made.projects)
            assert time(max(b.active_ms for b in made.projects[0].blocks)) in words
        case "rhythm":
            assert f" of {time(made.total_ms)} was between" in words
        case "consistency":
            worked = [day.total_ms for day in made.days if day.total_ms]
            assert words.startswith(f"{len(worked)} days with {time(sum(worked) // len(worked))} ±")
        case _:
            assert insight.kind == "streak"
            days = re.search(r"streak of (\d+) days", words)
            assert days
            text = "".join("1" if day.total_ms else "0" for day in made.days)
            assert "1" * int(days[1]) in text
            assert "1" * (int(days[1]) + 1) not in text


def test_a_generated_history_can_bear_every_kind_of_sentence() -> None:
    # A control of the test above: it must not be that some kind never occurs.
    days = [(9, 180, 63)] * 19 + [(9, 0, 0)] * 2 + [(9, 240, 63)] * 7
    told = [(day, 540 + minute, "ab"[minute // 45 % 2]) for day in range(19) for minute in range(0, 180, 15)]
    made = made_of(days)
    found = insights(analyse(made, record_of(told, [(1, 540, 30)], [(1, 540, 30), (1, 545, 30)])), made)
    assert {insight.kind for insight in found} >= {
        "trend", "focus", "switches", "peak_hours", "tools", "waiting", "subagents", "flow", "ratio", "main_project",
        "consistency", "streak", "rhythm",
    }  # fmt: skip


def kinds_of(made: Report, record: Record) -> set[str]:
    return {insight.kind for insight in insights(analyse(made, record), made)}


@pytest.mark.parametrize(("switches", "told"), [(2, False), (3, True)])
def test_two_switches_are_not_told(switches: int, *, told: bool) -> None:
    made = report({"a": [block("09:00", "10:00")], "b": [block("09:00", "10:00")]})
    prompts = tuple(Prompt(instant(MONDAY, f"09:{n:02}"), "ab"[n % 2]) for n in range(switches + 1))
    assert ("switches" in kinds_of(made, Record(prompts=prompts))) == told


@pytest.mark.parametrize(("minutes", "told"), [(109, False), (110, True), (90, True), (91, False)])
def test_a_trend_is_told_from_ten_percent_on_up_or_down(minutes: int, *, told: bool) -> None:
    # Two weeks of 100 minutes, then one of so many.
    lengths = {0: 100, 7: 100, 14: minutes}
    blocks = [block("09:00", f"{9 + n // 60}:{n % 60:02}", day=MONDAY + day * DAY) for day, n in lengths.items()]
    assert ("trend" in kinds_of(report({"a": blocks}, last=MONDAY + 20 * DAY), Record())) == told


@pytest.mark.parametrize(("count", "told"), [(4, False), (5, True)])
def test_four_waits_have_no_usual_length(count: int, *, told: bool) -> None:
    waits = [Interval(instant(MONDAY, f"09:{n:02}"), instant(MONDAY, f"09:{n:02}:30")) for n in range(count)]
    made = report({"a": [block("09:00", "10:00")]}, waits={"a": waits})
    assert ("waiting" in kinds_of(made, Record())) == told


@pytest.mark.parametrize(("end", "told"), [("15:00", True), ("16:00", False)])
def test_more_than_six_hours_are_no_peak(end: str, *, told: bool) -> None:
    made = report({"a": [block("09:00", end, day=MONDAY + n * DAY) for n in range(5)]}, last=MONDAY + 6 * DAY)
    assert ("peak_hours" in kinds_of(made, Record())) == told


@given(st.integers(0, 59), PROMPTS, RUNS, RUNS)
def test_of_less_than_an_hour_only_waits_and_subagents_are_told(
    length: int,
    told: list[tuple[int, int, str]],
    runs: list[tuple[int, int, int]],
    agents: list[tuple[int, int, int]],
) -> None:
    made = report({"a": [block("09:00", f"09:{length:02}", f"09:00-09:{length:02}")]})
    kinds = {insight.kind for insight in insights(analyse(made, record_of(told, runs, agents)), made)}
    assert kinds <= {"waiting", "subagents", "flow"}


@pytest.mark.parametrize("made", [an_empty_day(), a_lone_stop()], ids=["empty", "one event"])
def test_of_nothing_nothing_is_told(made: Report) -> None:
    analytics = analyse(made, Record())
    assert insights(analytics, made) == ()
    assert insights_text(analytics, made, Look(width=80, colour=False, unicode=True)) == ""


def test_a_short_day_says_that_there_is_too_little() -> None:
    made = report({"api": [block("09:00", "09:20")]})
    text = insights_text(analyse(made, Record()), made, Look(width=80, colour=False, unicode=True))
    assert text == "\nInsights\nThere is too little time here to say more of it.\n"


@given(st.integers(20, 120), DAYS)
def test_the_text_keeps_to_the_width_and_to_five_sentences(width: int, days: list[tuple[int, int, int]]) -> None:
    made = made_of(days)
    assume(made.total_ms)
    text = insights_text(analyse(made, Record()), made, Look(width=width, colour=False, unicode=True))
    lines = text.splitlines()
    assert lines[:2] == ["", "Insights"]
    assert max(map(len, lines)) <= min(max(width, 40), 88)
    assert len(re.findall(r"\.$", text, re.MULTILINE)) <= MOST


def test_without_unicode_the_text_is_ascii() -> None:
    made = a_week()
    assert insights_text(analyse(made, Record()), made, Look(width=80, colour=False, unicode=False)).isascii()


def test_a_hostile_name_stays_text() -> None:
    made = a_hostile_day()
    words = sentence(Favoured(HOSTILE, H, 0.5, H), made.zone)
    assert words.isprintable()


def test_the_json_has_analytics_only_where_they_are_given_and_at_its_end() -> None:
    made = a_week()
    assert "analytics" not in json.loads(report_json(made))
    document = json.loads(report_json(made, analytics=analyse(made, Record())))
    assert list(document)[-1] == "analytics"
    plain = json.loads(report_json(made))
    assert {key: value for key, value in document.items() if key != "analytics"} == plain
    found = document["analytics"]
    assert list(found) == ["focus", "rhythm", "claude", "insights"]
    assert sum(found["rhythm"]["hours_ms"]) == document["total_ms"]
    assert found["claude"]["tool_ms"] + found["claude"]["thinking_ms"] == document["working_ms"]
    assert all(insight["kind"] and insight["text"].endswith(".") for insight in found["insights"])
