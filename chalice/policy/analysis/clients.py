"""boto3's sessions and clients: what makes them, and what their methods call.

https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html
"""

from __future__ import annotations

import ast

from chalice.policy.analysis.containers import key_of, spread
from chalice.policy.analysis.contexts import Frame, Made
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.texts import GAP, Parts, Variable, exact, joined, substituted
from chalice.policy.analysis.values import (
    NOTHING,
    Atom,
    Client,
    Constant,
    Paginator,
    Resource,
    Response,
    Session,
    Text,
    Value,
    Waiter,
    ordered,
)

DECLARE = "say what it calls with `app.needs(...)`"
_OWN_REGION = frozenset({"AWS_REGION", "AWS_DEFAULT_REGION"})
_OWN_KEYS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
_TRANSFERS = {
    "upload_file": "upload",
    "upload_fileobj": "upload",
    "download_file": "download",
    "download_fileobj": "download",
    "copy": "copy",
}
_OF_TRANSFER = {
    "upload": (
        "PutObject",
        "CreateMultipartUpload",
        "UploadPart",
        "CompleteMultipartUpload",
        "AbortMultipartUpload",
    ),
    "download": ("HeadObject", "GetObject"),
    "copy": (
        "CopyObject",
        "CreateMultipartUpload",
        "UploadPartCopy",
        "CompleteMultipartUpload",
        "AbortMultipartUpload",
    ),
}
_SILENT = frozenset({"can_paginate", "close", "generate_client_endpoint", "__enter__", "__exit__"})


def make_session(frame: Frame, given: Arguments) -> Value:
    """Return what ``boto3.Session(...)`` makes."""
    region = _region(frame, given.keywords.get("region_name"))
    return frozenset({frame.atoms.make(Session, region, _is_foreign(given))})


def default_session(frame: Frame) -> Session:
    """Return the session that ``boto3.client`` uses."""
    return frame.atoms.make(Session, None, False)


def call_session(
    frame: Frame, node: ast.AST, session: Session, name: str, given: Arguments
) -> Value:
    """Return what a method of a session gives."""
    match name:
        case "client" | "create_client":
            return frozenset(_clients(frame, node, session, given))
        case "resource":
            found = []
            for client in _clients(frame, node, session, given):
                if frame.engine.models.resource(client.service, None) is None:
                    frame.context.report(
                        node,
                        f"boto3 has no resource for the service `{client.service}`",
                        "use a client of it",
                    )
                found.append(frame.atoms.make(Resource, client, None, (), False))
            return frozenset(found)
        case "get_session":
            return frozenset({session})
    return frame.atoms.unknown


def _clients(frame: Frame, node: ast.AST, session: Session, given: Arguments) -> list[Client]:
    names = given.get(0, "service_name") or frame.atoms.unknown
    region = session.region
    regions = given.get(1, "region_name")
    if regions is not None:
        region = _region(frame, regions)
    foreign = session.foreign or _is_foreign(given)
    found: dict[Client, None] = {}
    for service in _services(frame, node, names):
        if frame.engine.models.operations(service) is None:
            frame.context.report(
                node,
                f"boto3 knows no service `{service}`",
                f"correct the name, or {DECLARE}",
            )
        else:
            found[frame.atoms.make(Client, service, region, foreign)] = None
    return list(found)


def _services(frame: Frame, node: ast.AST, names: Value) -> list[str]:
    found: dict[str, None] = {}
    for atom in ordered(names):
        parts = atom.parts if isinstance(atom, Text) else GAP
        choices = {substituted(parts, each) for each in frame.engine.environments or [{}]}
        known = [exact(joined([choice])) for choice in choices]
        if all(known):
            found.update(dict.fromkeys(sorted(name for name in known if name)))
        else:
            frame.context.report(
                node,
                "a client is made of a service whose name is not known before it runs",
                f"name the service in a literal, or {DECLARE}",
            )
    return list(found)


