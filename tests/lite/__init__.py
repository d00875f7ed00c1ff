"""The browser edition in a real browser, cut off from every address but this machine's."""
