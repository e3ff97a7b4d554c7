"""``chalice package --explain`` tells what is in the bundle."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bundle.packages import wheel
from tests.cli.command import chalice

APP = 'from chalice import Chalice\napp = Chalice(app_name="weighed")\n'


def project(directory: Path) -> Path:
    root = directory / "project"
    (root / ".chalice").mkdir(parents=True)
    (root / ".chalice" / "config.json").write_text('{"version": "2.0", "app_name": "weighed"}')
    (root / "app.py").write_text(APP)
    (directory / "links").mkdir()
    wheel(directory / "links", "needed", files={"needed/tests/a.py": b"x", "needed/b.py": b"x"})
    lines = ("--no-index", f"--find-links {directory / 'links'}", "needed")
    (root / "requirements.txt").write_text("\n".join(lines) + "\n")
    return root


def test_the_report_lists_parts_and_what_is_left_out(tmp_path: Path) -> None:
    done = chalice("package", "--explain", cwd=project(tmp_path))
    assert done.returncode == 0, done.stderr
    first, *lines = done.stdout.splitlines()
    assert first.split() == ["part", "unpacked", "zipped", "needed", "by"]
    [needed] = (line for line in lines if line.startswith("needed 1.0"))
    assert needed.endswith("requirements.txt:3")
    assert lines[-1].startswith("  needed 1.0: tests, ")


def test_the_report_is_a_document_for_programs(tmp_path: Path) -> None:
    root = project(tmp_path)
    document = json.loads(chalice("package", "--explain", "--json", cwd=root).stdout)
    assert document["unpacked"] == sum(each["unpacked"] for each in document["parts"])
    assert [each["package"] for each in document["left_out"]] == ["needed 1.0"]
    assert not (root / "dist").exists()


def test_without_a_place_to_write_to_and_without_explain_the_usage_is_told(tmp_path: Path) -> None:
    done = chalice("package", cwd=project(tmp_path))
    assert done.returncode == 2
    assert "Missing argument 'OUT'" in done.stderr
