"""Our spreadsheet as LibreOffice reads it: each sheet converted to CSV and compared with a file that a person has read.

All values that come with our formulas are zeroed first, so what stands in the golden files was computed by LibreOffice.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from monitor_tray.render.xlsx import report_xlsx
from tests.tray.render.samples import MONDAY, block, report, wait, window

GOLDEN = Path(__file__).parent / "golden"
SHEETS = ("Days", "Projects", "Blocks")
TIMEOUT_S = 90

#: By commas, quoted where needed, in UTF-8, cells as they are shown, and the sheets (-1) all of them
#: (https://wiki.documentfoundation.org/Documentation/DevGuide/Spreadsheet_Documents#Filter_Options_for_the_CSV_Filter).
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1"

# Otherwise it believes the values that a file brings along.
ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""


def find_libreoffice() -> str:
    """The path of LibreOffice. Without one the test is skipped, or fails where CI promises to have one."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        reason = "no LibreOffice to open spreadsheets with; install the Debian package libreoffice-calc-nogui"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def converted(workbook: bytes, folder: Path) -> dict[str, str]:
    """The sheets of ``workbook`` as CSV, by their names. LibreOffice keeps its profile and its home in ``folder``."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE, encoding="utf-8")
    (folder / "report.xlsx").write_bytes(workbook)
    command = [find_libreoffice(), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    done = subprocess.run(
        [*command, "--convert-to", AS_CSV, "--outdir", str(folder), str(folder / "report.xlsx")],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "en_US.UTF-8", "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.stem.removeprefix("report-"): path.read_text(encoding="utf-8") for path in folder.glob("report-*.csv")}


def without_values(workbook: bytes) -> bytes:
    """``workbook`` with 0 as the value of each formula."""
    made = io.BytesIO()
    formulas = 0
    with zipfile.ZipFile(io.BytesIO(workbook)) as given, zipfile.ZipFile(made, "w") as changed:
        for entry in given.infolist():
            content = given.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                content, count = re.subn(rb"(<f>[^<]*</f>)<v>[^<]*</v>", rb"\1<v>0</v>", content)
                formulas += count
            changed.writestr(entry, content)
    assert formulas
    return made.getvalue()


def test_libreoffice_reads_the_dates_lengths_and_names_and_computes_the_totals(tmp_path: Path) -> None:
    tuesday = MONDAY.replace(day=24)
    made = report(
        {
            "api": [
                block("09:00", "11:30", "09:00-11:00"),
                block("22:30", "25:15", "22:30-24:40"),  # over midnight
                block("14:00:30", "14:20:10", "14:00:30-14:11", day=tuesday, running=True),
            ],
            '=1+1, "quoted"': [block("10:00", "12:00", "10:00-10:45")],
            "データ分析": [
                block("02:10", "02:10:40", day=tuesday),
                block("03:00", "23:30", "03:00-23:00", day=tuesday),
            ],
        },
        last=tuesday,
        waits={"api": [wait("11:00", "11:30")]},
        windows=[window("09:00", 7)],
    )
    found = converted(without_values(report_xlsx(made)), tmp_path)
    assert sorted(found) == sorted(SHEETS)
    for name in SHEETS:
        assert found[name] == (GOLDEN / f"report-{name}.csv").read_text(encoding="utf-8"), name


def test_without_a_libreoffice_the_test_skips_with_a_reason_and_fails_where_one_is_promised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Debian package libreoffice-calc-nogui"):
        find_libreoffice()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Debian package libreoffice-calc-nogui"):
        find_libreoffice()
