"""Every scenario: each module of this folder holds a tuple SCENARIOS."""

import importlib
import pkgutil

from tests.differential.scenario import Scenario


def all_scenarios() -> list[Scenario]:
    """Collect the scenarios of every module, in the order of the modules' names."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [
        scenario
        for name in modules
        for scenario in importlib.import_module(f"{__name__}.{name}").SCENARIOS
    ]
