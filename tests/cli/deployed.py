"""A project that was deployed to AWS, as far as its files tell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

ACCOUNT = "123456789012"


def record(project: Path, *functions: str, stage: str = "dev", config: str = "") -> None:
    """Write the configuration of an app and what a deploy of these functions records."""
    rows: Sequence[dict[str, str]] = [
        {
            "name": "default-role",
            "resource_type": "iam_role",
            "role_arn": f"arn:aws:iam::{ACCOUNT}:role/demo-{stage}",
            "role_name": f"demo-{stage}",
        },
        {"name": "jobs", "resource_type": "cloudwatch_event", "rule_name": "jobs"},
        *(
            {
                "name": name,
                "resource_type": "lambda_function",
                "lambda_arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:demo-{stage}-{name}",
            }
            for name in functions
        ),
    ]
    path = project / ".chalice" / "deployed" / f"{stage}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"resources": rows, "schema_version": "2.0", "backend": "api"}
    path.write_text(json.dumps(document))
    settings = config or '{"version": "2.0", "app_name": "demo"}'
    (project / ".chalice" / "config.json").write_text(settings)
