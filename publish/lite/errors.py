"""What can go wrong while the browser edition is built, told in one sentence."""

import shutil
import subprocess
from pathlib import Path


class CannotBuild(Exception):
    """An error in one sentence: what is missing, and what to do."""


def run(*command: str | Path, folder: Path | None = None) -> str:
    """Run a command and return what it printed; raise CannotBuild when it is absent or fails."""
    program = shutil.which(command[0])
    if program is None:
        raise CannotBuild(f"{command[0]} was not found: install it and run make lite again.")
    done = subprocess.run(
        [program, *command[1:]], cwd=folder, capture_output=True, text=True, errors="replace"
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason was given"]
        words = " ".join(map(str, command[:3]))
        raise CannotBuild(f"{words} failed: {said[-1].strip()}")
    return done.stdout
