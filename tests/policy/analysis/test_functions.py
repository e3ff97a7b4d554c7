"""Which function can make which call."""

from __future__ import annotations

from pathlib import Path

from chalice.policy.analysis import Place, discover
from chalice.policy.analysis.apps import EVENTS
from chalice.runtime.decorators import TriggerDecorators
from tests.policy.analysis.projects import findings, models, operations

SHOP = {
    "app.py": """
        import boto3
        from chalice import Chalice
        from chalicelib.jobs import jobs

        app = Chalice(app_name="shop")
        app.register_blueprint(jobs, name_prefix="nightly_")

        @app.middleware("http")
        def measure(event, get_response):
            boto3.client("cloudwatch").put_metric_data()
            return get_response(event)

        @app.error(KeyError)
        def missing(error):
            boto3.client("sns").publish()

        @app.authorizer()
        def check(request):
            boto3.client("ssm").get_parameter(Name="/key")

        @app.route("/", authorizer=check)
        def index():
            return boto3.client("s3").list_buckets()

        @app.on_ws_message()
        def talk(event):
            app.websocket_api.send(event.connection_id, "hello")

        @app.on_s3_event(bucket="inbox")
        def arrived(event):
            boto3.client("s3").get_object(Bucket=event.bucket, Key=event.key)
        """,
    "chalicelib/__init__.py": "",
    "chalicelib/jobs.py": """
        import boto3
        from chalice import Blueprint

        jobs = Blueprint(__name__)

        @jobs.schedule("rate(1 day)")
        def clean(event):
            boto3.resource("dynamodb").Table("old").delete()
        """,
}


def test_each_function_has_its_own_calls() -> None:
    found = {name: operations(each) for name, each in findings(SHOP).items()}
    errors = {"sns:Publish"}
    assert found == {
        "api_handler": {"s3:ListBuckets", "cloudwatch:PutMetricData", *errors},
        "check": {"ssm:GetParameter"},
        "nightly_clean": {"dynamodb:DeleteTable", *errors},
        "websocket_message": {"apigatewaymanagementapi:PostToConnection", *errors},
        "arrived": {"s3:GetObject", *errors},
    }


def test_functions_are_found_with_the_handlers_that_lambda_calls(tmp_path: Path) -> None:
    for name, text in SHOP.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        lines = text.splitlines()
        path.write_text("\n".join(line[8:] for line in lines))
    assert discover(tmp_path, models()) == {
        "api_handler": "app.app",
        "arrived": "app.arrived",
        "check": "app.check",
        "nightly_clean": "chalicelib.jobs.clean",
        "websocket_message": "app.talk",
    }


def test_the_event_of_a_bucket_names_the_bucket() -> None:
    [call] = [call for call in findings(SHOP)["arrived"].calls if call.operation == "GetObject"]
    assert call.parameters["Bucket"] == "inbox"


def test_a_call_says_how_the_handler_leads_to_it() -> None:
    source = {
        "app.py": """\
            from chalice import Chalice
            from lib import load
            app = Chalice(app_name="x")
            @app.route("/")
            def index():
                return load()
            """,
        "lib.py": """\
            import boto3
            def load():
                return boto3.client("s3").list_buckets()
            """,
    }
    [call] = findings(source)["api_handler"].calls
    assert call.path == (Place("app.py", 5), Place("app.py", 6), Place("lib.py", 3))


def test_what_runs_at_import_belongs_to_every_function() -> None:
    found = findings(
        """
        import boto3
        from chalice import Chalice
        app = Chalice(app_name="x")
        SECRET = boto3.client("secretsmanager").get_secret_value(SecretId="s")
        @app.lambda_function()
        def one(event, context): ...
        @app.lambda_function()
        def two(event, context):
            import late
        """
    )
    assert {name: operations(each) for name, each in found.items()} == {
        "one": {"secretsmanager:GetSecretValue"},
        "two": {"secretsmanager:GetSecretValue"},
    }


def test_a_module_that_a_function_imports_late_is_only_its_own() -> None:
    found = findings(
        {
            "app.py": """
                from chalice import Chalice
                app = Chalice(app_name="x")
                @app.lambda_function()
                def one(event, context): ...
                @app.lambda_function()
                def two(event, context):
                    import late
                """,
            "late.py": "import boto3\nboto3.client('s3').list_buckets()",
        }
    )
    assert operations(found["one"]) == set()
    assert operations(found["two"]) == {"s3:ListBuckets"}


def test_a_shared_helper_calls_for_each_function_what_it_is_given() -> None:
    found = findings(
        """
        import boto3
        from chalice import Chalice
        app = Chalice(app_name="x")
        class Repository:
            def __init__(self, name):
                self.table = boto3.resource("dynamodb").Table(name)
            def run(self, method, **more):
                return getattr(self.table, method)(**more)
        orders, users = Repository("orders"), Repository("users")
        @app.lambda_function()
        def one(event, context):
            orders.run("get_item", Key={})
        @app.lambda_function()
        def two(event, context):
            users.run("put_item", Item={})
        """
    )
    told = {
        name: [(call.operation, call.parameters["TableName"]) for call in each.calls]
        for name, each in found.items()
    }
    assert told == {"one": [("GetItem", "orders")], "two": [("PutItem", "users")]}


def test_handlers_may_be_given_instead_of_found() -> None:
    source = "import boto3\ndef main(event, context):\n    boto3.client('s3').list_buckets()"
    found = findings({"app.py": "", "jobs/run.py": source}, functions={"run": "jobs.run.main"})
    assert operations(found["run"]) == {"s3:ListBuckets"}


def test_vendored_modules_are_read() -> None:
    found = findings(
        {
            "app.py": "import helper\nhelper.go()",
            "vendor/helper/__init__.py": "from .inner import go",
            "vendor/helper/inner.py": "import boto3\ndef go(): boto3.client('s3').list_buckets()",
        }
    )
    assert operations(found["api_handler"]) == {"s3:ListBuckets"}


def test_calls_with_the_keys_of_another_account_are_not_the_functions() -> None:
    [found] = findings(
        """
        import boto3
        keys = boto3.client("sts").assume_role(RoleArn="r", RoleSessionName="s")["Credentials"]
        boto3.client("s3", aws_access_key_id=keys["AccessKeyId"]).list_buckets()
        boto3.Session(aws_access_key_id=keys["AccessKeyId"]).client("sqs").list_queues()
        """
    ).values()
    assert operations(found) == {"sts:AssumeRole"}


def test_findings_are_the_same_each_time() -> None:
    assert findings(SHOP) == findings(SHOP)


def test_a_handler_of_kafka_and_its_middleware_are_followed() -> None:
    found = findings(
        """
        import boto3
        from chalice import Chalice

        app = Chalice(app_name="shop")

        @app.middleware("kafka")
        def measure(event, get_response):
            boto3.client("cloudwatch").put_metric_data()
            return get_response(event)

        @app.on_kafka(topic="orders", bootstrap_servers=["kafka:9092"])
        def ordered(event):
            boto3.client("s3").list_buckets()
        """
    )
    assert {name: operations(each) for name, each in found.items()} == {
        "ordered": {"cloudwatch:PutMetricData", "s3:ListBuckets"}
    }


def test_every_decorator_of_a_trigger_is_known() -> None:
    decorators = {name for name in vars(TriggerDecorators) if not name.startswith("_")}
    assert decorators == EVENTS.keys()
