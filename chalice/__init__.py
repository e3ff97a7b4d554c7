"""A serverless microframework for Python. Importing it imports the runtime only."""

__version__ = "2.0.0.dev0"
