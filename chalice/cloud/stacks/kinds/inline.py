"""Code of functions that is written in a template, and the module that such code may import.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-lambda-function-code-cfnresponsemodule.html
"""

from __future__ import annotations

import io
import zipfile

from chalice.cloud.stacks.errors import ResourceError

_RESPONSE = '''"""Answers CloudFormation for a custom resource."""

import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False,
         reason=None):
    """Say what became of a request."""
    told = reason or "See the details in CloudWatch Log Stream: " + context.log_stream_name
    body = json.dumps({
        "Status": responseStatus,
        "Reason": told,
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }).encode()
    request = urllib.request.Request(event["ResponseURL"], body, {"content-type": ""}, method="PUT")
    urllib.request.urlopen(request).close()
'''
_DATE = (1980, 1, 1, 0, 0, 0)


def zip_inline(source: str, runtime: str) -> bytes:
    """Return the deployment package of a function whose source a template has."""
    if not runtime.startswith("python"):
        raise ResourceError(f"Code/ZipFile: the embedded cloud runs Python, not {runtime}")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("index.py", source), ("cfnresponse.py", _RESPONSE)):
            about = zipfile.ZipInfo(name, _DATE)
            about.external_attr = 0o644 << 16
            archive.writestr(about, text)
    return content.getvalue()
