"""Let a picture tell a lie, if it is asked to: some test must notice."""

from tests.mutants.pictures import PICTURE_LIES

PICTURE_LIES.tell_what_is_asked_for()
