import boto3
from chalice import Chalice

app = Chalice(app_name="dispatch")
ec2 = boto3.client("ec2")
ACTIONS = {
    "start": lambda ids: ec2.start_instances(InstanceIds=ids),
    "stop": lambda ids: ec2.stop_instances(InstanceIds=ids),
}


class Commands:
    def __init__(self):
        self.rds = boto3.client("rds")

    def do_reboot(self, name):
        self.rds.reboot_db_instance(DBInstanceIdentifier=name)

    def do_status(self, name):
        return self.rds.describe_db_instances(DBInstanceIdentifier=name)

    def helper(self):
        self.rds.delete_db_instance(DBInstanceIdentifier="never")


@app.lambda_function()
def instances(event, context):
    return ACTIONS[event["action"]](event["ids"])


@app.lambda_function()
def database(event, context):
    command = getattr(Commands(), "do_" + event["command"])
    return command(event["name"])
