"""apispec-chalice finds the path and the methods of a view in `app.routes`."""

import apispec
import pytest
from apispec.exceptions import APISpecError

from chalice import Chalice

app = Chalice("described")


@app.route("/gists/{gist_id}", methods=["GET", "POST"])
def gist_detail(gist_id):
    """Gist detail view.
    ---
    get:
        responses:
            200:
                description: a gist
    """
    return gist_id


def document():
    return apispec.APISpec(title="Gists", version="1", plugins=["apispec_chalice"])


def test_the_path_of_a_view_is_described():
    spec = document()
    spec.add_path(app=app, view=gist_detail)
    paths = spec.to_dict()["paths"]
    assert paths["/gists/{gist_id}"]["get"]["responses"] == {200: {"description": "a gist"}}
    assert set(paths["/gists/{gist_id}"]) == {"get", "post"}


def test_a_function_that_is_no_view_is_not_found():
    with pytest.raises(APISpecError):
        document().add_path(app=app, view=lambda: None)
