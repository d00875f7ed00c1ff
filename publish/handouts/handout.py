"""One lesson for one kind of reader: its edition, written as HTML."""

from dataclasses import dataclass

from publish.lesson import Lesson

from .instructor import instructor
from .notes import notes_of
from .page import body
from .student import student

EDITIONS = {"student": student, "instructor": instructor}


@dataclass(frozen=True)
class Handout:
    """A lesson for students or for instructors, before it is laid on pages."""

    lesson: Lesson
    edition: str
    body: str  # HTML

    @property
    def name(self) -> str:
        """The name of its files, without their ends."""
        return f"{self.lesson.path.stem}.{self.edition}"

    @property
    def title(self) -> str:
        """What stands at the head of each sheet."""
        who = " · for the instructor" if self.edition == "instructor" else ""
        return self.lesson.heading + who


def anchor_of(lesson: Lesson) -> str:
    """Return what every anchor of a lesson begins with."""
    return f"lesson-{lesson.number:02}"


def handout(lesson: Lesson, edition: str) -> Handout:
    """Return the handout of a lesson: `edition` is one of EDITIONS."""
    notebook = EDITIONS[edition](lesson, notes_of(lesson.number))
    return Handout(lesson, edition, body(notebook, anchor_of(lesson)))
