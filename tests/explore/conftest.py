"""Let the explorer tell a lie, if it is asked to: some test must notice."""

from tests.mutants.explorer import EXPLORER_LIES

EXPLORER_LIES.tell_what_is_asked_for()
