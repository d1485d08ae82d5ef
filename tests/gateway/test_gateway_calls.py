"""Model calls through the gateway: recorded, attributed, seeded, counted, and passed through as they are."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import httpx2
import openai
import pytest

from tracer.models import Capabilities, Model, ModelSpec, RetryPolicy
from tracer.models.endpoint import Endpoint
from tracer.testing import Reply, scripted_model

if TYPE_CHECKING:
    from conftest import House, Stay

HELLO: list[Any] = [{"role": "user", "content": "Hello?"}]
TOOL: Any = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


OPEN: list[openai.OpenAI] = []


@pytest.fixture(autouse=True)
def clients_are_closed() -> Iterator[None]:
    """Close what a test has opened: streams that broke off leave their connections behind."""
    yield
    while OPEN:
        OPEN.pop().close()


def client(stay: Stay, token: str = "", max_retries: int = 0) -> openai.OpenAI:
    OPEN.append(openai.OpenAI(base_url=stay.at.base_url, api_key=token or stay.at.token, max_retries=max_retries))
    return OPEN[-1]


def test_a_chat_completion_is_answered_and_recorded_with_the_seed_of_its_run(house: House) -> None:
    """A call from outside is seeded and heated as one from inside, and recorded whole in the trace of its run."""
    with house.scripted("Good day.") as stay:
        answer = client(stay).chat.completions.create(model="any-name", messages=HELLO, max_tokens=9)
        (span,) = stay.spans()
    assert answer.choices[0].message.content == "Good day."
    assert "prosaic_call" not in answer.to_dict()
    assert span.trace_id == stay.run
    told = span.attributes
    assert (told["gen_ai.request.seed"], told["gen_ai.request.temperature"]) == (100, 0.5)
    rest = json.loads(told["prosaic.wire.request"]) if isinstance(told["prosaic.wire.request"], str) else {}
    assert rest == {"model": "scripted", "max_tokens": 9, "seed": 100, "temperature": 0.5}
    assert list(told["prosaic.wire.input"]) == HELLO
    assert told["prosaic.wire.response"]["choices"][0]["message"]["content"] == "Good day."
    assert stay.at.token not in json.dumps(told, default=str)


@pytest.mark.parametrize("turn", ["Good day.", ("look", {"where": "shed"})])
def test_a_streamed_answer_is_the_whole_one_in_pieces(house: House, turn: Any) -> None:
    """What a client puts together from a stream is what it would have got in one piece, tool calls included."""
    with house.scripted(turn) as stay:
        with client(stay).chat.completions.stream(model="m", messages=HELLO, tools=[TOOL]) as stream:
            streamed = stream.get_final_completion().choices[0].message
        whole = client(stay).chat.completions.create(model="m", messages=HELLO, tools=[TOOL]).choices[0].message
    assert streamed.content == whole.content
    calls = [[c.function.arguments for c in m.tool_calls or () if c.type == "function"] for m in (streamed, whole)]
    assert calls[0] == calls[1]


@pytest.mark.parametrize("stream", [False, True])
def test_the_responses_api_works_with_models_that_have_chat_completions_only(house: House, stream: bool) -> None:
    """A model without the Responses API answers it all the same, tool calls and earlier responses included."""
    tools: Any = [{"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}}]
    with house.scripted(("look", {}), "A cat.") as stay:
        asking = client(stay).responses
        if stream:
            with asking.stream(model="m", input="What is there?", instructions="Look.", tools=tools) as events:
                first = events.get_final_response()
        else:
            first = asking.create(model="m", input="What is there?", instructions="Look.", tools=tools)
        (call,) = first.output
        assert call.type == "function_call"
        result: Any = [{"type": "function_call_output", "call_id": call.call_id, "output": "a cat"}]
        second = asking.create(model="m", input=result, previous_response_id=first.id, tools=tools)
        one, two = stay.spans()
    assert second.output_text == "A cat."
    assert [m["role"] for m in two.attributes["gen_ai.input.messages"]] == ["user", "assistant", "tool"]
    assert one.attributes["gen_ai.response.id"] == first.id


def test_a_cap_of_the_run_is_an_answer_that_no_client_tries_again(house: House) -> None:
    """Once a run has made its calls, the next one is refused as an exhausted quota is."""
    with house.scripted("Yes.", max_calls=1) as stay:
        patient = client(stay, "none", max_retries=5)
        patient.chat.completions.create(model="m", messages=HELLO)
        with pytest.raises(openai.RateLimitError, match="may make 1 model calls"):
            patient.chat.completions.create(model="m", messages=HELLO)
    assert stay.meter.usage.calls == 1


def test_a_refusal_of_the_upstream_comes_through_as_it_is(house: House) -> None:
    """Status, body and what it says of waiting are those of the upstream."""
    body = '{"error": {"message": "slow down", "type": "tokens", "code": "rate_limit_exceeded"}}'
    with house.scripted(Reply(429, body, (("retry-after", "7"),))) as stay:
        for streamed in (False, True):
            sent = {"model": "m", "messages": HELLO, "stream": streamed}
            answer = httpx2.post(f"{stay.at.base_url}/chat/completions", json=sent)
            assert (answer.status_code, answer.text, answer.headers["retry-after"]) == (429, body, "7")
        spans = stay.spans()
    assert [span.attributes["http.response.status_code"] for span in spans] == [429, 429]


def test_calls_find_their_run_by_trace_by_address_or_by_token(house: House) -> None:
    """The W3C trace of a known run goes before the base URL; a token as the key is enough; nothing else is let in."""
    with house.scripted("One.") as one, house.scripted("Two.") as two:
        root = one.at.base_url.partition("/run/")[0]
        sent = {"model": "m", "messages": HELLO}
        traced = {"traceparent": f"00-{two.run}-00f067aa0ba902b7-01"}
        httpx2.post(f"{one.at.base_url}/chat/completions", json=sent, headers=traced)
        httpx2.post(f"{root}/v1/chat/completions", json=sent, headers={"authorization": f"Bearer {one.at.token}"})
        stranger = httpx2.post(f"{root}/v1/chat/completions", json=sent)
        (of_one,), (of_two,) = one.spans(), two.spans()
    assert stranger.status_code == 404
    assert "belongs to no run" in stranger.json()["error"]["message"]
    assert of_two.parent_id == "00f067aa0ba902b7"
    assert of_one.parent_id != of_two.parent_id


@pytest.mark.parametrize("sent", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_request_is_refused(house: House, sent: bytes) -> None:
    """What is no JSON object is an error of the client, and makes no call."""
    with house.scripted("Yes.") as stay:
        assert httpx2.post(f"{stay.at.base_url}/chat/completions", content=sent).status_code == 400
        assert stay.spans() == []


@contextlib.contextmanager
def rude_model(answer: Callable[[socket.socket], None], *, timeout_s: float = 5.0) -> Generator[Model]:
    """Give a model at an endpoint where `answer` does with every connection whatever it likes."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    if not done.is_set():
                        _read_request(connection)
                        answer(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    able = Capabilities(tools=True, json_schema=True, logprobs=False, seed=True)
    try:
        with contextlib.closing(Endpoint(url, None)) as endpoint:
            yield Model(ModelSpec("rude", url, timeout_s=timeout_s), {}, able, endpoint, RetryPolicy(tries=1))
    finally:
        done.set()
        with contextlib.suppress(OSError), socket.create_connection(listener.getsockname()):
            pass
        thread.join()
        listener.close()


def _read_request(connection: socket.socket) -> None:
    request = connection.makefile("rb")
    length = 0
    while (line := request.readline().strip()) != b"":
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    request.read(length)


EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


def chunk(text: str, finish: str | None = None) -> bytes:
    """Give one event of a streamed chat completion."""
    reason = f'"{finish}"' if finish else "null"
    body = (
        f'{{"id":"r","model":"rude","choices":[{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":{reason}}}]}}'
    )
    return f"data: {body}\n\n".encode()


RUDE = {
    "it breaks off": (EVENTS + chunk("Once upon"), "ends before the answer does"),
    "it is garbage": (EVENTS + chunk("Once upon") + b"<html>\n\n", "a line that is no event"),
    "it has broken JSON": (EVENTS + chunk("Once upon") + b"data: {\n\n", "not JSON"),
    "it reports an error": (EVENTS + chunk("Once upon") + b'data: {"error": {"message": "full"}}\n\n', "full"),
}


@pytest.mark.parametrize(("said", "reason"), RUDE.values(), ids=RUDE.keys())
def test_a_stream_that_goes_wrong_breaks_off_for_the_client_too(house: House, said: bytes, reason: str) -> None:
    """The client sees what came and then an error, never a whole answer; the span keeps both."""
    with rude_model(lambda connection: connection.sendall(said)) as model, house.run(model) as stay:
        stream = client(stay).chat.completions.create(model="m", messages=HELLO, stream=True)
        heard = [next(stream).choices[0].delta.content]
        with pytest.raises(openai.APIError, match=reason):
            next(stream)
        (span,) = stay.spans()
    assert heard == ["Once upon"]
    assert span.status.code == 2
    assert reason in span.status.message
    assert span.attributes["prosaic.wire.broken_off"] is True
    assert span.attributes["gen_ai.output.messages"][0]["parts"][0]["content"] == "Once upon"


def test_a_stream_without_end_is_ended_by_the_time_limit(house: House) -> None:
    """An upstream that streams for ever is given up after the timeout of a call."""

    def babble(connection: socket.socket) -> None:
        connection.sendall(EVENTS)
        for _ in range(200):
            try:
                connection.sendall(chunk("and "))
            except OSError:
                return
            time.sleep(0.02)

    with rude_model(babble, timeout_s=0.3) as model, house.run(model) as stay:
        with pytest.raises(openai.APIError, match=r"within 0\.3 s"):
            list(client(stay).chat.completions.create(model="m", messages=HELLO, stream=True))
        assert stay.spans()[0].status.code == 2


@pytest.mark.parametrize("streamed", [False, True])
def test_a_client_that_goes_away_ends_its_call(house: House, streamed: bool) -> None:
    """The upstream is let go, the span says what happened, and the run goes on."""
    let_go = threading.Event()

    def wait(connection: socket.socket) -> None:
        if streamed:
            connection.sendall(EVENTS + chunk("Once"))
        connection.settimeout(5)
        if connection.recv(1) == b"":
            let_go.set()

    with rude_model(wait) as model, house.run(model) as stay:
        url, sent = f"{stay.at.base_url}/chat/completions", {"model": "m", "messages": HELLO, "stream": streamed}
        if streamed:
            with httpx2.stream("POST", url, json=sent) as answer:
                next(answer.iter_lines())
        else:
            with pytest.raises(httpx2.ReadTimeout):
                httpx2.post(url, json=sent, timeout=0.3)
        assert let_go.wait(5)
        deadline = time.monotonic() + 5
        while not (spans := [s for s in stay.spans() if s.end_ns]) and time.monotonic() < deadline:
            time.sleep(0.02)
    assert "went away" in spans[0].status.message


def test_embeddings_and_models_are_there(house: House) -> None:
    """Embeddings are counted and recorded; the one model on offer is the run's."""
    vectors = {
        "object": "list",
        "model": "e",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
        "usage": {"prompt_tokens": 4, "total_tokens": 4},
    }
    with scripted_model(Reply(200, json.dumps(vectors))) as script, house.run(script.model) as stay:
        client(stay).embeddings.create(model="e", input=["a", "b"], encoding_format="float")
        assert [m.id for m in client(stay).models.list()] == ["scripted"]
        (span,) = stay.spans()
    assert span.attributes["gen_ai.operation.name"] == "embeddings"
    assert stay.meter.usage.input_tokens == 4
