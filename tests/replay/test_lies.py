"""Lies of the moments of a record are noticed by their tests."""

import pytest

from tests.mutants.moments import MOMENT_LIES
from tests.mutants.own import OwnLie


@pytest.mark.parametrize("lie", [pytest.param(lie, id=name) for name, lie in MOMENT_LIES.items()])
def test_a_test_notices(lie: OwnLie) -> None:
    assert lie.failed(), lie.rule


def test_every_lie_says_what_it_breaks() -> None:
    assert len(MOMENT_LIES) >= 10
    assert all(lie.rule.endswith(".") for lie in MOMENT_LIES.values())
