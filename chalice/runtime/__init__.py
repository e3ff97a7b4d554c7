"""What ships to Lambda: the application object and all it needs. Standard library only."""
