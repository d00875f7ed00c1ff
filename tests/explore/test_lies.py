"""Lies of the explorer are noticed by its tests."""

import pytest

from tests.mutants.explorer import EXPLORER_LIES
from tests.mutants.own import OwnLie


@pytest.mark.parametrize("lie", [pytest.param(lie, id=name) for name, lie in EXPLORER_LIES.items()])
def test_a_test_notices(lie: OwnLie) -> None:
    assert lie.failed(), lie.rule


def test_every_lie_says_what_it_breaks() -> None:
    assert len(EXPLORER_LIES) >= 8
    assert all(lie.rule.endswith(".") for lie in EXPLORER_LIES.values())
