"""TLS of the embedded cloud: for the names of APIs alone, trusted by whom has its bundle."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from chalice.cloud.certificates import Certificates

NAME = "abc123.execute-api.us-east-1.amazonaws.com"


def shake_hands(certificates: Certificates, trusted: Path, name: str) -> dict[str, object]:
    """Return the certificate that a client sees. Raises what the client raises."""
    context = ssl.create_default_context(cafile=str(trusted))
    here, there = socket.socketpair()

    def serve() -> None:
        with (
            suppress(OSError),
            there,
            certificates.context.wrap_socket(there, server_side=True) as server,
        ):
            server.recv(1)

    serving = threading.Thread(target=serve)
    serving.start()
    try:
        with here, context.wrap_socket(here, server_hostname=name) as client:
            found = client.getpeercert()
            assert found is not None
            return dict(found)
    finally:
        serving.join()


@pytest.mark.parametrize(
    "name", [NAME, NAME.upper(), "x-1.execute-api.cn-north-1.amazonaws.com.cn"]
)
def test_who_has_the_bundle_trusts_the_names_of_apis(tmp_path: Path, name: str) -> None:
    certificates = Certificates(tmp_path / "tls")
    found = shake_hands(certificates, tmp_path / "tls" / "bundle.pem", name)
    expected = f"*.{name.lower().partition('.')[2]}"
    assert found["subjectAltName"] == (("DNS", expected),)


@pytest.mark.parametrize(
    "name", ["cognito-idp.us-east-1.amazonaws.com", "Cognito-Idp.cn-north-1.amazonaws.com.cn"]
)
def test_who_has_the_bundle_trusts_the_names_of_cognito(tmp_path: Path, name: str) -> None:
    certificates = Certificates(tmp_path / "tls")
    found = shake_hands(certificates, tmp_path / "tls" / "bundle.pem", name)
    assert found["subjectAltName"] == (("DNS", name.lower()),)


@pytest.mark.parametrize(
    "name", ["localhost", "example.com", f"{NAME}.example.com", "s3.us-east-1.amazonaws.com"]
)
def test_other_names_have_no_certificate(tmp_path: Path, name: str) -> None:
    certificates = Certificates(tmp_path / "tls")
    with pytest.raises(ssl.SSLError):
        shake_hands(certificates, tmp_path / "tls" / "bundle.pem", name)


def test_another_cloud_is_not_trusted(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path / "one")
    Certificates(tmp_path / "other")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(certificates, tmp_path / "other" / "bundle.pem", NAME)


def test_no_key_is_left_in_the_folder(tmp_path: Path) -> None:
    certificates = Certificates(tmp_path / "tls")
    shake_hands(certificates, tmp_path / "tls" / "bundle.pem", NAME)
    (only,) = (tmp_path / "tls").iterdir()
    assert b"PRIVATE" not in only.read_bytes()
