"""The report says what was asked, found, left out and would change it; the bundle gives every number again."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import Check, Condition, Hypothesis, contrast
from tracer.errors import StudyError
from tracer.stats import Estimate
from tracer.store import RunRow, dump_json
from tracer.study import (
    Finding,
    Study,
    Verdict,
    differences,
    judge,
    read_bundle,
    repeated,
    report,
    to_html,
    to_markdown,
    write_bundle,
)
from tracer.study.forest import forest_svg

CONDITIONS = ("on", "off", "mention")


def a_case(study_of: Callable[..., Study], rows: Callable[..., list[RunRow]]) -> tuple[Study, list[RunRow]]:
    """Give a study whose effect passes, whose rival is open and in which a run failed."""
    checks = (
        Check(name="effect", role="angle", family="action", estimand=contrast("shown", "on", "off"), margin=0.2),
        Check(name="mere <mention>", role="rival", estimand=contrast("shown", "mention", "off"), margin=0.2),
    )
    hypothesis = Hypothesis(
        id="h", claim="{system} <does>", kind="behaviour", checks=checks, refuted_by="no more with it than without"
    )
    conditions = [Condition(name=name).model_dump(mode="json") for name in CONDITIONS]
    made = study_of([hypothesis], conditions=conditions, question="Does it?", replicates=1)
    study = Study(made.hash, {**made.body, "code": {"s.py": "0" * 64}, "versions": {"numpy": "2"}})
    frozen = Study(_digest(study.body), study.body)

    def value(condition: str, scenario: int, model: str) -> float | None:
        if (condition, scenario) == ("on", 3):
            return None
        return {"on": 1.0, "off": 0.0, "mention": float(scenario % 3 == 0)}[condition]

    return frozen, rows(frozen, value)


def _digest(body: Any) -> str:
    return hashlib.sha256(dump_json(dict(body))).hexdigest()


@pytest.fixture
def case(study_of: Any, rows: Any) -> tuple[Study, list[RunRow]]:
    return a_case(study_of, rows)


def test_report_says_everything(case: tuple[Study, list[RunRow]]) -> None:
    """Question, claim, verdict, findings, exclusions, standing rival, what would change it, plan, versions, hash."""
    study, rows = case
    told = " ".join(to_markdown(report(study, rows, judge(study, rows))).replace("\\", "").split())
    for part in (
        "Does it?",
        study.hash,
        "h: inconclusive",
        "a.py:build with m &lt;does&gt;",
        "| angle | effect | +1.000 |",
        "the rival `mere &lt;mention&gt;` stands",
        "effect: scenarios without a value: 1 failed",
        "whatever the missing runs had shown, the estimate would lie in +0.938 to +1.000",
        "clusters would settle it",
        "`effect` would not pass with a margin of",
        "Refuted by:** no more with it than without",
        "version of numpy | 2",
        f"tracer verdict {study.hash[:12]}",
        "15 completed, 1 failed",
    ):
        assert part in told, part


def test_html_report_is_one_safe_file(case: tuple[Study, list[RunRow]]) -> None:
    """The page holds a forest plot, runs no script, fetches nothing and escapes names; the same rows, the same page."""
    study, rows = case
    verdicts = judge(study, rows)
    page = to_html(study.name, report(study, rows, verdicts))
    assert page == to_html(study.name, report(study, rows, judge(study, rows)))
    assert page.count("<svg") == 1
    assert "mere &lt;mention&gt;" in page
    assert "<mention>" not in page
    assert "<script" not in page
    assert "src=" not in page
    assert forest_svg(verdicts[0].findings).count("<circle") == 2
    assert forest_svg([]) == ""


@pytest.fixture
def bundled(case: tuple[Study, list[RunRow]], tmp_path: Path) -> tuple[Path, list[Verdict]]:
    study, rows = case
    spans = tmp_path / "spans.jsonl"
    spans.write_bytes(b'{"resourceSpans":[]}\n')
    verdicts = judge(study, rows)
    write_bundle(tmp_path / "b.zip", study, rows, verdicts, spans)
    return tmp_path / "b.zip", verdicts


def test_bundle_gives_every_number_again(bundled: tuple[Path, list[Verdict]], tmp_path: Path) -> None:
    """What is read is what was written, judged again without a difference; the same content gives the same file."""
    file, verdicts = bundled
    bundle = read_bundle(file)
    assert list(bundle.verdicts) == orjson.loads(dump_json([v.to_dict() for v in verdicts]))
    assert differences(bundle) == []
    again = tmp_path / "again.zip"
    assert write_bundle(again, bundle.study, bundle.rows, verdicts, tmp_path / "spans.jsonl") == bundle.head
    assert again.read_bytes() == file.read_bytes()


def rewrite(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(file) as packed:
        contents = {name: packed.read(name) for name in packed.namelist()}
    change(contents)
    with zipfile.ZipFile(file, "w") as packed:
        for name, body in contents.items():
            packed.writestr(name, body)


@pytest.mark.parametrize("name", ["study.json", "runs.jsonl", "spans.jsonl", "verdicts.json", "manifest.json"])
def test_an_edited_bundle_is_refused(name: str, bundled: tuple[Path, list[Verdict]]) -> None:
    """A single character changed by hand is found, and the file that it stands in is named."""
    file, _ = bundled

    def change(contents: dict[str, bytes]) -> None:
        body = contents[name]
        digit = next(n for n, byte in enumerate(body) if chr(byte).isdigit()) if name != "spans.jsonl" else 3
        contents[name] = body[:digit] + b"7" + body[digit + 1 :] if body[digit : digit + 1] != b"7" else body + b" "

    rewrite(file, change)
    with pytest.raises(StudyError, match=name if name != "manifest.json" else r"manifest\.json|format"):
        read_bundle(file)


def test_added_and_missing_files_are_named(bundled: tuple[Path, list[Verdict]]) -> None:
    """A bundle has its files and no others."""
    file, _ = bundled
    rewrite(file, lambda contents: contents.update({"more.txt": b"x"}))
    with pytest.raises(StudyError, match=r"more\.txt was added"):
        read_bundle(file)

    def lose(contents: dict[str, bytes]) -> None:
        del contents["more.txt"], contents["spans.jsonl"]

    rewrite(file, lose)
    with pytest.raises(StudyError, match=r"spans\.jsonl is missing"):
        read_bundle(file)
    file.write_bytes(b"PK no zip")
    with pytest.raises(StudyError, match="cannot be read as an evidence bundle"):
        read_bundle(file)


def test_verdicts_that_the_runs_do_not_give_are_told(
    case: tuple[Study, list[RunRow]], bundled: tuple[Path, list[Verdict]], tmp_path: Path
) -> None:
    """A bundle made with other verdicts than its runs give is sound as a file, and every differing place is named."""
    study, rows = case
    file, _ = bundled
    other = judge(study, [row for row in rows if row.scenario != "s5"])
    write_bundle(file, study, rows, other, tmp_path / "spans.jsonl")
    told = differences(read_bundle(file))
    assert any("verdicts[0].complete" in place for place in told)
    assert any("estimate.clusters" in place for place in told)


def test_repeated_runs_tell_how_often_all_succeed(study_of: Any, rows: Any) -> None:
    """With replicates the report has pass^k with the scenario as the unit; runs without a value are no attempts."""
    check = Check(name="effect", role="angle", family="action", estimand=contrast("shown", "on", "off"), margin=0.2)
    hypothesis = Hypothesis(id="h", claim="{system} does", kind="behaviour", checks=(check,))
    conditions = [Condition(name=name).model_dump(mode="json") for name in ("on", "off")]
    study = study_of([hypothesis], conditions=conditions, question="?", replicates=3, code={}, versions={})

    def ran(condition: str, scenario: int, model: str) -> float | None:
        return None if (condition, scenario) == ("on", 1) else 1.0

    made = [
        replace(row, values={"shown": float(row.condition == "on" and (row.replicate > 0 or row.scenario == "s0"))})
        for row in rows(study, ran)
    ]
    on, off = repeated(study, made)
    assert (on.condition, off.condition) == ("on", "off")
    assert [round(one.value, 4) for one in on.passes] == [round((1 + 14 * p) / 15, 4) for p in (2 / 3, 1 / 3, 0)]
    assert [one.clusters for one in on.passes] == [15, 15, 15]
    assert on.passes[1].low < on.passes[1].value < on.passes[1].high
    told = to_markdown(report(study, made, judge(study, made)))
    assert "Repeated attempts" in told
    assert "pass^3" in told.replace("\\", "")
    assert repeated(study_of([hypothesis], conditions=conditions), made) == []


@given(st.floats(1e-6, 1e6))
def test_a_plot_of_any_width_has_ticks(width: float) -> None:
    """However narrow or wide the intervals, the axis has between one and nine round numbers."""
    check = Check(name="c", role="angle", estimand=contrast("shown", "on", "off"), margin=0.0)
    estimate = Estimate(width / 2, 0.0, width, 0.95, 10, 10)
    drawn = forest_svg([Finding(check, estimate, "PASS", {})])
    assert 1 <= drawn.count('text-anchor="middle"') <= 9
