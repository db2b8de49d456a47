"""Added, moved and dropped time: exactly what a person said, and nothing else."""

from __future__ import annotations

import datetime as dt
import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor_core.books import Books
from monitor_core.config import Config
from monitor_core.corrections import Share, agent_time_ms, corrected, corrections_within
from monitor_core.edits import (
    AddTime,
    DropTime,
    Edit,
    MergeProject,
    MoveTime,
    PauseCounting,
    ResumeCounting,
    Undo,
    in_force,
    key_by_hand,
)
from monitor_core.intervals import clip, length_ms, subtract, union
from monitor_core.model import DAY_MS, HOUR_MS, MINUTE_MS, Block, Event, Interval
from monitor_core.reporting import build_report
from monitor_core.standing import rules_of
from tests.core.correcting import (
    EVER,
    PROJECTS,
    TimeDecision,
    blocks_of,
    covered,
    edit,
    edits,
    of_edits,
    stretches,
    total_ms,
    worked,
)
from tests.core.histories import BEGIN_MS, EventStore, histories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor_core.report import Report

M = MINUTE_MS
LATER_MS = BEGIN_MS + 40 * HOUR_MS
API, WEB = "api", "web"


def block(start: int, end: int, *working: tuple[int, int], open_: bool = False) -> Block:
    return Block(start * M, end * M, tuple(Interval(a * M, b * M) for a, b in working), open_)


def after(blocks: dict[str, list[Block]], *decisions: TimeDecision) -> dict[str, tuple[Block, ...]]:
    return dict(corrected(blocks, of_edits(*(edit(decision) for decision in decisions))))


class TestAdd:
    def test_added_time_is_attention(self) -> None:
        found = after({}, AddTime("Meetings", 10 * M, 40 * M))
        assert found == {"Meetings": (block(10, 40),)}

    def test_what_is_active_already_is_not_counted_twice_and_work_stays_work(self) -> None:
        found = after({API: [block(10, 30, (10, 20))]}, AddTime(API, 15 * M, 40 * M))
        assert found == {API: (block(10, 40, (10, 20)),)}

    def test_added_time_joins_what_it_touches_and_nothing_over_the_idle_timeout(self) -> None:
        found = after({API: [block(10, 20), block(41, 50)]}, AddTime(API, 20 * M, 40 * M))
        assert found == {API: (block(10, 40), block(41, 50))}

    def test_added_time_takes_in_a_lone_event_at_either_end(self) -> None:
        found = after({API: [block(10, 10), block(20, 20)]}, AddTime(API, 10 * M, 20 * M))
        assert found == {API: (block(10, 20),)}

    def test_time_added_beside_another_project_is_parallel(self) -> None:
        found = after({API: [block(10, 30)]}, AddTime(WEB, 10 * M, 30 * M))
        assert (total_ms(found), found[API], found[WEB]) == (20 * M, (block(10, 30),), (block(10, 30),))


class TestDrop:
    def test_a_block_is_cut_in_two_and_not_joined_again_over_a_short_gap(self) -> None:
        found = after({API: [block(10, 30, (10, 30))]}, DropTime(None, 19 * M, 20 * M))
        assert found == {API: (block(10, 19, (10, 19)), block(20, 30, (20, 30)))}

    def test_a_drop_of_one_project_leaves_the_others(self) -> None:
        found = after({API: [block(10, 30)], WEB: [block(10, 30)]}, DropTime(API, 0, 60 * M))
        assert found == {WEB: (block(10, 30),)}

    def test_a_lone_event_in_the_stretch_vanishes_and_one_at_its_end_stays(self) -> None:
        found = after({API: [block(10, 10), block(20, 20), block(30, 30)]}, DropTime(None, 10 * M, 30 * M))
        assert found == {API: (block(30, 30),)}

    def test_a_block_stays_open_where_its_end_is_left(self) -> None:
        found = after({API: [block(10, 30, open_=True)]}, DropTime(None, 10 * M, 20 * M))
        assert found == {API: (block(20, 30, open_=True),)}
        found = after({API: [block(10, 30, open_=True)]}, DropTime(None, 20 * M, 30 * M))
        assert found == {API: (block(10, 20),)}


