"""HTTP APIs, and the function URLs that speak like them."""
