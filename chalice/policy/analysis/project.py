"""Where the modules of a project are, and their syntax trees."""

from __future__ import annotations

import ast
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from chalice.policy.analysis.comments import read_declarations
from chalice.policy.analysis.findings import Place, Unresolved
from chalice.policy.analysis.units import Module


class Project:
    """Finds modules by name, under the project, its ``vendor/``, and `libraries` last."""

    def __init__(self, directory: Path, libraries: Sequence[Path] = ()) -> None:
        self.directory = directory
        self._libraries = libraries
        self._roots = [directory, directory / "vendor", *libraries]
        self._modules: dict[str, Module | None] = {}

    def module(self, name: str) -> Module | None:
        """Return the module, None when it is not in the project."""
        if name not in self._modules:
            path = self._find(name)
            self._modules[name] = None if path is None else self._read(name, path)
        return self._modules[name]

    def names_under(self, package: str) -> Iterator[str]:
        """Yield the modules directly in a package, in the order of their names."""
        found: set[str] = set()
        for root in self._roots:
            directory = root.joinpath(*package.split("."))
            if directory.is_dir():
                found.update(path.stem for path in directory.glob("*.py"))
        yield from sorted(found - {"__init__"})

    def _find(self, name: str) -> Path | None:
        if not all(part.isidentifier() for part in name.split(".")):
            return None
        for root in self._roots:
            base = root.joinpath(*name.split("."))
            for path in (base / "__init__.py", base.with_name(base.name + ".py")):
                if path.is_file():
                    return path
            if base.is_dir() and base != root and _holds_modules(base):
                return base
        return None

    def _read(self, name: str, path: Path) -> Module:
        is_package = path.name == "__init__.py" or path.is_dir()
        file = self._shown(path)
        if path.is_dir():
            return Module(name, file, [], is_package)
        try:
            with tokenize.open(path) as stream:
                source = stream.read()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(source)
        except (SyntaxError, ValueError, OSError, RecursionError, MemoryError) as error:
            return Module(name, file, [], is_package, problems=[_broken(file, error)])
        declared, wrong = read_declarations(source, tree, file)
        return Module(name, file, tree.body, is_package, declared, wrong)

    def _shown(self, path: Path) -> str:
        """Return how a person knows the file: modules of libraries as they are imported."""
        roots = [root for root in (self.directory, *self._libraries) if path.is_relative_to(root)]
        innermost = max(roots, key=lambda root: len(root.parts))
        return path.relative_to(innermost).as_posix()


def _holds_modules(directory: Path) -> bool:
    return any(path.suffix == ".py" or path.is_dir() for path in directory.iterdir())


def _broken(file: str, error: Exception) -> Unresolved:
    line = error.lineno if isinstance(error, SyntaxError) and error.lineno else 1
    text = error.msg if isinstance(error, SyntaxError) else str(error) or type(error).__name__
    return Unresolved(
        Place(file, line),
        f"the file cannot be read as Python: {text}",
        "correct it, or declare what it calls with `app.needs(...)`",
    )
