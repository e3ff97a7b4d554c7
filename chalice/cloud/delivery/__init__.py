"""How events reach functions: what is polled, what is pushed, and which events a function wants."""
