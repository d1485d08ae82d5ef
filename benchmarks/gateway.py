"""What the gateway costs a model call: calls by an unchanged client, directly and through the gateway, in one session.

The model answers at once (an organism), so that what is measured is the way there and back. Rounds alternate.

    python benchmarks/gateway.py
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time

import openai

from tracer.gateway import Door, open_door
from tracer.models import Meter, RunCalls, open_model, parse_model
from tracer.recording import Recorder, new_run_id, recording_stage
from tracer.store import RunRow, open_store

ROUNDS, CALLS = 7, 40
MESSAGES = [{"role": "user", "content": "Which is it? " + "A long question. " * 60}]


async def main() -> None:
    async with open_model(parse_model("organism:steadfast")) as model:
        with tempfile.TemporaryDirectory() as place, contextlib.closing(open_store(place)) as store:
            recorder, row = Recorder(store.open_journal()), RunRow(new_run_id())
            with recorder.run(row):
                stages = (recording_stage(recorder, whole=True),)
                calls = model.for_run(RunCalls(seed_of=lambda n: n, meter=Meter(), stages=stages))
                with open_door(Door(row.id, calls, recorder)) as at:
                    urls = {"direct": model.endpoint.base_url, "through the gateway": at.base_url}
                    await asyncio.to_thread(measure, urls)
            recorder.close()


def measure(urls: dict[str, str]) -> None:
    for streamed in (False, True):
        taken: dict[str, list[float]] = {name: [] for name in urls}
        for _ in range(ROUNDS):
            for name, url in urls.items():
                taken[name].append(one_round(url, streamed))
        direct = statistics.median(taken["direct"])
        print(f"\n{'streamed' if streamed else 'in one piece'} ({ROUNDS} rounds of {CALLS} calls, medians)")
        for name, seconds in taken.items():
            median = statistics.median(seconds)
            print(f"  {name:20} {1000 * median:6.2f} ms a call  ratio {median / direct:.2f}")


def one_round(url: str, streamed: bool) -> float:
    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        began = time.perf_counter()
        for _ in range(CALLS):
            answer = client.chat.completions.create(model="organism:steadfast", messages=MESSAGES, stream=streamed)  # type: ignore[call-overload]  # the overloads want a literal
            if streamed:
                for _ in answer:
                    pass
        return (time.perf_counter() - began) / CALLS


if __name__ == "__main__":
    asyncio.run(main())
