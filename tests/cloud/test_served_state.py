"""What the front doors serve outlives the cloud that was told to."""

from __future__ import annotations

from pathlib import Path

import httpx

from chalice.cloud import ensure_running, stop
from tests.cloud.aws import client, make_function, unique
from tests.cloud.doors import ECHO_EVENT, permit


def test_http_apis_urls_and_usage_plans_are_there_after_a_restart(home: Path) -> None:
    cloud = ensure_running(home, say=lambda _: None, port=0)
    name = unique("kept")
    function = make_function(cloud, name, ECHO_EVENT)
    functions, gateway = client(cloud, "lambda"), client(cloud, "apigatewayv2")
    made = functions.create_function_url_config(FunctionName=name, AuthType="NONE")
    functions.add_permission(
        FunctionName=name,
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    api_id = gateway.create_api(Name="kept", ProtocolType="HTTP", Target=function)["ApiId"]
    permit(cloud, function, api_id)
    plan = client(cloud, "apigateway").create_usage_plan(
        name="kept", quota={"limit": 5, "period": "DAY"}
    )
    stop(home)
    again = ensure_running(home, say=lambda _: None, port=0)
    assert httpx.get(f"{again.gateway_url}/{api_id}/a", timeout=30).json()["rawPath"] == "/a"
    read = client(again, "lambda").get_function_url_config(FunctionName=name)
    assert read["FunctionUrl"].startswith(f"{again.gateway_url}/_url/")
    assert (
        read["FunctionUrl"].rpartition("/_url/")[2] == made["FunctionUrl"].rpartition("/_url/")[2]
    )
    assert httpx.get(read["FunctionUrl"], timeout=30).json()["rawPath"] == "/"
    kept = client(again, "apigateway").get_usage_plan(usagePlanId=plan["id"])
    assert kept["quota"] == {"limit": 5, "period": "DAY", "offset": 0}
