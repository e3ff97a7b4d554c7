"""chalice-cognito-auth: its blueprint of login routes, and its authorizer of signed tokens."""

import base64
import io
import json
import time

import pytest
from chalice_cognito_auth.authorizer import UserPoolAuthorizer
from chalice_cognito_auth.blueprint import BlueprintFactory
from chalice_cognito_auth.decoder import KeyFetcher, TokenDecoder
from chalice_cognito_auth.userpool import UserPoolHandler
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jose import jwt

from chalice import Chalice
from chalice.test import Client

JSON = {"Content-Type": "application/json"}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def base64url(number):
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public_keys(_url):
    numbers = KEY.public_key().public_numbers()
    key = {"kid": "one", "kty": "RSA", "alg": "RS256", "use": "sig"}
    key.update(n=base64url(numbers.n), e=base64url(numbers.e))
    return io.StringIO(json.dumps({"keys": [key]}))


def token(**claims):
    pem = KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    claims = {"cognito:username": "ann", "aud": "client", "exp": time.time() + 600, **claims}
    return jwt.encode(claims, pem, algorithm="RS256", headers={"kid": "one"})


class Accounts:
    def login(self, username, password):
        return {"id_token": token(**{"cognito:username": username})}


@pytest.fixture(scope="module")
def client():
    app = Chalice("guarded")
    decoder = TokenDecoder(KeyFetcher("eu-west-1", "pool", urlopen=public_keys), "client")
    authorizer = UserPoolAuthorizer(decoder)
    blueprint, auth = BlueprintFactory().create_blueprint("UserPoolAuth", authorizer, Accounts())
    handler = UserPoolHandler(authorizer, blueprint, auth)
    app.register_blueprint(handler.blueprint)

    @app.route("/me", authorizer=handler.auth)
    def me():
        return {"user": handler.current_user}

    with Client(app) as client:
        yield client


def test_a_user_logs_in_and_is_known(client):
    body = json.dumps({"username": "bob", "password": "secret"})
    answer = client.http.post("/login", headers=JSON, body=body)
    headers = {"Authorization": answer.json_body["id_token"]}
    assert client.http.get("/me", headers=headers).json_body == {"user": "bob"}


@pytest.mark.parametrize("claims", [{"exp": 0}, {"aud": "another"}])
def test_a_token_that_is_not_good_is_refused(client, claims):
    assert client.http.get("/me", headers={"Authorization": token(**claims)}).status_code == 403


def test_what_is_no_token_is_refused(client):
    assert client.http.get("/me", headers={"Authorization": "x"}).status_code == 403
    assert client.http.get("/me").status_code == 401


def test_the_error_of_a_route_is_chalices(client):
    answer = client.http.post("/login", headers=JSON, body="{}")
    assert (answer.status_code, answer.json_body["Code"]) == (400, "BadRequestError")


def test_the_authorizer_is_a_function_of_its_own(client):
    event = {
        "type": "TOKEN",
        "authorizationToken": token(),
        "methodArn": "arn:aws:execute-api:eu-west-1:1:api/stage/GET/me",
    }
    answer = client.lambda_.invoke("UserPoolAuth", event).payload
    assert answer["principalId"] == "ann"
