from chalice import Blueprint
from ..aws import dynamodb, ses

users_bp = Blueprint(__name__)


@users_bp.route("/invite", methods=["POST"])
def invite():
    ses.send_email(Source="a@example.com", Destination={}, Message={})
    dynamodb.Table("users").update_item(Key={"id": "1"})