class TestMove:
    def test_working_and_attention_go_to_the_other_project(self) -> None:
        found = after({API: [block(10, 30, (10, 20))]}, MoveTime(API, WEB, 15 * M, 25 * M))
        assert found == {API: (block(10, 15, (10, 15)), block(25, 30)), WEB: (block(15, 25, (15, 20)),)}

    def test_what_was_parallel_is_not_doubled(self) -> None:
        found = after({API: [block(10, 30)], WEB: [block(20, 40, (20, 40))]}, MoveTime(API, WEB, 0, 60 * M))
        assert found == {WEB: (block(10, 40, (20, 40)),)}

    def test_a_move_of_everything_leaves_what_the_target_has(self) -> None:
        blocks = {API: [block(10, 30)], WEB: [block(20, 40)], "docs": [block(50, 60)]}
        assert after(blocks, MoveTime(None, WEB, 0, 55 * M)) == {
            WEB: (block(10, 40), block(50, 55)),
            "docs": (block(55, 60),),
        }

    def test_what_is_moved_stays_as_far_apart_as_it_was(self) -> None:
        found = after({API: [block(10, 30)]}, DropTime(API, 19 * M, 20 * M), MoveTime(API, WEB, 0, 60 * M))
        assert found == {WEB: (block(10, 19), block(20, 30))}

    def test_a_lone_event_moves_too(self) -> None:
        assert after({API: [block(10, 10)]}, MoveTime(API, WEB, 10 * M, 11 * M)) == {WEB: (block(10, 10),)}


class TestPause:
    def test_nothing_counts_in_a_pause_and_nothing_is_joined_over_it(self) -> None:
        blocks = {API: [block(10, 30, (10, 30))], WEB: [block(15, 40)]}
        assert after(blocks, PauseCounting(19 * M, 21 * M)) == {
            API: (block(10, 19, (10, 19)), block(21, 30, (21, 30))),
            WEB: (block(15, 19), block(21, 40)),
        }

    def test_a_pause_without_an_end_takes_all_that_comes(self) -> None:
        blocks = {API: [block(10, 30, open_=True), block(10_000_000, 10_000_030)]}
        assert after(blocks, PauseCounting(20 * M)) == {API: (block(10, 20),)}

    def test_from_the_moment_that_somebody_resumes_all_counts_again(self) -> None:
        found = after({API: [block(10, 60, (10, 60), open_=True)]}, PauseCounting(20 * M), ResumeCounting(40 * M))
        assert found == {API: (block(10, 20, (10, 20)), block(40, 60, (40, 60), open_=True))}

    def test_a_lone_event_in_a_pause_counts_no_more(self) -> None:
        assert after({API: [block(20, 20)]}, PauseCounting(20 * M, 30 * M)) == {}

    def test_what_is_added_to_a_pause_later_counts(self) -> None:
        pause, add = PauseCounting(20 * M, 60 * M), AddTime("Meetings", 30 * M, 40 * M)
        assert after({API: [block(10, 60)]}, pause, add) == {API: (block(10, 20),), "Meetings": (block(30, 40),)}
        assert after({API: [block(10, 60)]}, add, pause) == {API: (block(10, 20),)}

    def test_a_pause_reaches_into_every_later_range(self) -> None:
        made = [edit(PauseCounting(5))]
        assert [(c.start_ms, c.edit) for c in corrections_within(made, Interval(10, 20), lambda key: key)] == [
            (5, made[0])
        ]
        assert corrections_within(made, Interval(0, 5), lambda key: key) == ()


class TestOrder:
    def test_each_correction_applies_to_what_the_ones_before_it_left(self) -> None:
        add, drop = AddTime(API, 10 * M, 40 * M), DropTime(None, 20 * M, 30 * M)
        assert after({}, add, drop) == {API: (block(10, 20), block(30, 40))}
        assert after({}, drop, add) == {API: (block(10, 40),)}

    def test_what_was_moved_can_be_moved_on(self) -> None:
        found = after({API: [block(10, 30)]}, MoveTime(API, WEB, 0, HOUR_MS), MoveTime(WEB, "docs", 0, HOUR_MS))
        assert found == {"docs": (block(10, 30),)}

    def test_moved_there_and_back_is_as_before(self) -> None:
        there, back = MoveTime(API, WEB, 15 * M, 20 * M), MoveTime(WEB, API, 15 * M, 20 * M)
        assert after({API: [block(10, 30, (10, 20))]}, there, back) == {API: (block(10, 30, (10, 20)),)}


