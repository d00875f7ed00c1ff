"""What the kernel sets when it starts; nothing reads it."""

_PIPLITE_DISABLE_PYPI = True
_PIPLITE_URLS: list[str] = []
