"""boto3's resources: ``Table("orders").query()``, ``bucket.objects.filter(...)``, ``obj.load()``.

https://boto3.amazonaws.com/v1/documentation/api/latest/guide/resources.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from chalice.model.services import Filled, Operation, Reference, ResourceModel
from chalice.policy.analysis import clients
from chalice.policy.analysis.contexts import Frame
from chalice.policy.analysis.engine import Arguments
from chalice.policy.analysis.texts import GAP
from chalice.policy.analysis.values import (
    NOTHING,
    Atom,
    Client,
    Collection,
    Method,
    Resource,
    Value,
    Writer,
    ordered,
)

# What boto3 adds to the definitions in its own code. The value is the transfer that it makes.
_TRANSFERS = {
    ("Bucket", "upload_file"): "upload",
    ("Bucket", "upload_fileobj"): "upload",
    ("Bucket", "download_file"): "download",
    ("Bucket", "download_fileobj"): "download",
    ("Bucket", "copy"): "copy",
    ("Object", "upload_file"): "upload",
    ("Object", "upload_fileobj"): "upload",
    ("Object", "download_file"): "download",
    ("Object", "download_fileobj"): "download",
    ("Object", "copy"): "copy",
}
_LOADS = {("s3", "Bucket"): "ListBuckets", ("s3", "ObjectSummary"): "HeadObject"}
_NARROWING = frozenset({"all", "filter", "limit", "page_size"})


def model_of(frame: Frame, resource: Resource) -> ResourceModel | None:
    """Return the definition of a resource."""
    return frame.engine.models.resource(resource.client.service, resource.kind)


def client_of(atom: Atom) -> Value:
    """Return ``resource.meta.client``."""
    match atom:
        case Resource():
            return frozenset({atom.client})
        case Client():
            return frozenset({atom})
    return NOTHING


def attribute(frame: Frame, node: ast.AST, resource: Resource, name: str) -> Value:
    """Return an attribute of a resource. One that boto3 reads from AWS makes the call."""
    model = model_of(frame, resource)
    if model is None:
        return frame.atoms.unknown
    identifier = model.identifiers.get(model.aliases.get(name, name))
    if identifier is not None:
        return dict(resource.identifiers).get(identifier, frame.atoms.text(GAP))
    if name in model.collections:
        return frozenset({frame.atoms.make(Collection, resource, name, ())})
    reference = model.references.get(name)
    if reference is not None:
        if reference.loads:
            load(frame, node, resource, model)
        return _refer(frame, resource, reference, Arguments())
    if name in model.attributes:
        load(frame, node, resource, model)
        return frame.atoms.unknown
    return frozenset({frame.atoms.make(Method, resource, name)})


def load(frame: Frame, node: ast.AST, resource: Resource, model: ResourceModel) -> None:
    """Make the call that reads the attributes, unless they came with the resource."""
    if not resource.loaded:
        _reload(frame, node, resource, model)


def _reload(frame: Frame, node: ast.AST, resource: Resource, model: ResourceModel) -> None:
    special = _LOADS.get((resource.client.service, resource.kind or ""))
    if special is not None:
        identifiers = dict(resource.identifiers)
        given = {}
        if special == "HeadObject":
            given = {"Bucket": identifiers["BucketName"], "Key": identifiers["Key"]}
        clients.made(frame, node, resource.client, special, Arguments(keywords=given))
    elif model.load is not None:
        _request(frame, node, resource, model.load, Arguments())


def call_method(
    frame: Frame, node: ast.AST, resource: Resource, name: str, given: Arguments
) -> Value:
    """Make the calls of a method of a resource; return what it gives."""
    model = model_of(frame, resource)
    if model is None:
        return frame.atoms.unknown
    if name in model.makers:
        return _refer(frame, resource, model.makers[name], given)
    transfer = _TRANSFERS.get((resource.kind or "", name))
    if transfer is not None:
        return _transfer(frame, node, resource, transfer, name, given)
    if name in ("load", "reload"):
        _reload(frame, node, resource, model)
        return frame.atoms.none
    if name in model.waiters:
        waiter = model.waiters[name]
        operation = Operation(waiter.operation, waiter.parameters)
        _request(frame, node, resource, operation, given)
        return frame.atoms.none
    if name in model.actions:
        return _request(frame, node, resource, model.actions[name], given)
    if (resource.kind, name) == ("Table", "batch_writer"):
        return frozenset({frame.atoms.make(Writer, resource)})
    if name in ("create_tags", "delete_tags") and resource.client.service == "ec2":
        operation_name = "CreateTags" if name == "create_tags" else "DeleteTags"
        return clients.made(frame, node, resource.client, operation_name, given)
    if not name.startswith("get_available"):
        kind = f"{resource.client.service} {resource.kind or 'resource'}"
        clients.no_such_method(frame, node, f"the {kind}", name)
    return frame.atoms.unknown


def _transfer(
    frame: Frame, node: ast.AST, resource: Resource, transfer: str, name: str, given: Arguments
) -> Value:
    identifiers = dict(resource.identifiers)
    bucket = identifiers.get("BucketName") or identifiers.get("Name") or NOTHING
    key = identifiers.get("Key")
    if key is None:
        position = 0 if transfer == "download" else 1
        key = given.get(position, "Key") or frame.atoms.text(GAP)
    source = given.get(0, "CopySource") if transfer == "copy" else None
    clients.transfer(frame, node, resource.client, transfer, bucket, key, source, given)
    return frame.atoms.none


def _refer(frame: Frame, resource: Resource, reference: Reference, given: Arguments) -> Value:
    identifiers = _identifiers(frame, resource, reference.identifiers, given)
    made = frame.atoms.make(Resource, resource.client, reference.returns, identifiers, False)
    return frozenset({made})


def _identifiers(
    frame: Frame, resource: Resource, filled: Iterable[Filled], given: Arguments
) -> tuple[tuple[str, Value], ...]:
    """Return the identifiers of a resource that another one gives."""
    found = []
    own = dict(resource.identifiers)
    position = 0
    for each in filled:
        match each.source:
            case "identifier":
                value = own.get(each.value)
            case "input":
                value = given.get(position, _snake(each.target))
                position += 1
            case "requestParameter":
                value = given.keywords.get(each.value)
            case "string":
                value = frame.atoms.literal(each.value)
            case _:
                value = clients.follows(frame, given, each.value)
        found.append((each.target, frame.atoms.text(GAP) if value is None else value))
    return tuple(found)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def _request(
    frame: Frame, node: ast.AST, resource: Resource, operation: Operation, given: Arguments
) -> Value:
    """Make a call with the parameters that the resource fills in; return what comes of it."""
    filled = _filled(frame, resource, operation)
    arguments = Arguments(
        [], {**given.keywords, **filled}, given.rest, given.extra, given.perhaps - filled.keys()
    )
    answer = clients.made(frame, node, resource.client, operation.operation, arguments)
    if operation.returns is None:
        return answer
    identifiers = _identifiers(frame, resource, operation.identifiers, arguments)
    made = frozenset(
        {
            frame.atoms.make(
                Resource, resource.client, operation.returns, identifiers, operation.loaded
            )
        }
    )
    return frame.atoms.sequence(made) if operation.many else made


def _filled(frame: Frame, resource: Resource, operation: Operation) -> dict[str, Value]:
    own = dict(resource.identifiers)
    found = {}
    for each in operation.parameters:
        name = each.target.partition(".")[0].partition("[")[0]
        if each.source == "identifier":
            found[name] = own.get(each.value, frame.atoms.text(GAP))
            if name != each.target:
                found[name] = frame.atoms.unknown
            if each.target.endswith("[0]"):
                found[name] = frame.atoms.tuple([own.get(each.value, frame.atoms.unknown)])
        elif each.source == "string":
            found[name] = frame.atoms.literal(each.value)
    return found


def call_collection(
    frame: Frame, node: ast.AST, collection: Collection, name: str, given: Arguments
) -> Value:
    """Narrow a collection, or make the calls of an action on all of its elements."""
    if name in _NARROWING:
        filters = dict(collection.filters)
        if name == "filter":
            filters.update(given.keywords)
        made = frame.atoms.make(
            Collection, collection.resource, collection.name, tuple(filters.items())
        )
        return frozenset({made})
    elements = iterate(frame, node, collection)
    if name in ("pages", "__iter__"):
        return frame.atoms.sequence(frame.atoms.sequence(elements))
    model = model_of(frame, collection.resource)
    batch = None if model is None else model.collections[collection.name].batch.get(name)
    if batch is None:
        clients.no_such_method(frame, node, f"the collection `{collection.name}`", name)
        return frame.atoms.unknown
    for element in ordered(elements):
        if isinstance(element, Resource):
            _request(frame, node, element, batch, given)
    return frame.atoms.unknown


def iterate(frame: Frame, node: ast.AST, collection: Collection) -> Value:
    """Make the call that lists a collection; return its elements."""
    model = model_of(frame, collection.resource)
    if model is None:
        return frame.atoms.unknown
    listing = model.collections[collection.name].listing
    given = Arguments(keywords=dict(collection.filters))
    elements = _request(frame, node, collection.resource, listing, given)
    return frame.atoms.join(
        NOTHING, *(getattr(atom, "element", frozenset({atom})) for atom in ordered(elements))
    )
