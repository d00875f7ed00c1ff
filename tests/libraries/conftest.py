"""What several tests of shops need."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from helpers.libraries.packing import Packing


@pytest.fixture
async def packing(tmp_path: Path) -> AsyncIterator[Packing]:
    """Open a packing table that nobody reads the remarks of."""
    table = Packing(tmp_path / "packing", lambda who, what: None)
    await table.open()
    yield table
    await table.close()
