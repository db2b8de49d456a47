from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_core.periods import Kind
from monitor_tray.actions import (
    CountAway,
    LeaveAway,
    OpenDay,
    OpenPeriod,
    OpenProject,
    Pause,
    Resume,
    StartAtLogin,
    TakeBack,
)
from monitor_tray.glance import AwayLine, Glance, PauseLine, ProjectLine, SessionLine, State, UndoLine, WindowLine
from monitor_tray.icon.menu import MAX_CHOICES, MAX_NAME, MAX_SESSIONS, SEPARATOR, Entry, entries, label, plain, tooltip

HOUR_MS = 3_600_000
DAY = Glance(192 * 60_000, 8 * HOUR_MS, State.WORKING, (ProjectLine("api", 2 * HOUR_MS), ProjectLine("web", 90_000)))
LEFT_TO_RIGHT, ISOLATE, END = "\u200e", "\u2068", "\u2069"


def working(project: str, minutes: int = 4) -> SessionLine:
    return SessionLine(project, State.WORKING, "10:38", minutes * 60_000)


def waiting(project: str) -> SessionLine:
    return SessionLine(project, State.WAITING, "10:42", 60_000)


def with_sessions(*sessions: SessionLine, trouble: str = "") -> Glance:
    state = State.TROUBLE if trouble else sessions[0].state if sessions else State.IDLE
    return Glance(HOUR_MS, 0, state, (ProjectLine("api", HOUR_MS),), sessions=sessions, trouble=trouble)


def texts(glance: Glance) -> list[str]:
    return ["---" if entry is SEPARATOR else entry.text for entry in entries(glance) if entry.visible]


def crowd(count: int) -> Glance:
    return Glance(HOUR_MS, HOUR_MS, State.IDLE, tuple(ProjectLine(f"p{number}", HOUR_MS) for number in range(count)))


def test_menu_goes_from_the_total_over_the_projects_to_the_commands() -> None:
    assert texts(DAY) == [
        "Today  3 h 12 m",
        "Claude is working",
        "---",
        "api  2 h 00 m",
        "web  1 m",
        "---",
        "Goal  3 h 12 m of 8 h, 40 %",
        "---",
        "Open report",
        "This week",
        "This month",
        "This year",
        "Pause",
        "---",
        "Quit",
    ]


def test_empty_day_says_so() -> None:
    assert texts(Glance(0, 0, State.IDLE)) == [
        "Today  0 m",
        "No work yet today",
        "---",
        "Open report",
        "This week",
        "This month",
        "This year",
        "Pause",
        "---",
        "Quit",
    ]


@pytest.mark.parametrize(("count", "last"), [(8, "p7  1 h 00 m"), (9, "1 more…"), (40, "32 more…")])
def test_eight_projects_are_listed_and_the_rest_is_counted(count: int, last: str) -> None:
    listed = texts(crowd(count))

    assert listed[listed.index("Goal of 1 h reached") - 2] == last


def test_time_in_parallel_is_a_line_of_its_own_so_that_the_menu_adds_up() -> None:
    glance = Glance(
        total_ms=40 * 60_000,
        goal_ms=HOUR_MS,
        state=State.IDLE,
        projects=(ProjectLine("api", 30 * 60_000), ProjectLine("web", 30 * 60_000)),
        parallel_ms=20 * 60_000,
    )

    assert texts(glance)[3:6] == ["api  30 m", "web  30 m", "in parallel  −20 m"]
    assert not any("parallel" in text for text in texts(DAY))


def test_open_report_is_the_one_default() -> None:
    defaults = [entry for entry in entries(DAY) if entry.default]

    assert [(entry.text, entry.action) for entry in defaults] == [("Open report", OpenDay())]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.WORKING, "Claude is working"),
        (State.WAITING, "Claude waits for you"),
        (State.IDLE, "Idle"),
        (State.PAUSED, "Paused"),
        (State.TROUBLE, "Something is wrong"),
    ],
)
def test_every_state_has_its_words_in_menu_and_tooltip(state: State, words: str) -> None:
    glance = Glance(HOUR_MS, HOUR_MS, state, (ProjectLine("api", HOUR_MS),))

    assert texts(glance)[1] == words
    assert tooltip(glance) == f"1 h 00 m today · {words}"


def test_trouble_is_a_line_of_its_own_in_menu_and_tooltip() -> None:
    glance = Glance(HOUR_MS, HOUR_MS, State.TROUBLE, trouble="disk full;\nfree some space")

    assert texts(glance)[2] == "disk full;\ufffdfree some space"
    assert tooltip(glance).splitlines()[1:] == ["disk full;\ufffdfree some space"]


