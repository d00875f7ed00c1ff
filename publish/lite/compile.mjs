// Compile Python files with the very Python that will load them: node compile.mjs PYODIDE FOLDER
// Otherwise every reader's browser does it, and that is most of the time that an import takes.
// FOLDER holds one folder for each package, and `python_stdlib`.
const [pyodide, folder] = process.argv.slice(2);
const { loadPyodide } = await import(`file://${pyodide}/pyodide.mjs`);
// Where in its line a piece of code stands is a quarter of a compiled file; the line itself stays.
const python = await loadPyodide({ indexURL: pyodide, env: { PYTHONNODEBUGRANGES: "1" } });
python.mountNodeFS("/packages", folder);
const failed = python.runPython(`
import py_compile, sys, sysconfig, warnings
from pathlib import Path

PACKAGES = Path("/packages")
# A path has one slash in front: by their paths, checks tell a learner's code from what is installed.
INSTALLED = Path("/", sysconfig.get_paths()["purelib"].lstrip("/"))
STANDARD = Path(next(entry for entry in sys.path if entry.endswith(".zip")))
warnings.simplefilter("ignore")
failed = []
for source in sorted(PACKAGES.rglob("*.py")):
    package, *inside = source.relative_to(PACKAGES).parts
    loaded_as = Path(STANDARD if package == "python_stdlib" else INSTALLED, *inside)
    # The course's own code keeps its source, to be read; elsewhere the compiled file takes its place.
    keep = inside[0] in ("embedded_redis", "helpers")
    target = None if keep else str(source.with_suffix(".pyc"))
    try:
        py_compile.compile(
            str(source), target, str(loaded_as), doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except py_compile.PyCompileError as error:
        failed.append(f"{loaded_as}: {error.exc_value}")
        continue
    if not keep:
        source.unlink()
"\\n".join(failed)
`);
if (failed) {
  console.error(failed);
  process.exit(1);
}
