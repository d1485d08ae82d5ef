"""`tracer gateway`."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import click

from tracer.cli.options import STORE
from tracer.cli.terminal import CONSOLE
from tracer.errors import StoreError
from tracer.gateway import serve_gateway
from tracer.models import Meter, ModelSpec, Prices, RetryPolicy, open_model, parse_model
from tracer.recording import Recorder
from tracer.store import Store, open_store

__all__ = ["command"]

_TAKEN_OVER_S = 2.0


@click.command("gateway")
@click.option("--model", required=True, metavar="NAME", help="Model that answers, whatever name a call gives.")
@click.option("--base-url", metavar="URL", help="OpenAI-compatible endpoint where it answers.")
@click.option("--port", type=click.IntRange(0, 65535), default=8788, show_default=True, help="0 takes a free one.")
@click.option("--timeout", type=float, default=600.0, show_default=True, help="Seconds one model call may take.")
@click.option("--max-calls", type=click.IntRange(1), help="Model calls after which every further one is refused.")
@click.option("--max-tokens", type=click.IntRange(1), help="Tokens after which it is.")
@click.option("--max-usd", type=float, help="Cost after which it is; needs prices.")
@click.option("--price-in", type=float, help="USD per million input tokens.")
@click.option("--price-out", type=float, help="USD per million output tokens.")
@STORE
def command(model: str, base_url: str | None, port: int, store: str | None, **given: Any) -> None:
    """Serve a proxy before a model that records every call of a program that is not to be changed.

    Point the program to it with OPENAI_BASE_URL; the key of the endpoint is the gateway's own. Calls become runs by
    their W3C trace, else by their conversation: `tracer list` shows them. Chat completions, responses, embeddings,
    streams and tools; what goes wrong upstream goes wrong for the program in the same way.
    """
    prices = Prices(given["price_in"], given["price_out"])
    spec = parse_model(model, base_url, prices=prices, timeout_s=given["timeout"])
    meter = Meter(max_calls=given["max_calls"], max_tokens=given["max_tokens"], max_usd=given["max_usd"])
    with contextlib.closing(open_store(store)) as opened:
        asyncio.run(_serve(spec, opened, meter, port))


async def _serve(spec: ModelSpec, store: Store, caps: Meter, port: int) -> None:
    async with open_model(spec, RetryPolicy(tries=1)) as model:
        recorder = Recorder(store.open_journal())
        try:
            with serve_gateway(model, recorder, port=port, caps=caps) as url:
                where = Path(store.place)
                CONSOLE.print(f"OPENAI_BASE_URL={url}", markup=False, highlight=False, soft_wrap=True)
                CONSOLE.print(f"{spec.name}, recorded in {where}; stop with Ctrl-C", markup=False, highlight=False)
                while True:
                    await asyncio.sleep(_TAKEN_OVER_S)
                    store.ingest()
                    failure: StoreError | None = recorder.journal.failure
                    if failure is not None:
                        raise failure
        except asyncio.CancelledError:
            CONSOLE.print("stopped")
        finally:
            recorder.close()
            store.ingest()
