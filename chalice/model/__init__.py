"""Plain data that every stage of the tool speaks. Imports nothing of ours."""
