"""Bars say the same as text and as SVG, and their lengths are the numbers."""

import xml.etree.ElementTree as ET

from helpers import bars

SVG = "{http://www.w3.org/2000/svg}"
COSTS = {"1": 0, "3": 20, "12": 110}


def drawn(values: dict[str, float], what: str = "messages") -> ET.Element:
    return ET.fromstring(bars(values, what)._repr_mimebundle_()["image/svg+xml"])


def lengths(values: dict[str, float]) -> list[float]:
    found = drawn(values).findall(f"{SVG}rect[@class='rf-message']")
    return [float(rect.get("width", "")) for rect in found]


def test_the_text_names_what_is_counted_and_each_number() -> None:
    lines = repr(bars(COSTS, "messages")).splitlines()
    assert lines == ["messages", "1     0", f"3    20  {'█' * 7}", f"12  110  {'█' * 40}"]


def test_the_lengths_are_in_proportion() -> None:
    none, some, most = lengths(COSTS)
    assert none == 0
    assert abs(some / most - 20 / 110) < 0.01


def test_every_name_and_number_stands_in_the_picture() -> None:
    told = ["".join(t.itertext()) for t in drawn(COSTS).iter(f"{SVG}text")]
    assert told == ["messages", "1", "0", "3", "20", "12", "110"]


def test_the_description_says_as_much() -> None:
    root = drawn(COSTS)
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}desc") == repr(bars(COSTS, "messages"))


def test_large_numbers_are_written_out_and_names_escaped() -> None:
    made = bars({"<a & b>": 1149425}, 'per "second"')
    assert "1,149,425" in repr(made)
    assert drawn({"<a & b>": 1}).findtext(f"{SVG}desc", "").startswith("messages\n<a & b>")


def test_nothing_and_zeros_are_no_fault() -> None:
    assert repr(bars({}, "messages")) == "messages"
    assert lengths({"a": 0, "b": 0}) == [0, 0]


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert bars(COSTS, "x")._repr_mimebundle_() == bars(COSTS, "x")._repr_mimebundle_()
