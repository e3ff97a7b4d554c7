"""What AWS's reference does not say: operations with needs of their own, by botocore service.

``RULES`` replace what the reference says of an operation; ``MORE`` add to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from chalice.iam.catalog import dynamodb, forms, simplestorage
from chalice.iam.catalog.arns import is_arn
from chalice.iam.catalog.calls import Call, Need, when

Rule: TypeAlias = Callable[[Call], tuple[Need, ...]]

OWN_KEY = "when it is encrypted with a key of your own"


def key_arn(call: Call, value: str) -> str:
    """Return the ARN of a key of KMS; any key for an alias, which policies do not look at."""
    formed = forms.key(value)
    return formed if is_arn(formed) else call.place.arn("kms", f"key/{formed}")


def with_key(parameter: str, *actions: str) -> Rule:
    """Return the needs of the key that a parameter names."""

    def rule(call: Call) -> tuple[Need, ...]:
        keys = tuple(key_arn(call, value) for value in call.values(parameter))
        presence = call.presence(parameter)
        resources = keys or (key_arn(call, "*"),)
        return tuple(
            need
            for action in actions
            for need in when(presence, f"when `{parameter}` is passed", action, resources)
        )

    return rule


def perhaps_with_own_key(*actions: str) -> Rule:
    """Return the needs of the key with which a resource may be encrypted."""

    def rule(call: Call) -> tuple[Need, ...]:
        return tuple(Need(action, (key_arn(call, "*"),), OWN_KEY) for action in actions)

    return rule


def decryption(call: Call) -> tuple[Need, ...]:
    """Decrypting parameters: needed for those under a key of the account's own."""
    if call.flag("WithDecryption") == "absent":
        return ()
    return (
        Need(
            "kms:Decrypt",
            (key_arn(call, "*"),),
            "when a parameter is encrypted with a key of your own",
        ),
    )


def put_parameter(call: Call) -> tuple[Need, ...]:
    """Encrypting a secure string, and tagging."""
    tagging = call.when("Tags", "ssm:AddTagsToResource", _parameter(call))
    if call.first("Type") not in {"SecureString", "*"} and call.presence("Type") != "unknown":
        return tagging
    action = "kms:GenerateDataKey" if call.first("Tier") == "Advanced" else "kms:Encrypt"
    return (*with_key("KeyId", action)(call), *tagging)


def _parameter(call: Call) -> tuple[str, ...]:
    name = forms.parameter(call.text("Name"))
    return (name if is_arn(name) else call.place.arn("ssm", f"parameter/{name}"),)


def publish(call: Call) -> tuple[Need, ...]:
    """A message goes to a topic, or to an endpoint, or to a phone, which is no resource."""
    for name in ("TopicArn", "TargetArn"):
        values = call.values(name)
        if values:
            arns = (value if is_arn(value) else call.place.arn("sns", value) for value in values)
            return (Need("sns:Publish", tuple(arns)),)
    if call.presence("PhoneNumber") == "given":
        return (Need("sns:Publish"),)
    return (Need("sns:Publish", (call.place.arn("sns", "*"),)),)


def of_subscription(action: str) -> Rule:
    """Return the rule of an operation on a subscription, which is asked for on its topic."""

    def rule(call: Call) -> tuple[Need, ...]:
        value = call.first("SubscriptionArn")
        if value is None or not is_arn(value):
            return (Need(action, (call.place.arn("sns", "*"),)),)
        return (Need(action, (forms.topic_of_subscription(value),)),)

    return rule


def connection(method: str) -> Rule:
    """Return the rule of an operation on a WebSocket connection.

    The API and its stage are in the endpoint, not in the parameters: who knows them passes
    them as ``ApiId`` and ``Stage``.
    """

    def rule(call: Call) -> tuple[Need, ...]:
        path = f"{call.text('ApiId')}/{call.text('Stage')}/{method}/@connections/*"
        return (Need("execute-api:ManageConnections", (call.place.arn("execute-api", path),)),)

    return rule


