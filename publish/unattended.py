"""The environment of runs in which nobody answers: to save, to validate, to measure."""

UNATTENDED = {"COURSE_CLASS": ""}  # the class is not to hear of it
ON_EMBEDDED = UNATTENDED | {"COURSE_BROKER": "embedded"}
