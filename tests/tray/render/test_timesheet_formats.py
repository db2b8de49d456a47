"""A timesheet as text, CSV, JSON and a spreadsheet: the same figures in each, and they add up."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from monitor_core.model import MINUTE_MS
from monitor_core.rounding import Rounding
from monitor_core.timesheet import Count, Per, Terms, timesheet
from monitor_tray.printable import printable
from monitor_tray.render.text import MIN_WIDTH, Look
from monitor_tray.render.timesheet_csv import HEAD, timesheet_csv
from monitor_tray.render.timesheet_figures import timesheet_figures
from monitor_tray.render.timesheet_json import timesheet_json
from monitor_tray.render.timesheet_text import timesheet_text
from monitor_tray.render.timesheet_xlsx import timesheet_xlsx
from tests.core.test_timesheet import TERMS, weeks
from tests.tray.render import samples
from tests.tray.render.samples import HOSTILE, MONDAY, block, report
from tests.tray.render.spreadsheets import pages

if TYPE_CHECKING:
    from monitor_core.report import Report
    from monitor_core.timesheet import Timesheet

TUESDAY = MONDAY + dt.timedelta(1)
PLAIN = Look(width=88, colour=False, unicode=True)
TERMS_OF_ACME = Terms(
    rounding=Rounding.UP,
    clients={"/home/dev/projects/api": "Acme", "/home/dev/projects/web": "Acme"},
    rates={"/home/dev/projects/api": 9_550, "/home/dev/projects/web": 12_000},
)


def two_days() -> Report:
    """Api 1:10 and 0:50, web 0:40, of which 0:10 in parallel, and docs, which is nobody's, 2:00."""
    return report(
        {
            "api": [block("09:00", "10:10"), block("09:00", "09:50", day=TUESDAY, running=True)],
            "web": [block("10:00", "10:40")],
            "docs": [block("13:00", "15:00", day=TUESDAY)],
        },
        last=TUESDAY,
    )


def rows_of_csv(sheet: Timesheet) -> list[dict[str, str]]:
    text = timesheet_csv(sheet).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def document(sheet: Timesheet) -> Any:
    return json.loads(timesheet_json(sheet), parse_float=Decimal)


def test_the_text_reads_like_this() -> None:
    # api 1:15 and 1:00 at 95.50: 119.375, a half up, and 95.50; web 0:45 at 120
    assert timesheet_text(timesheet(two_days(), TERMS_OF_ACME), PLAIN, "") == (
        "Timesheet\n"
        "23 – 24 November 2026\n"
        "\n"
        "                           h:mm  hours    rate  amount\n"
        "Acme                       3:00   3.00          304.88\n"
        "  Mon 23 Nov  api          1:15   1.25   95.50  119.38\n"
        "  Mon 23 Nov  web          0:45   0.75  120.00   90.00\n"
        "  Tue 24 Nov  api          1:00   1.00   95.50   95.50\n"
        "(no client)                2:00   2.00\n"
        "  Tue 24 Nov  docs         2:00   2.00\n"
        "Total, EUR                 5:00   5.00          304.88\n"
        "\n"
        "Rounded up to 15 min, each day of a project by itself. Time of several projects at once\n"
        "counts for each of them.\n"
        "2:00 of it has no rate and is in no amount.\n"
        "Some of it is still running and may change.\n"
    )


def test_the_csv_has_one_row_for_each_and_no_sums() -> None:
    sheet = timesheet(two_days(), TERMS_OF_ACME)
    found = rows_of_csv(sheet)
    assert tuple(found[0]) == HEAD
    assert [(r["date"], r["client"], r["project"], r["hours"], r["h:mm"], r["rate"], r["amount"]) for r in found] == [
        ("2026-11-23", "Acme", "api", "1.25", "1:15", "95.50", "119.38"),
        ("2026-11-23", "Acme", "web", "0.75", "0:45", "120.00", "90.00"),
        ("2026-11-24", "Acme", "api", "1.00", "1:00", "95.50", "95.50"),
        ("2026-11-24", "", "docs", "2.00", "2:00", "", ""),
    ]
    assert [row["currency"] for row in found] == ["EUR", "EUR", "EUR", ""]


