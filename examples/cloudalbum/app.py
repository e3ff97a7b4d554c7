"""CloudAlbum: people sign up, sign in, and keep their photos."""

from botocore.exceptions import ClientError
from chalicelib import photos, tokens, users

from chalice import AuthResponse, BadRequestError, Chalice, CORSConfig, NotFoundError, Response

app = Chalice(app_name="cloudalbum")
app.api.binary_types.append("multipart/form-data")

# Any page may call. Browsers send cookies only to an API that names the page's origin in place of
# `*`; the album needs none, since who calls is told by the Authorization header.
app.api.cors = CORSConfig(
    allow_origin="*",
    allow_headers=["*"],
    max_age=600,
    expose_headers=["X-Special-Header"],
    allow_credentials=True,
)


@app.authorizer(ttl_seconds=60)
def jwt_auth(request):
    """Let callers with a token of our user pool do everything, and all others nothing."""
    try:
        claims = tokens.verify(request.token)
    except tokens.RefusedError as error:
        app.log.warning("a token is refused: %s", error)
        return AuthResponse(routes=[""], principal_id="")
    return AuthResponse(routes=["*"], principal_id=claims["sub"])


@app.post("/users/signup")
def sign_up():
    email, password, name = posted("email", "password", "username")
    users.sign_up(email, password, name)
    return {"ok": True}


@app.post("/users/confirm")
def confirm():
    users.confirm(*posted("email", "code"))
    return {"ok": True}


@app.post("/users/signin")
def sign_in():
    return users.sign_in(*posted("email", "password"))


@app.post("/users/signout", authorizer=jwt_auth)
def sign_out():
    users.sign_out(tokens.bare(app.current_request.headers["authorization"]))
    return {"ok": True}


@app.get("/users/profile", authorizer=jwt_auth)
def profile():
    return users.profile(tokens.bare(app.current_request.headers["authorization"]))


@app.post("/photos/file", authorizer=jwt_auth, content_types=["multipart/form-data"])
def upload():
    request = app.current_request
    if "file" not in request.files:
        raise BadRequestError("the form has no `file`")
    file = request.files["file"]
    try:
        photo = photos.add(
            caller(), file.filename, file.body, request.form.get("desc"), request.form.get("tags")
        )
    except photos.NotAnImageError as error:
        raise BadRequestError(str(error)) from error
    return Response({"ok": True, "photo": photo}, status_code=201)


@app.get("/photos", authorizer=jwt_auth)
def album():
    return {"photos": photos.all_of(caller())}


@app.get("/photos/{photo_id}", authorizer=jwt_auth)
def photo(photo_id):
    found = photos.find(caller(), photo_id)
    if found is None:
        raise NotFoundError(photo_id)
    return found


@app.delete("/photos/{photo_id}", authorizer=jwt_auth)
def remove(photo_id):
    if not photos.remove(caller(), photo_id):
        raise NotFoundError(photo_id)
    return {"ok": True}


@app.error(ClientError)
def refused_by_aws(error):
    """Tell callers what Cognito minds; what any other service minds is not their business."""
    code = error.response["Error"]["Code"]
    if code not in users.STATUS:
        raise error
    body = {"Code": code, "Message": error.response["Error"]["Message"]}
    return Response(body, status_code=users.STATUS[code])


def caller():
    """Return the id of the user who calls, which the authorizer found in the token."""
    return app.current_request.context["authorizer"]["principalId"]


def posted(*names):
    """Return the values of these keys of the posted JSON, all of them text."""
    body = app.current_request.json_body
    given = body if isinstance(body, dict) else {}
    missing = [name for name in names if not isinstance(given.get(name), str)]
    if missing:
        raise BadRequestError(f"missing: {', '.join(missing)}")
    return [given[name] for name in names]
