"""The table of engines tells what differs and what did not run."""

from pathlib import Path

from tools.engines import Cell, cells_of, faults, table

REPORT = """\
<testsuites><testsuite>
<testcase classname="notebooks.01_queue.ipynb" name="Cell 0"><properties>
<property name="kernel started again" value="it died"/></properties></testcase>
<testcase classname="notebooks.01_queue.ipynb" name="Cell 1">
<failure message="expected 1&#10;found 2"/></testcase>
<testcase classname="notebooks.02_publish.ipynb" name="Cell 0"><error/></testcase>
</testsuite></testsuites>
"""
CELLS = [
    Cell("01_queue", "Cell 0", passed=True, restarts=1),
    Cell("01_queue", "Cell 1", passed=False, fault="expected 1"),
    Cell("02_publish", "Cell 0", passed=False),
]


def test_a_report_is_read_cell_by_cell(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    assert list(cells_of(report)) == CELLS


def test_the_table_has_a_row_for_each_lesson_and_a_column_for_each_engine() -> None:
    results = {"embedded": CELLS, "Valkey 9.1.2": CELLS[:1]}
    rows = table(results, {"embedded": 2.5, "Valkey 9.1.2": 3.0}).splitlines()
    assert [row.split("  ")[0] for row in rows] == ["", "01_queue", "02_publish", "seconds"]
    assert rows[1].split() == ["01_queue", "1", "of", "2", "1", "of", "1"]


def test_a_cell_that_differs_and_an_engine_that_did_not_run_are_named() -> None:
    named = faults({"embedded": CELLS[:2], "Redis 8.2.3": []})
    assert named == ["Redis 8.2.3: nothing ran", "embedded: 01_queue Cell 1"]
