"""What a cell shows, in a form that can be compared: saved, and in the browser edition."""

import re
from typing import Any

from publish.saved_form import saved_outputs

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
NOT_COMPARED = "nbval-ignore-output"

Cell = dict[str, Any]


def differences(saved: list[Cell], fresh: list[Cell]) -> list[str]:
    """Tell cell by cell where the fresh outputs are not the saved ones."""
    assert [cell["id"] for cell in fresh] == [cell["id"] for cell in saved]
    pairs = zip(saved, fresh, strict=True)
    return [told for old, new in pairs if (told := _difference(old, new))]


def _difference(saved: Cell, fresh: Cell) -> str:
    if saved["cell_type"] != "code":
        return ""
    if saved["execution_count"] != fresh["execution_count"]:
        return f"{saved['id']}: ran as {fresh['execution_count']}, not {saved['execution_count']}"
    ours, theirs = shown(saved["outputs"]), shown(fresh["outputs"])
    if NOT_COMPARED in saved["metadata"].get("tags", []):
        failed = [output for output in theirs if output[0] == "error"]
        return f"{saved['id']}: {failed}" if failed else ""
    return "" if ours == theirs else f"{saved['id']}: saved {ours}, but shown {theirs}"


def shown(outputs: list[Cell]) -> list[tuple[str, Any]]:
    """Return what a reader sees of the outputs: streams joined, errors by their last line."""
    found: list[tuple[str, Any]] = []
    for output in saved_outputs(outputs):
        kind, content = _content(output)
        if found and kind in ("stdout", "stderr") and found[-1][0] == kind:
            kind, content = kind, found.pop()[1] + content
        found.append((kind, content))
    return found


def _content(output: Cell) -> tuple[str, Any]:
    if output["output_type"] == "stream":
        return output["name"], _text(output["text"])
    if output["output_type"] == "error":
        return "error", COLOUR.sub("", output["traceback"][-1]).splitlines()[-1]
    return output["output_type"], {kind: _text(value) for kind, value in output["data"].items()}


def _text(value: Any) -> Any:
    return "".join(value) if isinstance(value, list) else value
