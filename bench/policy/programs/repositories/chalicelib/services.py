import json

import boto3

from .base import OrderRepository, UserRepository


class OrderService:
    def __init__(self):
        self.repository = OrderRepository()

    def find(self, key):
        return self.repository.get(key)

    def save(self, order):
        self.repository.put(order)


class UserService:
    def __init__(self):
        self.repository = UserRepository()
        self.bucket = boto3.resource("s3").Bucket("exports")

    def export(self):
        data = json.dumps(list(self.repository.all()))
        self.bucket.put_object(Key="users/latest.json", Body=data)
