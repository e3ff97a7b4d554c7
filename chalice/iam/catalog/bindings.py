"""By IAM prefix and type of resource: how a call names it, where its variables do not tell."""

from __future__ import annotations

from collections.abc import Mapping

from chalice.iam.catalog import dynamodb, forms
from chalice.iam.catalog.arns import Reader, by, fill, is_arn
from chalice.iam.catalog.calls import UNKNOWN, Call
from chalice.iam.catalog.simplestorage import bucket, no_access_point, object_in_bucket


def never(call: Call, shape: str) -> tuple[str, ...]:
    """Read a type that no parameter names, and that AWS asks for only in other calls."""
    return ()


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
    """Read the bus of a call, or of each entry, of which the default one needs no mention."""
    if "Entries" in call.parameters and call.parameters["Entries"] is not UNKNOWN:
        entries = call.objects("Entries[]")
        names = [str(each.get("EventBusName") or "default") for each in entries]
        names = ["*" if "UNKNOWN" in name else name for name in names]
        if len(entries) < len(call.values("Entries[]")) or not entries:
            names.append("*")
    elif call.presence("Entries") == "unknown" or "Entries" in call.parameters:
        names = ["*"]
    else:
        named = call.first("EventBusName", "Name")
        absent = call.presence("EventBusName") == "absent"
        names = [named if named is not None else "default" if absent else "*"]
    return tuple(
        dict.fromkeys(
            name if is_arn(name) else fill(shape, call.place, {"EventBusName": name})
            for name in names
        )
    )


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


def model(call: Call, shape: str) -> tuple[str, ...]:
    """Read a Bedrock model's id, which says by its form of what type it is."""
    identity = call.first("modelId", "modelIdentifier")
    if identity is None:
        return ()
    if is_arn(identity):
        return (identity,)
    profile = identity.partition(".")[0] in {
        "us",
        "eu",
        "apac",
        "ap",
        "jp",
        "au",
        "ca",
        "global",
        "us-gov",
    }
    if "inference-profile/" in shape and "application" not in shape:
        return (fill(shape, call.place, {"ResourceId": identity}),) if profile else ()
    if "foundation-model/" in shape:
        plain = identity.partition(".")[2] if profile else identity
        region = {"Region": "*"} if profile else {}
        return (fill(shape, call.place, {"ResourceId": plain} | region),)
    return ()


KEY = by("KeyId", "TargetKeyId", "SourceKeyId", "KeyArn", form=forms.key)

READERS: Mapping[str, Mapping[str, Reader]] = {
    "athena": {
        "workgroup": by("WorkGroup", "WorkGroupName", "Name", default="primary"),
        "datacatalog": by("CatalogName", "Name"),
        "session": never,
    },
    "batch": {
        "job-definition": by(
            "jobDefinition",
            "jobDefinitionName",
            form=lambda v: v.partition(":")[0] if not is_arn(v) else v,
        ),
        "job-definition-revision": by("jobDefinition", form=str),
        "job-queue": by("jobQueue", "jobQueueName"),
        "job": by("jobId"),
    },
    "bedrock": {
        "foundation-model": model,
        "inference-profile": model,
        "application-inference-profile": model,
        "provisioned-model": model,
        "imported-model": model,
        "custom-model": model,
        "custom-model-deployment": model,
        "prompt-router": model,
        "default-prompt-router": model,
        "async-invoke": by("invocationArn"),
        "guardrail": by("guardrailIdentifier", "guardrailConfig.guardrailIdentifier"),
    },
    "cloudformation": {
        "stack": by("StackName", "StackId", form=forms.stack),
        "changeset": by(
            "ChangeSetName",
            form=forms.stack,
        ),
        "stackset": by("StackSetName", form=forms.revision),
    },
    "cloudwatch": {
        "alarm": by("AlarmName", "AlarmNames"),
        "dashboard": by("DashboardName", "DashboardNames"),
        "dataset": never,
    },
    "cognito-idp": {"webacl": by("WebACLArn")},
    "dynamodb": dynamodb.READERS,
    "ecs": {
        "cluster": by("cluster", "clusters", "clusterName", default="default"),
        "service": of_cluster("service", "serviceName", "services", variable="ServiceName"),
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
    "glue": {
        "rootcatalog": lambda call, shape: (fill(shape, call.place, {}),),
    },
    "kinesis": {
        "stream": by("StreamName", "StreamARN"),
        "consumer": by("ConsumerARN"),
        "kmsKey": by("KeyId", form=forms.key),
    },
    "kms": {"key": KEY, "alias": by("AliasName", form=forms.alias)},
    "lambda": {
        "function": function,
        "function alias": function,
        "function version": function,
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
        "accesspoint": no_access_point,
        "accesspointobject": no_access_point,
    },
    "scheduler": {"schedule": schedule, "schedule-group": by("Name", "GroupName")},
    "secretsmanager": {"Secret": by("SecretId", "Name", "SecretIdList", form=forms.secret)},
    "ses": {
        "identity": by(
            "Source", "FromEmailAddress", "EmailIdentity", "Identity", form=forms.mail_identity
        ),
        "template": by(
            "Template",
            "TemplateName",
            "Content.Template.TemplateName",
            "DefaultContent.Template.TemplateName",
        ),
        "configuration-set": by("ConfigurationSetName", "ConfigurationSet.Name"),
    },
    "sns": {
        "topic": by("TopicArn", "Name", "SubscriptionArn", "ResourceArn", form=str),
    },
    "sqs": {"queue": queue},
    "ssm": {
        "parameter": by("Name", "Names", "Path", "ResourceId", form=forms.parameter),
        "document": by("DocumentName", "Name"),
        "bucket": never,
        "iam-role": never,
        "task": never,
    },
    "states": {
        "statemachine": by("stateMachineArn", "name"),
        "labelled execution": never,
        "labelled express": never,
        "express": never,
        "statemachinealias": by("stateMachineAliasArn"),
        "statemachineversion": by("stateMachineVersionArn"),
    },
}
