from chalice import Chalice
from chalicelib.routes.orders import orders_bp
from chalicelib.routes.users import users_bp
from chalicelib.jobs import jobs

app = Chalice(app_name="shop")
app.register_blueprint(orders_bp, url_prefix="/orders")
app.register_blueprint(users_bp, url_prefix="/users")
app.register_blueprint(jobs, name_prefix="jobs_")
