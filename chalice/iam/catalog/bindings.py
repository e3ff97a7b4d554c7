"""By IAM prefix and type of resource: how a call names it, where its variables do not tell."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalice.iam.catalog import datacatalog, dynamodb, forms
from chalice.iam.catalog.arns import Reader, by, by_name, fill, is_arn, never
from chalice.iam.catalog.calls import UNKNOWN, Call
from chalice.iam.catalog.reference import Kind
from chalice.iam.catalog.simplestorage import access_point, bucket, object_in_bucket


def function(call: Call, shape: str) -> tuple[str, ...]:
    """Read a function's name in any form, and the qualifier beside it."""
    names = call.values("FunctionName") or call.values("FunctionArn")
    qualifier = call.first("Qualifier")
    if call.operation in {"GetAlias", "UpdateAlias", "DeleteAlias", "CreateAlias"}:
        qualifier = None
    found = []
    for name in names:
        formed = forms.function(name, qualifier)
        whole = is_arn(formed)
        found.append(formed if whole else fill(shape, call.place, {"FunctionName": formed}))
    return tuple(found)


def qualified_function(call: Call, shape: str) -> tuple[str, ...]:
    """Read an alias or version of a function."""
    return function(call, "lambda:${Region}:${Account}:function:${FunctionName}")


def task_definition(call: Call, shape: str) -> tuple[str, ...]:
    """Read a task definition as ``family:revision``, or as a family with any revision."""
    values = [
        v for name in ("taskDefinition", "taskDefinitions", "family") for v in call.values(name)
    ]
    place = call.place
    return tuple(
        value if is_arn(value) else place.arn("ecs", f"task-definition/{forms.revision(value)}")
        for value in values
    )


def of_service(call: Call, shape: str) -> tuple[str, ...]:
    """Read an ECS service, or the one of a deployment, by name or ARN."""
    deployed = call.values("serviceDeploymentArn") or call.values("serviceDeploymentArns")
    deployed = deployed or call.values("serviceRevisionArns")
    if deployed:
        return tuple(
            re.sub(r":service-(?:deployment|revision)(/.*)/[^/]*$", r":service\1", arn)
            for arn in deployed
        )
    names = ("service", "serviceName", "services", "serviceArn")
    return of_cluster(*names, variable="ServiceName")(call, shape)


def service_linked_role(call: Call, shape: str) -> tuple[str, ...]:
    """Read a role, also the one that is made for a service under its own path."""
    principal = call.first("AWSServiceName")
    if principal is not None:
        return (fill(shape, call.place, {"RoleNameWithPath": f"aws-service-role/{principal}/*"}),)
    return by_name(call, Kind("role", (shape,), is_required=True), shape)


def layer_version(call: Call, shape: str) -> tuple[str, ...]:
    """Read a version of a layer, by ARN or by the name and number of the version."""
    version = call.parameters.get("VersionNumber")
    number = str(version) if isinstance(version, (int, str)) else "*"
    whole = call.values("Arn")
    if whole:
        return whole
    return tuple(
        f"{name}:{number}"
        if is_arn(name)
        else fill(shape, call.place, {"LayerName": name, "LayerVersion": number})
        for name in call.values("LayerName")
    )


def rule(call: Call, shape: str) -> tuple[str, ...]:
    """Read a rule of EventBridge on the bus that it is on."""
    name = call.first("Name", "Rule")
    if name is None:
        return ()
    bus = call.first("EventBusName")
    bus = bus.rpartition("/")[2] if bus is not None and is_arn(bus) else bus
    is_default = "EventBusName" not in shape
    if bus is None:
        bus = "default" if call.presence("EventBusName") == "absent" else "*"
    if is_default != (bus == "default"):
        return ()
    values = {"RuleName": name} | ({} if is_default else {"EventBusName": bus})
    return (fill(shape, call.place, values),)


