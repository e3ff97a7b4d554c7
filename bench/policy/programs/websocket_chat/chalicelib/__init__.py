import os

import boto3
from chalice import WebsocketDisconnectedError


class Storage(object):
    def __init__(self, table):
        self._table = table

    @classmethod
    def from_env(cls):
        table_name = os.environ.get("TABLE", "")
        table = boto3.resource("dynamodb").Table(table_name)
        return cls(table)

    def create_connection(self, connection_id):
        self._table.put_item(Item={"PK": connection_id})

    def delete_connection(self, connection_id):
        for item in self._table.query(KeyConditionExpression="x")["Items"]:
            self._table.delete_item(Key=item)

    def connections(self, room):
        return [r["PK"] for r in self._table.query(KeyConditionExpression="y")["Items"]]


class Sender(object):
    def __init__(self, app, storage):
        self._app = app
        self._storage = storage

    def send(self, connection_id, message):
        try:
            self._app.websocket_api.send(connection_id, message)
        except WebsocketDisconnectedError:
            self._storage.delete_connection(connection_id)

    def broadcast(self, connection_ids, message):
        for each in connection_ids:
            self.send(each, message)


class Handler(object):
    def __init__(self, storage, sender):
        self._storage = storage
        self._sender = sender
        self._command_table = {"help": self._help, "join": self._join}

    def handle(self, connection_id, message):
        command, _, rest = message.partition(" ")
        handler = self._command_table.get(command, self._help)
        handler(connection_id, rest)

    def _help(self, connection_id, rest):
        self._sender.send(connection_id, "help")

    def _join(self, connection_id, rest):
        self._storage.create_connection(connection_id)
        self._sender.broadcast(self._storage.connections(rest), "joined")
