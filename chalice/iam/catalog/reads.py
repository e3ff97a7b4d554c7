"""What a service reads in the name of its caller: objects, layers, secrets."""

from __future__ import annotations

from collections.abc import Mapping

from chalice.iam.catalog import forms
from chalice.iam.catalog.arns import is_arn
from chalice.iam.catalog.calls import Call, Need, Rule, when


def code_and_layers(call: Call) -> tuple[Need, ...]:
    """The bundle of a function in S3, and its layers, are read in the caller's name."""
    needed = []
    place = (
        call.parameters if call.operation == "UpdateFunctionCode" else call.parameters.get("Code")
    )
    if isinstance(place, Mapping) and place.get("S3Bucket") is not None:
        name, key = (
            value if isinstance(value, str) else "*"
            for value in (place.get("S3Bucket"), place.get("S3Key"))
        )
        arn = call.place.arn("s3", f"{name}/{key}", region=False, account=False)
        version = place.get("S3ObjectVersion") is not None
        needed.append(Need("s3:GetObjectVersion" if version else "s3:GetObject", (arn,)))
    layers = call.values("Layers")
    if layers:
        arns = (v if is_arn(v) else call.place.arn("lambda", f"layer:{v}") for v in layers)
        needed.append(Need("lambda:GetLayerVersion", tuple(arns)))
    if any(each.get("SubnetIds", ["*"]) for each in call.objects("VpcConfig")):
        for action in ("DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs"):
            needed.append(Need(f"ec2:{action}"))
    return tuple(needed)


def object_read(*paths: str, bucket: str = "Bucket", key: str = "Name") -> Rule:
    """Return the need of the objects of S3 that a service reads in the caller's name."""

    def rule(call: Call) -> tuple[Need, ...]:
        arns = []
        for path in paths:
            for each in call.objects(path):
                name, part = each.get(bucket), each.get(key)
                where = name if isinstance(name, str) else "*"
                arns.append(f"{where}/{part if isinstance(part, str) else '*'}")
        return (
            (
                Need(
                    "s3:GetObject",
                    tuple(call.place.arn("s3", arn, region=False, account=False) for arn in arns),
                ),
            )
            if arns
            else ()
        )

    return rule


def media(call: Call) -> tuple[Need, ...]:
    """The recording that a transcription reads, and the bucket that it writes to."""
    recordings = [uri.removeprefix("s3://") for uri in call.values("Media.MediaFileUri")]
    outputs = [
        f"{bucket}/{call.text('OutputKey').rstrip('*')}*"
        for bucket in call.values("OutputBucketName")
    ]
    return tuple(
        Need(action, tuple(call.place.arn("s3", at, region=False, account=False) for at in places))
        for action, places in (("s3:GetObject", recordings), ("s3:PutObject", outputs))
        if places
    )


def secret_of(parameter: str) -> Rule:
    """Return the need of the secret with a database's password, which the caller must read."""

    def rule(call: Call) -> tuple[Need, ...]:
        name = forms.secret(call.text(parameter))
        arn = name if is_arn(name) else call.place.arn("secretsmanager", f"secret:{name}")
        presence = call.presence(parameter)
        clause = f"when `{parameter}` is passed"
        return when(presence, clause, "secretsmanager:GetSecretValue", (arn,))

    return rule


def batch_get_secret_value(call: Call) -> tuple[Need, ...]:
    """Listing for filters, and reading each secret that is named."""
    names = call.values("SecretIdList")
    needed = [Need("secretsmanager:BatchGetSecretValue")]
    if call.presence("Filters") != "absent":
        clause = None if call.presence("Filters") == "given" else "when `Filters` is passed"
        needed.append(Need("secretsmanager:ListSecrets", ("*",), clause))
    arns = tuple(
        name if is_arn(name) else call.place.arn("secretsmanager", f"secret:{name}")
        for name in map(forms.secret, names or ("*",))
    )
    return (*needed, Need("secretsmanager:GetSecretValue", arns))
