"""Lies of a picture are noticed by its tests."""

import pytest

from tests.mutants.own import OwnLie
from tests.mutants.pictures import PICTURE_LIES


@pytest.mark.parametrize("lie", [pytest.param(lie, id=name) for name, lie in PICTURE_LIES.items()])
def test_a_test_notices(lie: OwnLie) -> None:
    assert lie.failed(), lie.rule


def test_every_lie_says_what_it_breaks() -> None:
    assert len(PICTURE_LIES) >= 10
    assert all(lie.rule.endswith(".") for lie in PICTURE_LIES.values())
