"""The page in a browser, and an optional HTTP API."""
