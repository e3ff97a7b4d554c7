"""An app as a construct of the AWS Cloud Development Kit, version 2: ``chalice.cdk.Chalice``.

Needs the package's extra ``cdk``.
"""

from __future__ import annotations

import warnings

try:
    from chalice.cdk.construct import Chalice
except ModuleNotFoundError as error:
    if error.name not in ("aws_cdk", "constructs", "jsii"):
        raise
    warnings.warn(
        'chalice.cdk needs the AWS CDK, which is not installed: pip install "chalice[cdk]"',
        stacklevel=2,
    )
else:
    __all__ = ["Chalice"]
