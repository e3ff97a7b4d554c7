from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.parameters import get_secret
from chalice import Chalice

app = Chalice(app_name="powertools")
logger = Logger()


@app.route("/")
def index():
    return parameters.get_parameter("/app/url")


@app.lambda_function()
@logger.inject_lambda_context
def secret(event, context):
    get_secret("app/key")
    return parameters.get_parameters("/app/all")
