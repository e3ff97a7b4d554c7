from __future__ import annotations

import pytest

from chalice.bundle import Target

X86_310, X86_312 = Target("3.10", "x86_64"), Target("3.12", "x86_64")
ARM_314 = Target("3.14", "arm64")


@pytest.mark.parametrize(
    ("tag", "accepting"),
    [
        ("py3-none-any", {X86_310, X86_312, ARM_314}),
        ("py2.py3-none-any", {X86_310, X86_312, ARM_314}),
        ("py2-none-any", set()),
        ("py312-none-any", {X86_312, ARM_314}),
        ("cp312-none-any", {X86_312}),
        ("cp312-cp312-manylinux_2_17_x86_64", {X86_312}),
        ("cp312-cp312-manylinux_2_35_x86_64", set()),
        ("cp312-cp312-manylinux_2_34_aarch64", set()),
        ("cp310-cp310-manylinux_2_26_x86_64", {X86_310}),
        ("cp310-cp310-manylinux_2_28_x86_64", set()),
        ("cp310-cp310-manylinux_2_28_x86_64.manylinux2014_x86_64", {X86_310}),
        ("cp310-cp310-linux_x86_64", {X86_310}),
        ("cp310-abi3-manylinux1_x86_64", {X86_310, X86_312}),
        ("cp39-abi3-manylinux2014_aarch64", {ARM_314}),
        ("cp313-abi3-manylinux2014_x86_64", set()),
        ("py3-none-manylinux2010_x86_64", {X86_310, X86_312}),
        ("cp312-cp312-musllinux_1_2_x86_64", set()),
        ("cp312-cp312-macosx_11_0_x86_64", set()),
        ("cp312-cp312-win_amd64", set()),
        ("cp314-cp314t-manylinux_2_17_aarch64", set()),
        ("pp310-pypy310_pp73-manylinux2014_x86_64", set()),
    ],
)
def test_a_tag_is_accepted_where_its_wheel_runs(tag: str, accepting: set[Target]) -> None:
    assert {target for target in (X86_310, X86_312, ARM_314) if target.accepts(tag)} == accepting


def test_wheels_are_asked_for_that_the_runtime_s_c_library_satisfies() -> None:
    assert X86_310.uv_platform == "x86_64-manylinux_2_17"
    assert X86_312.uv_platform == "x86_64-manylinux_2_34"
    assert ARM_314.uv_platform == "aarch64-manylinux_2_34"


@pytest.mark.parametrize(
    ("specifiers", "expected"),
    [
        (">=3.10", True),
        (">=3.12.4, <3.14", True),
        ("==3.12.*", True),
        ("<3.12.1", True),
        (">3.12.1", True),
        ("~=3.9", True),
        (">=3", True),
        ("<4.0", True),
        ("<=3.12", True),
        ("<3.12", False),
        (">3.12", False),
        (">=3.13", False),
        (">=3.10, <3.12", False),
        ("==3.11.*", False),
    ],
)
def test_a_range_of_pythons_allows_a_target_if_it_has_a_release_of_it(
    specifiers: str, expected: bool
) -> None:
    assert Target("3.12", "arm64").satisfies(specifiers) is expected
