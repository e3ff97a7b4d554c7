"""Zips that come to Lambda, in a request or through S3, checked as Lambda checks them."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError

MAX_ZIP = 50 * 1024 * 1024
"""Bytes of a zip in a request."""
MAX_UNZIPPED = 250 * 1024 * 1024
"""Bytes of the code once unpacked."""


class RequestTooLargeError(LambdaClientError):
    """The zip in the request is too large."""

    code = 413

    def __init__(self) -> None:
        super().__init__(
            "RequestEntityTooLargeException",
            f"The zip file is larger than the {MAX_ZIP} bytes that a request may hold.",
        )


def check_request(code: Mapping[str, Any]) -> None:
    """Raise what AWS answers when the ``ZipFile`` in ``code`` is too large or not a zip."""
    if "ZipFile" not in code:
        return
    try:
        content = base64.b64decode(code["ZipFile"], validate=True)
    except binascii.Error:
        raise _not_a_zip() from None
    if len(content) > MAX_ZIP:
        raise RequestTooLargeError
    check_zip(code, content)


def check_zip(code: Mapping[str, Any], content: bytes) -> None:
    """Raise what AWS answers when ``content`` is no zip or unpacks to too much.

    ``code`` is what the request says of it; moto has no content for a key that does not exist.
    """
    if not content and "S3Key" in code:
        raise InvalidParameterValueException(
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. "
            "S3 Error Message: The specified key does not exist."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unzipped = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile:
        raise _not_a_zip() from None
    if unzipped > MAX_UNZIPPED:
        raise InvalidParameterValueException(
            f"Unzipped size must be smaller than {MAX_UNZIPPED} bytes"
        )


@contextmanager
def fetching() -> Iterator[None]:
    """Turn what moto raises for a zip that is not in S3 into what AWS answers."""
    try:
        yield
    except ValueError as error:
        match error.args:
            case (str(code), str(sentence)) if code == "InvalidParameterValueException":
                raise InvalidParameterValueException(sentence) from None
        raise


def _not_a_zip() -> InvalidParameterValueException:
    return InvalidParameterValueException(
        "Could not unzip uploaded file. Please check your file, then try to upload again."
    )