def test_trouble_that_comes_and_goes_keeps_the_number_of_entries() -> None:
    troubled = Glance(HOUR_MS, HOUR_MS, State.TROUBLE, trouble="disk full")

    assert len(entries(troubled)) == len(entries(Glance(HOUR_MS, HOUR_MS, State.IDLE)))


@pytest.mark.parametrize(
    ("session", "words"),
    [
        (working("api"), "Claude working in api for 4 min"),
        (working("api", 0), "Claude working in api for 0 min"),
        (working("api", 65), "Claude working in api for 1 h 05 min"),
        (waiting("web"), "Claude waiting for you in web since 10:42"),
        (waiting(" "), "Claude waiting for you in (no name) since 10:42"),
        (working("a\nb" + "x" * 5000 + "z"), f"Claude working in a\ufffdb{'x' * 23}…{'x' * 12}z for 4 min"),
    ],
)
def test_state_says_what_claude_does_and_where(session: SessionLine, words: str) -> None:
    assert texts(with_sessions(session))[1:3] == [words, "---"]


def test_idle_says_since_when() -> None:
    assert texts(Glance(HOUR_MS, 0, State.IDLE, (ProjectLine("api", HOUR_MS),), last="10:42"))[1] == "Idle since 10:42"


def test_other_sessions_follow_the_first() -> None:
    assert texts(with_sessions(waiting("web"), working("api"), working("docs", 9)))[1:5] == [
        "Claude waiting for you in web since 10:42",
        "also working in api for 4 min",
        "also working in docs for 9 min",
        "---",
    ]


@pytest.mark.parametrize(("count", "last"), [(5, "also working in p4 for 4 min"), (6, "2 more sessions…")])
def test_four_other_sessions_have_lines_and_the_rest_is_counted(count: int, last: str) -> None:
    listed = texts(with_sessions(*(working(f"p{number}") for number in range(count))))

    assert listed[1 + MAX_SESSIONS] == last
    assert listed[2 + MAX_SESSIONS] == "---"


def test_trouble_comes_before_the_sessions() -> None:
    assert texts(with_sessions(working("api"), working("web"), trouble="disk full"))[1:5] == [
        "Something is wrong",
        "disk full",
        "Claude working in api for 4 min",
        "also working in web for 4 min",
    ]


def test_sessions_and_trouble_that_come_and_go_keep_the_number_of_entries() -> None:
    glances = [
        with_sessions(*(working("api"),) * count, trouble=trouble)
        for count in range(9)
        for trouble in ("", "disk full")
    ]

    assert len({len(entries(glance)) for glance in glances}) == 1


@pytest.mark.parametrize(("prompts", "words"), [(0, "0 prompts"), (1, "1 prompt"), (12, "12 prompts")])
def test_usage_window_says_when_it_ends(prompts: int, words: str) -> None:
    glance = Glance(HOUR_MS, 8 * HOUR_MS, State.IDLE, window=WindowLine("14:46", prompts))

    assert f"Usage window until 14:46 · {words}" in texts(glance)
    assert not any("window" in text for text in texts(DAY))


@pytest.mark.parametrize(
    ("total_min", "goal_min", "words"),
    [
        (130, 480, "Goal  2 h 10 m of 8 h, 27 %"),
        (0, 450, "Goal  0 m of 7 h 30 m, 0 %"),
        (479, 480, "Goal  7 h 59 m of 8 h, 99 %"),
        (480, 480, "Goal of 8 h reached"),
        (20, 20, "Goal of 20 m reached"),
        (1500, 1440, "Goal of 24 h reached"),
    ],
)
def test_goal_says_how_much_of_it_there_is(total_min: int, goal_min: int, words: str) -> None:
    assert words in texts(Glance(total_min * 60_000, goal_min * 60_000, State.IDLE))


def test_without_a_goal_there_is_no_line_for_it() -> None:
    assert not any("Goal" in text for text in texts(with_sessions(working("api"))))


def test_label_is_short() -> None:
    assert label(DAY) == "3h 12m"


def test_text_within_the_limit_stays_as_it_is() -> None:
    assert plain("R&D_notes (work) 👩‍💻", 40) == "R&D_notes (work) 👩‍💻"


def test_long_text_loses_its_middle() -> None:
    assert plain(f"{'a' * 5000}{'z' * 5000}", 10) == "aaaaaa…zzz"


