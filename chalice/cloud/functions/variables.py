"""The environment variables of a function's process.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from chalice.cloud.functions.function import Credentials, FunctionConfig
from chalice.cloud.functions.logs import LogStream
from chalice.cloud.functions.runtimes import Runtime


def environment_variables(
    function: FunctionConfig,
    *,
    log: LogStream,
    root: Path,
    layers: Path | None,
    scratch: Path,
    runtime: Runtime,
    pycache: Path,
    runtime_api: str,
    credentials: Credentials,
    extra: Mapping[str, str],
) -> dict[str, str]:
    """Everything the process sees; nothing comes from the environment of the cloud itself.

    The function's own variables win over ``extra`` and over Lambda's defaults, and lose to the
    names that Lambda reserves. ``PYTHONPATH`` always ends with the runtime directory. ``layers``
    is what Lambda has at ``/opt``.
    """
    python = runtime.interpreter
    opt = () if layers is None else (layers,)
    libraries = (root, root / "lib", *(each / "lib" for each in opt), python.prefix / "lib")
    programs = (python.executable.parent, *(each / "bin" for each in opt))
    defaults = {
        "PATH": ":".join([*map(str, programs), "/usr/local/bin:/usr/bin:/bin"]),
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        # Lambda's user has no home; ours must not lend it the developer's ~/.aws.
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "PYTHONPYCACHEPREFIX": str(pycache),
    }
    reserved = {
        "_HANDLER": function.handler,
        "AWS_ACCESS_KEY": credentials.access_key_id,
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        "AWS_SESSION_TOKEN": credentials.session_token,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_REGION": function.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": function.version,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": log.group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log.name,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "LAMBDA_RUNTIME_DIR": str(runtime.directory),
        "LAMBDA_TASK_ROOT": str(root),
    }
    variables = {**defaults, **extra, **function.environment, **reserved}
    version = f"python{python.version}"
    packages = [
        str(each / "python" / below)
        for each in opt
        for below in (f"lib/{version}/site-packages", "")
    ]
    paths = (*packages, variables.get("PYTHONPATH"), str(runtime.directory))
    return {**variables, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
