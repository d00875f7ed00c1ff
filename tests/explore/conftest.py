"""Let the explorer tell a lie, if it is asked to: some test must notice."""

from tests.mutants.explorer import tell_what_is_asked_for

tell_what_is_asked_for()
