"""What of the requirements is bundled, and how a report tells of it."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from chalice.bundle import Bundles, Report, Settings, build, build_with_layer, explain
from chalice.bundle.patterns import Patterns
from tests.bundle.conftest import TARGET, Projects
from tests.bundle.packages import wheel

SDK: Mapping[str, Sequence[str]] = {
    "boto3": ["botocore", "jmespath", "s3transfer"],
    "botocore": ["jmespath", "python-dateutil", "urllib3"],
    "s3transfer": ["botocore"],
    "jmespath": [],
    "python-dateutil": ["six"],
    "six": [],
    "urllib3": [],
}


@pytest.fixture
def sdk(links: Path) -> None:
    """boto3 and what it needs, as wheels."""
    for name, needs in SDK.items():
        wheel(links, name.replace("-", "_"), "1.40.0", needs=needs)


def bundled(root: Path, settings: Settings) -> set[str]:
    """The modules at the top of a bundle, besides the app."""
    path = build(root, TARGET, say=lambda line: None, settings=settings).path
    with zipfile.ZipFile(path) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    return {top.removesuffix(".py") for top in tops if top.endswith(".py")} - {"app"}


def report(root: Path, settings: Settings) -> Report:
    made = build(root, TARGET, say=lambda line: None, settings=settings)
    return explain(root, TARGET, Bundles(made), settings)


CORE = {"boto3", "botocore", "s3transfer", "jmespath"}
ALL = {name.replace("-", "_") for name in SDK}


@pytest.mark.usefixtures("sdk")
@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        ("boto3", set()),
        ("boto3>=1.28,<2", set()),
        ("boto3~=1.30", set()),
        ("boto3!=1.35.0", set()),
        ("boto3==1.40.0", ALL),
        ("boto3>=1.39", ALL),
        ("boto3<1.41", ALL),
        ("boto3\nbotocore>=1.39", ALL),
        ("uses_old", {"uses_old"}),
        ("uses_new", {"uses_new", *ALL}),
        ("boto3\nurllib3", {"urllib3"}),
        ("boto3\nrequesting", {"requesting", "urllib3"}),
        ("boto3\ndating", {"dating", "python_dateutil", "six"}),
    ],
)
def test_boto3_is_left_to_lambda_unless_a_version_is_asked_for(
    project: Projects, links: Path, requirements: str, expected: set[str]
) -> None:
    wheel(links, "uses_old", needs=["boto3>=1.20", 'urllib3; extra == "more"'])
    wheel(links, "uses_new", needs=["boto3>=1.39"])
    wheel(links, "requesting", needs=["urllib3<3"])
    wheel(links, "dating", needs=["python-dateutil"])
    assert bundled(project(requirements=requirements), Settings()) == expected


@pytest.mark.usefixtures("sdk")
def test_the_configuration_decides_about_boto3(project: Projects) -> None:
    assert bundled(project(requirements="boto3"), Settings(boto3=True)) == ALL
    pinned = project(requirements="boto3==1.40.0", name="pinned")
    assert bundled(pinned, Settings(boto3=False)) == set()


TESTED = {
    "tested/__init__.py": b"from tested.fine.tests.helpers import x\n",
    "tested/tests/test_all.py": b"import pytest\n",
    "tested/fine/__init__.py": b"",
    "tested/fine/tests/helpers.py": b"x = 1\n",
    "tested/near/__init__.py": b"from .tests import data\n",
    "tested/near/tests/data.py": b"",
    "tested/far/deep/__init__.py": b"from ..tests.data import x\n",
    "tested/far/tests/data.py": b"x = 1\n",
    "tested/contests/a.py": b"",
}


@pytest.mark.parametrize(
    ("settings", "without"),
    [
        (Settings(), {"tested/tests/test_all.py"}),
        (Settings(include=Patterns(("tested/tests",))), set()),
        (
            Settings(include=Patterns(("tested",)), exclude=Patterns(("**/helpers.py",))),
            {"tested/fine/tests/helpers.py"},
        ),
    ],
)
def test_tests_are_left_out_unless_the_rest_of_the_package_imports_them(
    project: Projects, links: Path, settings: Settings, without: set[str]
) -> None:
    wheel(links, "tested", files=TESTED)
    root = project(requirements="tested")
    path = build(root, TARGET, say=lambda line: None, settings=settings).path
    with zipfile.ZipFile(path) as archive:
        found = {name for name in archive.namelist() if name.startswith("tested/")}
    assert found == set(TESTED) - without


def test_pip_is_left_out_unless_the_project_itself_asks_for_it(
    project: Projects, links: Path
) -> None:
    wheel(links, "pip")
    wheel(links, "tool", needs=["pip"])
    assert bundled(project(requirements="tool"), Settings()) == {"tool"}
    assert bundled(project(requirements="pip", name="asking"), Settings()) == {"pip"}


@pytest.mark.usefixtures("sdk")
def test_a_report_says_what_each_part_weighs_and_who_asked_for_it(
    project: Projects, links: Path
) -> None:
    wheel(links, "alpha", needs=["beta", 'gamma; extra == "more"'], files={"a.py": bytes(9000)})
    wheel(links, "beta", files={"beta.py": b"", "beta_more/tests/x.py": b"12345"})
    wheel(links, "gamma")
    root = project(
        {"vendor/own/__init__.py": "", "chalicelib/__init__.py": ""},
        requirements="alpha[more]\nbeta\nboto3",
    )
    found = report(root, Settings(bytecode=True))
    needed = {each.part: list(each.needed_by) for each in found.weights}
    assert needed == {
        "alpha 1.0": ["requirements.txt:3"],
        "beta 1.0": ["requirements.txt:4", "alpha"],
        "gamma 1.0": ["alpha[more]"],
        "chalice's runtime": [],
        "vendor/own": [],
        "the app": [],
    }
    weights = {each.part: each for each in found.weights}
    assert weights["alpha 1.0"].unpacked > 9000 > weights["alpha 1.0"].zipped
    gone = {(each.package, each.reason, each.size) for each in found.left_out}
    assert ("beta 1.0", "tests", 5) in gone
    assert ("boto3 1.40.0", "Lambda has it", 0) in gone
    assert found.unpacked == sum(each.unpacked for each in found.weights)


def test_a_report_of_a_layer_is_one_of_both(project: Projects, links: Path) -> None:
    wheel(links, "alpha")
    root = project(requirements="alpha")
    made = build_with_layer(root, TARGET, say=lambda line: None)
    found = explain(root, TARGET, made, Settings())
    assert {each.part for each in found.weights} == {"alpha 1.0", "the app", "chalice's runtime"}
