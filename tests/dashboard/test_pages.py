"""Both pages, run by Streamlit's own test driver on real stores."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import tracer
from tracer import Store, open_store
from tracer.store import dump_json

APP = Path(__file__).parents[2] / "dashboard" / "app.py"


@pytest.fixture
def show(part: Callable[[str], Any], store: Store) -> Callable[..., AppTest]:
    """A function that opens the dashboard at an address of the given query parameters."""

    def run(**query: str) -> AppTest:
        page = AppTest.from_file(str(APP), default_timeout=60)
        for name, value in query.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception
        return page

    return run


def markup(page: AppTest) -> str:
    """Everything on a page that is shown as HTML or SVG."""
    pages = [element.proto.body for element in page.get("html")]
    return "\n".join([*pages, *(drawing(element) for element in page.get("bidi_component"))])


def drawing(element: Any) -> str:
    return json.loads(element.proto.json)


def test_an_empty_store_invites_to_run(show: Callable[..., AppTest]) -> None:
    """Without a study or a run, both pages say so and give the command to run next."""
    assert "No study yet" in markup(show())
    assert any(code.value.startswith("tracer run ") for code in show().code)
    runs = show()
    runs.switch_page("run.py").run()
    assert "No run yet" in markup(runs)
    assert not runs.exception


def test_a_study_shows_verdict_reasons_and_every_check(show: Callable[..., AppTest], study: Any) -> None:
    """A study shows its question, its preregistration, the verdict in words with its reasons, and all checks."""
    page = show(study=study.study.hash[:10])
    seen = markup(page)
    for words in (
        "Does a hint move the answer?", study.study.hash, "48 of 48 done",
        "✓ supported", "`hint against plain` =", "rivals still standing", "mere mention", "rival ruled out",
        "for the claim", "the answer stays inside the margin", "1 failed",
    ):  # fmt: skip
        assert words in seen, words
    checks = next(t.value for t in page.dataframe if "outcome" in t.value)
    assert list(checks["check"]) == ["hint against plain", "mere mention", "can answer", "same again"]
    assert checks.loc[0, "clusters"] == 11  # the failed run takes its scenario out
    assert "failed" in checks.loc[0, "excluded"]
    (download,) = page.get("download_button")
    assert download.proto.label == "Download CSV"


def test_a_judged_study_says_what_is_known_of_its_judges(show: Callable[..., AppTest], store: Store) -> None:
    """Question, model, draws, and that nothing is known of its errors as long as nobody has labelled."""
    result = tracer.run("docs/examples/judged_reasons.py:suite", n=2, store=store.place)
    seen = markup(show(study=result.study.hash[:10]))
    for words in (
        "user_as_reason, judged by organism:judge", "Does it give an opinion of the user as its reason?",
        "asked 3 times about each", "how often it errs is not known",
    ):  # fmt: skip
        assert words in seen, words


def test_failed_runs_keep_their_reason(show: Callable[..., AppTest], study: Any, hostile: str) -> None:
    """A failed run is a row with its reason, and its page says the reason too."""
    page = show(study=study.study.hash[:10])
    runs = next(t.value for t in page.dataframe if "status" in t.value)
    failed = runs[runs["status"].str.contains("failed")]
    assert list(failed["reason"]) == [f"the tool broke: {hostile}"]
    one = show(run=failed.iloc[0]["run"])
    assert "✕ failed" in markup(one)
    assert "the tool broke: &lt;script&gt;" in markup(one)


def test_only_runs_that_did_not_complete_can_be_shown(show: Callable[..., AppTest], study: Any) -> None:
    """A switch leaves the runs that did not complete."""
    page = show()
    page.toggle[0].set_value(True).run()
    assert len(next(t.value for t in page.dataframe if "status" in t.value)) == 1


def test_several_studies_are_listed_with_their_verdicts(show: Callable[..., AppTest], store: Store, study: Any) -> None:
    """Each study is a row with question, verdicts in words and runs done of planned; a link chooses one."""
    second = dict(study.study.body) | {"name": "second", "seed": 2}
    other = type(study.study)(_hash(second), second)
    store.add_study(other.to_dict())
    page = show(study=study.study.hash)
    listed = page.dataframe[0].value
    assert set(listed["study"]) == {"hint_or_not", "second"}
    assert ["✓ supported"] in [list(v) for v in listed["verdicts"]]
    assert {"48 / 48", "0 / 48"} == set(listed["runs"])
    assert ">hint_or_not</h1>" in markup(page)
    assert "no run yet" in show(study=other.hash).info[0].value


def test_a_study_that_was_changed_is_refused_and_the_rest_shown(
    show: Callable[..., AppTest], store: Store, study: Any
) -> None:
    """A study that no longer fits its hash stands in the list as such, and choosing it gives one message."""
    store.add_study({"hash": "f" * 64, "body": dict(study.study.body) | {"alpha": 0.5}})
    assert "changed after it was frozen" in str(show().dataframe[0].value["question"].tolist())
    assert ">hint_or_not</h1>" in markup(show(study=study.study.hash))
    (error,) = show(study="ffff").error
    assert "changed after it was frozen" in error.value


@pytest.mark.parametrize("query", [{"run": "zzz"}, {"study": "zzz"}])
def test_a_link_to_nothing_is_one_message(show: Callable[..., AppTest], study: Any, query: dict[str, str]) -> None:
    """A run or study that is not in the store is an error in words, without a traceback."""
    page = show(**query)
    assert len(page.error) == 1
    assert "zzz" in page.error[0].value


def test_a_store_that_is_none_is_one_message(
    show: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A store place that cannot be used is an error in words."""
    (tmp_path / "file").write_text("not a store")
    monkeypatch.setenv("TRACER_STORE", str(tmp_path / "file"))
    assert "is a file" in show().error[0].value


