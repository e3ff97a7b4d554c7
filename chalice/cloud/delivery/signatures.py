"""Signatures of SNS messages, with a key of this cloud's own.

The certificate is at the AWS port, under the path in ``SigningCertURL``.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import base64
import threading
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

_SIGNED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")


class Signer:
    """Signs messages. The key is made when it is first needed."""

    def __init__(self) -> None:
        self.name = f"SimpleNotificationService-{uuid.uuid4().hex}.pem"
        self._lock = threading.Lock()
        self._made: tuple[rsa.RSAPrivateKey, bytes] | None = None

    def sign(self, message: Mapping[str, str], version: str) -> str:
        """Return the signature of a notification; ``version`` is ``1`` (SHA-1) or ``2``."""
        text = "".join(f"{name}\n{message[name]}\n" for name in _SIGNED if name in message)
        algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303
        key, _ = self._key()
        signature = key.sign(text.encode(), padding.PKCS1v15(), algorithm)
        return base64.b64encode(signature).decode()

    def certificate(self) -> bytes:
        """Return the certificate, in PEM; making the key takes a moment."""
        return self._key()[1]

    def _key(self) -> tuple[rsa.RSAPrivateKey, bytes]:
        with self._lock:
            if self._made is None:
                key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
                self._made = key, _certificate(key)
            return self._made


def _certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
