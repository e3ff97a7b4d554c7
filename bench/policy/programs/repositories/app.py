from chalice import Chalice
from chalicelib.services import OrderService, UserService

app = Chalice(app_name="repositories")
orders = OrderService()
users = UserService()


@app.route("/orders/{key}")
def order(key):
    return orders.find(key)


@app.lambda_function(name="export")
def export_users(event, context):
    return users.export()


@app.on_sns_message(topic="events")
def on_event(event):
    orders.save({"id": event.message})
