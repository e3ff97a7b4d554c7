import boto3
from chalice import Chalice

app = Chalice(app_name="tuples")
s3, sqs, sns = (boto3.client(name) for name in ("s3", "sqs", "sns"))
dynamo, (kms, ssm) = boto3.client("dynamodb"), (boto3.client("kms"), boto3.client("ssm"))
CLIENTS = {"a": boto3.client("athena"), "g": boto3.client("glue")}


@app.route("/")
def index():
    s3.list_buckets()
    sqs.list_queues()
    sns.list_subscriptions()


@app.lambda_function()
def query(event, context):
    CLIENTS["a"].start_query_execution(QueryString="select 1")
    CLIENTS["g"].get_table(DatabaseName="d", Name="t")


@app.lambda_function()
def keys(event, context):
    dynamo.list_tables()
    kms.encrypt(KeyId="k", Plaintext=b"")
    return ssm.get_parameters(Names=["/a", "/b"])