class TestProjectsOfToday:
    """An edit names a project by its key; what that counts for may have been decided later."""

    def test_a_correction_follows_a_merge(self) -> None:
        merged = {API: WEB}.get
        made = (edit(AddTime(API, 0, M)), edit(DropTime(API, 0, M)), edit(MoveTime("docs", API, 0, M)))
        found = corrections_within(made, EVER, lambda key: merged(key, key))
        assert [(c.source, c.into) for c in found] == [(None, WEB), (WEB, None), ("docs", WEB)]

    def test_an_ignored_project_neither_gives_nor_keeps(self) -> None:
        made = (edit(AddTime(API, 0, M)), edit(MoveTime(API, WEB, 0, M)), edit(DropTime(API, 0, M)))
        assert corrections_within(made, EVER, lambda key: None if key == API else key) == ()
        (moved_away,) = corrections_within(
            [edit(MoveTime(WEB, API, 0, M))], EVER, lambda key: None if key == API else key
        )
        assert corrected({WEB: [block(0, 1)]}, [moved_away]) == {}

    def test_only_what_reaches_into_the_range_is_applied(self) -> None:
        made = [edit(DropTime(None, a, b)) for a, b in ((0, 10), (9, 11), (19, 20), (20, 30))]
        found = corrections_within(made, Interval(10, 20), lambda key: key)
        assert [(c.start_ms, c.end_ms) for c in found] == [(9, 11), (19, 20)]


class TestAgentTime:
    SHARES = (Share(0, 30 * M, API), Share(0, 30 * M, API), Share(10 * M, 20 * M, WEB))
    SPAN = Interval(0, HOUR_MS)

    def agent_ms(self, *decisions: TimeDecision) -> int:
        return agent_time_ms(self.SHARES, of_edits(*map(edit, decisions)), self.SPAN)

    def test_what_is_dropped_is_no_agent_time_either(self) -> None:
        assert self.agent_ms() == 70 * M
        assert self.agent_ms(DropTime(API, 0, 10 * M)) == 50 * M
        assert self.agent_ms(DropTime(None, 0, HOUR_MS)) == 0

    def test_what_is_moved_stays_agent_time_and_what_is_added_is_none(self) -> None:
        assert self.agent_ms(MoveTime(API, WEB, 0, HOUR_MS)) == 70 * M
        assert self.agent_ms(AddTime(API, 30 * M, HOUR_MS)) == 70 * M

    def test_what_was_moved_is_dropped_where_it_came_to(self) -> None:
        assert self.agent_ms(MoveTime(API, WEB, 0, 10 * M), DropTime(WEB, 0, 15 * M)) == 45 * M

    @given(histories(), edits())
    def test_agent_time_is_that_of_plain_counting(self, events: list[Event], made: list[Edit]) -> None:
        """Minute by minute, one share after the other, one correction after the other."""
        shares = [Share(e.t_ms, e.t_ms + (k % 7 + 1) * M, PROJECTS[e.place]) for k, e in enumerate(events)]
        steps = of_edits(*made)
        # Between two bounds nothing changes.
        stretches = [(each.start_ms, each.end_ms) for each in shares] + [(step.start_ms, step.end_ms) for step in steps]
        bounds = sorted({at_ms for stretch in stretches for at_ms in stretch})
        expected_ms = 0
        for share in shares:
            for start_ms, end_ms in itertools.pairwise(bounds):
                project: str | None = share.project if share.start_ms <= start_ms < share.end_ms else None
                for step in steps:
                    if project is not None and step.start_ms <= start_ms < step.end_ms and step.takes_from(project):
                        project = step.into
                expected_ms += end_ms - start_ms if project is not None else 0
        assert agent_time_ms(shares, steps, EVER) == expected_ms

    def test_what_lies_in_a_pause_is_no_agent_time(self) -> None:
        assert self.agent_ms(PauseCounting(25 * M)) == 60 * M
        assert self.agent_ms(PauseCounting(5 * M), ResumeCounting(15 * M)) == 45 * M

    def test_only_the_range_counts(self) -> None:
        assert agent_time_ms(self.SHARES, of_edits(edit(DropTime(None, 0, 5 * M))), Interval(4 * M, 6 * M)) == 2 * M


