"""Stand where the kernel expects its installer: the browser edition installs nothing.

Its own installer would need a second at every start, and an address outside of the site.
"""
