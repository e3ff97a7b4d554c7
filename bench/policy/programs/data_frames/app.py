import json

import pandas as pd
import smart_open
from chalice import Chalice

app = Chalice(app_name="frames")


@app.lambda_function()
def read(event, context):
    frame = pd.read_csv("s3://lake/raw/data.csv")
    return len(frame)


@app.lambda_function()
def stream(event, context):
    with smart_open.open(f"s3://lake/out/{event['id']}.json", "w") as out:
        json.dump({}, out)
