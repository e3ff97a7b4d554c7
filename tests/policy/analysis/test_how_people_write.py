"""Each way in which people reach a client or a resource, in a module that runs when imported."""

from __future__ import annotations

import pytest

from tests.policy.analysis.projects import only, operations

WAYS = {
    "a client used at once": ("import boto3\nboto3.client('s3').list_buckets()", "s3:ListBuckets"),
    "a method by another name": (
        "import boto3\nmake = boto3.client\nlist_ = make('s3').list_objects_v2\nlist_(Bucket='b')",
        "s3:ListObjectsV2",
    ),
    "boto3 by another name": (
        "import boto3 as aws\naws.client('s3').list_buckets()",
        "s3:ListBuckets",
    ),
    "client imported by itself": (
        "from boto3 import client as c\nc('sqs').list_queues()",
        "sqs:ListQueues",
    ),
    "everything imported": ("from boto3 import *\nclient('sqs').list_queues()", "sqs:ListQueues"),
    "sessions": (
        """
        import boto3, boto3.session
        from boto3.session import Session
        boto3.session.Session().client('s3').list_buckets()
        Session(region_name='eu-west-1').client('sqs').list_queues()
        """,
        "s3:ListBuckets sqs:ListQueues",
    ),
    "botocore's session": (
        "import botocore.session\n"
        "botocore.session.get_session().create_client('sts').get_caller_identity()",
        "sts:GetCallerIdentity",
    ),
    "a resource": (
        "import boto3\nboto3.resource('dynamodb').Table('t').get_item(Key={})",
        "dynamodb:GetItem",
    ),
    "the client of a resource": (
        "import boto3\nboto3.resource('s3').meta.client.head_bucket(Bucket='b')",
        "s3:HeadBucket",
    ),
    "the service by keyword": (
        "import boto3\nboto3.client(service_name='s3').list_buckets()",
        "s3:ListBuckets",
    ),
    "the service in a constant": (
        "import boto3\nS = 's' + '3'\nboto3.client(S).list_buckets()",
        "s3:ListBuckets",
    ),
    "a client passed by keyword": (
        "import boto3\ndef go(*, c=None):\n    c.list_buckets()\ngo(c=boto3.client('s3'))",
        "s3:ListBuckets",
    ),
    "a client passed with stars": (
        """
        import boto3
        def go(*args, **kwargs):
            args[0].list_buckets()
            kwargs['q'].list_queues()
        go(*[boto3.client('s3')], **{'q': boto3.client('sqs')})
        """,
        "s3:ListBuckets sqs:ListQueues",
    ),
    "a client as a default": (
        "import boto3\ndef go(c=boto3.client('s3')):\n    c.list_buckets()\ngo()",
        "s3:ListBuckets",
    ),
    "an attribute of an object": (
        """
        import boto3
        class A:
            def __init__(self):
                self.c = boto3.client('s3')
            def go(self):
                self.c.list_buckets()
        A().go()
        """,
        "s3:ListBuckets",
    ),
    "an attribute of a class": (
        """
        import boto3
        class A:
            c = boto3.client('s3')
            @classmethod
            def go(cls):
                cls.c.list_buckets()
        A.go()
        """,
        "s3:ListBuckets",
    ),
    "a cached property": (
        """
        import boto3
        from functools import cached_property
        class A:
            @cached_property
            def c(self):
                return boto3.client('s3')
        A().c.list_buckets()
        """,
        "s3:ListBuckets",
    ),
    "a dataclass": (
        """
        import boto3
        from dataclasses import dataclass, field
        @dataclass
        class A:
            name: str
            c: object = field(default_factory=lambda: boto3.client('s3'))
        A('x').c.head_bucket(Bucket=A('x').name)
        """,
        "s3:HeadBucket",
    ),
    "a lambda": (
        "import boto3\nf = lambda: boto3.client('s3').list_buckets()\nf()",
        "s3:ListBuckets",
    ),
    "a cached factory": (
        """
        import boto3, functools
        @functools.lru_cache()
        def make(name):
            return boto3.client(name)
        make('s3').list_buckets()
        """,
        "s3:ListBuckets",
    ),
    "a global that is set late": (
        """
        import boto3
        _C = None
        def c():
            global _C
            if _C is None:
                _C = boto3.client('s3')
            return _C
        c().list_buckets()
        """,
        "s3:ListBuckets",
    ),
    "partial": (
        "import boto3\nfrom functools import partial\npartial(boto3.client, 's3')().list_buckets()",
        "s3:ListBuckets",
    ),
    "comprehensions": (
        """
        import boto3
        c = boto3.client('s3')
        [c.get_object(Key=k) for k in c.list_objects_v2()]
        {c.head_object(Key=k) for k in []}
        {k: c.delete_object(Key=k) for k in []}
        tuple(c.put_object(Key=k) for k in [])
        """,
        "s3:GetObject s3:ListObjectsV2 s3:HeadObject s3:DeleteObject s3:PutObject",
    ),
    "annotation, walrus and with": (
        """
        import boto3
        a: object = boto3.client('s3')
        a.list_buckets()
        if (b := boto3.client('sqs')):
            b.list_queues()
        with boto3.client('sns') as d:
            d.publish()
        """,
        "s3:ListBuckets sqs:ListQueues sns:Publish",
    ),
    "several at once": (
        "import boto3\na, (b, *_) = boto3.client('s3'), (boto3.client('sqs'), 1, 2)\n"
        "a.list_buckets()\nb.list_queues()",
        "s3:ListBuckets sqs:ListQueues",
    ),
    "the last assignment counts": (
        "import boto3\nc = boto3.client('s3')\nc = boto3.client('sqs')\nc.list_queues()",
        "sqs:ListQueues",
    ),
    "either of two": (
        """
        import boto3, random
        c = boto3.client('s3')
        if random.random():
            c = boto3.client('sqs')
        c.list_queues()
        c.list_buckets()
        """,
        "sqs:ListQueues s3:ListBuckets",
    ),
    "a dictionary of clients": (
        "import boto3\nC = {n: boto3.client(n) for n in ['s3', 'sqs']}\nC['s3'].list_buckets()",
        "s3:ListBuckets",
    ),
    "a nested function": (
        """
        import boto3
        def outer():
            c = boto3.client('s3')
            def inner():
                return c.list_buckets()
            return inner
        outer()()
        """,
        "s3:ListBuckets",
    ),
    "an import that may fail": (
        """
        try:
            import boto3
        except ImportError:
            boto3 = None
        boto3.client('s3').list_buckets()
        """,
        "s3:ListBuckets",
    ),
    "getattr with a literal": (
        "import boto3\ngetattr(boto3.client('s3'), 'list_' + 'buckets')()",
        "s3:ListBuckets",
    ),
    "paginators and waiters": (
        """
        import boto3
        s3 = boto3.client('s3')
        s3.get_paginator('list_objects_v2').paginate()
        s3.get_waiter('bucket_exists').wait()
        """,
        "s3:ListObjectsV2 s3:HeadBucket",
    ),
    "signed URLs": (
        """
        import boto3
        s3 = boto3.client('s3')
        s3.generate_presigned_url('get_object', {'Bucket': 'b', 'Key': 'k'})
        s3.generate_presigned_post('b', 'k')
        """,
        "s3:GetObject s3:PutObject",
    ),
    "an attribute that is loaded": (
        "import boto3\nboto3.resource('s3').Object('b', 'k').content_length",
        "s3:HeadObject",
    ),
    "what was listed is not loaded again": (
        "import boto3\n[i.state for i in boto3.resource('ec2').instances.all()]",
        "ec2:DescribeInstances",
    ),
    "an action on all": (
        "import boto3\nboto3.resource('ec2').instances.filter(InstanceIds=[]).terminate()",
        "ec2:DescribeInstances ec2:TerminateInstances",
    ),
    "a waiter of a resource": (
        "import boto3\nboto3.resource('dynamodb').Table('t').wait_until_exists()",
        "dynamodb:DescribeTable",
    ),
    "writing in batches": (
        """
        import boto3
        with boto3.resource('dynamodb').Table('t').batch_writer() as batch:
            batch.put_item(Item={})
        """,
        "dynamodb:BatchWriteItem",
    ),
    "aioboto3": (
        """
        import aioboto3
        async def go():
            async with aioboto3.Session().client('s3') as s3:
                async for page in s3.get_paginator('list_objects_v2').paginate(Bucket='b'):
                    await s3.delete_object(Bucket='b', Key=page)
        import asyncio
        asyncio.run(go())
        """,
        "s3:ListObjectsV2 s3:DeleteObject",
    ),
    "a class that can be called": (
        """
        import boto3
        class A:
            def __call__(self):
                boto3.client('s3').list_buckets()
            def __enter__(self):
                boto3.client('sqs').list_queues()
                return self
            def __exit__(self, *_):
                boto3.client('sns').list_topics()
            def __getitem__(self, key):
                boto3.client('ssm').get_parameter(Name=key)
        with A() as a:
            a()
            a['x']
        """,
        "s3:ListBuckets sqs:ListQueues sns:ListTopics ssm:GetParameter",
    ),
    "star-except, match and type parameters of newer Pythons": (
        """
        import boto3
        def go(kind):
            match kind:
                case {"a": c}:
                    c.list_buckets()
                case [d, *_]:
                    d.list_queues()
        go({"a": boto3.client('s3')})
        go([boto3.client('sqs')])
        """,
        "s3:ListBuckets sqs:ListQueues",
    ),
    "services that the original does not know": (
        "import boto3\nboto3.client('apigateway').get_rest_apis()\n"
        "boto3.client('bedrock-runtime').invoke_model()\nboto3.client('lambda').invoke()",
        "apigateway:GetRestApis bedrock-runtime:InvokeModel lambda:Invoke",
    ),
    "what nobody calls is not called": (
        "import boto3\ns3 = boto3.client('s3')\ndef never():\n    s3.list_buckets()",
        "",
    ),
    "what runs only as a script is not run": (
        "import boto3\nif __name__ == '__main__':\n    boto3.client('s3').list_buckets()",
        "",
    ),
    "a branch that is never taken": (
        """
        import boto3
        def do(kind, client=None):
            client = client or boto3.client('sns')
            if kind == 'list':
                return client.list_buckets()
            boto3.client('iam').list_users()
        do('list', boto3.client('s3'))
        """,
        "s3:ListBuckets",
    ),
}


@pytest.mark.parametrize(("source", "expected"), WAYS.values(), ids=WAYS.keys())
def test_a_way_to_call_aws_is_understood(source: str, expected: str) -> None:
    found = only(source)
    assert operations(found) == set(expected.split())
    assert found.unresolved == ()


def test_a_transfer_is_what_s3_is_asked_for() -> None:
    found = only(
        """
        import boto3
        s3 = boto3.client('s3')
        s3.upload_file('a', 'up', 'k')
        s3.download_file('down', 'k', 'a')
        s3.copy({'Bucket': 'from', 'Key': 'x'}, 'to', 'k')
        """
    )
    by_bucket: dict[object, set[str]] = {}
    for call in found.calls:
        by_bucket.setdefault(call.parameters.get("Bucket"), set()).add(call.operation)
    parts = {"CreateMultipartUpload", "CompleteMultipartUpload", "AbortMultipartUpload"}
    assert by_bucket == {
        "up": {"PutObject", "UploadPart", *parts},
        "down": {"HeadObject", "GetObject"},
        "to": {"CopyObject", "UploadPartCopy", *parts},
        "from": {"HeadObject"},
    }
