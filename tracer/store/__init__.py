"""Runs, spans, content and studies: journal first, then one database."""

from __future__ import annotations

from tracer.store.base import Kept, Segment, Store
from tracer.store.content import ContentReader, ContentWriter, content_id, dump_json
from tracer.store.journal import Journal
from tracer.store.location import DEFAULT_PLACE, open_store
from tracer.store.records import SEQUENCE_MARK, encode_attributes, encode_scope, span_to_record
from tracer.store.rows import RunRow

__all__ = [
    "DEFAULT_PLACE",
    "SEQUENCE_MARK",
    "ContentReader",
    "ContentWriter",
    "Journal",
    "Kept",
    "RunRow",
    "Segment",
    "Store",
    "content_id",
    "dump_json",
    "encode_attributes",
    "encode_scope",
    "open_store",
    "span_to_record",
]
