"""The source of what a project requires, for whoever reads it without running it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chalice.bundle.archive import Member
from chalice.bundle.dependencies import Dependencies
from chalice.bundle.settings import Settings
from chalice.bundle.target import Target
from chalice.errors import ToolError


@contextmanager
def sources(
    project_dir: Path,
    target: Target,
    names: Sequence[str],
    settings: Settings,
    *,
    say: Callable[[str], None],
    where: str | None = None,
) -> Iterator[Path]:
    """Yield a directory with the modules that requirements bring under these names, until the end
    of the block.

    A name is what one imports: ``yaml``, ``google.auth``. The requirements are those that are
    bundled for ``target``; they are installed if they were not yet, as ``settings`` say. Raises
    ToolError, at ``where``, for a name under which there is nothing.
    """
    required = Dependencies.read(project_dir, target, os.environ, settings)
    modules: Sequence[Member] = []
    if required is not None:
        folder = project_dir / ".chalice" / "deployments"
        folder.mkdir(parents=True, exist_ok=True)
        modules = [each for each in required.members(folder, say) if each.name.endswith(".py")]
    with tempfile.TemporaryDirectory(prefix="chalice-sources-") as directory:
        for name in names:
            found = [each for each in modules if _is_of(name, each.name)]
            if not found:
                raise _unknown(name, modules, where)
            for member in found:
                path = Path(directory, member.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(member.read())
        yield Path(directory)


def _is_of(name: str, file: str) -> bool:
    base = name.replace(".", "/")
    return file == f"{base}.py" or file.startswith(f"{base}/")


def _unknown(name: str, modules: Sequence[Member], where: str | None) -> ToolError:
    first = (module.name.partition("/")[0].removesuffix(".py") for module in modules)
    brought = ", ".join(sorted({each for each in first if each.isidentifier()}))
    return ToolError(
        f"no requirement brings a package `{name}`",
        where=where,
        hint=f"name it as it is imported; the requirements bring: {brought or 'nothing'}",
    )
