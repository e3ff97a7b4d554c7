"""Make what CloudAlbum needs in an account, or delete it: ``python setup_album.py create|delete``.

Both do only what is left to do, so they can be run again. AWS_ENDPOINT_URL says where, as it does
for every program that uses boto3; without it, that is AWS.
"""

import sys

import boto3

PATH = "/cloudalbum/"
POOL = "cloudalbum-pool"
CLIENT = "cloudalbum-client"
TABLE = "cloudalbum-photos"


def main(arguments):
    if arguments not in (["create"], ["delete"]):
        return "usage: python setup_album.py create|delete"
    session = boto3.session.Session()
    if session.region_name is None:
        return "error: which region? Set AWS_DEFAULT_REGION"
    account = session.client("sts").get_caller_identity()["Account"]
    bucket = f"cloudalbum-{account}-{session.region_name}"
    if arguments == ["create"]:
        create(session, bucket)
    else:
        delete(session, bucket)
    return None


def create(session, bucket):
    """Make pool, client, bucket and table, and write down in parameters which they are."""
    pool, client, secret = create_users(session.client("cognito-idp"))
    create_bucket(session.client("s3"), bucket, session.region_name)
    create_table(session.client("dynamodb"))
    parameters = {
        "S3_PHOTO_BUCKET": bucket,
        "S3_PRESIGNED_EXP": "3600",
        "DDB_PHOTO_TABLE": TABLE,
        "COGNITO_POOL_ID": pool,
        "COGNITO_CLIENT_ID": client,
        "COGNITO_CLIENT_SECRET": secret,
    }
    ssm = session.client("ssm")
    for name, value in parameters.items():
        ssm.put_parameter(Name=PATH + name, Value=value, Type="SecureString", Overwrite=True)
        print(f"parameter  {PATH}{name}")


def create_users(cognito):
    """Return the ids of the user pool and of its client, and the client's secret."""
    pool = find_pool(cognito)
    if pool is None:
        made = cognito.create_user_pool(
            PoolName=POOL, UsernameAttributes=["email"], AutoVerifiedAttributes=["email"]
        )
        pool = made["UserPool"]["Id"]
    print(f"user pool  {pool}")
    listed = cognito.list_user_pool_clients(UserPoolId=pool, MaxResults=60)["UserPoolClients"]
    known = [client["ClientId"] for client in listed if client["ClientName"] == CLIENT]
    if known:
        found = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=known[0])
    else:
        found = cognito.create_user_pool_client(
            UserPoolId=pool,
            ClientName=CLIENT,
            GenerateSecret=True,
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )
    client = found["UserPoolClient"]
    print(f"client     {client['ClientId']}")
    return pool, client["ClientId"], client["ClientSecret"]


def find_pool(cognito):
    """Return the id of our user pool, None when there is none."""
    for page in cognito.get_paginator("list_user_pools").paginate(MaxResults=60):
        for pool in page["UserPools"]:
            if pool["Name"] == POOL:
                return pool["Id"]
    return None


def create_bucket(s3, bucket, region):
    if bucket not in buckets(s3):
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else where))
    print(f"bucket     {bucket}")


def buckets(s3):
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def create_table(dynamodb):
    if TABLE not in tables(dynamodb):
        dynamodb.create_table(
            TableName=TABLE,
            KeySchema=[
                {"AttributeName": "user_id", "KeyType": "HASH"},
                {"AttributeName": "photo_id", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "user_id", "AttributeType": "S"},
                {"AttributeName": "photo_id", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        dynamodb.get_waiter("table_exists").wait(TableName=TABLE)
    print(f"table      {TABLE}")


def tables(dynamodb):
    pages = dynamodb.get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"]]


def delete(session, bucket):
    """Delete all of it, the photos and the users included."""
    ssm = session.client("ssm")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=PATH, Recursive=True)
    for name in [each["Name"] for page in pages for each in page["Parameters"]]:
        ssm.delete_parameter(Name=name)
        print(f"deleted parameter {name}")
    dynamodb = session.client("dynamodb")
    if TABLE in tables(dynamodb):
        dynamodb.delete_table(TableName=TABLE)
        print(f"deleted table {TABLE}")
    s3 = session.client("s3")
    if bucket in buckets(s3):
        contents = session.resource("s3").Bucket(bucket)
        contents.objects.delete()
        contents.delete()
        print(f"deleted bucket {bucket}")
    cognito = session.client("cognito-idp")
    pool = find_pool(cognito)
    if pool is not None:
        cognito.delete_user_pool(UserPoolId=pool)
        print(f"deleted user pool {pool}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