class TestAnyHistory:
    @given(histories(), edits(), stretches(), st.sampled_from([API, WEB, "Meetings"]))
    def test_an_add_makes_the_total_longer_by_what_was_free(
        self, events: list[Event], before: list[Edit], stretch: Interval, project: str
    ) -> None:
        old = corrected(blocks_of(events, LATER_MS), of_edits(*before))
        new = corrected(old, of_edits(edit(AddTime(project, *stretch))))
        everything = union(i for own in old.values() for i in covered(own))
        free_ms = length_ms(subtract((stretch,), everything))
        assert total_ms(new) == total_ms(old) + free_ms
        assert covered(new[project]) == union([*covered(old.get(project, ())), stretch])
        assert worked(new[project]) == worked(old.get(project, ()))

    @given(histories(), edits(), stretches(), st.sampled_from([None, API, WEB]))
    def test_a_drop_removes_exactly_what_was_in_it(
        self, events: list[Event], before: list[Edit], stretch: Interval, project: str | None
    ) -> None:
        old = corrected(blocks_of(events, LATER_MS), of_edits(*before))
        new = corrected(old, of_edits(edit(DropTime(project, *stretch))))
        for key, own in old.items():
            taken = (stretch,) if project in (None, key) else ()
            assert covered(new.get(key, ())) == subtract(covered(own), taken)
            assert worked(new.get(key, ())) == subtract(worked(own), taken)

    @given(
        histories(), edits(), stretches(), st.sampled_from([None, API, WEB]), st.sampled_from([API, WEB, "Meetings"])
    )
    def test_a_move_keeps_the_total_and_gives_to_one_what_it_takes_from_the_others(
        self, events: list[Event], before: list[Edit], stretch: Interval, project: str | None, into: str
    ) -> None:
        old = corrected(blocks_of(events, LATER_MS), of_edits(*before))
        new = corrected(old, of_edits(edit(MoveTime(project, into, *stretch))))
        assert total_ms(new) == total_ms(old)
        for part in (covered, worked):
            sources = [key for key in old if key != into and project in (None, key)]
            moved = [i for key in sources for i in clip(part(old[key]), *stretch)]
            assert part(new.get(into, ())) == union([*part(old.get(into, ())), *moved])
            for key in sources:
                assert part(new.get(key, ())) == subtract(part(old[key]), (stretch,))

    @given(histories(), edits(), stretches(), st.lists(stretches(), max_size=2))
    def test_in_a_pause_nothing_counts_but_what_was_added_to_it_later(
        self, events: list[Event], before: list[Edit], stretch: Interval, added: list[Interval]
    ) -> None:
        made = [*before, edit(PauseCounting(*stretch))]
        made += [edit(AddTime(API, *each), f"added-later-{k}") for k, each in enumerate(added)]
        new = corrected(blocks_of(events, LATER_MS), of_edits(*made))
        assert union(i for own in new.values() for i in clip(covered(own), *stretch)) == union(clip(added, *stretch))

    @given(histories(), edits())
    def test_blocks_stay_sorted_apart_and_around_their_work(self, events: list[Event], made: list[Edit]) -> None:
        for own in corrected(blocks_of(events, LATER_MS), of_edits(*made)).values():
            for a, b in itertools.pairwise(own):
                assert a.end_ms < b.start_ms
            for each in own:
                assert each.working == worked([each])
                assert clip(each.working, each.start_ms, each.end_ms) == each.working

    @given(histories(), edits(), st.integers(0, 3))
    def test_what_lies_outside_of_every_stretch_is_untouched(
        self, events: list[Event], made: list[Edit], late_min: int
    ) -> None:
        now_ms = max(e.t_ms for e in events) + late_min * M
        old = blocks_of(events, now_ms)
        new = corrected(old, of_edits(*made))
        stretches = [(c.start_ms, c.end_ms) for c in of_edits(*made)]
        for key in old:
            far = [b for b in old[key] if all(b.end_ms < start or b.start_ms > end for start, end in stretches)]
            assert [b for b in new.get(key, ()) if b in far] == far

    @given(histories(), edits(), st.integers(-60, 60))
    def test_a_day_is_cut_alike_before_and_after_the_corrections(
        self, events: list[Event], made: list[Edit], minutes: int
    ) -> None:
        day = Interval(BEGIN_MS, BEGIN_MS + 10 * M + minutes * M + DAY_MS)
        whole = corrected(blocks_of(events, LATER_MS), of_edits(*made))
        near = corrected(blocks_of(events, LATER_MS), corrections_within(made, day, lambda key: key))
        for key in ("api", "web", "Meetings"):
            for part in (covered, worked):
                assert clip(part(whole.get(key, ())), *day) == clip(part(near.get(key, ())), *day)


UTC = ZoneInfo("UTC")
FIRST = dt.datetime.fromtimestamp(BEGIN_MS / 1000, dt.UTC).date()


def report_of(store: EventStore, days: int = 3) -> Report:
    return build_report(store, FIRST, FIRST + dt.timedelta(days), UTC, Config(), LATER_MS)


