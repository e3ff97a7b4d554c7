"""Packaging a stage for other tools to deploy: assemble it, render it, merge, write."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from typing_extensions import assert_never

from chalice.assembly import Assembly, assemble, check
from chalice.aws.session import LOCAL_REGION, Session
from chalice.bundle import archive
from chalice.config import Config
from chalice.constants import DOCKERFILE
from chalice.errors import ToolError
from chalice.model.functions import Code, Image
from chalice.render import CODE_FILE, IMAGE_FILE, LAYER_FILE, Template, sam, terraform, text
from chalice.render.merge import merged
from chalice.render.terraform.beside import uses_null_data_source

Language: TypeAlias = Literal["cloudformation", "terraform"]
Files: TypeAlias = Mapping[str, bytes | Path]
"""Names to contents, or to files that have them; the template comes last."""


@dataclass(frozen=True)
class Packaging:
    """How a stage is packaged.

    ``form`` is how the template is written unless ``merge_template``, what is merged into it, is
    YAML. With ``single_file`` it is one zip that holds all, in place of a directory. The app is
    loaded with the settings of ``profile``, if there is one.
    """

    language: Language = "cloudformation"
    form: text.Format = "json"
    merge_template: Path | None = None
    single_file: bool = False
    profile: str | None = None


def package(
    project_dir: Path,
    config: Config,
    out: Path,
    packaging: Packaging,
    say: Callable[[str], None],
    warn: Callable[[ToolError], None],
) -> Sequence[Path]:
    """Write template and zips to ``out``, and return what was written. Loads the app, asks no AWS.

    Nothing is written unless all of it could be made. Raises ToolError.
    """
    _check_target(out, packaging)
    _check_language(packaging)
    form, extra = _merge_template(packaging)
    _configure_aws(packaging.profile)
    check(config)
    assembly = assemble(project_dir, config, say, _any_size)
    for warning in assembly.warnings:
        warn(warning)
    if packaging.single_file and isinstance(assembly.code, Image) and not assembly.code.sha256:
        raise ToolError(
            f"a single file cannot hold what the {DOCKERFILE} makes",
            hint="name a directory as OUT, and run `sam build` there",
        )
    files = _files(assembly)
    match packaging.language:
        case "cloudformation":
            sources = os.path.relpath(project_dir, out)
            template = merged(sam.render(assembly.resources, sources), extra)
            files[f"sam.{form}"] = text.written(template, form).encode()
        case "terraform":
            names = config.app_name, config.chalice_stage
            with_null = uses_null_data_source(out, terraform.TEMPLATE_FILE)
            template = terraform.render(assembly.resources, *names, with_null=with_null)
            files[terraform.TEMPLATE_FILE] = text.written(template, form).encode()
        case _:
            assert_never(packaging.language)
    if packaging.single_file:
        return [_write_zip(files, out)]
    return _write(files, out)


def _configure_aws(profile: str | None) -> None:
    """Let an app make clients when it is imported: they want a region, any one will do."""
    if profile:
        os.environ["AWS_PROFILE"] = profile
    if Session(profile=profile).configured_region() is None:
        os.environ["AWS_DEFAULT_REGION"] = LOCAL_REGION


def _any_size(code: Code) -> None:
    """Whoever deploys the zip knows what is too large."""


def _check_target(out: Path, packaging: Packaging) -> None:
    if packaging.single_file and out.is_dir():
        hint = "name a file: `dist/app.zip`"
        raise ToolError(f"{out} is a directory, and a single file was asked for", hint=hint)
    if not packaging.single_file and out.exists() and not out.is_dir():
        hint = "name a directory; with `--single-file` the result is one file"
        raise ToolError(f"{out} is not a directory", hint=hint)


def _check_language(packaging: Packaging) -> None:
    if packaging.language == "terraform" and (
        packaging.merge_template or packaging.single_file or packaging.form != "json"
    ):
        raise ToolError(
            "Terraform format does not support "
            "--merge-template, --single-file, or --template-format",
            hint="put `.tf` files of your own beside the template; Terraform reads them all",
        )


def _merge_template(packaging: Packaging) -> tuple[text.Format, Template]:
    """Return how the template is to be written, and what is to be merged into it."""
    path = packaging.merge_template
    if path is None:
        return packaging.form, {}
    form = text.form_of(path) or packaging.form
    return form, text.read(path, form)


def _files(assembly: Assembly) -> dict[str, bytes | Path]:
    """Return what stands beside the template."""
    files: dict[str, bytes | Path] = {}
    match assembly.code:
        case Code(path=path):
            files[CODE_FILE] = path
        case Image(sha256=sha256, path=path):
            if sha256:
                files[IMAGE_FILE] = path
        case _:
            assert_never(assembly.code)
    if assembly.layer is not None:
        files[LAYER_FILE] = assembly.layer.path
    return files


def _write(files: Files, out: Path) -> Sequence[Path]:
    """Put the files into the directory, each of them whole, once there is room for all."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".package-", dir=out) as drafts:
            for name, content in files.items():
                _copy(content, Path(drafts) / name)
            for name in files:
                (Path(drafts) / name).replace(out / name)
    except OSError as error:
        raise _unwritable(out, error) from error
    return [out / name for name in files]


def _copy(content: bytes | Path, path: Path) -> None:
    if isinstance(content, Path):
        shutil.copyfile(content, path)
    else:
        path.write_bytes(content)


def _write_zip(files: Files, out: Path) -> Path:
    members = [
        archive.File(name, content.read_bytes() if isinstance(content, Path) else content, False)
        for name, content in files.items()
    ]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        archive.write(out, archive.compress(members))
    except OSError as error:
        raise _unwritable(out, error) from error
    return out


def _unwritable(out: Path, error: OSError) -> ToolError:
    return ToolError(f"cannot write {os.fspath(out)}: {error.strerror or error}")