def secret_of(parameter: str) -> Rule:
    """Return the need of the secret with a database's password, which the caller must read."""

    def rule(call: Call) -> tuple[Need, ...]:
        name = forms.secret(call.text(parameter))
        arn = name if is_arn(name) else call.place.arn("secretsmanager", f"secret:{name}")
        presence = call.presence(parameter)
        clause = f"when `{parameter}` is passed"
        return when(presence, clause, "secretsmanager:GetSecretValue", (arn,))

    return rule


def object_read(*paths: str, bucket: str = "Bucket", key: str = "Name") -> Rule:
    """Return the need of the objects of S3 that a service reads in the caller's name."""

    def rule(call: Call) -> tuple[Need, ...]:
        arns = []
        for path in paths:
            for each in call.objects(path):
                name, part = each.get(bucket), each.get(key)
                where = name if isinstance(name, str) else "*"
                arns.append(f"{where}/{part if isinstance(part, str) else '*'}")
        return (
            (
                Need(
                    "s3:GetObject",
                    tuple(call.place.arn("s3", arn, region=False, account=False) for arn in arns),
                ),
            )
            if arns
            else ()
        )

    return rule


def batch_get_secret_value(call: Call) -> tuple[Need, ...]:
    """Listing for filters, and reading each secret that is named."""
    names = call.values("SecretIdList")
    needed = [Need("secretsmanager:BatchGetSecretValue")]
    if call.presence("Filters") != "absent":
        clause = None if call.presence("Filters") == "given" else "when `Filters` is passed"
        needed.append(Need("secretsmanager:ListSecrets", ("*",), clause))
    arns = tuple(
        name if is_arn(name) else call.place.arn("secretsmanager", f"secret:{name}")
        for name in map(forms.secret, names or ("*",))
    )
    return (*needed, Need("secretsmanager:GetSecretValue", arns))


def re_encrypt(call: Call) -> tuple[Need, ...]:
    """The key that reads and the key that writes have an action each."""
    return (
        Need("kms:ReEncryptFrom", (key_arn(call, call.text("SourceKeyId")),)),
        Need("kms:ReEncryptTo", (key_arn(call, call.text("DestinationKeyId")),)),
    )


def assume_role(call: Call) -> tuple[Need, ...]:
    """The role, and what the session is to be marked with."""
    arns = call.values("RoleArn") or (call.place.arn("iam", "role/*", region=False),)
    arns = tuple(
        arn if is_arn(arn) else call.place.arn("iam", f"role/{arn}", region=False) for arn in arns
    )
    return (
        Need("sts:AssumeRole", arns),
        *call.when("Tags", "sts:TagSession", arns),
        *call.when("SourceIdentity", "sts:SetSourceIdentity", arns),
    )


def invoke_model(action: str) -> Rule:
    """Return what a guardrail adds to the invocation of a model."""

    def rule(call: Call) -> tuple[Need, ...]:
        found = call.first("guardrailIdentifier", "guardrailConfig.guardrailIdentifier")
        if found is None:
            return ()
        arn = found if is_arn(found) else call.place.arn("bedrock", f"guardrail/{found}")
        return (Need(action, (arn,)),)

    return rule


def tagging(parameter: str, action: str, *, on: str) -> Rule:
    """Return the need of tagging what is being made."""
    service, _, shape = on.partition(":")

    def rule(call: Call) -> tuple[Need, ...]:
        names = call.values(shape.partition("{")[2].partition("}")[0]) or ("*",)
        head, _, rest = shape.partition("{")
        tail = rest.partition("}")[2]
        arns = tuple(call.place.arn(service, f"{head}{name}{tail}") for name in names)
        return call.when(parameter, action, arns)

    return rule


def create_secret(call: Call) -> tuple[Need, ...]:
    """The key and the tags of a new secret."""
    name = forms.secret(call.text("Name"))
    arn = call.place.arn("secretsmanager", f"secret:{name}")
    tags = call.when("Tags", "secretsmanager:TagResource", (arn,))
    return (*tags, *with_key("KmsKeyId", "kms:GenerateDataKey", "kms:Decrypt")(call))


def always(action: str, service: str, resource: str, parameter: str) -> Rule:
    """Return the rule of one action on one resource that a parameter names."""

    def rule(call: Call) -> tuple[Need, ...]:
        values = call.values(parameter) or ("*",)
        arns = tuple(
            value if is_arn(value) else call.place.arn(service, f"{resource}{value}")
            for value in values
        )
        return (Need(action, arns),)

    return rule


