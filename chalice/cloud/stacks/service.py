"""CloudFormation as a service: requests in, answers out.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/Welcome.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from moto.core.serialize import QuerySerializer
from moto.core.utils import get_service_model

from chalice.cloud.access.calls import read_call
from chalice.cloud.access.sessions import Session
from chalice.cloud.access.signatures import read_signature
from chalice.cloud.stacks.actions import Answer, Given, StackActions
from chalice.cloud.stacks.answers import Answers
from chalice.cloud.stacks.calls import Clients
from chalice.cloud.stacks.change_sets import ChangeSetActions
from chalice.cloud.stacks.errors import StackError
from chalice.cloud.stacks.questions import StackQuestions
from chalice.cloud.stacks.versions import Caller, Versions
from chalice.cloud.stacks.worker import Worker
from chalice.gateway.signatures import SignedRequest

Response: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]
_Action: TypeAlias = Callable[[Given, Caller], Answer]

_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
_DEFAULT_REGION = "us-east-1"
_MISSING = frozenset({"ChangeSetNotFound"})


class Stacks:
    """The service. Its own calls go to ``endpoint_url``.

    ``sessions`` finds what to sign with in the name of an access key or of a role, by ARN, in a
    region; None is the root. ``changed`` is called, in a thread, when the state has changed.
    """

    def __init__(
        self,
        endpoint_url: str,
        sessions: Callable[[str, str], Session | None],
        changed: Callable[[], None],
    ) -> None:
        clients = Clients(endpoint_url, sessions)
        self.answers = Answers(endpoint_url)
        self.worker = Worker(clients, self.answers, changed)

        def who(access_key: str, region: str) -> str:
            return access_key if sessions(access_key, region) else ""

        versions = Versions(clients, who)
        actions, questions = StackActions(versions, self.worker.start), StackQuestions(versions)
        change_sets = ChangeSetActions(versions, actions)
        self._actions: Mapping[str, _Action] = {
            "CancelUpdateStack": actions.cancel_update_stack,
            "ContinueUpdateRollback": actions.continue_update_rollback,
            "CreateChangeSet": change_sets.create_change_set,
            "CreateStack": actions.create_stack,
            "DeleteChangeSet": change_sets.delete_change_set,
            "DeleteStack": actions.delete_stack,
            "DescribeChangeSet": questions.describe_change_set,
            "DescribeStackEvents": questions.describe_stack_events,
            "DescribeStackResource": questions.describe_stack_resource,
            "DescribeStackResources": questions.describe_stack_resources,
            "DescribeStacks": questions.describe_stacks,
            "ExecuteChangeSet": change_sets.execute_change_set,
            "GetTemplate": questions.get_template,
            "GetTemplateSummary": questions.get_template_summary,
            "ListChangeSets": questions.list_change_sets,
            "ListExports": questions.list_exports,
            "ListImports": questions.list_imports,
            "ListStackResources": questions.list_stack_resources,
            "ListStacks": questions.list_stacks,
            "UpdateStack": actions.update_stack,
            "UpdateTerminationProtection": actions.update_termination_protection,
            "ValidateTemplate": questions.validate_template,
        }

    def answer(self, request: SignedRequest) -> Response:
        """Answer a request. Raises ``NotImplementedError`` for an operation that is not here."""
        call = read_call(request, "cloudformation")
        action = self._actions.get(call.operation)
        if action is None:
            raise NotImplementedError(f"CloudFormation's {call.operation}")
        signature = read_signature(request)
        caller = Caller(
            signature.access_key if signature else "",
            (signature.region if signature else "") or _DEFAULT_REGION,
        )
        try:
            return _success(call.operation, action(call.parameters, caller))
        except StackError as error:
            return _failure(error)


def _success(operation: str, answer: Mapping[str, Any]) -> Response:
    model = get_service_model("cloudformation").operation_model(operation)
    written = QuerySerializer(model).serialize(answer)
    body = written["body"]
    return 200, [(b"content-type", b"text/xml")], body.encode() if isinstance(body, str) else body


def _failure(error: StackError) -> Response:
    body = (
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>Sender</Type>'
        f"<Code>{error.code}</Code><Message>{escape(str(error))}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    status = 404 if error.code in _MISSING else 400
    return status, [(b"content-type", b"text/xml")], body.encode()
