"""Any source that Python accepts is analysed: nothing in it makes the analysis fail."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.policy.analysis.projects import only, operations

LIBRARY = Path(sysconfig.get_path("stdlib"))
SAMPLE = (
    "contextlib.py",
    "copy.py",
    "dataclasses.py",
    "fractions.py",
    "functools.py",
    "json/decoder.py",
)
CALL = "import boto3\nboto3.client('s3').list_buckets()\n"

NAMES = st.sampled_from(["a", "b", "f", "boto3", "s3", "self"])
ATOMS = st.one_of(
    NAMES,
    st.sampled_from(["1", "'x'", "None", "boto3.client('s3')", "s3.list_buckets()", "f'{a}-x'"]),
)


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda pair: f"({pair[0]} + {pair[1]})"),
        two.map(lambda pair: f"({pair[0]} or {pair[1]})"),
        two.map(lambda pair: f"{pair[0]}({pair[1]}, *{pair[1]}, k={pair[0]}, **{pair[0]})"),
        two.map(lambda pair: f"{pair[0]}[{pair[1]}]"),
        two.map(lambda pair: f"[{pair[0]}, *{pair[1]}]"),
        two.map(lambda pair: "{" + f"{pair[0]}: {pair[1]}, **{pair[0]}" + "}"),
        two.map(lambda pair: f"({pair[0]} if {pair[1]} else {pair[0]})"),
        two.map(lambda pair: f"[a for a in {pair[0]} if {pair[1]}]"),
        inner.map(lambda each: f"(lambda a, *b, **f: {each})"),
        inner.map(lambda each: f"{each}.x"),
        inner.map(lambda each: f"({each},)"),
        inner.map(lambda each: f"(a := {each})"),
        inner.map(lambda each: f"getattr({each}, 'x')"),
    )


EXPRESSIONS = st.recursive(ATOMS, grow, max_leaves=6)


def nest(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def under(head: str) -> st.SearchStrategy[str]:
        return inner.map(lambda body: head + "\n" + "\n".join("    " + x for x in body.split("\n")))

    heads = st.one_of(
        NAMES.map(lambda name: f"def {name}(a, b=1, *args, **kwargs):"),
        NAMES.map(lambda name: f"class {name}(a):"),
        EXPRESSIONS.map(lambda each: f"if {each}:"),
        EXPRESSIONS.map(lambda each: f"while {each}:"),
        EXPRESSIONS.map(lambda each: f"for a, *b in {each}:"),
        EXPRESSIONS.map(lambda each: f"with {each} as a:"),
        st.just("try:\n    s3 = f\nexcept a as b:\n    pass\nfinally:"),
    )
    return st.one_of(heads.flatmap(under), st.tuples(inner, inner).map("\n".join))


STATEMENTS = st.recursive(
    st.one_of(
        EXPRESSIONS,
        st.tuples(NAMES, EXPRESSIONS).map(lambda pair: f"{pair[0]} = {pair[1]}"),
        st.tuples(NAMES, EXPRESSIONS).map(lambda pair: f"{pair[0]}.x = {pair[1]}"),
        st.tuples(NAMES, EXPRESSIONS).map(lambda pair: f"{pair[0]}[{pair[1]}] = {pair[1]}"),
        st.tuples(NAMES, EXPRESSIONS).map(lambda pair: f"{pair[0]} += {pair[1]}"),
        EXPRESSIONS.map(lambda each: f"a, (b, *f) = {each}"),
    ),
    nest,
    max_leaves=6,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(STATEMENTS)
def test_code_that_makes_no_sense_is_analysed(source: str) -> None:
    try:
        ast.parse(source)
    except SyntaxError:
        return
    # Before it, so that nothing in it can hide the call.
    assert "s3:ListBuckets" in operations(only(CALL + source))


@pytest.mark.parametrize("name", SAMPLE)
def test_the_standard_library_is_analysed(name: str) -> None:
    source = CALL + (LIBRARY / name).read_text(encoding="utf-8").replace("from __future__", "#")
    assert "s3:ListBuckets" in operations(only(source))


DEEP = {
    "a sum": "x = " + " + ".join(["1"] * 3000),
    "a chain of calls": "x = f" + ".g()" * 400,
    "elifs": "if a: pass\n" + "".join(f"elif a == {n}: pass\n" for n in range(800)),
    "parentheses": "x = " + "(" * 80 + "1" + ")" * 80,
    "functions": "\n".join("    " * n + f"def f{n}():" for n in range(60))
    + "\n"
    + "    " * 60
    + "pass",
    "recursion": "def f(x):\n    return f([x, f((x,))])\nf(1)",
    "mutual recursion": "def f(x):\n    return g({'a': x})\ndef g(x):\n    return f((x, x))\nf(1)",
    "objects in objects": "class N:\n    def __init__(self, n): self.n = n\n"
    "def f(n):\n    return f(N(n))\nf(None)",
    "many calls that call": "\n".join(
        [f"def f{n}(x):\n    return f{n + 1}(x + 'a'), f{n + 1}(x + 'b')" for n in range(40)]
        + ["def f40(x):\n    return x", "f0('')"]
    ),
}


@pytest.mark.parametrize("source", DEEP.values(), ids=DEEP.keys())
def test_deep_code_is_analysed(source: str) -> None:
    assert "s3:ListBuckets" in operations(only(CALL + source + "\n"))


def test_modules_may_import_each_other() -> None:
    found = only(
        {
            "app.py": "import one\none.go()",
            "one.py": "import two, boto3\nS3 = boto3.client('s3')\ndef go(): two.go()",
            "two.py": "import one\ndef go(): one.S3.list_buckets()",
        }
    )
    assert operations(found) == {"s3:ListBuckets"}
