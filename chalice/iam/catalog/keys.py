"""Keys of KMS that a call uses through another service."""

from __future__ import annotations

from chalice.iam.catalog import forms
from chalice.iam.catalog.arns import is_arn
from chalice.iam.catalog.calls import Call, Need, Rule, when

OWN_KEY = "when it is encrypted with a key of your own"


def with_key(parameter: str, *actions: str) -> Rule:
    """Return the needs of the key that a parameter names."""

    def rule(call: Call) -> tuple[Need, ...]:
        keys = tuple(key_arn(call, value) for value in call.values(parameter))
        presence = call.presence(parameter)
        resources = keys or (key_arn(call, "*"),)
        return tuple(
            need
            for action in actions
            for need in when(presence, f"when `{parameter}` is passed", action, resources)
        )

    return rule


def perhaps_with_own_key(*actions: str) -> Rule:
    """Return the needs of the key with which a resource may be encrypted."""

    def rule(call: Call) -> tuple[Need, ...]:
        return tuple(Need(action, (key_arn(call, "*"),), OWN_KEY) for action in actions)

    return rule


def decryption(call: Call) -> tuple[Need, ...]:
    """Decrypting parameters: needed for those under a key of the account's own."""
    if call.flag("WithDecryption") == "absent":
        return ()
    return (
        Need(
            "kms:Decrypt",
            (key_arn(call, "*"),),
            "when a parameter is encrypted with a key of your own",
        ),
    )


def put_parameter(call: Call) -> tuple[Need, ...]:
    """Encrypting a secure string with a key that is named."""
    if call.first("Type") not in {"SecureString", "*"} and call.presence("Type") != "unknown":
        return ()
    action = "kms:GenerateDataKey" if call.first("Tier") == "Advanced" else "kms:Encrypt"
    return with_key("KeyId", action)(call)


def re_encrypt(call: Call) -> tuple[Need, ...]:
    """The key that reads and the key that writes have an action each."""
    return (
        Need("kms:ReEncryptFrom", (key_arn(call, call.text("SourceKeyId")),)),
        Need("kms:ReEncryptTo", (key_arn(call, call.text("DestinationKeyId")),)),
    )


def key_arn(call: Call, value: str) -> str:
    """Return the ARN of a key of KMS; any key for an alias, which policies do not look at."""
    formed = forms.key(value)
    return formed if is_arn(formed) else call.place.arn("kms", f"key/{formed}")
