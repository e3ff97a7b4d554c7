"""What runs inside the function's process; nothing here imports the framework."""
