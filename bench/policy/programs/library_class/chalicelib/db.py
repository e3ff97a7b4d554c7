from uuid import uuid4

from boto3.dynamodb.conditions import Key

DEFAULT_USERNAME = "default"


class TodoDB(object):
    def list_items(self):
        pass

    def add_item(self, description, metadata=None):
        pass


class InMemoryTodo(TodoDB):
    def __init__(self, state=None):
        self._state = {} if state is None else state

    def list_items(self):
        return list(self._state.values())


class DynamoDBTodo(TodoDB):
    def __init__(self, table_resource):
        self._table = table_resource

    def list_all_items(self):
        return self._table.scan()["Items"]

    def list_items(self, username=DEFAULT_USERNAME):
        return self._table.query(KeyConditionExpression=Key("username").eq(username))["Items"]

    def add_item(self, description, metadata=None, username=DEFAULT_USERNAME):
        uid = str(uuid4())
        self._table.put_item(Item={"username": username, "uid": uid})
        return uid
