"""TLS for AWS's names of APIs and of Cognito, trusted by the functions of one cloud alone.

Code that follows AWS's documents asks ``https://<api-id>.execute-api.<region>.amazonaws.com``, and
``https://cognito-idp.<region>.amazonaws.com`` for the keys of a user pool. In a function's process
the names of what this cloud has lead to a port of the cloud, which therefore needs
certificates for them. They are signed by an authority that is made at each start, and whose key
never leaves the process.
"""

from __future__ import annotations

import re
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import NamedTemporaryFile

from botocore.httpsession import get_cert_path
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_AGE = timedelta(days=3650)  # a cloud may run for long
_API_NAME = re.compile(r"[\w-]+(\.execute-api\.[\w-]+\.amazonaws\.com(\.cn)?)", re.IGNORECASE)
_COGNITO = re.compile(r"cognito-idp\.[\w-]+\.amazonaws\.com(\.cn)?", re.IGNORECASE)


class Certificates:
    """An authority, and what it signs: one certificate for the APIs of each region, and one for its
    Cognito, once a client asks for one of them.

    ``folder`` gets ``bundle.pem``: what functions trust, which is all that others trust too.
    """

    def __init__(self, folder: Path) -> None:
        self._authority_key = ec.generate_private_key(ec.SECP256R1())
        self._authority = _authority(self._authority_key)
        self._folder = folder
        self._known: dict[str, ssl.SSLContext] = {}
        folder.mkdir(mode=0o700, exist_ok=True)
        trusted = Path(str(get_cert_path(verify=True))).read_bytes()
        own = self._authority.public_bytes(Encoding.PEM)
        (folder / "bundle.pem").write_bytes(trusted.rstrip() + b"\n" + own)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.sni_callback = self._choose

    def _choose(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        """Let a connection go on with the certificate of the name that the client asked for."""
        names = _certified(name or "")
        if names is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        if names not in self._known:
            self._known[names] = self._sign(names)
        connection.context = self._known[names]
        return None

    def _sign(self, names: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(key, self._authority, self._authority_key, names)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with NamedTemporaryFile(dir=self._folder) as chain:  # Python reads keys from files alone
            chain.write(secret + certificate.public_bytes(Encoding.PEM))
            chain.flush()
            context.load_cert_chain(chain.name)
        return context


def _certified(name: str) -> str | None:
    """Return the names that the certificate for ``name`` has, None when there is none."""
    if _COGNITO.fullmatch(name):
        return name.lower()
    asked = _API_NAME.fullmatch(name)
    return None if asked is None else f"*{asked.group(1).lower()}"


def is_cognito(host: str) -> bool:
    """Whether a ``Host`` header names Cognito."""
    return _COGNITO.fullmatch(host.partition(":")[0]) is not None


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "chalice embedded cloud")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        _builder(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, SHA256())
    )


def _certificate(
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    name: str,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "chalice embedded cloud")])
    public = authority_key.public_key()
    return (
        _builder(subject, authority.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(authority_key, SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _AGE)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
