"""Who calls the embedded cloud, and what their policies let them do."""
