"""The first code in a function's process: sets its limits, then runs awslambdaric.

Run as a script, ``bootstrap.py <lifeline fd> <data limit in bytes> <handler>``, by whatever
Python version the function asks for, so it keeps to what they all have. The lifeline is the
reading end of a pipe whose other end only the cloud's process holds.
"""

import _thread
import fcntl
import os
import resource
import select
import signal
import site
import sys

APIS = "CHALICE_CLOUD_APIS"
"""The variable with ``host:port`` of what has AWS's names, over TLS, and of the cloud itself."""
CALLERS = "CHALICE_CLOUD_CALLERS"
"""The variable that is set while the cloud wants to know which lines make calls. The function
does not see it."""


def main() -> None:
    """Become the Lambda runtime."""
    lifeline, data_limit, handler = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    die_with_parent(lifeline)
    set_limits(data_limit)
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib is slow to load
    if sys.path and sys.path[0] == here:
        del sys.path[0]
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    if APIS in os.environ:
        resolve_names(*os.environ[APIS].split())
    if os.environ.pop(CALLERS, None):
        tell_callers(here)
    # -S kept the host's packages out; these are the part of `site` that functions rely on.
    site.setquit()
    site.sethelper()

    from awslambdaric.__main__ import main as run  # noqa: PLC0415 - found by the path set above

    sys.argv = [sys.argv[0], handler]
    run(sys.argv)


def resolve_names(there: str, cloud: str) -> None:
    """Let AWS's names for what this cloud has lead to ``there``: those of its APIs, and of Cognito
    in regions where it has a user pool.

    It is as if the function had a name server of its own. All other names, those of APIs on AWS
    included, lead where they lead everywhere. ``cloud`` is where the cloud itself can be asked
    what it has; both are ``host:port``.
    """
    import socket  # noqa: PLC0415 - not before it is known to be needed

    host, _, port = there.rpartition(":")
    ask = socket.getaddrinfo

    def getaddrinfo(name, service, *args, **kwargs):  # type: ignore[no-untyped-def]
        is_https = str(service) in ("443", "https") and isinstance(name, str)
        if is_https and has_name(cloud, name):
            name, service = host, int(port)
        return ask(name, service, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]


def has_name(cloud: str, name: str) -> bool:
    """Say whether that name of AWS's is one of the cloud's."""
    labels = name.lower().split(".")
    is_candidate = len(labels) > 3 and (labels[0] == "cognito-idp" or labels[1] == "execute-api")
    return is_candidate and has(cloud, *labels[:2])


def has(cloud: str, first: str, second: str) -> bool:
    """Ask the cloud whether it has the API, or user pools in the region, that a name tells."""
    from http.client import HTTPConnection  # noqa: PLC0415
    from json import loads  # noqa: PLC0415

    connection = HTTPConnection(cloud)
    try:
        connection.request("GET", "/_chalice/report")
        report = loads(connection.getresponse().read())
    finally:
        connection.close()
    if first == "cognito-idp":
        return second in report["user_pool_regions"]
    return any(api["id"] == first for api in report["apis"])


def tell_callers(here: str) -> None:
    """Let requests to the cloud say which lines of the function make them."""
    from importlib.util import module_from_spec, spec_from_file_location  # noqa: PLC0415

    # Not imported by its name, which a module of the function may have too.
    path = os.path.join(here, "callers.py")  # noqa: PTH118
    spec = spec_from_file_location("_chalice_cloud_callers", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.Callers(os.environ["LAMBDA_TASK_ROOT"], leads_here).install()


def leads_here(name: str) -> bool:
    """Say whether a host is the cloud, as far as the function's process is concerned."""
    if name == "localhost" or name.endswith(".localhost") or name.startswith("127."):
        return True
    try:
        return APIS in os.environ and has_name(os.environ[APIS].split()[1], name)
    except OSError:
        return False  # the request itself will say so


def die_with_parent(lifeline: int) -> None:
    """Kill this process and its children when the cloud's process is gone, however it went."""
    if sys.platform == "linux":
        # The kernel sends the signal when the pipe hangs up, even to a process that never
        # gets back to the interpreter.
        fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpid())
        fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(lifeline, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        if select.select([lifeline], [], [], 0)[0]:
            os.kill(0, signal.SIGKILL)
    else:
        watch(lifeline)


def watch(lifeline: int) -> None:
    """Do the same with a thread, where pipes do not signal."""

    def wait() -> None:
        os.read(lifeline, 1)
        os.kill(0, signal.SIGKILL)

    _thread.start_new_thread(wait, ())


def set_limits(data_limit: int) -> None:
    """Stop a runaway allocation before it takes the machine, and match Lambda's file limit."""
    for limit, value in (
        (resource.RLIMIT_DATA, data_limit),
        (resource.RLIMIT_NOFILE, 1024),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        lowered = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (lowered, lowered))


if __name__ == "__main__":
    main()
