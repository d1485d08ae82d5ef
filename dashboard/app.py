"""The dashboard: `streamlit run dashboard/app.py`, or `tracer view`.

Two pages, studies and one run. `TRACER_STORE` names the store, as everywhere; `?study=<hash>` and `?run=<id>` lead to
one study or run, so that what somebody sees can be shared.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from markup import Markup, el, plain
from tracer import TracerError

__all__ = ["main"]

_HERE = Path(__file__).parent
_STYLE = """
.block-container { padding-top: 3.6rem; padding-bottom: 3rem; max-width: 1320px; }
.t-title { font-size: 1.5rem; font-weight: 650; line-height: 1.25; margin: 0; }
.t-sub { opacity: .72; margin: .15rem 0 0; overflow-wrap: anywhere; }
.t-head { font-size: 1.05rem; font-weight: 600; margin: .4rem 0 0; }
.t-code { font-family: monospace; font-size: .85em; }
.t-chip { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .82rem; font-weight: 600;
  white-space: nowrap; border: 1.5px solid var(--c); background: color-mix(in srgb, var(--c) 16%, transparent); }
.t-facts { display: flex; flex-wrap: wrap; gap: .45rem 1.8rem; margin: 0; padding: 0 !important; }
.t-facts div { min-width: 0; }
.t-facts dt { font-size: .74rem; font-weight: 400; opacity: .66; margin: 0; }
.t-facts dd { margin: 0; font-size: .92rem; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.t-table { border-collapse: collapse; width: 100%; font-size: .88rem; }
.t-table th { text-align: left; font-weight: 600; opacity: .7; font-size: .76rem; }
.t-table td, .t-table th { padding: .3rem .8rem .3rem 0; vertical-align: top; overflow-wrap: anywhere;
  border: 0; border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); white-space: pre-wrap; }
.t-table td:first-child { width: 1%; min-width: 9rem; }
.t-list { margin: .2rem 0 .5rem; padding-left: 1.1rem !important; }
.t-list li { font-size: .92rem; overflow-wrap: anywhere; }
.t-line { border-left: 3px solid var(--c); padding: .35rem .8rem; margin: 0 0 .5rem; border-radius: 0 6px 6px 0;
  background: color-mix(in srgb, var(--c) 7%, transparent); }
.t-line header { font-size: .76rem; opacity: .78; display: flex; gap: .7rem; margin-bottom: .1rem; }
.t-line header b { font-weight: 650; } .t-line header i { margin-left: auto; font-style: normal; }
.t-kicker { font-size: .74rem; opacity: .66; margin-top: .3rem; }
.t-text { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 24rem; overflow-y: auto; font-size: .9rem; }
.t-text.data { font-family: monospace; font-size: .82rem; }
"""


def main() -> None:
    """Show the page that the address names."""
    st.set_page_config(page_title="Prosaic", page_icon=":material/account_tree:", layout="wide")
    st.html(el("style", Markup(_STYLE)))
    studies = st.Page(_HERE / "studies.py", title="Studies", icon=":material/fact_check:", default=True)
    run = st.Page(_HERE / "run.py", title="Run", icon=":material/account_tree:", url_path="run")
    page = st.navigation([studies, run], position="top")
    wanted = st.query_params.to_dict()
    if page == studies and "run" in wanted:
        st.switch_page(run, query_params=wanted)
    try:
        page.run()
    except TracerError as error:
        st.error(plain(str(error)), icon=":material/error:")


if __name__ == "__main__":
    main()