def _region(frame: Frame, value: Value | None) -> Parts | None:
    """Return the region that is asked for; None for the function's own."""
    if value is None:
        return None
    found: set[Parts | None] = set()
    for atom in value:
        if isinstance(atom, Constant):
            found.add(None)
        elif not isinstance(atom, Text):
            found.add(GAP)
        else:
            first = atom.parts[0]
            own = isinstance(first, Variable) and first.name in _OWN_REGION
            found.add(None if own else atom.parts)
    return found.pop() if len(found) == 1 else GAP if found else None


def _is_foreign(given: Arguments) -> bool:
    """Tell whether the credentials surely are not those of the function's role."""
    keys = given.get(99, "aws_access_key_id") if "aws_access_key_id" in given.keywords else None
    if not keys:
        return False
    for atom in keys:
        match atom:
            case Response(client=Client(service="sts" | "cognito-identity")):
                continue
            case Text(parts=parts) if exact(parts):
                continue
        return False
    return True


def call_client(frame: Frame, node: ast.AST, client: Client, name: str, given: Arguments) -> Value:
    """Make the calls of a method of a client; return what it gives."""
    operations = frame.engine.models.operations(client.service) or {}
    if name in operations:
        return made(frame, node, client, operations[name], given)
    match name:
        case "get_paginator":
            return _paginators(frame, node, client, given)
        case "get_waiter":
            return _waiters(frame, node, client, given)
        case "generate_presigned_url":
            return _presign(frame, node, client, given)
        case "generate_presigned_post" if client.service == "s3":
            bucket = given.get(0, "Bucket") or frame.atoms.unknown
            key = given.get(1, "Key") or frame.atoms.unknown
            made(frame, node, client, "PutObject", Arguments([], {"Bucket": bucket, "Key": key}))
            return frame.atoms.unknown
        case _ if client.service == "s3" and name in _TRANSFERS:
            return _transfer(frame, node, client, name, given)
        case _ if name in _SILENT:
            return frozenset({client}) if name == "__enter__" else frame.atoms.unknown
        case "generate_db_auth_token":
            frame.context.report(
                node,
                "a token for a database is made, which needs `rds-db:connect` on its user",
                'declare it: `app.needs("rds-db:connect", "arn:aws:rds-db:…")`',
            )
            return frame.atoms.unknown
    no_such_method(frame, node, f"the {client.service} client", name)
    return frame.atoms.unknown


def has_method(frame: Frame, client: Client, name: str) -> bool:
    """Tell whether a client has such a method."""
    operations = frame.engine.models.operations(client.service) or {}
    return name in operations or name.startswith(("get_paginator", "get_waiter", "generate_pre"))


def no_such_method(frame: Frame, node: ast.AST, what: str, name: str) -> None:
    """Report a method that boto3 does not have."""
    frame.context.report(
        node,
        f"{what} of boto3 has no method `{name}`",
        f"correct the name; if a newer boto3 has it, {DECLARE}",
    )


def made(frame: Frame, node: ast.AST, client: Client, operation: str, given: Arguments) -> Value:
    """Note a call of an operation; return its answer."""
    if not client.foreign:
        call = Made(
            client,
            operation,
            tuple(given.keywords.items()),
            not given.extra,
            getattr(node, "lineno", 0),
            tuple(sorted(given.perhaps)),
        )
        frame.context.calls[call] = None
    known = tuple(
        (name, value)
        for name in ("QueueUrl", "TopicArn")
        if (value := follows(frame, given, name)) is not None
        and operation in ("GetQueueUrl", "CreateQueue", "CreateTopic")
    )
    return frozenset({frame.atoms.make(Response, client, operation, known)})


def follows(frame: Frame, given: Arguments, path: str) -> Value | None:
    """Return what is known of a part of an answer because the request says it."""
    match path:
        case "QueueUrl":
            return given.keywords.get("QueueName")
        case "TopicArn" if "Name" in given.keywords:
            found = NOTHING
            for atom in ordered(given.keywords["Name"]):
                parts = atom.parts if isinstance(atom, Text) else GAP
                arn = joined([("arn:", None, ":sns:", None, ":", None, ":"), parts])
                found = frame.atoms.join(found, frame.atoms.text(arn))
            return found
    return None


