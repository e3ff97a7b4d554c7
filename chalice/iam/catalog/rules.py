"""What AWS's reference does not say: operations with needs of their own, by botocore service.

``RULES`` replace what the reference says of an operation; ``MORE`` add to it.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalice.iam.catalog import datacatalog, dynamodb, forms, simplestorage
from chalice.iam.catalog.arns import is_arn
from chalice.iam.catalog.calls import Call, Need, Rule
from chalice.iam.catalog.keys import (
    decryption,
    perhaps_with_own_key,
    put_parameter,
    re_encrypt,
    with_key,
)
from chalice.iam.catalog.reads import (
    batch_get_secret_value,
    code_and_layers,
    media,
    object_read,
    secret_of,
)
from chalice.iam.catalog.roles import assume_role, passes, role_of_profile, roles_of_task


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


# What the tags of Systems Manager call a resource, and how its ARN begins.
TAGGED_KINDS = {
    "Association": "association",
    "Automation": "automation-execution",
    "Document": "document",
    "MaintenanceWindow": "maintenancewindow",
    "ManagedInstance": "managed-instance",
    "OpsItem": "opsitem",
    "OpsMetadata": "opsmetadata",
    "Parameter": "parameter",
    "PatchBaseline": "patchbaseline",
}


def tags_of(action: str) -> Rule:
    """Return the rule of the tags of Systems Manager, where a parameter says what has them."""

    def rule(call: Call) -> tuple[Need, ...]:
        kind = TAGGED_KINDS.get(call.text("ResourceType"))
        if kind is None:
            return (Need(action),)
        name = call.text("ResourceId").removeprefix("/")
        return (Need(action, (call.place.arn("ssm", f"{kind}/{name}"),)),)

    return rule


PROFILES = ("us", "us-gov", "eu", "apac", "jp", "au", "ca", "global")


def invoke_model(action: str) -> Rule:
    """Return the rule of an invocation: the model, the models behind a profile, a guardrail.

    A model's id says by its form what it is: that of an inference profile begins with a part
    of the world, and needs the models in every region that the profile may choose.
    """

    def rule(call: Call) -> tuple[Need, ...]:
        identity = call.text("modelId")
        if is_arn(identity):
            arns: tuple[str, ...] = (identity,)
        elif identity.partition(".")[0] in PROFILES:
            model = identity.partition(".")[2]
            anywhere = f"arn:{call.place.partition}:bedrock:*::foundation-model/{model}"
            arns = (call.place.arn("bedrock", f"inference-profile/{identity}"), anywhere)
        else:
            arns = (call.place.arn("bedrock", f"foundation-model/{identity}", account=False),)
        return (Need(action, arns), *guardrail(call))

    return rule


def guardrail(call: Call) -> tuple[Need, ...]:
    """What a guardrail adds to the invocation of a model."""
    found = call.first("guardrailIdentifier", "guardrailConfig.guardrailIdentifier")
    if found is None:
        return ()
    arn = found if is_arn(found) else call.place.arn("bedrock", f"guardrail/{found}")
    return (Need("bedrock:ApplyGuardrail", (arn,)),)


RULES: Mapping[str, Mapping[str, Rule]] = {
    "apigatewaymanagementapi": {
        "DeleteConnection": connection("DELETE"),
        "GetConnection": connection("GET"),
        "PostToConnection": connection("POST"),
    },
    "bedrock-runtime": {
        name: invoke_model("bedrock:InvokeModel")
        for name in (
            "Converse",
            "InvokeModel",
            "InvokeModelWithBidirectionalStream",
            "StartAsyncInvoke",
        )
    }
    | {
        name: invoke_model("bedrock:InvokeModelWithResponseStream")
        for name in ("ConverseStream", "InvokeModelWithResponseStream")
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
    "ssm": {
        name: tags_of(f"ssm:{name}")
        for name in ("AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource")
    },
    "sts": {"AssumeRole": assume_role},
}

MORE: Mapping[str, Mapping[str, Rule]] = {
    "apigateway": {
        "CreateAuthorizer": passes("authorizerCredentials"),
        "PutIntegration": passes("credentials"),
    },
    "apigatewayv2": {
        "CreateAuthorizer": passes("AuthorizerCredentialsArn"),
        "CreateIntegration": passes("CredentialsArn"),
        "UpdateAuthorizer": passes("AuthorizerCredentialsArn"),
        "UpdateIntegration": passes("CredentialsArn"),
    },
    "athena": {"StartQueryExecution": datacatalog.query},
    "cognito-identity": {"SetIdentityPoolRoles": passes("Roles{}")},
    "ec2": {"RunInstances": role_of_profile},
    "ecs": dict.fromkeys(("RunTask", "StartTask", "CreateService"), roles_of_task),
    "iam": {"AddRoleToInstanceProfile": passes("RoleName")},
    "lambda": {
        "CreateFunction": code_and_layers,
        "UpdateFunctionCode": code_and_layers,
        "UpdateFunctionConfiguration": code_and_layers,
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
        "CreateSecret": with_key("KmsKeyId", "kms:GenerateDataKey", "kms:Decrypt"),
        "GetSecretValue": perhaps_with_own_key("kms:Decrypt"),
        "PutSecretValue": perhaps_with_own_key("kms:GenerateDataKey", "kms:Decrypt"),
        "UpdateSecret": perhaps_with_own_key("kms:GenerateDataKey", "kms:Decrypt"),
    },
    "sns": {
        "Publish": perhaps_with_own_key("kms:GenerateDataKey", "kms:Decrypt"),
        "PublishBatch": perhaps_with_own_key("kms:GenerateDataKey", "kms:Decrypt"),
    },
    "sqs": {
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
    "transcribe": dict.fromkeys(
        ("StartCallAnalyticsJob", "StartMedicalTranscriptionJob", "StartTranscriptionJob"), media
    ),
}

# What tagging a new resource needs, on the resource that is made: the parameter and the action.
TAGGED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "cognito-idp": {"CreateUserPool": ("UserPoolTags", "cognito-idp:TagResource")},
    "dynamodb": {"CreateTable": ("Tags", "dynamodb:TagResource")},
    "ecr": {"CreateRepository": ("tags", "ecr:TagResource")},
    "ecs": {
        "CreateCluster": ("tags", "ecs:TagResource"),
        "CreateService": ("tags", "ecs:TagResource"),
        "RegisterTaskDefinition": ("tags", "ecs:TagResource"),
        "RunTask": ("tags", "ecs:TagResource"),
    },
    "events": {
        "CreateEventBus": ("Tags", "events:TagResource"),
        "PutRule": ("Tags", "events:TagResource"),
    },
    "firehose": {"CreateDeliveryStream": ("Tags", "firehose:TagDeliveryStream")},
    "iam": {
        "CreatePolicy": ("Tags", "iam:TagPolicy"),
        "CreateRole": ("Tags", "iam:TagRole"),
        "CreateUser": ("Tags", "iam:TagUser"),
    },
    "kinesis": {"CreateStream": ("Tags", "kinesis:AddTagsToStream")},
    "kms": {"CreateKey": ("Tags", "kms:TagResource")},
    "lambda": {"CreateFunction": ("Tags", "lambda:TagResource")},
    "logs": {"CreateLogGroup": ("tags", "logs:TagResource")},
    "scheduler": {"CreateScheduleGroup": ("Tags", "scheduler:TagResource")},
    "secretsmanager": {"CreateSecret": ("Tags", "secretsmanager:TagResource")},
    "sns": {"CreateTopic": ("Tags", "sns:TagResource")},
    "sqs": {"CreateQueue": ("tags", "sqs:TagQueue")},
    "ssm": {"PutParameter": ("Tags", "ssm:AddTagsToResource")},
    "stepfunctions": {"CreateStateMachine": ("tags", "states:TagResource")},
}
