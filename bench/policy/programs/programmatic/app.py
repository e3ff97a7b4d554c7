from chalice import Chalice

from chalicelib import views

app = Chalice(app_name="programmatic")
for path, view in views.ROUTES:
    app.route(path, methods=["GET"])(view)
app.schedule("rate(1 hour)")(views.tick)
