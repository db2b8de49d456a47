"""The documented JSON: its keys, their order, their units."""

from __future__ import annotations

import datetime as dt
import json

from monitor_tray.render.json import report_json
from tests.tray.render.samples import HOSTILE, MONDAY, a_day, a_hostile_day, an_empty_day, block, report, wait, window

A_SMALL_DAY = """\
{
  "version": 1,
  "range": {
    "from": "2026-11-23",
    "to": "2026-11-23",
    "timezone": "Europe/Berlin"
  },
  "total_ms": 2400000,
  "parallel_ms": 1200000,
  "working_ms": 1800000,
  "attention_ms": 600000,
  "first": "2026-11-23T10:00:00+01:00",
  "last": "2026-11-23T10:40:00+01:00",
  "span_ms": 2400000,
  "idle_ms": 0,
  "agent_ms": 1800000,
  "waiting_ms": 960000,
  "projects": [
    {
      "name": "api",
      "path": "/home/dev/projects/api",
      "active_ms": 1800000,
      "working_ms": 1200000,
      "attention_ms": 600000,
      "waiting_ms": 600000,
      "events": 12,
      "share": 0.5,
      "blocks": [
        {
          "start": "2026-11-23T10:00:00+01:00",
          "end": "2026-11-23T10:30:00+01:00",
          "working_ms": 1200000,
          "open": false
        }
      ]
    },
    {
      "name": "データ",
      "path": "/home/dev/projects/データ",
      "active_ms": 1800000,
      "working_ms": 600000,
      "attention_ms": 1200000,
      "waiting_ms": 480000,
      "events": 12,
      "share": 0.5,
      "blocks": [
        {
          "start": "2026-11-23T10:10:00+01:00",
          "end": "2026-11-23T10:40:00+01:00",
          "working_ms": 600000,
          "open": true
        }
      ]
    }
  ],
  "windows": [
    {
      "start": "2026-11-23T10:00:00+01:00",
      "end": "2026-11-23T15:00:00+01:00",
      "prompts": 3
    }
  ],
  "pauses": [],
  "days": [
    {
      "date": "2026-11-23",
      "total_ms": 2400000,
      "projects": {
        "api": 1800000,
        "データ": 1800000
      }
    }
  ]
}
"""


def test_the_shape_is_the_documented_one_to_the_letter() -> None:
    blocks = {
        "api": [block("10:00", "10:30", "10:00-10:20")],
        "データ": [block("10:10", "10:40", "10:20-10:30", running=True)],
    }
    waits = {"api": [wait("10:20", "10:30")], "データ": [wait("10:10", "10:12"), wait("10:28", "10:34")]}
    assert report_json(report(blocks, windows=[window("10:00", 3)], waits=waits)).decode() == A_SMALL_DAY


def test_an_empty_day_has_no_first_and_no_last() -> None:
    document = json.loads(report_json(an_empty_day()))
    assert document["first"] is None
    assert document["last"] is None
    assert (document["total_ms"], document["projects"], document["span_ms"]) == (0, [], 0)


def test_instants_carry_the_offset_of_their_own_side_of_a_clock_change() -> None:
    autumn = dt.date(2026, 10, 25)
    document = json.loads(report_json(report({"api": [block("01:30", "04:00", day=autumn)]}, first=autumn)))
    (only,) = document["projects"][0]["blocks"]
    assert (only["start"], only["end"]) == ("2026-10-25T01:30:00+02:00", "2026-10-25T04:00:00+01:00")
    assert document["total_ms"] == 3.5 * 3_600_000


def test_instants_read_back_to_the_millisecond() -> None:
    sample = a_day()
    document = json.loads(report_json(sample))
    assert dt.datetime.fromisoformat(document["first"]).timestamp() * 1000 == sample.first_ms
    odd = block("10:00", "10:30", day=MONDAY)
    odd = type(odd)(start_ms=odd.start_ms + 7, end_ms=odd.end_ms)
    document = json.loads(report_json(report({"api": [odd]})))
    assert document["first"] == "2026-11-23T10:00:00.007+01:00"


def test_hostile_names_come_back_exactly_and_cannot_disturb_a_terminal() -> None:
    data = report_json(a_hostile_day()).decode()
    assert HOSTILE in [project["name"] for project in json.loads(data)["projects"]]
    assert not set(data) & {"\x1b", "\x9b", "\x7f", "\u202e", "\ud800"}
