"""What the integration tests share: a private PostgreSQL, tokens, gateways, and an independent journal verifier."""
