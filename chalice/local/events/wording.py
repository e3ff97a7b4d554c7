"""Which handlers wait for what, in lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chalice.app import Chalice, KafkaEventConfig
from chalice.graph.functions import ALIAS
from chalice.model.resources import Resource
from chalice.model.triggers import BucketNotification, EventSourceMapping, Rule, TopicSubscription
from chalice.model.values import Ref, Value

_SHOWN = 5


def lines(resources: Iterable[Resource]) -> Iterator[str]:
    """Yield a line for each trigger: ``on_order gets the messages of queue `orders```."""
    for resource in resources:
        match resource:
            case EventSourceMapping(source=str(source)):
                what = _read(source)
            case Rule(schedule_expression=str(when)):
                yield f"{_handler(resource.function)} runs at {when}"
                continue
            case Rule():
                bus = resource.event_bus.rpartition("/")[2]
                what = f"events of bus `{bus}` that match its pattern"
            case BucketNotification():
                what = f"{', '.join(resource.events)} of bucket `{resource.bucket}`"
            case TopicSubscription(topic=str(topic)):
                what = f"the messages of topic `{topic.rpartition(':')[2]}`"
            case _:
                continue
        yield f"{_handler(resource.function)} gets {what}"


def unread(app: Chalice) -> Iterator[str]:
    """Yield a line for each handler whose events do not exist here."""
    for each in app.event_sources:
        if isinstance(each, KafkaEventConfig):
            yield f"{each.name} gets nothing: no Kafka is here (`chalice invoke --local` runs it)"


def waiting(app: Chalice) -> str | None:
    """Return which handlers no request reaches, and what does, None if there are none."""
    names = [each.name for each in app.event_sources]
    names += [each.name for each in app.pure_lambda_functions]
    if not names:
        return None
    is_one = len(names) == 1
    return (
        f"{_listed(names)} {'waits' if is_one else 'wait'} for events: "
        "`chalice local --aws` delivers them, `chalice invoke --local NAME` runs one handler"
    )


def _listed(names: Sequence[str]) -> str:
    if len(names) > _SHOWN:
        return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _handler(function: Value) -> str:
    return function.resource.removesuffix(f"-{ALIAS}") if isinstance(function, Ref) else ""


def _read(source: str) -> str:
    service, name = source.split(":")[2], source.split(":", 5)[5]
    match service:
        case "sqs":
            return f"the messages of queue `{name}`"
        case "kinesis":
            return f"the records of stream `{name.split('/')[1]}`"
        case _:
            return f"the changes of table `{name.split('/')[1]}`"