def event_bus(call: Call, shape: str) -> tuple[str, ...]:
    """Read the bus of a call, or those of the entries; the default one needs no mention."""
    if call.operation == "PutEvents":
        names = [bus_of(entry) for entry in call.each("Entries[]")] or ["*"]
    else:
        named = call.first("EventBusName", "Name", "EventSourceArn")
        absent = call.presence("EventBusName") == "absent"
        names = [named if named is not None else "default" if absent else "*"]
    return tuple(
        name if is_arn(name) else fill(shape, call.place, {"EventBusName": name})
        for name in dict.fromkeys(names)
    )


def instance(*, managed: bool) -> Reader:
    """Return a reader of the instances of EC2, or of those elsewhere, which are ``mi-...``."""

    def read(call: Call, shape: str) -> tuple[str, ...]:
        ids = call.values("InstanceIds") or call.values("InstanceId") or call.values("Target")
        return tuple(
            fill(shape, call.place, {"InstanceId": each})
            for each in ids
            if each.startswith("mi-") == managed
        )

    return read


def bus_of(entry: object) -> str:
    """Return the bus of an entry of PutEvents, ``*`` when it is not known."""
    name = entry.get("EventBusName", "default") if isinstance(entry, Mapping) else UNKNOWN
    return name if isinstance(name, str) else "*"


def sender(call: Call, shape: str) -> tuple[str, ...]:
    """Read the identity that sends mail: an address counts as itself or by its domain."""
    whole = call.values("FromEmailAddressIdentityArn") or call.values("SourceArn")
    if whole:
        return whole
    sending = by("Source", "FromEmailAddress", form=forms.mail_identity)(call, shape)
    return sending or by("EmailIdentity", "Identity")(call, shape)


def queue(call: Call, shape: str) -> tuple[str, ...]:
    """Read a queue's URL, which tells its account and region, or its name."""
    values = call.values("QueueUrl") or call.values("QueueName") or call.values("SourceArn")
    owner = call.first("QueueOwnerAWSAccountId")
    extra = {"Account": owner} if owner else {}
    return tuple(
        value if is_arn(value) else fill(shape, call.place, forms.queue(value) | extra)
        for value in values
    )


def log_stream(call: Call, shape: str) -> tuple[str, ...]:
    """Read a log stream in the group that the call names or identifies by ARN."""
    group = call.first("logGroupName", "logGroupIdentifier") or "*"
    stream = call.text("logStreamName")
    if is_arn(group):
        return (f"{group.removesuffix(':*')}:log-stream:{stream}",)
    return (fill(shape, call.place, {"LogGroupName": group, "LogStreamName": stream}),)


def schedule(call: Call, shape: str) -> tuple[str, ...]:
    """Read a schedule in its group, which is the default one when the call names none."""
    group = call.first("GroupName")
    if group is None:
        group = "default" if call.presence("GroupName") == "absent" else "*"
    name = call.text("Name")
    return (fill(shape, call.place, {"GroupName": group, "ScheduleName": name}),)


def of_cluster(*names: str, variable: str) -> Reader:
    """Return a reader of what is in an ECS cluster, by name or ARN."""

    def read(call: Call, shape: str) -> tuple[str, ...]:
        cluster = call.first("cluster")
        if cluster is None:
            cluster = "default" if call.presence("cluster") == "absent" else "*"
        cluster = cluster.rpartition("/")[2]
        return tuple(
            value
            if is_arn(value)
            else fill(shape, call.place, {"ClusterName": cluster, variable: value})
            for name in names
            for value in call.values(name)
        )

    return read


def state_machine(call: Call, shape: str) -> tuple[str, ...]:
    """Read a state machine, also from the ARN of an alias or version of it."""
    under = call.values("stateMachineAliasArn") or call.values("stateMachineVersionArn")
    if under:
        return tuple(arn.rpartition(":")[0] if is_arn(arn) else arn for arn in under)
    return by("stateMachineArn", "name")(call, shape)


