"""The one error that the course itself raises."""


class CourseError(RuntimeError):
    """Say in one sentence what is wrong and what to do; a notebook shows nothing else."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]  # IPython shows these lines in place of a traceback
