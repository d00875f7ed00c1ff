"""Whether fakeredis is the version on which the rules were proved.

It is looked at when this is imported, before anything that another version may lack.
"""

import warnings

import fakeredis

PROVED_ON = "2.41.0"


def warn_unless_proved() -> None:
    """Warn when fakeredis is not the version on which the rules were proved."""
    if fakeredis.__version__ != PROVED_ON:
        warnings.warn(
            f"The rules of embedded_redis were proved on fakeredis {PROVED_ON}, and this is "
            f"{fakeredis.__version__}: run pip install fakeredis=={PROVED_ON}.",
            stacklevel=2,
        )


warn_unless_proved()
