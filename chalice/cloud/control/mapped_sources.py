"""What a mapping reads: whether it is there, and where its end is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaFunction
from moto.dynamodb.models import dynamodb_backends
from moto.kinesis.models import kinesis_backends
from moto.sqs.models import sqs_backends

from chalice.cloud.control.mapping_settings import Kind


def check_source(
    kind: Kind, settings: Mapping[str, Any], function: LambdaFunction, account: str
) -> None:
    """Raise what AWS answers when the source is not there, or no use to the function."""
    arn = str(settings.get("EventSourceArn", ""))
    match kind:
        case "sqs" | "sqs-fifo":
            region, name = arn.split(":")[3], arn.split(":")[5]
            queue = sqs_backends[account][region].queues.get(name)
            if queue is None or queue.queue_arn != arn:
                raise InvalidParameterValueException(
                    "Error occurred while ReceiveMessage. SQS Error Code: "
                    "AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified "
                    "queue does not exist."
                )
            visibility: int = vars(queue)["visibility_timeout"]
            if visibility < int(function.timeout):
                raise InvalidParameterValueException(
                    f"Queue visibility timeout: {visibility} seconds is less than Function "
                    f"timeout: {function.timeout} seconds"
                )
        case "kinesis" | "dynamodb" if not _shards(kind, arn, account):
            raise InvalidParameterValueException(f"Stream not found: {arn}")


def newest_positions(kind: Kind, arn: str, account: str) -> dict[str, list[int]]:
    """Return the newest sequence number of each shard of a stream."""
    return {shard: [newest] for shard, newest in _shards(kind, arn, account).items()}


def _shards(kind: Kind, arn: str, account: str) -> dict[str, int]:
    """Return the newest sequence number by shard; none for a stream that is not there."""
    region, resource = arn.split(":")[3], arn.split(":", 5)[5]
    if kind == "kinesis":
        stream = kinesis_backends[account][region].streams.get(resource.split("/")[1])
        shards = stream.shards.values() if stream else ()
        return {shard.shard_id: shard.get_max_sequence_number() for shard in shards}
    table = dynamodb_backends[account][region].tables.get(resource.split("/")[1])
    shard = table.stream_shard if table else None
    if table is None or shard is None or table.latest_stream_label != resource.split("/", 3)[3]:
        return {}
    return {shard.id: shard.starting_sequence_number + len(shard.items) - 1}
