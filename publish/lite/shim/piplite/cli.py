"""What `%pip` becomes in a cell."""


async def get_transformed_code(words: list[str]) -> str:
    """Return a line of Python that says why nothing is installed."""
    return 'print("The browser edition cannot install packages: take Binder or your own machine.")'
