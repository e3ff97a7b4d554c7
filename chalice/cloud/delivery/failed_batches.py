"""Tells the on-failure destination of a stream's mapping which records were given up.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

from __future__ import annotations

import datetime
import json
import logging
import uuid
from typing import Any

from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.utilities.utils import get_partition

from chalice.cloud.control.event_source_mappings import ServedMapping
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.cloud.delivery.retries import GivenUp

LOGGER = logging.getLogger(__name__)


def describe(
    mapping: ServedMapping, batch_name: str, shard: str, given_up: GivenUp
) -> dict[str, Any]:
    """Return what AWS sends: where the records are, not the records."""
    first, end = given_up.items[0], given_up.items[-1]
    last = given_up.last
    return {
        "requestContext": {
            "requestId": last.request_id if last else str(uuid.uuid4()),
            "functionArn": mapping.function_arn,
            "condition": given_up.condition,
            "approximateInvokeCount": given_up.attempts,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": last.error,
        }
        if last
        else None,
        "version": "1.0",
        "timestamp": _iso(datetime.datetime.now(datetime.timezone.utc).timestamp()),
        batch_name: {
            "shardId": shard,
            "startSequenceNumber": str(first.number),
            "endSequenceNumber": str(end.number),
            "approximateArrivalOfFirstRecord": _iso(first.arrived),
            "approximateArrivalOfLastRecord": _iso(end.arrived),
            "batchSize": len(given_up.items),
            "streamArn": mapping.event_source_arn,
        },
    }


def send(mapping: ServedMapping, document: dict[str, Any], shard: str, given_up: GivenUp) -> None:
    """Send a document to the destination of the mapping, if it has one that is there."""
    config = mapping.settings.get("DestinationConfig") or {}
    arn = (config.get("OnFailure") or {}).get("Destination")
    if not arn:
        return
    _, _, service, region, _, resource = arn.split(":", 5)
    try:
        match service:
            case "sqs":
                queues = sqs_backends[ACCOUNT][region]
                queues.send_message(resource, json.dumps(document))
            case "sns":
                topics = sns_backends[ACCOUNT][region]
                topics.publish(json.dumps(document), arn=arn)
            case "s3":
                event = {"Records": [dict(item.record) for item in given_up.items]}
                content = json.dumps({**document, "payload": json.dumps(event)}).encode()
                objects = s3_backends[ACCOUNT][get_partition(mapping.arn.split(":")[3])]
                objects.put_object(resource, _key(mapping, shard), content)
            case _:
                LOGGER.warning("%s is no destination for records that failed", arn)
    except Exception as error:  # whatever moto says of a destination that is not there
        LOGGER.warning("records of %s that failed are lost: %s: %s", mapping.arn, arn, error)


def _key(mapping: ServedMapping, shard: str) -> str:
    now = datetime.datetime.now(datetime.timezone.utc)
    name = f"{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
    return f"aws/lambda/{mapping.uuid}/{shard}/{now:%Y/%m/%d}/{name}"


def _iso(seconds: float) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
