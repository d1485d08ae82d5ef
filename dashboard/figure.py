"""Show a drawing on a page: hovering tells, clicking picks, the legend hides and shows kinds of edges."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.components.v2 import component

from markup import Markup

__all__ = ["show_figure"]

_CSS = """
.figure { --ground: var(--st-background-color); --ink: var(--st-text-color); color: var(--ink);
  font-family: var(--st-font); font-size: 13px; position: relative; }
.scroll { overflow-x: auto; overflow-y: auto; scrollbar-width: thin; }
.scroll.tall { max-height: 560px; }
.frame { display: flex; align-items: flex-start; }
.frame .names { flex: none; }
.frame .scroll { flex: 1; }
.fit { width: 100%; min-width: 940px; display: block; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 12px; margin: 0 0 8px 108px; font-size: 12px; }
.legend button { display: inline-flex; align-items: center; gap: 6px; font: inherit; color: inherit; padding: 1px 4px;
  background: none; border: 0; border-radius: 4px; cursor: pointer; }
.legend button:hover { background: color-mix(in srgb, currentColor 8%, transparent); }
.legend button[aria-pressed=false] { opacity: .4; text-decoration: line-through; }
g.off { display: none; }
svg text { fill: var(--ink); font-size: 13px; }
svg text.small { font-size: 11px; opacity: .68; }
svg text.head { font-size: 11px; font-weight: 600; letter-spacing: .06em; opacity: .75; }
svg text.number, svg text.small { font-variant-numeric: tabular-nums; }
svg text.outcome { font-size: 12.5px; }
svg text.kind { font-size: 11px; font-weight: 600; }
.rule, .grid { stroke: var(--ink); stroke-opacity: .14; }
.zero { stroke: var(--ink); stroke-opacity: .45; }
.margin { stroke: var(--ink); stroke-width: 1.6; stroke-dasharray: 3 2; stroke-opacity: .75; }
.region { fill: var(--ink); fill-opacity: .07; }
.row { fill: transparent; }
g:hover > .row, g:focus-visible > .row { fill: var(--ink); fill-opacity: .05; }
.row.picked { fill: var(--st-primary-color); fill-opacity: .14; }
.lane { fill: var(--ink); fill-opacity: .035; }
.box { fill: none; stroke: var(--ink); stroke-opacity: .28; }
.face { fill: var(--ground); stroke: var(--ink); stroke-opacity: .3; }
.node { cursor: pointer; outline: none; }
.node:hover .face, .node:focus-visible .face { stroke: var(--st-primary-color); stroke-opacity: 1; stroke-width: 1.8; }
.node.picked .face { stroke: var(--st-primary-color); stroke-opacity: 1; stroke-width: 2.6; }
.node.error .face { stroke: #d2562e; stroke-opacity: 1; stroke-width: 1.8; }
.node.open .face { stroke-dasharray: 4 3; stroke-opacity: .8; }
.node.error.picked .face { stroke-width: 2.8; }
[data-step] { cursor: pointer; outline: none; }
.bar.open { fill-opacity: .25; stroke-dasharray: 4 3; }
.bar.container { fill-opacity: .35; }
.edge { fill: none; stroke-opacity: .9; }
.hit { fill: none; stroke: transparent; stroke-width: 9; }
g:hover > .edge { stroke-opacity: 1; filter: drop-shadow(0 0 1.5px currentColor); }
.tip { position: fixed; z-index: 9; max-width: 420px; padding: 7px 10px; border-radius: 6px; pointer-events: none;
  background: var(--ink); color: var(--ground); font-size: 12px; line-height: 1.45; white-space: pre-wrap;
  overflow-wrap: anywhere; box-shadow: 0 2px 10px rgba(0,0,0,.25); }
"""

_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
  let root = parentElement.querySelector(".figure");
  if (!root) {
    root = document.createElement("div");
    root.className = "figure";
    parentElement.appendChild(root);
  }
  const scrolled = root.querySelector(".scroll");
  const at = scrolled ? [scrolled.scrollLeft, scrolled.scrollTop] : [0, 0];
  root.innerHTML = data;
  const scroll = root.querySelector(".scroll");
  if (scroll) [scroll.scrollLeft, scroll.scrollTop] = at;
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  root.appendChild(tip);
  root.onmousemove = (event) => {
    const over = event.target.closest("[data-tip]");
    tip.hidden = !over || !over.dataset.tip;
    if (tip.hidden) return;
    tip.textContent = over.dataset.tip;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 8)) + "px";
    const below = event.clientY + 18;
    tip.style.top = (below + height > innerHeight ? event.clientY - height - 10 : below) + "px";
  };
  root.onmouseleave = () => { tip.hidden = true; };
  const off = root.off ??= new Set();
  const filter = () => {
    root.querySelectorAll("g[data-kind]").forEach((g) => g.classList.toggle("off", off.has(g.dataset.kind)));
    root.querySelectorAll("button[data-kind]").forEach((b) => b.setAttribute("aria-pressed", !off.has(b.dataset.kind)));
  };
  filter();
  const pick = (event) => {
    const kind = event.target.closest("button[data-kind]")?.dataset.kind;
    if (kind) {
      off.delete(kind) || off.add(kind);
      filter();
    }
    const step = event.target.closest("[data-step]");
    if (step) setTriggerValue("picked", step.dataset.step);
  };
  root.onclick = pick;
  root.onkeydown = (event) => { if (event.key === "Enter" && event.target.dataset.step) pick(event); };
}
"""


def show_figure(drawing: Markup, key: str, on_pick: Callable[[str], None] | None = None) -> None:
    """Show a drawing; `on_pick` is called with the `data-step` of what is clicked, before the page runs again."""

    def picked() -> None:
        if on_pick is not None:
            on_pick(st.session_state[key]["picked"])

    # Registered at every run: a definition belongs to one server, and a test may start several in one process.
    drawn = component("tracer_figure", css=_CSS, js=_JS)
    drawn(key=key, data=str(drawing), on_picked_change=picked)
