"""Each library of the catalogue has a shop, versions, and the manual beside each setting."""

import ast
import re
from pathlib import Path

import pytest

from helpers.libraries import FAULTS, LIBRARIES, SETTINGS
from helpers.libraries.catalogue import Library
from helpers.libraries.process import SHOPS

REQUIREMENTS = Path("helpers/libraries/requirements.txt")
each_library = pytest.mark.parametrize("library", LIBRARIES.values(), ids=lambda each: each.name)


@each_library
def test_its_shop_packs_and_sends_and_is_short(library: Library) -> None:
    program = (SHOPS / f"{library.shop}.py").read_text("utf-8")
    defined = {node.name for node in ast.walk(ast.parse(program)) if hasattr(node, "name")}
    assert {"pack", "send"} <= defined
    assert len(program.splitlines()) <= 30, "it is shown in the lesson as it is"


@each_library
def test_its_packages_have_exact_versions(library: Library) -> None:
    root = Path(__file__).parents[2]
    pinned = re.findall(r"^([\w-]+)==", (root / REQUIREMENTS).read_text(), re.M)
    assert set(library.packages) <= set(pinned)


@each_library
def test_the_manual_stands_beside_each_setting(library: Library) -> None:
    assert all(setting.manual.startswith("https://") for setting in library.safe)
    assert library.settings in (SETTINGS, SETTINGS[:1])


@each_library
def test_what_it_says_holds_for_each_of_its_settings(library: Library) -> None:
    for said in (library.fetches, library.acknowledges, library.limits):
        assert {*said} >= {*library.settings}
    assert {*library.options_for} <= {*FAULTS}