READERS: Mapping[str, Mapping[str, Reader]] = {
    "athena": {
        "workgroup": by("WorkGroup", "WorkGroupName", "Name", default="primary"),
        "datacatalog": by("CatalogName", "Name"),
        "session": never,
    },
    "batch": {
        "job-definition": by("jobDefinition", "jobDefinitionName", form=forms.revision),
        "job-definition-revision": never,
        "job-queue": by("jobQueue", "jobQueueName"),
        "job": by("jobId"),
    },
    "bedrock": {
        "async-invoke": by("invocationArn"),
        "guardrail": by("guardrailIdentifier"),
        "guardrail-profile": never,
    },
    "cloudformation": {
        "stack": by("StackName", "StackId", variable="StackName"),
        "changeset": by("ChangeSetName", variable="ChangeSetName"),
        "stackset": by("StackSetName", variable="StackSetName"),
    },
    "cloudwatch": {
        "alarm": by("AlarmName", "AlarmNames"),
        "dashboard": by("DashboardName", "DashboardNames"),
        "dataset": never,
    },
    "cognito-idp": {"webacl": by("WebACLArn")},
    "dynamodb": dynamodb.READERS,
    "ec2": {"key-pair": by("KeyName", "KeyNames")},
    "ecs": {
        "cluster": by("cluster", "clusters", "clusterName", default="default"),
        "service": of_service,
        "task-definition": task_definition,
        "task": of_cluster("task", "tasks", variable="TaskId"),
        "container-instance": of_cluster(
            "containerInstance", "containerInstances", variable="ContainerInstanceId"
        ),
    },
    "events": {
        "event-bus": event_bus,
        "rule-on-custom-event-bus": rule,
        "rule-on-default-event-bus": rule,
    },
    "glue": datacatalog.READERS,
    "iam": {
        "oidc-provider": by("OpenIDConnectProviderArn"),
        "mfa": by("SerialNumber", "VirtualMFADeviceName"),
        "role": service_linked_role,
    },
    "kinesis": {
        "stream": by("StreamName", "StreamARN"),
        "consumer": by("ConsumerARN"),
        "kmsKey": by("KeyId", form=forms.key),
    },
    "kms": {
        "key": by("KeyId", "TargetKeyId", form=forms.key),
        "alias": by("AliasName", form=forms.alias),
    },
    "lambda": {
        "function": function,
        "function alias": qualified_function,
        "function version": qualified_function,
        "layer": by("LayerName"),
        "layerVersion": layer_version,
    },
    "logs": {
        "log-group": by(
            "logGroupName",
            "logGroupNames",
            "logGroupIdentifier",
            "logGroupIdentifiers",
            form=forms.log_group,
        ),
        "log-stream": log_stream,
    },
    "rds-data": {"cluster": by("resourceArn", "dbClusterOrInstanceArn")},
    "s3": {
        "bucket": bucket,
        "object": object_in_bucket,
        "accesspoint": access_point,
        "accesspointobject": never,
    },
    "scheduler": {"schedule": schedule, "schedule-group": by("Name", "GroupName")},
    "secretsmanager": {"Secret": by("SecretId", "Name", "SecretIdList", form=forms.secret)},
    "ses": {
        "identity": sender,
        "template": by(
            "Template",
            "TemplateName",
            "Content.Template.TemplateName",
            "DefaultContent.Template.TemplateName",
        ),
        "configuration-set": by("ConfigurationSetName", "ConfigurationSet.Name"),
    },
    "sns": {"topic": by("TopicArn", "Name")},
    "sqs": {"queue": queue},
    "ssm": {
        "parameter": by("Name", "Names", "Path", form=forms.parameter),
        "document": by("DocumentName", "Name"),
        "automation-definition": by("DocumentName", variable="AutomationDefinitionName"),
        "servicesetting": by("SettingId"),
        "instance": instance(managed=False),
        "managed-instance": instance(managed=True),
        "bucket": never,
        "iam-role": never,
        "task": never,
    },
    "xray": {
        "sampling-rule": by(
            "RuleARN", "RuleName", "SamplingRule.RuleName", "SamplingRuleUpdate.RuleName"
        ),
    },
    "states": {
        "statemachine": state_machine,
        "labelled execution": never,
        "labelled express": never,
        "express": never,
        "statemachinealias": by("stateMachineAliasArn"),
        "statemachineversion": by("stateMachineVersionArn"),
    },
}
