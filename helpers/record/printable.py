"""Make any text fit on a line."""


def printable(text: str) -> str:
    """Write what cannot be seen, such as a line break or a zero byte, as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
