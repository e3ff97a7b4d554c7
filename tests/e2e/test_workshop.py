"""The workshops' ``myapp``: a page, a posted document, and what the log says."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.project import Project

MYAPP = """
import logging

from chalice import Chalice, Response

app = Chalice(app_name="myapp")
app.debug = True
app.log.setLevel(logging.DEBUG)


@app.route("/")
def index():
    return {"hello": "world"}


@app.route("/users/{name}", methods=["GET"])
def user_info(name):
    request = app.current_request
    app.log.debug(request.method)
    app.log.debug(request.to_dict())
    return Response(
        body="<h1> Your name is {0}.</h1>".format(name),
        status_code=200,
        headers={"Content-Type": "text/html; charset=utf-8"},
    )


@app.route("/users", methods=["POST"])
def user_add():
    request = app.current_request
    app.log.debug(request.method)
    return Response(
        body=request.json_body,
        status_code=200,
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
"""


def test_the_workshop_from_the_first_command_to_the_last(
    new_project: Callable[[str], Project],
) -> None:
    project = new_project("myapp")
    made = sorted(
        str(path.relative_to(project.directory))
        for path in project.directory.rglob("*")
        if path.is_file()
    )
    assert made == [".chalice/config.json", ".gitignore", "app.py", "requirements.txt"]

    project.write("app.py", MYAPP)
    deployed = project.run("deploy", "--local")
    assert "Creating lambda function: myapp-dev" in deployed.stderr
    assert deployed.stdout.startswith("Resources deployed:\n  - Lambda ARN: arn:aws:lambda:")
    url = project.run("url", "--local").stdout.strip()
    assert f"  - Rest API URL: {url}\n" in deployed.stdout

    with project.client(url) as api:
        assert api.get("").json() == {"hello": "world"}
        page = api.get("users/David")
        assert page.text == "<h1> Your name is David.</h1>"
        assert page.headers["content-length"] == "29"
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        person = {"name": "David", "age": 22, "job": "student"}
        posted = api.post("users", json=person)
        assert posted.json() == person
        assert posted.headers["content-type"] == "application/json; charset=utf-8"

    chalice = project.directory / ".chalice"
    assert (chalice / "deployed" / "local" / "dev.json").is_file()
    assert list((chalice / "deployments").glob("*-python3.*.zip"))

    deleted = project.run("delete", "--local", "-y")
    assert "Deleting Rest API: " in deleted.stderr
    assert "Deleting function: arn:aws:lambda:" in deleted.stderr
    assert "Deleting IAM role: myapp-dev" in deleted.stderr
    assert project.run("url", "--local", code=2).stderr.startswith("error: ")
