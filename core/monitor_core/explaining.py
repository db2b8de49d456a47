"""Makes the explanation of a day from what is in the store: the report's blocks, and why they are as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from monitor_core.corrections import corrections_within
from monitor_core.edits import in_force
from monitor_core.evidence import evidence_of, of_projects
from monitor_core.parts import blocks_of_projects
from monitor_core.project_edits import names_of
from monitor_core.reporting import Days, grouping_of
from monitor_core.standing import account_between, events_reaching, rules_of
from monitor_core.why import explain

if TYPE_CHECKING:
    import datetime as dt
    from zoneinfo import ZoneInfo

    from monitor_core.config import Config
    from monitor_core.store import Store
    from monitor_core.why import Explained


@dataclass(frozen=True, slots=True)
class ExplainedProject:
    """One project's part of an explanation; ``name`` is one that no other project has."""

    key: str
    name: str
    path: str
    explained: Explained

    @property
    def active_ms(self) -> int:
        """Length of its blocks."""
        return sum(block.block.active_ms for block in self.explained.blocks)


def explain_day(
    store: Store, day: dt.date, zone: ZoneInfo, config: Config, now_ms: int
) -> tuple[ExplainedProject, ...]:
    """Why everything in the report of ``day`` counts: the project with the most time first. Raises `StoreError`."""
    span = Days.between(day, day, zone, config).span
    rules = rules_of(config)
    with store.snapshot():
        grouping = grouping_of(store, config)
        edits = in_force(store.journal())
        result = account_between(store, span, rules, now_ms)
        events = events_reaching(store, span, rules)
    evidence = of_projects(evidence_of(events, now_ms, rules.idle_ms), grouping.project_of)
    blocks = blocks_of_projects(result, grouping, rules.idle_ms)
    found = explain(blocks, evidence, corrections_within(edits, span, grouping.counts_for), span, rules.idle_ms)
    names = names_of(grouping, grouping.counted | set(found))
    projects = (ExplainedProject(key, names[key], grouping.known[key].path, own) for key, own in found.items())
    return tuple(sorted(projects, key=lambda project: (-project.active_ms, project.name)))
