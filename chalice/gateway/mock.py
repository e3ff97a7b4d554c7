"""Answers of mock integrations, which is how CORS preflights are answered.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
"""

from __future__ import annotations

from chalice.gateway.answers import INTERNAL_ERROR, UNSUPPORTED_MEDIA_TYPE, Answer, RefusedError
from chalice.gateway.api import Mock, mocked_status


def mock_answer(mock: Mock, content_type: str, body: bytes) -> Answer:
    """Return the answer to a request with that content type, the body of which is always empty.

    A content type without a request template is passed through or refused, as
    ``passthroughBehavior`` says; what is passed through must then be the status code in JSON.
    """
    status = mock.templates.get(content_type.partition(";")[0].strip().lower())
    if status is None:
        templates_decide = mock.passthrough == "when_no_templates" and mock.templates
        if mock.passthrough == "never" or templates_decide:
            raise RefusedError(UNSUPPORTED_MEDIA_TYPE)
        status = mocked_status(body)
    if status is not None:
        for pattern, answered, headers in mock.answers:
            if pattern.fullmatch(str(status)):
                return Answer(answered, list(headers))
    raise RefusedError(INTERNAL_ERROR)