def test_an_entry_has_its_times_in_the_csv_and_a_total_its_days() -> None:
    (first, *_) = rows_of_csv(timesheet(two_days(), Terms(per=Per.ENTRY)))
    assert (first["date"], first["start"], first["end"]) == ("2026-11-23", "09:00", "10:10")
    (whole, *_) = rows_of_csv(timesheet(two_days(), Terms(per=Per.TOTAL)))
    assert (whole["date"], whole["start"], whole["end"]) == ("2026-11-23..2026-11-24", "", "")


def test_the_json_says_the_terms_and_the_same_figures() -> None:
    made = document(timesheet(two_days(), TERMS_OF_ACME))
    assert made["terms"] == {
        "round_minutes": 15,
        "rounding": "up",
        "per": "day",
        "count": "active",
        "parallel": True,
        "currency": "EUR",
    }
    assert made["rows"][0] == {
        "from": "2026-11-23",
        "to": "2026-11-23",
        "start": None,
        "end": None,
        "client": "Acme",
        "project": "api",
        "path": "/home/dev/projects/api",
        "exact_ms": 70 * MINUTE_MS,
        "minutes": 75,
        "hours": "1.25",
        "rate": "95.50",
        "amount": "119.38",
        "open": False,
    }
    assert made["clients"] == [
        {"client": "Acme", "minutes": 180, "hours": "3.00", "amount": "304.88", "unrated_minutes": 0},
        {"client": None, "minutes": 120, "hours": "2.00", "amount": None, "unrated_minutes": 120},
    ]
    assert made["total"] == {"minutes": 300, "hours": "5.00", "amount": "304.88", "unrated_minutes": 120}


def test_the_spreadsheet_has_rows_then_a_total_for_each_client_and_one_of_all() -> None:
    page = pages(timesheet_xlsx(timesheet(two_days(), TERMS_OF_ACME)))["Timesheet"]
    page.check_formulas()
    assert page.values[0][-1] == "amount (EUR)"
    shown = [row[3:] for row in page.values if row[3] or row[4]]
    hour = dt.timedelta(hours=1)
    assert shown[1:] == [
        ("Acme", "api", 1.25, 1.25 * hour, 95.5, 119.38),
        ("Acme", "web", 0.75, 0.75 * hour, 120, 90),
        ("Acme", "api", 1, hour, 95.5, 95.5),
        (None, "docs", 2, 2 * hour, None, None),
        ("Acme", None, 3, 3 * hour, None, 304.88),
        ("(no client)", None, 2, 2 * hour, None, None),
        ("Total", None, 5, 5 * hour, None, 304.88),
    ]
    assert page.formulas["I7"] == "=SUM(I2:I4)"
    assert page.sheet.freeze_panes == "A2"


def test_steps_of_whole_hundredths_have_two_decimals_and_others_four() -> None:
    # 1:10 and 0:50 are a sixth of an hour more and less than one: 1.1667 and 0.8333, together 2
    made = report({"api": [block("09:00", "10:10"), block("09:00", "09:50", day=TUESDAY)]}, last=TUESDAY)
    shown = timesheet_figures(timesheet(made, Terms(step_min=10)))
    assert [row.hours for client in shown.clients for row in client.rows] == ["1.1667", "0.8333"]
    assert shown.sums.hours == "2.0000"
    shown = timesheet_figures(timesheet(made, Terms(step_min=6)))
    assert [row.hours for client in shown.clients for row in client.rows] == ["1.20", "0.80"]


def test_three_thirds_of_an_hour_make_one_in_decimals_too() -> None:
    made = report({name: [block("09:00", "09:20")] for name in "abc"})
    shown = timesheet_figures(timesheet(made, Terms(step_min=20, clients={"/home/dev/projects/a": "Acme"})))
    assert [client.sums.hours for client in shown.clients] == ["0.3333", "0.6667"]
    assert [row.hours for row in shown.clients[1].rows] == ["0.3334", "0.3333"]
    assert shown.sums.hours == "1.0000"