def test_a_run_is_told_in_all_its_views(show: Callable[..., AppTest], recorded: Callable[..., str]) -> None:
    """A recorded run has its graph, timeline, messages, goals and beliefs, outcome and fidelity."""
    run = recorded({"parcel": "blue"}, "It is at dock 4.")
    expected = {
        "Graph": ("clerk", "look_up", "requests: ", "confidence 1.00"),
        "Timeline": ("agent clerk", "tool look_up"),
        "Messages": ("Where is the parcel?", "&lt;b&gt;Dock 4&lt;/b&gt;", "It is at dock 4."),
        "Goals and beliefs": ("find the parcel", "the parcel is in the depot", "confidence 0.4", "1. ask the desk"),
        "Outcome": ("final answer",),
        "Fidelity": ("grade", "model calls with content"),
    }
    for view, words in expected.items():
        seen = markup(show(run=run[:12], view=view))
        assert "✓ completed" in seen
        assert [w for w in words if w not in seen] == [], view


def test_a_step_shows_everything_it_has(show: Callable[..., AppTest], recorded: Callable[..., str]) -> None:
    """The step that the address names, or that is chosen, shows arguments, result, messages and edges."""
    page = show(run=recorded({"parcel": "blue"}, "It is at dock 4."))
    steps = page.selectbox[0]
    choice = next(option for option in steps.options if option.endswith("tool look_up"))
    steps.set_value(_id_of(page, "tool look_up")).run()
    assert not page.exception
    seen = markup(page)
    assert choice in seen
    assert "&quot;parcel&quot;: &quot;blue&quot;" in seen
    assert "tool_call_id, 1.00" in seen
    assert page.query_params["step"] == _id_of(page, "tool look_up")


def test_open_and_failed_steps_are_marked(show: Callable[..., AppTest], recorded: Callable[..., str]) -> None:
    """A step that never ended is shown as open, in the graph and on the timeline."""
    run = recorded("At dock 4.", die=True)
    assert "… open" in markup(show(run=run))
    assert "never ended" in markup(show(run=run, view="Timeline"))


def test_nothing_that_a_run_says_becomes_markup(
    show: Callable[..., AppTest], study: Any, recorded: Callable[..., str], hostile: str
) -> None:
    """Scripts, tags and Markdown in questions, answers, errors and states are shown as they stand, in every view."""
    with pytest.raises(ValueError, match="no desk"):
        recorded({"parcel": "lost"}, question=hostile)
    assert any(hostile in t.value["answer"].tolist() for t in show().dataframe if "answer" in t.value)
    run = _last_failed(study)
    for view in ("Graph", "Timeline", "Messages", "Goals and beliefs", "Outcome", "Fidelity"):
        for wanted in (study.runs[3].id, run):
            page = show(run=wanted, view=view)
            assert "<script" not in markup(page)
            assert not [m.value for m in page.markdown if "script" in m.value]


def test_a_long_run_is_paged(show: Callable[..., AppTest], recorded: Callable[..., str]) -> None:
    """A run of more than 200 steps is shown in stretches, and a link to a late step opens its stretch."""
    run = recorded(*({"parcel": f"p{n}"} for n in range(110)), "done")
    page = show(run=run)
    first = page.selectbox[0]
    assert first.options == ["1 to 200 of 225", "201 to 225 of 225"]
    assert markup(page).count("data-step=") < 200
    first.set_value(200).run()
    assert 0 < markup(page).count("data-step=") <= 25


def test_a_run_of_a_hundred_spans_costs_little(show: Callable[..., AppTest], recorded: Callable[..., str]) -> None:
    """The page of a run of 100 spans takes less than half a second of processor time, read from the store anew."""
    runs = [recorded(*({"parcel": f"p{n}"} for n in range(48)), "done") for _ in range(2)]
    show(run=runs[0])
    begin = time.process_time()
    show(run=runs[1])
    assert time.process_time() - begin < 0.5


def test_a_run_without_spans_says_so(show: Callable[..., AppTest], study: Any) -> None:
    """A run of which only the row is there shows its outcome, and says that its spans are missing."""
    page = show(run=study.runs[3].id, view="Outcome")
    assert "No span of this run" in page.info[0].value
    assert "desk.status" in markup(page)
    assert ">moved<" in markup(page)


def test_runs_can_be_chosen_without_a_link(show: Callable[..., AppTest], study: Any) -> None:
    """The page of runs lists the newest first where no run is named."""
    page = show()
    page.switch_page("run.py").run()
    listed = page.dataframe[0].value
    assert len(listed) == 48
    assert listed.iloc[0]["run"] == study.runs[-1].id


def _hash(body: dict[str, Any]) -> str:
    return hashlib.sha256(dump_json(body)).hexdigest()


def _id_of(page: AppTest, name: str) -> str:
    """Find a step's id in the drawn graph by what hovering says."""
    graph = drawing(page.get("bidi_component")[0])
    return graph.split(f'data-tip="{name}')[0].rpartition('data-step="')[2].partition('"')[0]


def _last_failed(study: Any) -> str:
    with closing(open_store(study.folder)) as opened:
        return next(row.id for row in opened.runs() if row.suite == "parcel" and row.status == "failed")
