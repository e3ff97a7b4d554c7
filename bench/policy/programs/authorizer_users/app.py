import hashlib

import boto3
from chalice import AuthResponse, Chalice, UnauthorizedError

from chalicelib import auth

app = Chalice(app_name="users")


@app.authorizer(ttl_seconds=60)
def jwt_auth(auth_request):
    decoded = auth.decode(auth_request.token)
    return AuthResponse(routes=["*"], principal_id=decoded["sub"])


@app.route("/login", methods=["POST"])
def login():
    body = app.current_request.json_body
    record = auth.users_table().get_item(Key={"username": body["username"]})["Item"]
    return {"token": auth.encode(record, auth.get_auth_key())}


@app.route("/me", authorizer=jwt_auth)
def me():
    return {}
