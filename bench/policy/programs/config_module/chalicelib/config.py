import os


class Config(dict):
    @staticmethod
    def load():
        stage = os.environ["STAGE"]
        return {
            "bucket": f"files-{stage}",
            "tables": {name: f"{name}-{stage}" for name in ["orders", "users"]},
        }
