"""Users: a Cognito user pool, whose client has a secret."""

import base64
import hashlib
import hmac
from functools import lru_cache

import boto3

from chalicelib.settings import setting

STATUS = {
    "UsernameExistsException": 409,
    "InvalidPasswordException": 400,
    "InvalidParameterException": 400,
    "CodeMismatchException": 400,
    "ExpiredCodeException": 400,
    "NotAuthorizedException": 401,
    "UserNotFoundException": 401,
    "UserNotConfirmedException": 403,
    "TooManyRequestsException": 429,
}
"""The HTTP status for what Cognito may mind."""


def sign_up(email, password, name):
    """Register a user. Cognito sends them a code."""
    _cognito().sign_up(
        ClientId=setting("COGNITO_CLIENT_ID"),
        SecretHash=_secret_hash(email),
        Username=email,
        Password=password,
        UserAttributes=[{"Name": "email", "Value": email}, {"Name": "name", "Value": name}],
    )


def confirm(email, code):
    """Let a user who has the code sign in from now on."""
    _cognito().confirm_sign_up(
        ClientId=setting("COGNITO_CLIENT_ID"),
        SecretHash=_secret_hash(email),
        Username=email,
        ConfirmationCode=code,
    )


def sign_in(email, password):
    """Return the tokens of a user."""
    answer = _cognito().initiate_auth(
        ClientId=setting("COGNITO_CLIENT_ID"),
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={
            "USERNAME": email,
            "PASSWORD": password,
            "SECRET_HASH": _secret_hash(email),
        },
    )
    found = answer["AuthenticationResult"]
    return {"accessToken": found["AccessToken"], "refreshToken": found["RefreshToken"]}


def sign_out(access_token):
    """Make all refresh tokens of the user void."""
    _cognito().global_sign_out(AccessToken=access_token)


def profile(access_token):
    """Return who the user is."""
    user = _cognito().get_user(AccessToken=access_token)
    attributes = {each["Name"]: each["Value"] for each in user["UserAttributes"]}
    return {"email": attributes["email"], "username": attributes.get("name")}


def _secret_hash(username):
    """Return the proof that Cognito wants from a client that has a secret."""
    message = (username + setting("COGNITO_CLIENT_ID")).encode()
    secret = setting("COGNITO_CLIENT_SECRET").encode()
    return base64.b64encode(hmac.digest(secret, message, hashlib.sha256)).decode()


@lru_cache(maxsize=1)
def _cognito():
    return boto3.client("cognito-idp")
