"""The embedded cloud: contracts over HTTP, and its life as a process."""