@given(weeks(), TERMS)
def test_what_stands_there_adds_up_in_every_format(made: Report, terms: Terms) -> None:
    sheet = timesheet(made, terms)
    found, rows = document(sheet), rows_of_csv(sheet)
    assert [(row["hours"], row["amount"] or None) for row in rows] == [(r["hours"], r["amount"]) for r in found["rows"]]
    total = found["total"]
    for key in ("hours", "amount"):
        of_rows = sum(Decimal(row[key] or 0) for row in rows)
        assert of_rows == sum(Decimal(client[key] or 0) for client in found["clients"]) == Decimal(total[key] or 0)
    minutes = [row["h:mm"].split(":") for row in rows]
    assert sum(60 * int(h) + int(m) for h, m in minutes) == total["minutes"]
    assert abs(Decimal(total["hours"]) - Decimal(total["minutes"]) / 60) <= Decimal("0.00005")


@given(weeks(), TERMS)
def test_the_spreadsheets_formulas_come_to_the_same(made: Report, terms: Terms) -> None:
    sheet = timesheet(made, terms)
    page = pages(timesheet_xlsx(sheet))["Timesheet"]
    if not sheet.rows:
        assert page.formulas == {}
        return
    page.check_formulas()
    (total,) = [row for row in page.values if row[3] == "Total"]
    assert total[6] == dt.timedelta(minutes=sheet.sums.minutes)


@given(weeks(), TERMS)
def test_no_line_of_the_text_is_wider_than_asked_for(made: Report, terms: Terms) -> None:
    sheet = timesheet(made, terms)
    for width in (MIN_WIDTH, 60, 70, 88):
        text = timesheet_text(sheet, Look(width=width, colour=False, unicode=True), "Nothing.")
        assert max(map(len, text.splitlines())) <= (width if terms.per is Per.TOTAL else max(width, 60))


@pytest.mark.parametrize("per", [Per.TOTAL, Per.DAY])
def test_a_timesheet_fits_the_narrowest_terminal_with_its_amounts(per: Per) -> None:
    sheet = timesheet(two_days(), dataclasses.replace(TERMS_OF_ACME, per=per))
    text = timesheet_text(sheet, Look(width=MIN_WIDTH, colour=False, unicode=True), "")
    assert "amount" in text
    assert max(map(len, text.splitlines())) <= MIN_WIDTH


def test_without_any_rate_there_are_no_amounts() -> None:
    text = timesheet_text(timesheet(two_days(), Terms()), PLAIN, "")
    assert "rate" not in text
    assert "amount" not in text


def test_what_is_counted_is_said() -> None:
    text = timesheet_text(timesheet(two_days(), Terms(count=Count.ATTENTION, parallel=False)), PLAIN, "")
    said = " ".join(text.split())
    assert "Only your attention counts." in said
    assert "counts for the one whose entry began first." in said


def test_without_rows_there_is_a_hint_in_the_text_and_nothing_elsewhere() -> None:
    sheet = timesheet(samples.an_empty_day(), Terms())
    assert timesheet_text(sheet, PLAIN, "Nothing was recorded.").endswith("\n\nNothing was recorded.\n")
    assert rows_of_csv(sheet) == document(sheet)["rows"] == document(sheet)["clients"] == []
    assert pages(timesheet_xlsx(sheet))["Timesheet"].formulas == {}


@pytest.mark.parametrize("name", [HOSTILE, '=cmd|" /C calc"!A0', "@x", "\x1b]0;title\x07"])
def test_no_name_drives_a_terminal_or_a_spreadsheet(name: str) -> None:
    made = report({name: [block("09:00", "10:00")]})
    sheet = timesheet(made, Terms(clients={f"/home/dev/projects/{name}": name}))
    text = timesheet_text(sheet, PLAIN, "")
    assert printable(text.replace("\n", "")) == text.replace("\n", "")
    (row,) = rows_of_csv(sheet)
    assert row["project"].removeprefix("'") == row["client"].removeprefix("'") == printable(name)
    assert not row["client"].startswith(("=", "@"))
    page = pages(timesheet_xlsx(sheet))["Timesheet"]
    assert [page.sheet[place].data_type for place in ("D2", "E2")] == ["s", "s"]
    assert json.loads(timesheet_json(sheet))["rows"][0]["project"] == name


def test_the_text_is_ascii_where_nothing_else_can_be_shown() -> None:
    made = report({"データ": [block("09:00", "10:00")]})
    text = timesheet_text(timesheet(made, Terms(per=Per.ENTRY)), Look(width=80, colour=False, unicode=False), "")
    assert text.isascii()
    assert "09:00-10:00" in text
