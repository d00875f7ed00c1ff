"""Build and serve the browser edition: the course in JupyterLite, which needs no server.

`python -m publish.lite` builds it, `python -m publish.lite.server` serves it on this machine.
"""
