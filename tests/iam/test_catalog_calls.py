"""What calls need, by hand from AWS's documentation of each service."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from chalice.iam.catalog import UNKNOWN, Need, Place, needs

HERE = Place(region="us-east-1", account="123456789012", partition="aws")
AT = "us-east-1:123456789012"

S3 = "arn:aws:s3:::"
DYNAMODB = f"arn:aws:dynamodb:{AT}:table/"
SQS = f"arn:aws:sqs:{AT}:"
SNS = f"arn:aws:sns:{AT}:"
LAMBDA = f"arn:aws:lambda:{AT}:function:"
SSM = f"arn:aws:ssm:{AT}:parameter/"
SECRET = f"arn:aws:secretsmanager:{AT}:secret:"
KMS = f"arn:aws:kms:{AT}:key/"
KINESIS = f"arn:aws:kinesis:{AT}:stream/"
STATES = f"arn:aws:states:{AT}:"
EVENTS = f"arn:aws:events:{AT}:"
LOGS = f"arn:aws:logs:{AT}:log-group:"
IAM = "arn:aws:iam::123456789012:"
APIGATEWAY = "arn:aws:apigateway:us-east-1::"
EXECUTE = f"arn:aws:execute-api:{AT}:"
ECS = f"arn:aws:ecs:{AT}:"
EC2 = f"arn:aws:ec2:{AT}:"
GLUE = f"arn:aws:glue:{AT}:"
BATCH = f"arn:aws:batch:{AT}:"
STACK = f"arn:aws:cloudformation:{AT}:stack/"
BEDROCK = "arn:aws:bedrock:us-east-1::foundation-model/"
ROLE = f"{IAM}role/worker"
MACHINE = f"{STATES}stateMachine:flow"
TOPIC = f"{SNS}news"
QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"

# Of each call, its needs that are certain: the actions with their resources.
Row = tuple[str, str, Mapping[str, object], Mapping[str, list[str]]]
ROWS: list[Row] = [
    # Objects of S3
    ("s3", "GetObject", {"Bucket": "b", "Key": "k"}, {"s3:GetObject": [f"{S3}b/k"]}),
    ("s3", "GetObject", {"Bucket": "b", "Key": "in/*"}, {"s3:GetObject": [f"{S3}b/in/*"]}),
    ("s3", "GetObject", {"Bucket": "b", "Key": UNKNOWN}, {"s3:GetObject": [f"{S3}b/*"]}),
    (
        "s3",
        "GetObject",
        {"Bucket": "b", "Key": "k", "VersionId": "1"},
        {"s3:GetObjectVersion": [f"{S3}b/k"]},
    ),
    (
        "s3",
        "GetObject",
        {"Bucket": f"arn:aws:s3:{AT}:accesspoint/ap", "Key": "k"},
        {"s3:GetObject": [f"arn:aws:s3:{AT}:accesspoint/ap/object/k"]},
    ),
    ("s3", "HeadObject", {"Bucket": "b", "Key": "k"}, {"s3:GetObject": [f"{S3}b/k"]}),
    (
        "s3",
        "GetObjectAttributes",
        {"Bucket": "b", "Key": "k", "ObjectAttributes": ["ETag"]},
        {"s3:GetObject": [f"{S3}b/k"], "s3:GetObjectAttributes": [f"{S3}b/k"]},
    ),
    ("s3", "PutObject", {"Bucket": "b", "Key": "k"}, {"s3:PutObject": [f"{S3}b/k"]}),
    (
        "s3",
        "PutObject",
        {"Bucket": "b", "Key": "k", "Tagging": "a=1"},
        {"s3:PutObject": [f"{S3}b/k"], "s3:PutObjectTagging": [f"{S3}b/k"]},
    ),
    (
        "s3",
        "PutObject",
        {"Bucket": "b", "Key": "k", "ACL": "public-read"},
        {"s3:PutObject": [f"{S3}b/k"], "s3:PutObjectAcl": [f"{S3}b/k"]},
    ),
    (
        "s3",
        "PutObject",
        {"Bucket": "b", "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "1-2"},
        {"s3:PutObject": [f"{S3}b/k"], "kms:GenerateDataKey": [f"{KMS}1-2"]},
    ),
    (
        "s3",
        "CopyObject",
        {
            "Bucket": "b",
            "Key": "k",
            "CopySource": {"Bucket": "from", "Key": "a/b"},
            "TaggingDirective": "REPLACE",
        },
        {"s3:GetObject": [f"{S3}from/a/b"], "s3:PutObject": [f"{S3}b/k"]},
    ),
    (
        "s3",
        "CopyObject",
        {"Bucket": "b", "Key": "k", "CopySource": "from/a%20b?versionId=7"},
        {"s3:GetObjectVersion": [f"{S3}from/a b"], "s3:PutObject": [f"{S3}b/k"]},
    ),
    (
        "s3",
        "UploadPartCopy",
        {"Bucket": "b", "Key": "k", "CopySource": "/from/x", "UploadId": "u", "PartNumber": 1},
        {"s3:GetObject": [f"{S3}from/x"], "s3:PutObject": [f"{S3}b/k"]},
    ),
    ("s3", "DeleteObject", {"Bucket": "b", "Key": "k"}, {"s3:DeleteObject": [f"{S3}b/k"]}),
    (
        "s3",
        "DeleteObjects",
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y", "VersionId": "1"}]}},
        {"s3:DeleteObject": [f"{S3}b/x"], "s3:DeleteObjectVersion": [f"{S3}b/y"]},
    ),
    ("s3", "CreateMultipartUpload", {"Bucket": "b", "Key": "k"}, {"s3:PutObject": [f"{S3}b/k"]}),
    ("s3", "UploadPart", {"Bucket": "b", "Key": "k"}, {"s3:PutObject": [f"{S3}b/k"]}),
    ("s3", "CompleteMultipartUpload", {"Bucket": "b", "Key": "k"}, {"s3:PutObject": [f"{S3}b/k"]}),
    (
        "s3",
        "AbortMultipartUpload",
        {"Bucket": "b", "Key": "k"},
        {"s3:AbortMultipartUpload": [f"{S3}b/k"]},
    ),
    ("s3", "ListParts", {"Bucket": "b", "Key": "k"}, {"s3:ListMultipartUploadParts": [f"{S3}b/k"]}),
    ("s3", "PutObjectTagging", {"Bucket": "b", "Key": "k"}, {"s3:PutObjectTagging": [f"{S3}b/k"]}),
    ("s3", "SelectObjectContent", {"Bucket": "b", "Key": "k"}, {"s3:GetObject": [f"{S3}b/k"]}),
    ("s3", "RestoreObject", {"Bucket": "b", "Key": "k"}, {"s3:RestoreObject": [f"{S3}b/k"]}),
    # Buckets of S3
    ("s3", "ListObjectsV2", {"Bucket": "b", "Prefix": "p"}, {"s3:ListBucket": [f"{S3}b"]}),
    ("s3", "ListObjects", {"Bucket": "b"}, {"s3:ListBucket": [f"{S3}b"]}),
    ("s3", "HeadBucket", {"Bucket": "b"}, {"s3:ListBucket": [f"{S3}b"]}),
    ("s3", "ListObjectVersions", {"Bucket": "b"}, {"s3:ListBucketVersions": [f"{S3}b"]}),
    ("s3", "ListMultipartUploads", {"Bucket": "b"}, {"s3:ListBucketMultipartUploads": [f"{S3}b"]}),
    ("s3", "ListBuckets", {}, {"s3:ListAllMyBuckets": ["*"]}),
    ("s3", "CreateBucket", {"Bucket": "b"}, {"s3:CreateBucket": [f"{S3}b"]}),
    ("s3", "GetBucketLocation", {"Bucket": "b"}, {"s3:GetBucketLocation": [f"{S3}b"]}),
    ("s3", "DeleteBucketCors", {"Bucket": "b"}, {"s3:PutBucketCORS": [f"{S3}b"]}),
    (
        "s3",
        "PutBucketLifecycleConfiguration",
        {"Bucket": "b"},
        {"s3:PutLifecycleConfiguration": [f"{S3}b"]},
    ),
    (
        "s3",
        "PutBucketNotificationConfiguration",
        {"Bucket": "b"},
        {"s3:PutBucketNotification": [f"{S3}b"]},
    ),
    # DynamoDB
    ("dynamodb", "GetItem", {"TableName": "orders"}, {"dynamodb:GetItem": [f"{DYNAMODB}orders"]}),
    (
        "dynamodb",
        "PutItem",
        {"TableName": "arn:aws:dynamodb:eu-west-1:210987654321:table/orders"},
        {"dynamodb:PutItem": ["arn:aws:dynamodb:eu-west-1:210987654321:table/orders"]},
    ),
    ("dynamodb", "UpdateItem", {"TableName": "o-*"}, {"dynamodb:UpdateItem": [f"{DYNAMODB}o-*"]}),
    ("dynamodb", "Query", {"TableName": "orders"}, {"dynamodb:Query": [f"{DYNAMODB}orders"]}),
    (
        "dynamodb",
        "Query",
        {"TableName": "orders", "IndexName": "by_day"},
        {"dynamodb:Query": [f"{DYNAMODB}orders/index/by_day"]},
    ),
    (
        "dynamodb",
        "Scan",
        {"TableName": "orders", "IndexName": UNKNOWN},
        {"dynamodb:Scan": [f"{DYNAMODB}orders/index/*"]},
    ),
    (
        "dynamodb",
        "BatchGetItem",
        {"RequestItems": {"a": {}, "b": {}}},
        {"dynamodb:BatchGetItem": [f"{DYNAMODB}a", f"{DYNAMODB}b"]},
    ),
    (
        "dynamodb",
        "BatchWriteItem",
        {"RequestItems": UNKNOWN},
        {"dynamodb:BatchWriteItem": [f"{DYNAMODB}*"]},
    ),
    (
        "dynamodb",
        "TransactWriteItems",
        {
            "TransactItems": [
                {"Put": {"TableName": "a"}},
                {"Update": {"TableName": "b"}},
                {"Delete": {"TableName": "a"}},
                {"ConditionCheck": {"TableName": "c"}},
            ]
        },
        {
            "dynamodb:PutItem": [f"{DYNAMODB}a"],
            "dynamodb:UpdateItem": [f"{DYNAMODB}b"],
            "dynamodb:DeleteItem": [f"{DYNAMODB}a"],
            "dynamodb:ConditionCheckItem": [f"{DYNAMODB}c"],
        },
    ),
    (
        "dynamodb",
        "TransactGetItems",
        {"TransactItems": [{"Get": {"TableName": "a"}}, {"Get": {"TableName": "b"}}]},
        {"dynamodb:GetItem": [f"{DYNAMODB}a", f"{DYNAMODB}b"]},
    ),
    (
        "dynamodb",
        "ExecuteStatement",
        {"Statement": 'SELECT * FROM "orders"."by_day" WHERE d = ?'},
        {"dynamodb:PartiQLSelect": [f"{DYNAMODB}orders/index/by_day"]},
    ),
    (
        "dynamodb",
        "ExecuteStatement",
        {"Statement": "insert into orders value {'id': ?}"},
        {"dynamodb:PartiQLInsert": [f"{DYNAMODB}orders"]},
    ),
    (
        "dynamodb",
        "BatchExecuteStatement",
        {
            "Statements": [
                {"Statement": "UPDATE a SET x = 1 WHERE id = 2"},
                {"Statement": "DELETE FROM b WHERE id = 2"},
            ]
        },
        {"dynamodb:PartiQLUpdate": [f"{DYNAMODB}a"], "dynamodb:PartiQLDelete": [f"{DYNAMODB}b"]},
    ),
    (
        "dynamodb",
        "ExecuteTransaction",
        {"TransactStatements": [{"Statement": "EXISTS(SELECT * FROM t WHERE id = 1)"}]},
        {"dynamodb:PartiQLSelect": [f"{DYNAMODB}t"]},
    ),
    ("dynamodb", "ListTables", {}, {"dynamodb:ListTables": ["*"]}),
    ("dynamodb", "CreateTable", {"TableName": "t"}, {"dynamodb:CreateTable": [f"{DYNAMODB}t"]}),
    (
        "dynamodb",
        "DeleteBackup",
        {"BackupArn": f"{DYNAMODB}t/backup/1"},
        {"dynamodb:DeleteBackup": [f"{DYNAMODB}t/backup/1"]},
    ),
    (
        "dynamodb",
        "TagResource",
        {"ResourceArn": f"{DYNAMODB}t", "Tags": []},
        {"dynamodb:TagResource": [f"{DYNAMODB}t"]},
    ),
    (
        "dynamodbstreams",
        "DescribeStream",
        {"StreamArn": f"{DYNAMODB}t/stream/2026"},
        {"dynamodb:DescribeStream": [f"{DYNAMODB}t/stream/2026"]},
    ),
    # SQS and SNS
    ("sqs", "SendMessage", {"QueueUrl": QUEUE_URL}, {"sqs:SendMessage": [f"{SQS}jobs"]}),
    (
        "sqs",
        "ReceiveMessage",
        {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/210987654321/jobs.fifo"},
        {"sqs:ReceiveMessage": ["arn:aws:sqs:eu-west-1:210987654321:jobs.fifo"]},
    ),
    ("sqs", "SendMessageBatch", {"QueueUrl": QUEUE_URL}, {"sqs:SendMessage": [f"{SQS}jobs"]}),
    ("sqs", "DeleteMessageBatch", {"QueueUrl": QUEUE_URL}, {"sqs:DeleteMessage": [f"{SQS}jobs"]}),
    (
        "sqs",
        "ChangeMessageVisibilityBatch",
        {"QueueUrl": QUEUE_URL},
        {"sqs:ChangeMessageVisibility": [f"{SQS}jobs"]},
    ),
    ("sqs", "GetQueueUrl", {"QueueName": "jobs"}, {"sqs:GetQueueUrl": [f"{SQS}jobs"]}),
    ("sqs", "PurgeQueue", {"QueueUrl": UNKNOWN}, {"sqs:PurgeQueue": [f"{SQS}*"]}),
    ("sqs", "ListQueues", {}, {"sqs:ListQueues": ["*"]}),
    ("sns", "Publish", {"TopicArn": TOPIC}, {"sns:Publish": [TOPIC]}),
    ("sns", "Publish", {"TargetArn": f"{SNS}app/x"}, {"sns:Publish": [f"{SNS}app/x"]}),
    ("sns", "Publish", {"PhoneNumber": "+15550100"}, {"sns:Publish": ["*"]}),
    ("sns", "PublishBatch", {"TopicArn": TOPIC}, {"sns:Publish": [TOPIC]}),
    ("sns", "Subscribe", {"TopicArn": TOPIC, "Protocol": "sqs"}, {"sns:Subscribe": [TOPIC]}),
    ("sns", "Unsubscribe", {"SubscriptionArn": f"{TOPIC}:1-2"}, {"sns:Unsubscribe": [TOPIC]}),
    ("sns", "CreateTopic", {"Name": "news"}, {"sns:CreateTopic": [TOPIC]}),
    ("sns", "ListTopics", {}, {"sns:ListTopics": ["*"]}),
    # Mail
    (
        "ses",
        "SendEmail",
        {"Source": "Shop <shop@example.com>"},
        {"ses:SendEmail": [f"arn:aws:ses:{AT}:identity/*example.com"]},
    ),
    (
        "sesv2",
        "SendEmail",
        {"FromEmailAddress": "shop@example.com", "ConfigurationSetName": "c"},
        {
            "ses:SendEmail": [
                f"arn:aws:ses:{AT}:configuration-set/c",
                f"arn:aws:ses:{AT}:identity/*example.com",
            ]
        },
    ),
    (
        "sesv2",
        "GetEmailIdentity",
        {"EmailIdentity": "shop@example.com"},
        {"ses:GetEmailIdentity": [f"arn:aws:ses:{AT}:identity/shop@example.com"]},
    ),
    (
        "sesv2",
        "GetEmailTemplate",
        {"TemplateName": "hello"},
        {"ses:GetEmailTemplate": [f"arn:aws:ses:{AT}:template/hello"]},
    ),
    # Lambda
    ("lambda", "Invoke", {"FunctionName": "f"}, {"lambda:InvokeFunction": [f"{LAMBDA}f"]}),
    (
        "lambda",
        "Invoke",
        {"FunctionName": "f", "Qualifier": "live"},
        {"lambda:InvokeFunction": [f"{LAMBDA}f:live"]},
    ),
    ("lambda", "Invoke", {"FunctionName": "f:3"}, {"lambda:InvokeFunction": [f"{LAMBDA}f:3"]}),
    (
        "lambda",
        "Invoke",
        {"FunctionName": "123456789012:function:f"},
        {"lambda:InvokeFunction": [f"{LAMBDA}f"]},
    ),
    (
        "lambda",
        "InvokeWithResponseStream",
        {"FunctionName": "arn:aws:lambda:eu-west-1:210987654321:function:f"},
        {"lambda:InvokeFunction": ["arn:aws:lambda:eu-west-1:210987654321:function:f"]},
    ),
    (
        "lambda",
        "CreateFunction",
        {"FunctionName": "f", "Role": ROLE},
        {"lambda:CreateFunction": [f"{LAMBDA}f"], "iam:PassRole": [ROLE]},
    ),
    (
        "lambda",
        "UpdateFunctionConfiguration",
        {"FunctionName": "f"},
        {"lambda:UpdateFunctionConfiguration": [f"{LAMBDA}f"]},
    ),
    ("lambda", "ListFunctions", {}, {"lambda:ListFunctions": ["*"]}),
    (
        "lambda",
        "PublishLayerVersion",
        {"LayerName": "deps"},
        {"lambda:PublishLayerVersion": [f"arn:aws:lambda:{AT}:layer:deps"]},
    ),
    (
        "lambda",
        "GetLayerVersion",
        {"LayerName": "deps", "VersionNumber": 3},
        {"lambda:GetLayerVersion": [f"arn:aws:lambda:{AT}:layer:deps:3"]},
    ),
    (
        "lambda",
        "DeleteEventSourceMapping",
        {"UUID": "1-2"},
        {"lambda:DeleteEventSourceMapping": [f"arn:aws:lambda:{AT}:event-source-mapping:1-2"]},
    ),
    (
        "lambda",
        "CreateFunction",
        {
            "FunctionName": "f",
            "Role": ROLE,
            "Code": {"S3Bucket": "b", "S3Key": "k"},
            "Layers": [f"arn:aws:lambda:{AT}:layer:deps:3"],
            "Tags": {"a": "b"},
        },
        {
            "lambda:CreateFunction": [f"{LAMBDA}f"],
            "lambda:TagResource": [f"{LAMBDA}f"],
            "lambda:GetLayerVersion": [f"arn:aws:lambda:{AT}:layer:deps:3"],
            "s3:GetObject": [f"{S3}b/k"],
            "iam:PassRole": [ROLE],
        },
    ),
    # Parameters, secrets, keys
    ("ssm", "GetParameter", {"Name": "/shop/url"}, {"ssm:GetParameter": [f"{SSM}shop/url"]}),
    ("ssm", "GetParameter", {"Name": "plain:3"}, {"ssm:GetParameter": [f"{SSM}plain"]}),
    ("ssm", "GetParameter", {"Name": "/shop/*"}, {"ssm:GetParameter": [f"{SSM}shop/*"]}),
    (
        "ssm",
        "GetParameters",
        {"Names": ["/a", "b"], "WithDecryption": False},
        {"ssm:GetParameters": [f"{SSM}a", f"{SSM}b"]},
    ),
    ("ssm", "GetParametersByPath", {"Path": "/shop"}, {"ssm:GetParametersByPath": [f"{SSM}shop"]}),
    (
        "ssm",
        "PutParameter",
        {"Name": "/a", "Type": "String", "Value": "1"},
        {"ssm:PutParameter": [f"{SSM}a"]},
    ),
    (
        "ssm",
        "PutParameter",
        {"Name": "/a", "Type": "SecureString", "KeyId": f"{KMS}1-2"},
        {"ssm:PutParameter": [f"{SSM}a"], "kms:Encrypt": [f"{KMS}1-2"]},
    ),
    (
        "ssm",
        "AddTagsToResource",
        {"ResourceType": "Parameter", "ResourceId": "/a", "Tags": []},
        {"ssm:AddTagsToResource": [f"{SSM}a"]},
    ),
    (
        "ssm",
        "SendCommand",
        {"DocumentName": "restart", "InstanceIds": ["i-1"]},
        {
            "ssm:SendCommand": [
                f"arn:aws:ec2:{AT}:instance/i-1",
                f"arn:aws:ssm:{AT}:document/restart",
            ]
        },
    ),
    ("ssm", "DescribeParameters", {}, {"ssm:DescribeParameters": ["*"]}),
    (
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": "db"},
        {"secretsmanager:GetSecretValue": [f"{SECRET}db-??????"]},
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": f"{SECRET}db-AbC123"},
        {"secretsmanager:GetSecretValue": [f"{SECRET}db-AbC123"]},
    ),
    (
        "secretsmanager",
        "CreateSecret",
        {"Name": "db"},
        {"secretsmanager:CreateSecret": [f"{SECRET}db-??????"]},
    ),
    ("secretsmanager", "ListSecrets", {}, {"secretsmanager:ListSecrets": ["*"]}),
    ("kms", "Decrypt", {"KeyId": "1-2"}, {"kms:Decrypt": [f"{KMS}1-2"]}),
    ("kms", "Encrypt", {"KeyId": f"{KMS}1-2"}, {"kms:Encrypt": [f"{KMS}1-2"]}),
    ("kms", "GenerateDataKey", {"KeyId": "alias/app"}, {"kms:GenerateDataKey": [f"{KMS}*"]}),
    (
        "kms",
        "ReEncrypt",
        {"SourceKeyId": "1", "DestinationKeyId": "2"},
        {"kms:ReEncryptFrom": [f"{KMS}1"], "kms:ReEncryptTo": [f"{KMS}2"]},
    ),
    (
        "kms",
        "CreateAlias",
        {"AliasName": "alias/app", "TargetKeyId": "1-2"},
        {"kms:CreateAlias": [f"arn:aws:kms:{AT}:alias/app", f"{KMS}1-2"]},
    ),
    ("kms", "ListKeys", {}, {"kms:ListKeys": ["*"]}),
    # Streams
    ("kinesis", "PutRecord", {"StreamName": "s"}, {"kinesis:PutRecord": [f"{KINESIS}s"]}),
    (
        "kinesis",
        "PutRecords",
        {"StreamARN": f"{KINESIS}s"},
        {"kinesis:PutRecords": [f"{KINESIS}s"]},
    ),
    (
        "firehose",
        "PutRecordBatch",
        {"DeliveryStreamName": "d"},
        {"firehose:PutRecordBatch": [f"arn:aws:firehose:{AT}:deliverystream/d"]},
    ),
    # Workflows and events
    (
        "stepfunctions",
        "StartExecution",
        {"stateMachineArn": MACHINE},
        {"states:StartExecution": [MACHINE]},
    ),
    (
        "stepfunctions",
        "DescribeExecution",
        {"executionArn": f"{STATES}execution:flow:1"},
        {"states:DescribeExecution": [f"{STATES}execution:flow:1"]},
    ),
    (
        "stepfunctions",
        "CreateStateMachine",
        {"name": "flow", "roleArn": ROLE},
        {"states:CreateStateMachine": [MACHINE], "iam:PassRole": [ROLE]},
    ),
    ("stepfunctions", "SendTaskSuccess", {"taskToken": "t"}, {"states:SendTaskSuccess": ["*"]}),
    (
        "events",
        "PutEvents",
        {"Entries": [{"Source": "shop"}]},
        {"events:PutEvents": [f"{EVENTS}event-bus/default"]},
    ),
    (
        "events",
        "PutEvents",
        {"Entries": [{"EventBusName": "a"}, {"EventBusName": f"{EVENTS}event-bus/b"}]},
        {"events:PutEvents": [f"{EVENTS}event-bus/a", f"{EVENTS}event-bus/b"]},
    ),
    ("events", "PutRule", {"Name": "r"}, {"events:PutRule": [f"{EVENTS}rule/r"]}),
    (
        "events",
        "PutRule",
        {"Name": "r", "EventBusName": "a"},
        {"events:PutRule": [f"{EVENTS}rule/a/r"]},
    ),
    (
        "events",
        "PutTargets",
        {"Rule": "r", "Targets": [{"Id": "1", "RoleArn": ROLE}]},
        {"events:PutTargets": [f"{EVENTS}rule/r"], "iam:PassRole": [ROLE]},
    ),
    (
        "scheduler",
        "CreateSchedule",
        {"Name": "n", "Target": {"RoleArn": ROLE}},
        {
            "scheduler:CreateSchedule": [f"arn:aws:scheduler:{AT}:schedule/default/n"],
            "iam:PassRole": [ROLE],
        },
    ),
    (
        "scheduler",
        "DeleteSchedule",
        {"Name": "n", "GroupName": "g"},
        {"scheduler:DeleteSchedule": [f"arn:aws:scheduler:{AT}:schedule/g/n"]},
    ),
    # Logs, metrics, traces
    ("logs", "CreateLogGroup", {"logGroupName": "/a"}, {"logs:CreateLogGroup": [f"{LOGS}/a:*"]}),
    (
        "logs",
        "PutLogEvents",
        {"logGroupName": "/a", "logStreamName": "s"},
        {"logs:PutLogEvents": [f"{LOGS}/a:log-stream:s"]},
    ),
    (
        "logs",
        "CreateLogGroup",
        {"logGroupName": "/a", "tags": {"k": "v"}},
        {"logs:CreateLogGroup": [f"{LOGS}/a:*"], "logs:TagResource": [f"{LOGS}/a"]},
    ),
    ("logs", "FilterLogEvents", {"logGroupName": "/a"}, {"logs:FilterLogEvents": [f"{LOGS}/a:*"]}),
    (
        "logs",
        "StartQuery",
        {"logGroupNames": ["/a", "/b"]},
        {"logs:StartQuery": [f"{LOGS}/a:*", f"{LOGS}/b:*"]},
    ),
    ("cloudwatch", "PutMetricData", {"Namespace": "n"}, {"cloudwatch:PutMetricData": ["*"]}),
    ("cloudwatch", "GetMetricData", {}, {"cloudwatch:GetMetricData": ["*"]}),
    (
        "cloudwatch",
        "PutMetricAlarm",
        {"AlarmName": "a"},
        {"cloudwatch:PutMetricAlarm": [f"arn:aws:cloudwatch:{AT}:alarm:a"]},
    ),
    (
        "cloudwatch",
        "GetDashboard",
        {"DashboardName": "d"},
        {"cloudwatch:GetDashboard": ["arn:aws:cloudwatch::123456789012:dashboard/d"]},
    ),
    ("xray", "PutTraceSegments", {}, {"xray:PutTraceSegments": ["*"]}),
    # Identity
    ("sts", "GetCallerIdentity", {}, {}),
    ("sts", "GetSessionToken", {}, {}),
    ("sts", "AssumeRole", {"RoleArn": ROLE}, {"sts:AssumeRole": [ROLE]}),
    (
        "sts",
        "AssumeRole",
        {"RoleArn": ROLE, "Tags": [{"Key": "a", "Value": "b"}]},
        {"sts:AssumeRole": [ROLE], "sts:TagSession": [ROLE]},
    ),
    ("sts", "AssumeRoleWithWebIdentity", {"RoleArn": ROLE}, {}),
    ("cognito-idp", "InitiateAuth", {"ClientId": "c"}, {}),
    ("cognito-idp", "SignUp", {"ClientId": "c"}, {}),
    (
        "cognito-idp",
        "AdminGetUser",
        {"UserPoolId": "us-east-1_x"},
        {"cognito-idp:AdminGetUser": [f"arn:aws:cognito-idp:{AT}:userpool/us-east-1_x"]},
    ),
    ("cognito-identity", "GetId", {"IdentityPoolId": "p"}, {}),
    (
        "cognito-identity",
        "DescribeIdentityPool",
        {"IdentityPoolId": "p"},
        {
            "cognito-identity:DescribeIdentityPool": [
                f"arn:aws:cognito-identity:{AT}:identitypool/p"
            ]
        },
    ),
    ("iam", "GetRole", {"RoleName": "worker"}, {"iam:GetRole": [ROLE]}),
    ("iam", "GetUser", {"UserName": "u"}, {"iam:GetUser": [f"{IAM}user/u"]}),
    (
        "iam",
        "AttachRolePolicy",
        {"RoleName": "worker", "PolicyArn": "arn:aws:iam::aws:policy/P"},
        {"iam:AttachRolePolicy": [ROLE]},
    ),
    (
        "iam",
        "GetPolicy",
        {"PolicyArn": "arn:aws:iam::aws:policy/P"},
        {"iam:GetPolicy": ["arn:aws:iam::aws:policy/P"]},
    ),
    (
        "iam",
        "CreateRole",
        {"RoleName": "worker", "Tags": [{"Key": "a", "Value": "b"}]},
        {"iam:CreateRole": [ROLE], "iam:TagRole": [ROLE]},
    ),
    ("iam", "ListRoles", {}, {"iam:ListRoles": ["*"]}),
    # API Gateway
    ("apigateway", "CreateRestApi", {"name": "n"}, {"apigateway:POST": [f"{APIGATEWAY}/restapis"]}),
    (
        "apigateway",
        "GetMethod",
        {"restApiId": "a", "resourceId": "r", "httpMethod": "GET"},
        {"apigateway:GET": [f"{APIGATEWAY}/restapis/a/resources/r/methods/GET"]},
    ),
    (
        "apigateway",
        "UpdateStage",
        {"restApiId": "a", "stageName": "api"},
        {"apigateway:PATCH": [f"{APIGATEWAY}/restapis/a/stages/api"]},
    ),
    (
        "apigateway",
        "DeleteRestApi",
        {"restApiId": UNKNOWN},
        {"apigateway:DELETE": [f"{APIGATEWAY}/restapis/*"]},
    ),
    ("apigatewayv2", "GetApi", {"ApiId": "a"}, {"apigateway:GET": [f"{APIGATEWAY}/apis/a"]}),
    (
        "apigatewayv2",
        "CreateRoute",
        {"ApiId": "a", "RouteKey": "$default"},
        {"apigateway:POST": [f"{APIGATEWAY}/apis/a/routes"]},
    ),
    (
        "apigatewaymanagementapi",
        "PostToConnection",
        {"ConnectionId": "c", "Data": "x"},
        {"execute-api:ManageConnections": [f"{EXECUTE}*/*/POST/@connections/*"]},
    ),
    (
        "apigatewaymanagementapi",
        "DeleteConnection",
        {"ConnectionId": "c", "ApiId": "a", "Stage": "api"},
        {"execute-api:ManageConnections": [f"{EXECUTE}a/api/DELETE/@connections/*"]},
    ),
    # Data
    (
        "rds-data",
        "ExecuteStatement",
        {"resourceArn": f"arn:aws:rds:{AT}:cluster:c", "secretArn": f"{SECRET}db-AbC123"},
        {
            "rds-data:ExecuteStatement": [f"arn:aws:rds:{AT}:cluster:c"],
            "secretsmanager:GetSecretValue": [f"{SECRET}db-AbC123"],
        },
    ),
    (
        "athena",
        "StartQueryExecution",
        {"QueryString": "select 1"},
        {"athena:StartQueryExecution": [f"arn:aws:athena:{AT}:workgroup/primary"]},
    ),
    (
        "athena",
        "StartQueryExecution",
        {
            "QueryString": "select 1",
            "WorkGroup": "w",
            "ResultConfiguration": {"OutputLocation": "s3://b/results/"},
        },
        {
            "athena:StartQueryExecution": [f"arn:aws:athena:{AT}:workgroup/w"],
            "s3:GetBucketLocation": [f"{S3}b"],
            "s3:PutObject": [f"{S3}b/results/*"],
        },
    ),
    (
        "athena",
        "CreateNamedQuery",
        {"Name": "n", "WorkGroup": "w", "QueryString": "select 1"},
        {"athena:CreateNamedQuery": [f"arn:aws:athena:{AT}:workgroup/w"]},
    ),
    (
        "athena",
        "GetWorkGroup",
        {"WorkGroup": "w"},
        {"athena:GetWorkGroup": [f"arn:aws:athena:{AT}:workgroup/w"]},
    ),
    (
        "glue",
        "GetTable",
        {"DatabaseName": "d", "Name": "t"},
        {"glue:GetTable": [f"{GLUE}catalog", f"{GLUE}database/d", f"{GLUE}table/d/t"]},
    ),
    (
        "glue",
        "GetPartitions",
        {"CatalogId": "123456789012", "DatabaseName": "d", "TableName": "t"},
        {"glue:GetPartitions": [f"{GLUE}catalog", f"{GLUE}database/d", f"{GLUE}table/d/t"]},
    ),
    (
        "glue",
        "DeleteDatabase",
        {"Name": "d"},
        {
            "glue:DeleteDatabase": [
                f"{GLUE}catalog",
                f"{GLUE}database/d",
                f"{GLUE}table/d/*",
                f"{GLUE}userDefinedFunction/d/*",
            ]
        },
    ),
    ("glue", "StartJobRun", {"JobName": "j"}, {"glue:StartJobRun": [f"{GLUE}job/j"]}),
    (
        "iot-data",
        "Publish",
        {"topic": "a/b"},
        {"iot:Publish": [f"arn:aws:iot:{AT}:topic/a/b"]},
    ),
    (
        "iot-data",
        "GetThingShadow",
        {"thingName": "t"},
        {"iot:GetThingShadow": [f"arn:aws:iot:{AT}:thing/t"]},
    ),
    # Machine learning
    (
        "bedrock-runtime",
        "InvokeModel",
        {"modelId": "amazon.nova-micro-v1:0"},
        {"bedrock:InvokeModel": [f"{BEDROCK}amazon.nova-micro-v1:0"]},
    ),
    (
        "bedrock-runtime",
        "ConverseStream",
        {"modelId": "us.amazon.nova-micro-v1:0"},
        {
            "bedrock:InvokeModelWithResponseStream": [
                "arn:aws:bedrock:*::foundation-model/amazon.nova-micro-v1:0",
                f"arn:aws:bedrock:{AT}:inference-profile/us.amazon.nova-micro-v1:0",
            ]
        },
    ),
    (
        "rekognition",
        "DetectLabels",
        {"Image": {"S3Object": {"Bucket": "b", "Name": "k"}}},
        {"rekognition:DetectLabels": ["*"], "s3:GetObject": [f"{S3}b/k"]},
    ),
    (
        "rekognition",
        "SearchFacesByImage",
        {"CollectionId": "c", "Image": {"Bytes": b""}},
        {"rekognition:SearchFacesByImage": [f"arn:aws:rekognition:{AT}:collection/c"]},
    ),
    (
        "textract",
        "StartDocumentTextDetection",
        {"DocumentLocation": {"S3Object": {"Bucket": "b", "Name": "k"}}},
        {"textract:StartDocumentTextDetection": ["*"], "s3:GetObject": [f"{S3}b/k"]},
    ),
    (
        "transcribe",
        "StartTranscriptionJob",
        {"Media": {"MediaFileUri": "s3://b/talk.mp3"}, "OutputBucketName": "out"},
        {
            "transcribe:StartTranscriptionJob": ["*"],
            "s3:GetObject": [f"{S3}b/talk.mp3"],
            "s3:PutObject": [f"{S3}out/*"],
        },
    ),
    (
        "bedrock-agent-runtime",
        "InvokeAgent",
        {"agentId": "a", "agentAliasId": "b"},
        {"bedrock:InvokeAgent": [f"arn:aws:bedrock:{AT}:agent-alias/a/b"]},
    ),
    (
        "lexv2-runtime",
        "RecognizeText",
        {"botId": "i", "botAliasId": "a", "text": "t"},
        {"lex:RecognizeText": [f"arn:aws:lex:{AT}:bot-alias/i/a"]},
    ),
    (
        "lex-runtime",
        "PostText",
        {"botName": "n", "botAlias": "a", "inputText": "t"},
        {"lex:PostText": [f"arn:aws:lex:{AT}:bot:n:a"]},
    ),
    (
        "sagemaker-runtime",
        "InvokeEndpoint",
        {"EndpointName": "e"},
        {"sagemaker:InvokeEndpoint": [f"arn:aws:sagemaker:{AT}:endpoint/e"]},
    ),
    ("comprehend", "DetectSentiment", {"Text": "t"}, {"comprehend:DetectSentiment": ["*"]}),
    ("translate", "TranslateText", {"Text": "t"}, {"translate:TranslateText": ["*"]}),
    ("polly", "SynthesizeSpeech", {"Text": "t"}, {"polly:SynthesizeSpeech": ["*"]}),
    # Computing
    ("ec2", "DescribeInstances", {}, {"ec2:DescribeInstances": ["*"]}),
    (
        "ec2",
        "StartInstances",
        {"InstanceIds": ["i-1", "i-2"]},
        {"ec2:StartInstances": [f"{EC2}instance/i-1", f"{EC2}instance/i-2"]},
    ),
    (
        "ec2",
        "RunInstances",
        {
            "ImageId": "ami-1",
            "SubnetId": "subnet-1",
            "IamInstanceProfile": {"Name": "p"},
            "TagSpecifications": [{"ResourceType": "instance"}],
        },
        {
            "ec2:RunInstances": [
                f"{EC2}instance/*",
                f"{EC2}network-interface/*",
                f"{EC2}security-group/*",
                f"{EC2}subnet/subnet-1",
                "arn:aws:ec2:us-east-1::image/ami-1",
            ],
            "ec2:CreateTags": [f"{EC2}instance/*"],
            "iam:PassRole": [f"{IAM}role/*"],
        },
    ),
    (
        "ecs",
        "RunTask",
        {"taskDefinition": "web:3", "overrides": {"taskRoleArn": ROLE}},
        {"ecs:RunTask": [f"{ECS}task-definition/web:3"], "iam:PassRole": [ROLE]},
    ),
    (
        "ecs",
        "UpdateService",
        {"cluster": "c", "service": "s"},
        {"ecs:UpdateService": [f"{ECS}service/c/s"]},
    ),
    ("ecs", "StopTask", {"task": "1"}, {"ecs:StopTask": [f"{ECS}task/default/1"]}),
    (
        "batch",
        "SubmitJob",
        {"jobName": "j", "jobQueue": "q", "jobDefinition": "d:1"},
        {"batch:SubmitJob": [f"{BATCH}job-definition/d:1", f"{BATCH}job-queue/q", f"{BATCH}job/*"]},
    ),
    (
        "cloudformation",
        "CreateStack",
        {"StackName": "s", "RoleARN": ROLE},
        {"cloudformation:CreateStack": [f"{STACK}s/*"], "iam:PassRole": [ROLE]},
    ),
    (
        "cloudformation",
        "DescribeStacks",
        {"StackName": f"{STACK}s/1-2"},
        {"cloudformation:DescribeStacks": [f"{STACK}s/1-2"]},
    ),
    # Others, by rule alone
    (
        "ecr",
        "BatchGetImage",
        {"repositoryName": "r"},
        {"ecr:BatchGetImage": [f"arn:aws:ecr:{AT}:repository/r"]},
    ),
    (
        "route53",
        "ChangeResourceRecordSets",
        {"HostedZoneId": "Z1"},
        {"route53:ChangeResourceRecordSets": ["arn:aws:route53:::hostedzone/Z1"]},
    ),
    (
        "wafv2",
        "GetWebACL",
        {"Name": "n", "Id": "1-2", "Scope": "REGIONAL"},
        {"wafv2:GetWebACL": [f"arn:aws:wafv2:{AT}:REGIONAL/webacl/n/1-2"]},
    ),
    (
        "timestream-write",
        "WriteRecords",
        {"DatabaseName": "d", "TableName": "t"},
        {"timestream:WriteRecords": [f"arn:aws:timestream:{AT}:database/d/table/t"]},
    ),
    (
        "rds",
        "StopDBCluster",
        {"DBClusterIdentifier": "c"},
        {"rds:StopDBCluster": [f"arn:aws:rds:{AT}:cluster:c"]},
    ),
    (
        "appconfigdata",
        "GetLatestConfiguration",
        {"ConfigurationToken": "t"},
        {
            "appconfig:GetLatestConfiguration": [
                f"arn:aws:appconfig:{AT}:application/*/environment/*/configuration/*"
            ]
        },
    ),
    ("resourcegroupstaggingapi", "GetResources", {}, {"tag:GetResources": ["*"]}),
    (
        "keyspaces",
        "DeleteTable",
        {"keyspaceName": "k", "tableName": "t"},
        {
            "cassandra:Drop": [
                f"arn:aws:cassandra:{AT}:/keyspace/k/",
                f"arn:aws:cassandra:{AT}:/keyspace/k/table/t",
            ]
        },
    ),
]


def identity(row: Row) -> str:
    service, operation, parameters, _ = row
    return f"{service}-{operation}-{'+'.join(parameters) or 'nothing'}"


def certain(needed: tuple[Need, ...]) -> dict[str, list[str]]:
    return {need.action: sorted(need.resources) for need in needed if need.perhaps is None}


@pytest.mark.parametrize("row", ROWS, ids=identity)
def test_a_call_needs_what_the_documentation_says(row: Row) -> None:
    service, operation, parameters, expected = row
    assert certain(needs(service, operation, parameters, HERE)) == {
        action: sorted(arns) for action, arns in expected.items()
    }
