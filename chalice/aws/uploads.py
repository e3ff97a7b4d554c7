"""Zips on their way to Lambda: in the request itself, or through S3 where they are too large.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from threading import Lock

from chalice.aws.calls import doing, or_none
from chalice.aws.session import Session
from chalice.errors import ToolError
from chalice.model.functions import Code, Image

MAX_DIRECT = 50 * 1024 * 1024
"""Bytes of a zip in a request to Lambda."""


class Uploads:
    """Gives a zip in the form that Lambda takes, uploading it at most once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = Lock()
        self._done: set[tuple[str, str]] = set()

    def content(self, code: Code | Image) -> Mapping[str, object]:
        """Return ``{"ZipFile": …}`` or ``{"S3Bucket": …, "S3Key": …}``. Raises ``ToolError``."""
        if isinstance(code, Image):
            raise ToolError(
                "container images are not deployed by `chalice deploy`",
                hint="use `chalice package`, and push the image to a registry",
            )
        try:
            if code.path.stat().st_size <= MAX_DIRECT:
                return {"ZipFile": code.path.read_bytes()}
            check_direct(code)
            return self._uploaded(code)
        except OSError as error:
            raise ToolError(
                f"cannot read the deployment package: {error.strerror}",
                where=str(code.path),
                hint="run the command again to build it anew",
            ) from error

    def _uploaded(self, code: Code) -> Mapping[str, object]:
        key = f"chalice/{base64.b64decode(code.sha256).hex()}.zip"
        place = {"Bucket": code.bucket, "Key": key}
        s3 = self._session.client("s3")
        with self._lock, doing(f"uploading the code to bucket {code.bucket}"):
            if (code.bucket, key) not in self._done:
                if or_none(lambda: s3.head_object(**place)) is None:
                    with code.path.open("rb") as stream:
                        s3.put_object(**place, Body=stream)
                self._done.add((code.bucket, key))
        return {"S3Bucket": code.bucket, "S3Key": key}


def check_direct(code: Code) -> None:
    """Raise ``ToolError`` for a zip that needs a bucket and has none."""
    size = code.path.stat().st_size
    if size > MAX_DIRECT and not code.bucket:
        raise ToolError(
            f"the zip has {size / 1024 / 1024:.1f} MiB; a request to Lambda takes "
            f"{MAX_DIRECT // 1024 // 1024}",
            where=str(code.path),
            hint="set `deployment_bucket` to a bucket of yours in the same region: larger zips "
            "are uploaded there first; or leave out what the app does not need",
        )
