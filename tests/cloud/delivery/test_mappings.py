"""Event source mappings: what they keep, and what they refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalice.cloud import CloudStatus
from tests.cloud.aws import client, error_of, unique
from tests.cloud.delivery.lab import Subject, connect, make_queue, subject

MSK = "arn:aws:kafka:us-east-1:123456789012:cluster/orders/7a2b-4c"
INVALID = (400, "InvalidParameterValueException")
UNMET = (400, "ValidationException")


@pytest.fixture(scope="module")
def function(cloud: CloudStatus) -> Subject:
    return subject(cloud)


@pytest.fixture
def functions(cloud: CloudStatus) -> Any:
    return client(cloud, "lambda")


@pytest.fixture
def stream(cloud: CloudStatus) -> str:
    name = unique("stream")
    client(cloud, "kinesis").create_stream(StreamName=name, ShardCount=1)
    return f"arn:aws:kinesis:us-east-1:123456789012:stream/{name}"


def shown(found: dict[str, Any]) -> dict[str, Any]:
    changing = ("ResponseMetadata", "UUID", "LastModified", "EventSourceMappingArn")
    return {name: value for name, value in found.items() if name not in changing}


def refusal(call: Any, **parameters: Any) -> tuple[tuple[int, str], str]:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return error_of(refused.value), refused.value.response["Error"]["Message"]


def test_a_mapping_of_a_queue_has_defaults(
    cloud: CloudStatus, functions: Any, function: Subject
) -> None:
    _, arn = make_queue(cloud)
    made = functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=function.name)
    expected = {
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "EventSourceArn": arn,
        "FunctionArn": function.arn,
        "FunctionResponseTypes": [],
        "LastProcessingResult": "No records processed",
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
    }
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert shown(made) == expected
    found = functions.get_event_source_mapping(UUID=made["UUID"])
    assert shown(found) == {**expected, "State": "Enabled"}
    assert found["EventSourceMappingArn"].endswith(f":event-source-mapping:{made['UUID']}")
    deleted = functions.delete_event_source_mapping(UUID=made["UUID"])
    assert deleted["State"] == "Deleting"
    for call in ("get", "delete", "update"):
        error, _ = refusal(getattr(functions, f"{call}_event_source_mapping"), UUID=made["UUID"])
        assert error == (404, "ResourceNotFoundException")


def test_a_mapping_of_a_stream_keeps_all_it_is_told(
    functions: Any, function: Subject, stream: str
) -> None:
    defaults = {
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "TumblingWindowInSeconds": 0,
    }
    made = functions.create_event_source_mapping(
        EventSourceArn=stream, FunctionName=function.arn, StartingPosition="LATEST"
    )
    assert {name: made[name] for name in defaults} == defaults
    settings = {
        "BatchSize": 7,
        "BisectBatchOnFunctionError": True,
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:1:dead"}},
        "FilterCriteria": {"Filters": [{"Pattern": '{"data": {"a": [1]}}'}]},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumBatchingWindowInSeconds": 5,
        "MaximumRecordAgeInSeconds": 60,
        "MaximumRetryAttempts": 3,
        "ParallelizationFactor": 2,
        "TumblingWindowInSeconds": 30,
    }
    functions.update_event_source_mapping(UUID=made["UUID"], **settings)
    found = functions.get_event_source_mapping(UUID=made["UUID"])
    assert {name: found[name] for name in settings} == settings
    assert found["StartingPosition"] == "LATEST"
    functions.delete_event_source_mapping(UUID=made["UUID"])


def test_an_update_changes_what_it_says_and_clears_what_it_empties(
    cloud: CloudStatus, functions: Any, function: Subject
) -> None:
    _, arn = make_queue(cloud)
    filters = {"Filters": [{"Pattern": '{"body": {"a": [1]}}'}]}
    scaling = {"MaximumConcurrency": 5}
    uuid = connect(
        cloud, arn, function, FilterCriteria=filters, ScalingConfig=scaling, Enabled=False
    )
    updated = functions.update_event_source_mapping(UUID=uuid, BatchSize=3)
    assert updated["State"] == "Updating"
    found = functions.get_event_source_mapping(UUID=uuid)
    assert (found["BatchSize"], found["State"]) == (3, "Disabled")
    assert (found["FilterCriteria"], found["ScalingConfig"]) == (filters, scaling)
    functions.update_event_source_mapping(
        UUID=uuid, FilterCriteria={}, ScalingConfig={}, Enabled=True
    )
    found = functions.get_event_source_mapping(UUID=uuid)
    assert not {"FilterCriteria", "ScalingConfig"} & set(found)
    assert found["State"] == "Enabled"


def test_mappings_are_listed_by_function_and_by_source_in_pages(
    cloud: CloudStatus, functions: Any
) -> None:
    function = subject(cloud)
    queues = [make_queue(cloud)[1] for _ in range(3)]
    uuids = [connect(cloud, arn, function) for arn in queues]
    for name in (function.name, function.arn, f"123456789012:function:{function.name}"):
        pages = list(
            functions.get_paginator("list_event_source_mappings").paginate(
                FunctionName=name, PaginationConfig={"PageSize": 2}
            )
        )
        assert [len(page["EventSourceMappings"]) for page in pages] == [2, 1]
        found = [each["UUID"] for page in pages for each in page["EventSourceMappings"]]
        assert found == uuids
    (only,) = functions.list_event_source_mappings(EventSourceArn=queues[1])["EventSourceMappings"]
    assert only["UUID"] == uuids[1]
    nothing = functions.list_event_source_mappings(FunctionName="nobody")
    assert nothing["EventSourceMappings"] == []


def test_a_source_and_a_function_have_one_mapping(
    cloud: CloudStatus, functions: Any, function: Subject, stream: str
) -> None:
    _, queue = make_queue(cloud)
    first = connect(cloud, queue, function)
    error, sentence = refusal(
        functions.create_event_source_mapping, EventSourceArn=queue, FunctionName=function.arn
    )
    assert error == (409, "ResourceConflictException")
    assert sentence == (
        f'An event source mapping with SQS arn (" {queue} ") and function (" {function.name} ") '
        f"already exists. Please update or delete the existing mapping with UUID {first}"
    )
    second = connect(cloud, stream, function, StartingPosition="LATEST")
    error, sentence = refusal(
        functions.create_event_source_mapping,
        EventSourceArn=stream,
        FunctionName=function.name,
        StartingPosition="LATEST",
    )
    assert error == (409, "ResourceConflictException")
    assert sentence == (
        f'The event source arn (" {stream} ") and function (" {function.name} ") provided mapping '
        f"already exists. Please update or delete the existing mapping with UUID {second}"
    )
    other = subject(cloud)
    third = connect(cloud, queue, other)
    error, _ = refusal(
        functions.update_event_source_mapping, UUID=third, FunctionName=function.name
    )
    assert error == (409, "ResourceConflictException")


@pytest.mark.parametrize(
    ("source", "settings", "error", "sentence"),
    [
        ("queue", {"BatchSize": 11}, INVALID, "Maximum batch window in seconds must be greater"),
        ("queue", {"BatchSize": 10001}, UNMET, "Value '10001' at 'batchSize' failed to satisfy"),
        ("queue", {"StartingPosition": "LATEST"}, INVALID, "StartingPosition is not valid for SQS"),
        ("queue", {"ScalingConfig": {"MaximumConcurrency": 1001}}, UNMET, "or equal to 1000"),
        ("queue", {"FunctionResponseTypes": ["Other"]}, UNMET, "ReportBatchItemFailures"),
        ("queue", {"MaximumBatchingWindowInSeconds": 301}, UNMET, "less than or equal to 300"),
        ("fifo", {"BatchSize": 11}, INVALID, "BatchSize 11 exceeds the maximum of 10"),
        ("fifo", {"MaximumBatchingWindowInSeconds": 1}, INVALID, "not supported for FIFO"),
        ("stream", {}, UNMET, "Value null at 'startingPosition' failed to satisfy constraint"),
        ("stream", {"StartingPosition": "NOW"}, UNMET, "TRIM_HORIZON, LATEST, AT_TIMESTAMP"),
        ("stream", {"StartingPosition": "AT_TIMESTAMP"}, INVALID, "StartingPositionTimestamp is"),
        (
            "stream",
            {"StartingPosition": "LATEST", "ScalingConfig": {"MaximumConcurrency": 2}},
            INVALID,
            "ScalingConfig is not valid for Kinesis event sources.",
        ),
        ("stream", {"StartingPosition": "LATEST", "ParallelizationFactor": 11}, UNMET, "to 10"),
        ("stream", {"StartingPosition": "LATEST", "MaximumRecordAgeInSeconds": 5}, INVALID, "60"),
        ("arn:aws:sqs", {}, UNMET, "at 'eventSourceArn' failed to satisfy constraint"),
        ("nonsense", {}, UNMET, "at 'eventSourceArn' failed to satisfy constraint"),
        ("arn:aws:s3:us-east-1:123456789012:b", {}, INVALID, "Unrecognized event source."),
        ("arn:aws:kinesis:us-east-1:123456789012:x", {}, INVALID, "Invalid event source ARN"),
        ("arn:aws:sqs:us-east-1:123456789012:no", {}, INVALID, "NonExistentQueue"),
        (
            "arn:aws:kinesis:us-east-1:123456789012:stream/no",
            {"StartingPosition": "LATEST"},
            INVALID,
            "Stream not found: arn:aws:kinesis",
        ),
        (
            "arn:aws:dynamodb:us-east-1:123456789012:table/no/stream/2024-01-01T00:00:00.000",
            {"StartingPosition": "LATEST"},
            INVALID,
            "Stream not found: arn:aws:dynamodb",
        ),
        (MSK, {"StartingPosition": "LATEST"}, INVALID, "Topics must be specified"),
    ],
)
def test_what_cannot_be_is_refused_in_awss_words(
    cloud: CloudStatus,
    functions: Any,
    function: Subject,
    stream: str,
    source: str,
    settings: dict[str, Any],
    error: tuple[int, str],
    sentence: str,
) -> None:
    match source:
        case "queue" | "fifo":
            arn = make_queue(cloud, fifo=source == "fifo")[1]
        case "stream":
            arn = stream
        case _:
            arn = source
    refused, said = refusal(
        functions.create_event_source_mapping,
        EventSourceArn=arn,
        FunctionName=function.name,
        **settings,
    )
    assert refused == error
    assert sentence in said
    found = functions.list_event_source_mappings(EventSourceArn=arn)
    assert found["EventSourceMappings"] == []


def test_a_function_must_exist_and_be_quicker_than_the_queue(
    cloud: CloudStatus, functions: Any
) -> None:
    _, arn = make_queue(cloud, VisibilityTimeout=1)
    create = functions.create_event_source_mapping
    for name in ("nobody", "arn:aws:lambda:us-east-1:123456789012:function:nobody"):
        error, sentence = refusal(create, EventSourceArn=arn, FunctionName=name)
        assert (error, sentence) == (INVALID, "Function does not exist")
    slow = subject(cloud, Timeout=5)
    error, sentence = refusal(create, EventSourceArn=arn, FunctionName=slow.name)
    assert error == INVALID
    assert sentence == (
        "Queue visibility timeout: 1 seconds is less than Function timeout: 5 seconds"
    )


@pytest.mark.parametrize(
    "pattern", ["nonsense", "{}", '{"body": "text"}', '{"body": []}', '{"body": [{"like": "a"}]}']
)
def test_a_filter_must_be_a_pattern(
    cloud: CloudStatus, functions: Any, function: Subject, pattern: str
) -> None:
    _, arn = make_queue(cloud)
    error, sentence = refusal(
        functions.create_event_source_mapping,
        EventSourceArn=arn,
        FunctionName=function.name,
        FilterCriteria={"Filters": [{"Pattern": pattern}]},
    )
    assert error == INVALID
    assert sentence.startswith("Invalid filter pattern definition.")


def test_the_data_of_kinesis_is_matched_as_json_alone(
    functions: Any, function: Subject, stream: str
) -> None:
    error, _ = refusal(
        functions.create_event_source_mapping,
        EventSourceArn=stream,
        FunctionName=function.name,
        StartingPosition="LATEST",
        FilterCriteria={"Filters": [{"Pattern": json.dumps({"data": ["text"]})}]},
    )
    assert error == INVALID


def test_mappings_of_kafka_are_kept(functions: Any, function: Subject) -> None:
    managed = functions.create_event_source_mapping(
        EventSourceArn=MSK,
        FunctionName=function.name,
        StartingPosition="TRIM_HORIZON",
        Topics=["orders"],
        AmazonManagedKafkaEventSourceConfig={"ConsumerGroupId": "mine"},
        SourceAccessConfigurations=[{"Type": "SASL_SCRAM_512_AUTH", "URI": "arn:aws:s:::x"}],
    )
    found = functions.get_event_source_mapping(UUID=managed["UUID"])
    assert found["Topics"] == ["orders"]
    assert found["BatchSize"] == 100
    assert found["AmazonManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": "mine"}
    assert found["SourceAccessConfigurations"][0]["Type"] == "SASL_SCRAM_512_AUTH"
    brokers = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["localhost:9092"]}}
    own = functions.create_event_source_mapping(
        SelfManagedEventSource=brokers,
        FunctionName=function.name,
        StartingPosition="LATEST",
        Topics=["orders"],
    )
    found = functions.get_event_source_mapping(UUID=own["UUID"])
    assert found["SelfManagedEventSource"] == brokers
    assert found["SelfManagedKafkaEventSourceConfig"] == {"ConsumerGroupId": own["UUID"]}
    functions.update_event_source_mapping(UUID=own["UUID"], BatchSize=5)
    for made in (managed, own):
        functions.delete_event_source_mapping(UUID=made["UUID"])
    assert functions.list_event_source_mappings(EventSourceArn=MSK)["EventSourceMappings"] == []


def test_a_mapping_has_tags(cloud: CloudStatus, functions: Any, function: Subject) -> None:
    _, arn = make_queue(cloud)
    made = functions.create_event_source_mapping(
        EventSourceArn=arn, FunctionName=function.name, Tags={"a": "1"}
    )
    resource = made["EventSourceMappingArn"]
    functions.tag_resource(Resource=resource, Tags={"b": "2"})
    functions.untag_resource(Resource=resource, TagKeys=["a"])
    assert functions.list_tags(Resource=resource)["Tags"] == {"b": "2"}


def test_a_version_is_a_function_of_its_own(
    cloud: CloudStatus, functions: Any, function: Subject
) -> None:
    _, arn = make_queue(cloud)
    version = functions.publish_version(FunctionName=function.name)["Version"]
    functions.create_alias(FunctionName=function.name, Name="live", FunctionVersion=version)
    made = functions.create_event_source_mapping(
        EventSourceArn=arn, FunctionName=f"{function.name}:live"
    )
    assert made["FunctionArn"] == f"{function.arn}:live"
    client(cloud, "sqs").send_message(
        QueueUrl=client(cloud, "sqs").get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"],
        MessageBody="hello",
    )
    function.wait_for(1)
