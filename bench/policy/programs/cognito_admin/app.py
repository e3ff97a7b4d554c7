import os

import boto3
from chalice import Chalice, CognitoUserPoolAuthorizer

app = Chalice(app_name="cognito")
authorizer = CognitoUserPoolAuthorizer("Pool", provider_arns=["arn:aws:cognito-idp:us-east-1:1:userpool/p"])
POOL = os.environ["USER_POOL_ID"]


class Users(object):
    def __init__(self, pool=None):
        self.pool = pool or POOL
        self._idp = None

    @property
    def idp(self):
        if self._idp is None:
            self._idp = boto3.client("cognito-idp")
        return self._idp

    def create(self, email):
        self.idp.admin_create_user(UserPoolId=self.pool, Username=email)
        self.idp.admin_add_user_to_group(UserPoolId=self.pool, Username=email, GroupName="users")


@app.route("/users", methods=["POST"], authorizer=authorizer, cors=True)
def create():
    Users().create(app.current_request.json_body["email"])
