"""The module that the app is in. A bundle has here what its configuration says."""

MODULE = "app"
