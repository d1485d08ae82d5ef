"""Which model is meant: a name, and where it answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from tracer.errors import ModelError
from tracer.models.meter import Prices

__all__ = ["KEY_VARIABLES", "ModelSpec", "parse_model"]

KEY_VARIABLES = ("TRACER_API_KEY", "OPENAI_API_KEY")
_FREE = Prices(0.0, 0.0)


def _no_overrides() -> Mapping[str, bool]:
    return {}


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which model is meant; holds no key.

    Attributes:
        name: `smollm2`, `organism:NAME`, or what the endpoint calls the model.
        base_url: Of an OpenAI-compatible endpoint, e.g. `http://127.0.0.1:8000/v1`; None for the built-in models.
        price_in: USD per million input tokens; None where unknown.
        price_out: USD per million output tokens; None where unknown.
        timeout_s: Seconds after which one attempt of a call is given up.
        capabilities: Capability -> what the user knows better than the probe.
    """

    name: str
    base_url: str | None = None
    price_in: float | None = None
    price_out: float | None = None
    timeout_s: float = 120.0
    capabilities: Mapping[str, bool] = field(default_factory=_no_overrides)

    @property
    def kind(self) -> Literal["smollm2", "organism", "endpoint"]:
        """Tell what answers: the embedded model, a scripted one, or an endpoint of the user's."""
        if self.base_url is not None:
            return "endpoint"
        return "organism" if self.name.startswith("organism:") else "smollm2"

    @property
    def prices(self) -> Prices:
        """What a call costs; the built-in models are free."""
        if self.kind != "endpoint" and self.price_in is None and self.price_out is None:
            return _FREE
        return Prices(self.price_in, self.price_out)


def parse_model(
    name: str,
    base_url: str | None = None,
    *,
    prices: Prices | None = None,
    timeout_s: float = 120.0,
    capabilities: Mapping[str, bool] | None = None,
) -> ModelSpec:
    """Give the spec of the model called `name`.

    `smollm2` and `organism:NAME` are built in unless a `base_url` is given; any other name is a model of the endpoint
    at `base_url`, or at `OPENAI_BASE_URL` of the environment.

    Raises:
        ModelError: No endpoint is known for the name, or its URL cannot be used.
    """
    url = base_url
    built_in = name == "smollm2" or name.startswith("organism:")
    if url is None and not built_in:
        url = os.environ.get("OPENAI_BASE_URL") or None
        if url is None:
            raise ModelError(
                f"model {name!r} is not built in (smollm2, organism:NAME are): say where it answers with "
                "--base-url URL or OPENAI_BASE_URL, e.g. https://api.openai.com/v1"
            )
    prices = prices or Prices()
    return ModelSpec(
        name=name,
        base_url=None if url is None else _checked(url),
        price_in=prices.input,
        price_out=prices.output,
        timeout_s=timeout_s,
        capabilities=dict(capabilities or {}),
    )


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ModelError("the base URL of the model cannot be read: write http://HOST:PORT/v1") from None
    # The URL is stored, shown and frozen; a secret in it would be too, so it is not even repeated here.
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ModelError(
            f"the base URL of the model may not carry a user, a password, a query or a fragment: "
            f"put the key into {' or '.join(KEY_VARIABLES)}"
        )
    if not usable:
        raise ModelError(f"{url!r} is no base URL: write http://HOST:PORT/v1 or https://HOST/v1")
    return url.rstrip("/")
