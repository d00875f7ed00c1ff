"""Settings of the generator, Sphinx: what it makes of build/site-source.

The address of the site comes from the command line: see __main__.py.
"""

project = "Redis as a message broker"
author = "the contributors of this course"
copyright = "2026, the contributors of this course; text CC BY 4.0, code MIT"
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.githubpages",
    "publish.site.accessible",
]
myst_enable_extensions = ["attrs_block", "html_image", "tasklist"]
myst_heading_anchors = 3

# The saved outputs are shown. Nothing runs, and no script for widgets is fetched.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, object] = {}

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = [("fetch_early.js", {"type": "module"}), ("story.js", {"type": "module"})]
html_use_index = False
html_copy_source = False
html_show_sourcelink = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_favicon = "static/favicon.svg"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0b5cad",
        "color-brand-content": "#0b5cad",
        "color-brand-visited": "#7a1fa2",
        "color-foreground-muted": "#56626f",
        "color-code-background": "#f4f6f8",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7ab8ff",
        "color-brand-content": "#7ab8ff",
        "color-brand-visited": "#d7a5ff",
        "color-foreground-muted": "#aab4bf",
        "color-code-background": "#1b2027",
    },
}