def _paginators(frame: Frame, node: ast.AST, client: Client, given: Arguments) -> Value:
    operations = frame.engine.models.operations(client.service) or {}
    found: list[Atom] = []
    for atom in ordered(given.get(0, "operation_name") or frame.atoms.unknown):
        name = key_of(frozenset({atom}))
        if isinstance(name, str) and name in operations:
            found.append(frame.atoms.make(Paginator, client, operations[name]))
        else:
            _unclear(frame, node, client, "paginator", name)
    return frozenset(found) or frame.atoms.unknown


def _waiters(frame: Frame, node: ast.AST, client: Client, given: Arguments) -> Value:
    found: list[Atom] = []
    for atom in ordered(given.get(0, "waiter_name") or frame.atoms.unknown):
        name = key_of(frozenset({atom}))
        polled = None
        if isinstance(name, str):
            polled = frame.engine.models.waiter(client.service, name)
        if polled is None:
            _unclear(frame, node, client, "waiter", name)
        else:
            found.append(frame.atoms.make(Waiter, client, polled))
    return frozenset(found) or frame.atoms.unknown


def _unclear(frame: Frame, node: ast.AST, client: Client, what: str, name: object) -> None:
    if isinstance(name, str):
        text = f"the {client.service} client of boto3 has no {what} `{name}`"
    else:
        text = f"the name of a {what} of {client.service} is not known before it runs"
    frame.context.report(node, text, f"name it in a literal, or {DECLARE}")


def _presign(frame: Frame, node: ast.AST, client: Client, given: Arguments) -> Value:
    operations = frame.engine.models.operations(client.service) or {}
    parameters = given.get(1, "Params")
    arguments = Arguments() if parameters is None else spread(frame, parameters)
    for atom in ordered(given.get(0, "ClientMethod") or frame.atoms.unknown):
        name = key_of(frozenset({atom}))
        if isinstance(name, str) and name in operations:
            made(frame, node, client, operations[name], arguments)
        else:
            frame.context.report(
                node,
                "a URL is signed for a method that is not known before it runs",
                f"name the method in a literal, or {DECLARE}",
            )
    return frame.atoms.unknown


def _transfer(frame: Frame, node: ast.AST, client: Client, name: str, given: Arguments) -> Value:
    gap = frame.atoms.unknown
    kind = _TRANSFERS[name]
    first = 0 if kind == "download" else 1
    bucket = given.get(first, "Bucket") or gap
    key = given.get(first + 1, "Key") or gap
    source = given.get(0, "CopySource") if kind == "copy" else None
    transfer(frame, node, client, kind, bucket, key, source, given)
    return frame.atoms.none


def transfer(
    frame: Frame,
    node: ast.AST,
    client: Client,
    kind: str,
    bucket: Value,
    key: Value,
    source: Value | None,
    given: Arguments,
) -> None:
    """Make the calls of a transfer of S3: whole or in parts, as the size asks for.

    https://boto3.amazonaws.com/v1/documentation/api/latest/guide/s3-uploading-files.html
    """
    more = given.get(3, "ExtraArgs")
    extra = Arguments() if more is None else spread(frame, more)
    where = {"Bucket": bucket, "Key": key}
    for operation in _OF_TRANSFER[kind]:
        keywords = dict(where)
        rest, perhaps = NOTHING, set[str]()
        if operation not in ("UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload"):
            keywords.update(extra.keywords)
            rest, perhaps = extra.extra, extra.perhaps
        if source is not None and operation in ("CopyObject", "UploadPartCopy"):
            keywords["CopySource"] = source
        made(frame, node, client, operation, Arguments([], keywords, NOTHING, rest, perhaps))
    if source is not None:
        named = {
            name: value
            for name, value in spread(frame, source).keywords.items()
            if name in ("Bucket", "Key", "VersionId")
        }
        made(frame, node, client, "HeadObject", Arguments([], named, NOTHING, NOTHING))
