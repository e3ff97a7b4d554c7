"""The values of keys that are objects with keys of their own, and sets of numbers."""

from __future__ import annotations

from chalice.config.kinds import Choice, Field, Flag, Number, Table, Text, TextMap, Texts

DOMAIN = Table(
    {
        "domain_name": Field(Text(), "The domain, `api.example.com`.", required=True),
        "certificate_arn": Field(
            Text(),
            "The certificate in ACM; in us-east-1 for an EDGE endpoint, else in the API's region.",
            required=True,
        ),
        "tls_version": Field(
            Choice(("TLS_1_0", "TLS_1_1", "TLS_1_2"), fallback="TLS_1_2"),
            "The oldest TLS version that is served; `TLS_1_2` if absent.",
        ),
        "url_prefix": Field(Text(), "The base path under which the domain serves the API."),
        "tags": Field(TextMap(), "Tags of the domain."),
    }
)
USAGE_PLAN = Table(
    {
        "rate_limit": Field(Number(1), "Requests a second, in the long run, of each key."),
        "burst_limit": Field(Number(1), "How many requests of a key may come at once."),
        "quota_limit": Field(Number(1), "How many requests a key may make in a period."),
        "quota_period": Field(
            Choice(("DAY", "WEEK", "MONTH")), "The period of the quota; `MONTH` if absent."
        ),
        "api_keys": Field(Texts(), "Names of API keys, which are made, that have this plan."),
    }
)
LOCAL = Table(
    {
        "jwks": Field(
            TextMap(),
            "Issuer, or id of a user pool, to the file with its public keys, JWKS or PEM.",
        ),
        "api_keys": Field(TextMap(), "Name of an API key to the value that it has here."),
        "aws": Field(Flag(), "Whether an embedded cloud runs beside the app, as with `--aws`."),
    }
)
RETENTION_DAYS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
