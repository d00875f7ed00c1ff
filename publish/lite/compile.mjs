// Compile Python files with the very Python that will load them: node compile.mjs PYODIDE FOLDER
// A browser would do this again for every reader, and it is most of the time that an import takes.
const [pyodide, folder] = process.argv.slice(2);
const { loadPyodide } = await import(`file://${pyodide}/pyodide.mjs`);
const python = await loadPyodide({ indexURL: pyodide });
python.mountNodeFS("/wheels", folder);
const failed = python.runPython(`
import py_compile, warnings
from pathlib import Path

warnings.simplefilter("ignore")
failed = []
for source in sorted(Path("/wheels").rglob("*.py")):
    inside = source.relative_to("/wheels")
    shown = str(Path(*inside.parts[1:]))  # the first part is the wheel's name
    # Beside its source a compiled file has its own folder; without source it takes its place.
    keep = inside.parts[1] == "helpers"
    target = None if keep else str(source.with_suffix(".pyc"))
    try:
        py_compile.compile(
            str(source), target, shown, doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except py_compile.PyCompileError as error:
        failed.append(f"{inside}: {error.exc_value}")
        continue
    if not keep:
        source.unlink()
"\\n".join(failed)
`);
if (failed) {
  console.error(failed);
  process.exit(1);
}
