"""Options that Jupyter would pass over are told of, and all others are let through."""

import pytest
from traitlets import Bool, Dict, Int
from traitlets.config import Application, Configurable

from publish.options import are_others, unknown


class Kitchen(Configurable):
    """A part that is set by its name, and has no short options."""

    plates = Int(3).tag(config=True)
    recipes = Dict().tag(config=True)
    doors = Int(1)  # which nobody may set


class Restaurant(Application):
    """A program with options of its own."""

    port = Int(8000).tag(config=True)
    aliases = Dict({("p", "port"): "Restaurant.port"})  # type: ignore[assignment]
    flags = Dict({"open": ({"Restaurant": {"is_open": True}}, "open it")})  # type: ignore[assignment]
    is_open = Bool().tag(config=True)


@pytest.mark.parametrize(
    "options",
    [
        "",
        "--port 9999",
        "--port=9999",
        "-p 9999",
        "-p9999",
        "--open --port 1 a-file",
        "--help",
        "--help-all",
        "-h",
        "--version",
        "--Kitchen.plates=4",
        "--Restaurant.Kitchen.plates=4",
        "--Kitchen.recipes soup=hot",
        "--port -1",
        "--Garden.trees=2",
        "-- --anything",
    ],
)
def test_what_is_known_or_may_be_somebody_else_s_is_let_through(options: str) -> None:
    assert [*unknown(options.split(), [Restaurant])] == []


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("--prot 9999", "did you mean --port?"),
        ("--prot=9999", "did you mean --port?"),
        ("--opn", "did you mean --open?"),
        ("--window", "--help-all lists all that there are."),
        ("-x", "--help-all lists all that there are."),
        ("--Kitchen.plaets=4", "did you mean --Kitchen.plates?"),
        ("--Kitchen.doors=4", "--help-all lists all that there are."),
        ("--Kichen.plates=4", "did you mean --Kitchen.plates?"),
        ("--Restaurant.Kichen.plates=4", "did you mean --Restaurant.Kitchen.plates?"),
    ],
)
def test_what_is_misspelt_is_told(option: str, hint: str) -> None:
    asked = option.split()[0].partition("=")[0]
    told = unknown(["--port", "1", *option.split(), "--open"], [Restaurant])
    assert [*told] == [f"There is no option {asked}: {hint}"]


def test_usual_options_need_no_look_at_the_program() -> None:
    assert not are_others(["--port=1", "--ip", "0.0.0.0"], "--ip", "--port")
    assert are_others(["--port=1", "--prot", "1"], "--ip", "--port")
