"""Tell the lie that a run of these tests was started for."""

from tests.mutants.moments import MOMENT_LIES

MOMENT_LIES.tell_what_is_asked_for()
