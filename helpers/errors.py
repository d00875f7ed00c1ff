"""The one error that the course itself raises."""

from importlib.util import find_spec

REAL_SERVER = "set COURSE_BROKER=server"  # what to do about a command that the broker lacks
WIDGETS = ("ipywidgets", "anywidget")


class CourseError(RuntimeError):
    """An error in one sentence: what is wrong and what to do; a notebook shows nothing else."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]  # IPython shows these lines in place of a traceback


def missing_widgets() -> list[str]:
    """Name the packages that show widgets and are not installed."""
    return [name for name in WIDGETS if find_spec(name) is None]


def with_widgets(what: str) -> None:
    """Raise CourseError unless the packages that show widgets are installed."""
    missing = missing_widgets()
    if missing:
        names = " and ".join(missing)
        raise CourseError(
            f"{what} cannot be shown without {names}: run %pip install {' '.join(missing)} "
            "in a cell, then restart the kernel."
        )