def test_right_to_left_text_is_isolated() -> None:
    assert plain("שלום", 40) == f"{LEFT_TO_RIGHT}{ISOLATE}שלום{END}"


@given(st.text(st.characters(codec=None), max_size=500))
def test_any_text_is_one_line_without_controls_and_never_longer_than_the_limit(text: str) -> None:
    made = plain(text, MAX_NAME)

    inner = made.removeprefix(LEFT_TO_RIGHT + ISOLATE).removesuffix(END)
    assert len(inner) <= MAX_NAME
    assert len(inner.splitlines()) <= 1
    assert not {unicodedata.category(character) for character in inner} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(character) for character in inner} & {
        *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    }
    made.encode()


def named(glance: Glance, text: str) -> Entry:
    return next(entry for entry in entries(glance) if entry.text == text)


def choices(entry: Entry) -> list[tuple[str, object]]:
    return [("---" if each is SEPARATOR else each.text, each.action) for each in entry.entries]


def test_a_project_leads_to_its_own_report_and_a_period_to_the_periods() -> None:
    glance = Glance(HOUR_MS, 0, State.IDLE, (ProjectLine("api", HOUR_MS, "/home/dev/api"),))

    assert named(glance, "api  1 h 00 m").action == OpenProject("/home/dev/api")
    assert named(glance, "This week").action == OpenPeriod(Kind.WEEK)
    assert named(glance, "This month").action == OpenPeriod(Kind.MONTH)
    assert named(glance, "This year").action == OpenPeriod(Kind.YEAR)


def test_pausing_is_offered_for_a_while_and_until_one_resumes() -> None:
    assert choices(named(DAY, "Pause")) == [
        ("15 minutes", Pause(15 * 60_000)),
        ("1 hour", Pause(HOUR_MS)),
        ("Until I resume", Pause(None)),
    ]


@pytest.mark.parametrize(("until", "words"), [("15:30", "Paused until 15:30"), ("", "Paused until you resume")])
def test_while_paused_the_menu_says_until_when_and_offers_to_resume(until: str, words: str) -> None:
    glance = Glance(HOUR_MS, 0, State.PAUSED, sessions=(working("api"),), pause=PauseLine(until))

    assert texts(glance)[1:3] == [words, "Claude working in api for 4 min"]
    assert "Pause" not in texts(glance)
    assert named(glance, "Resume").action == Resume()
    assert len(entries(glance)) == len(entries(Glance(HOUR_MS, 0, State.IDLE)))


def test_an_absence_is_asked_about_and_may_have_been_for_any_project_of_today() -> None:
    projects = tuple(ProjectLine(f"p{number}", HOUR_MS, f"/p{number}") for number in range(MAX_CHOICES + 1))
    glance = Glance(HOUR_MS, 0, State.IDLE, away=AwayLine(5, 5 + HOUR_MS, "10:42", "11:42", projects))

    entry = named(glance, "Away 10:42 – 11:42, 1 h 00 m")
    assert entry.action is None
    assert choices(entry) == [
        *((f"Count it for p{number}", CountAway(5, 5 + HOUR_MS, f"/p{number}")) for number in range(MAX_CHOICES)),
        ("---", None),
        ("Leave it out", LeaveAway(5)),
    ]


def test_what_was_chosen_a_moment_ago_can_be_taken_back() -> None:
    glance = Glance(HOUR_MS, 0, State.IDLE, undo=UndoLine("1a2b", "Take back: 48 m for api"))

    assert named(glance, "Take back: 48 m for api").action == TakeBack("1a2b")
    assert len(entries(glance)) == len(entries(Glance(HOUR_MS, 0, State.IDLE)))


@pytest.mark.parametrize("on", [True, False])
def test_start_at_login_is_checked_where_it_is_on_and_a_click_turns_it_round(on: bool) -> None:
    entry = named(Glance(0, 0, State.IDLE, starts_at_login=on), "Start at login")

    assert (entry.checked, entry.action) == (on, StartAtLogin(not on))


def test_start_at_login_is_not_offered_where_it_cannot_be_known() -> None:
    assert "Start at login" not in texts(Glance(0, 0, State.IDLE, starts_at_login=None))


def test_the_length_of_an_absence_is_what_the_clock_shows_at_both_ends() -> None:
    glance = Glance(0, 0, State.IDLE, away=AwayLine(59_000, 11 * 60_000, "16:52", "17:03", ()))

    assert any(text.endswith(", 11 m") for text in texts(glance))
