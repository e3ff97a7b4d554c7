"""The project configuration and the loading of the app."""
