from chalice import Blueprint
from chalicelib.aws import dynamodb

orders_bp = Blueprint(__name__)
table = dynamodb.Table("orders")


@orders_bp.route("/", methods=["POST"])
def create():
    table.put_item(Item=orders_bp.current_request.json_body)


@orders_bp.route("/{order_id}", methods=["GET"])
def show(order_id):
    return table.get_item(Key={"id": order_id})["Item"]