def write(store: EventStore, journal: Sequence[Edit]) -> None:
    with store.transaction(durably=False):
        for each in journal:
            store.add_edit(each)


def in_store(made: Sequence[Edit]) -> list[Edit]:
    """``made`` with the keys that the test store's projects have."""
    keys = {"api": "/p1", "web": "/p2", "Meetings": key_by_hand("Meetings")}
    result = []
    for each in made:
        match each.decision:
            case AddTime(project, start_ms, end_ms):
                decision: TimeDecision = AddTime(keys[project], start_ms, end_ms)
            case MoveTime(project, into, start_ms, end_ms):
                decision = MoveTime(project and keys[project], keys[into], start_ms, end_ms)
            case DropTime(project, start_ms, end_ms):
                decision = DropTime(project and keys[project], start_ms, end_ms)
            case PauseCounting() | ResumeCounting() as pausing:
                decision = pausing
            case _:
                raise AssertionError(each)
        result.append(Edit(each.id, each.at_ms, decision))
    return result


class TestStore:
    @settings(max_examples=40)
    @given(histories(), edits())
    def test_a_report_adds_up_after_any_corrections(self, events: list[Event], made: list[Edit]) -> None:
        with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
            store.record(events)
            write(store, [Edit("merge-p3-into-p1", 0, MergeProject("/p3", "/p1")), *in_store(made)])
            report = report_of(store)
        expected = corrected(blocks_of(events, LATER_MS), of_edits(*made))
        assert {p.name.removeprefix("p"): covered(p.blocks) for p in report.projects if p.blocks} == {
            {"api": "1", "web": "2"}.get(key, key): covered(own) for key, own in expected.items()
        }
        assert report.total_ms == total_ms(expected)
        assert sum(p.active_ms for p in report.projects) - report.parallel_ms == report.total_ms
        assert sum(day.total_ms for day in report.days) == report.total_ms
        assert report.working_ms + report.attention_ms == report.total_ms
        assert sum(p.events for p in report.projects) == len(events)

    @settings(max_examples=40)
    @given(histories(), edits(), st.data())
    def test_an_undo_is_as_if_the_edit_had_not_been_made(
        self, events: list[Event], made: list[Edit], data: st.DataObject
    ) -> None:
        made = in_store(made)
        undone = data.draw(st.permutations(made)).copy()[: data.draw(st.integers(0, len(made)))]
        undos = [Edit(f"undo-of-{each.id}", 1, Undo(each.id)) for each in undone]
        with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
            store.record(events)
            write(store, [*made, *undos])
            with_undo = report_of(store)
            write(store, [Edit(f"redo-of-{each.id}", 2, Undo(each.id)) for each in undos])
            redone = report_of(store)
        with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
            store.record(events)
            write(store, [each for each in made if each not in undone])
            without = report_of(store)
        with tempfile.TemporaryDirectory() as folder, EventStore(Path(folder)) as store:
            store.record(events)
            write(store, made)
            assert report_of(store) == redone
        assert with_undo == without

    def test_corrections_survive_a_rebuild_of_the_books(self, tmp_path: Path) -> None:
        key = key_by_hand("Meetings")
        made = [
            edit(AddTime(key, BEGIN_MS + HOUR_MS, BEGIN_MS + 2 * HOUR_MS), "the-added-hour"),
            edit(DropTime("/p1", BEGIN_MS, BEGIN_MS + 5 * M), "the-dropped-part"),
        ]
        events = [
            Event("1", BEGIN_MS, "UserPromptSubmit", "a", 1),
            Event("2", BEGIN_MS + 20 * M, "Stop", "a", 1),
        ]
        with EventStore(tmp_path) as store:
            store.record(events)
            write(store, made)
            from_events = report_of(store)
            books = Books(store, rules_of(Config()))
            books.catch_up_entirely(LATER_MS)
            from_books = report_of(store)
            books.begin_anew()
            books.catch_up_entirely(LATER_MS)
            rebuilt = report_of(store)
            assert [each.id for each in in_force(store.journal())] == ["the-added-hour", "the-dropped-part"]
        assert from_events == from_books == rebuilt
        assert {p.name: p.active_ms for p in rebuilt.projects} == {"Meetings": HOUR_MS, "p1": 15 * M}
        assert (rebuilt.total_ms, rebuilt.agent_ms, len(rebuilt.windows)) == (75 * M, 15 * M, 1)
