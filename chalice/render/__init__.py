"""Resources as templates that other tools deploy."""