RULES: Mapping[str, Mapping[str, Rule]] = {
    "apigatewaymanagementapi": {
        "DeleteConnection": connection("DELETE"),
        "GetConnection": connection("GET"),
        "PostToConnection": connection("POST"),
    },
    "dynamodb": dynamodb.RULES,
    "kms": {"ReEncrypt": re_encrypt},
    "s3": simplestorage.RULES,
    "secretsmanager": {"BatchGetSecretValue": batch_get_secret_value},
    "sns": {
        "Publish": publish,
        "GetSubscriptionAttributes": of_subscription("sns:GetSubscriptionAttributes"),
        "SetSubscriptionAttributes": of_subscription("sns:SetSubscriptionAttributes"),
        "Unsubscribe": of_subscription("sns:Unsubscribe"),
    },
    "sts": {"AssumeRole": assume_role},
}

MORE: Mapping[str, Mapping[str, Rule]] = {
    "bedrock-runtime": {
        name: invoke_model("bedrock:ApplyGuardrail")
        for name in (
            "Converse",
            "ConverseStream",
            "InvokeModel",
            "InvokeModelWithResponseStream",
        )
    },
    "lambda": {
        "CreateFunction": tagging(
            "Tags", "lambda:TagResource", on="lambda:function:{FunctionName}"
        ),
    },
    "rds-data": {
        name: secret_of("secretArn")
        for name in (
            "BatchExecuteStatement",
            "BeginTransaction",
            "CommitTransaction",
            "ExecuteStatement",
            "RollbackTransaction",
        )
    },
    "rekognition": {
        name: object_read(
            "Image.S3Object", "SourceImage.S3Object", "TargetImage.S3Object", "Video.S3Object"
        )
        for name in (
            "CompareFaces",
            "DetectCustomLabels",
            "DetectFaces",
            "DetectLabels",
            "DetectModerationLabels",
            "DetectProtectiveEquipment",
            "DetectText",
            "IndexFaces",
            "RecognizeCelebrities",
            "SearchFacesByImage",
            "SearchUsersByImage",
            "StartCelebrityRecognition",
            "StartContentModeration",
            "StartFaceDetection",
            "StartFaceSearch",
            "StartLabelDetection",
            "StartPersonTracking",
            "StartSegmentDetection",
            "StartTextDetection",
        )
    },
    "secretsmanager": {
        "CreateSecret": create_secret,
        "GetSecretValue": perhaps_with_own_key("kms:Decrypt"),
        "PutSecretValue": perhaps_with_own_key("kms:GenerateDataKey", "kms:Decrypt"),
        "UpdateSecret": perhaps_with_own_key("kms:GenerateDataKey", "kms:Decrypt"),
    },
    "sns": {
        "CreateTopic": tagging("Tags", "sns:TagResource", on="sns:{Name}"),
        "PublishBatch": perhaps_with_own_key("kms:GenerateDataKey", "kms:Decrypt"),
    },
    "sqs": {
        "CreateQueue": tagging("tags", "sqs:TagQueue", on="sqs:{QueueName}"),
        "SendMessage": perhaps_with_own_key("kms:GenerateDataKey", "kms:Decrypt"),
        "SendMessageBatch": perhaps_with_own_key("kms:GenerateDataKey", "kms:Decrypt"),
        "ReceiveMessage": perhaps_with_own_key("kms:Decrypt"),
    },
    "ssm": {
        "GetParameter": decryption,
        "GetParameters": decryption,
        "GetParameterHistory": decryption,
        "GetParametersByPath": decryption,
        "PutParameter": put_parameter,
    },
    "textract": {
        name: object_read(
            "Document.S3Object", "DocumentLocation.S3Object", "DocumentPages[].S3Object"
        )
        for name in (
            "AnalyzeDocument",
            "AnalyzeExpense",
            "AnalyzeID",
            "DetectDocumentText",
            "StartDocumentAnalysis",
            "StartDocumentTextDetection",
            "StartExpenseAnalysis",
            "StartLendingAnalysis",
        )
    },
}
