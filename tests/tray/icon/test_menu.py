from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor_tray.glance import Glance, ProjectLine, State
from monitor_tray.icon.menu import MAX_NAME, SEPARATOR, Action, entries, label, plain, tooltip

HOUR_MS = 3_600_000
DAY = Glance(192 * 60_000, 8 * HOUR_MS, State.WORKING, (ProjectLine("api", 2 * HOUR_MS), ProjectLine("web", 90_000)))
LEFT_TO_RIGHT, ISOLATE, END = "\u200e", "\u2068", "\u2069"


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
        "Open report",
        "Quit",
    ]


def test_empty_day_says_so() -> None:
    assert texts(Glance(0, HOUR_MS, State.IDLE))[:4] == [
        "Today  0 m",
        "Idle",
        "---",
        "No Claude Code activity yet today",
    ]


@pytest.mark.parametrize(("count", "last"), [(8, "p7  1 h 00 m"), (9, "1 more…"), (40, "32 more…")])
def test_eight_projects_are_listed_and_the_rest_is_counted(count: int, last: str) -> None:
    listed = texts(crowd(count))

    assert listed[listed.index("Open report") - 2] == last


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

    assert [(entry.text, entry.action) for entry in defaults] == [("Open report", Action.OPEN_REPORT)]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.WORKING, "Claude is working"),
        (State.WAITING, "Claude waits for you"),
        (State.IDLE, "Idle"),
        (State.TROUBLE, "Not recording"),
    ],
)
def test_every_state_has_its_words_in_menu_and_tooltip(state: State, words: str) -> None:
    glance = Glance(HOUR_MS, HOUR_MS, state)

    assert texts(glance)[1] == words
    assert tooltip(glance) == f"1 h 00 m today · {words}"


def test_trouble_is_a_line_of_its_own_in_menu_and_tooltip() -> None:
    glance = Glance(HOUR_MS, HOUR_MS, State.TROUBLE, trouble="disk full;\nfree some space")

    assert texts(glance)[2] == "disk full;\ufffdfree some space"
    assert tooltip(glance).splitlines()[1:] == ["disk full;\ufffdfree some space"]


def test_trouble_that_comes_and_goes_keeps_the_number_of_entries() -> None:
    troubled = Glance(HOUR_MS, HOUR_MS, State.TROUBLE, trouble="disk full")

    assert len(entries(troubled)) == len(entries(Glance(HOUR_MS, HOUR_MS, State.IDLE)))


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
