import boto3


class Repository:
    table_name = None

    def __init__(self, resource=None):
        self.resource = resource or boto3.resource("dynamodb")

    @property
    def table(self):
        return self.resource.Table(self.table_name)

    def get(self, key):
        return self.table.get_item(Key={"id": key}).get("Item")

    def put(self, item):
        self.table.put_item(Item=item)

    def all(self):
        kwargs = {}
        while True:
            page = self.table.scan(**kwargs)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            kwargs["ExclusiveStartKey"] = page["LastEvaluatedKey"]


class OrderRepository(Repository):
    table_name = "orders"


class UserRepository(Repository):
    table_name = "users"
