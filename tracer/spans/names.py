"""Names of attributes and the closed sets of values: the one place where they are written.

GenAI names are pinned here because the conventions are unstable and their Python package is frozen at older names
(semantic-conventions-genai, autumn 2026). Importers accept every generation; we emit these.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["EdgeKind", "GenAI", "Method", "Prosaic", "RunStatus", "StepKind"]


class StepKind(StrEnum):
    """What a step of a trajectory is."""

    MODEL = "model"
    TOOL = "tool"
    PLAN = "plan"
    MESSAGE = "message"
    HANDOFF = "handoff"
    MEMORY = "memory"
    RETRIEVAL = "retrieval"
    HUMAN = "human"
    PROBE = "probe"
    AGENT = "agent"
    WORKFLOW = "workflow"
    UNKNOWN = "unknown"


class EdgeKind(StrEnum):
    """How two steps of a trajectory are related; every edge points from the earlier or outer step."""

    CONTAINS = "contains"
    NEXT = "next"
    REQUESTS = "requests"
    RETURNS = "returns"
    INFORMS = "informs"
    HANDS_OFF = "hands_off"
    SENDS = "sends"
    PLANS = "plans"
    EXECUTES = "executes"
    RETRIES = "retries"
    REVISES = "revises"
    JOINS = "joins"
    READS_MEMORY = "reads_memory"
    FORKS = "forks"


class Method(StrEnum):
    """How an edge or a field is known, from the surest to the least sure."""

    RECORDED = "recorded"
    TOOL_CALL_ID = "tool_call_id"
    RESPONSE_ID = "response_id"
    CONTENT_MATCH = "content_match"
    FRAMEWORK = "framework"
    TIME = "time"


class RunStatus(StrEnum):
    """How a run ended; every run ends in exactly one of these."""

    COMPLETED = "completed"
    FAILED = "failed"
    LIMIT = "limit"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


class GenAI:
    """OpenTelemetry GenAI semantic conventions, as we emit them."""

    OPERATION = "gen_ai.operation.name"
    PROVIDER = "gen_ai.provider.name"
    AGENT_NAME = "gen_ai.agent.name"
    WORKFLOW_NAME = "gen_ai.workflow.name"
    CONVERSATION_ID = "gen_ai.conversation.id"
    REQUEST_MODEL = "gen_ai.request.model"
    REQUEST_SEED = "gen_ai.request.seed"
    REQUEST_TEMPERATURE = "gen_ai.request.temperature"
    REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens"
    RESPONSE_ID = "gen_ai.response.id"
    RESPONSE_MODEL = "gen_ai.response.model"
    FINISH_REASONS = "gen_ai.response.finish_reasons"
    INPUT_TOKENS = "gen_ai.usage.input_tokens"
    OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
    INPUT_MESSAGES = "gen_ai.input.messages"
    OUTPUT_MESSAGES = "gen_ai.output.messages"
    SYSTEM_INSTRUCTIONS = "gen_ai.system_instructions"
    TOOL_DEFINITIONS = "gen_ai.tool.definitions"
    TOOL_NAME = "gen_ai.tool.name"
    TOOL_TYPE = "gen_ai.tool.type"
    TOOL_CALL_ID = "gen_ai.tool.call.id"
    TOOL_ARGUMENTS = "gen_ai.tool.call.arguments"
    TOOL_RESULT = "gen_ai.tool.call.result"
    MEMORY_QUERY = "gen_ai.memory.query.text"
    MEMORY_RECORDS = "gen_ai.memory.records"
    MEMORY_STORE = "gen_ai.memory.store.id"
    RETRIEVAL_QUERY = "gen_ai.retrieval.query.text"
    RETRIEVAL_DOCUMENTS = "gen_ai.retrieval.documents"
    TRANSFER_TARGET = "gen_ai.transfer.target.name"
    ERROR_TYPE = "error.type"


class Prosaic:
    """Our own namespace, for what no convention covers."""

    RUN_ID = "prosaic.run.id"
    RUN_ROW = "prosaic.run.row"
    STEP_KIND = "prosaic.step.kind"
    ACTOR = "prosaic.actor"
    AGENT_INSTANCE = "prosaic.agent.instance.id"
    SEQUENCE = "prosaic.seq"
    CONTROL_FLOW = "prosaic.control_flow"
    NODE = "prosaic.node.name"
    NODE_STEP = "prosaic.node.step"
    NODE_TRIGGERS = "prosaic.node.triggers"
    NODE_TASK = "prosaic.node.task"
    HANDOFF_FROM = "prosaic.handoff.from"
    HANDOFF_TO = "prosaic.handoff.to"
    HANDOFF_REASON = "prosaic.handoff.reason"
    MESSAGE_ID = "prosaic.message.id"
    MESSAGE_FROM = "prosaic.message.from"
    MESSAGE_TO = "prosaic.message.to"
    MESSAGE_CONTENT = "prosaic.message.content"
    PLAN_ID = "prosaic.plan.id"
    PLAN_VERSION = "prosaic.plan.version"
    PLAN_STEPS = "prosaic.plan.steps"
    PLAN_STEP_ID = "prosaic.plan.step.id"
    BRANCH_ID = "prosaic.branch.id"
    BRANCH_PARENT = "prosaic.branch.parent"
    BRANCH_CONTENT = "prosaic.branch.content"
    BRANCH_VALUE = "prosaic.branch.value"
    GOAL_EVENT = "prosaic.goal"
    GOAL_ID = "prosaic.goal.id"
    GOAL_TEXT = "prosaic.goal.text"
    GOAL_STATUS = "prosaic.goal.status"
    GOAL_SOURCE = "prosaic.goal.source"
    BELIEF_EVENT = "prosaic.belief"
    BELIEF_ID = "prosaic.belief.id"
    BELIEF_PROPOSITION = "prosaic.belief.proposition"
    BELIEF_CONFIDENCE = "prosaic.belief.confidence"
    BELIEF_OPERATION = "prosaic.belief.op"
    BELIEF_SOURCE = "prosaic.belief.source"
    MEMORY_OPERATION = "prosaic.memory.op"
    EMULATED_TOOLS = "prosaic.model.emulated_tools"
    ACTION_ATTEMPTED = "prosaic.action.attempted"
    ACTION_PERMITTED = "prosaic.action.permitted"
    ACTION_EXECUTED = "prosaic.action.executed"
    WORLD_CHANGED = "prosaic.world.changed"
    HUMAN_PROMPT = "prosaic.human.prompt"
    HUMAN_ANSWER = "prosaic.human.answer"
    JUDGE_MEASURE = "prosaic.judge.measure"
    JUDGE_DRAW = "prosaic.judge.draw"
    LINK_KIND = "prosaic.link.kind"
    LINKS = "prosaic.links"
    PARTIAL = "prosaic.partial"
    # A model call as it went over the wire: the items of its input, the rest of its body without tools, the answer.
    WIRE_INPUT = "prosaic.wire.input"
    WIRE_REQUEST = "prosaic.wire.request"
    WIRE_RESPONSE = "prosaic.wire.response"
    WIRE_BROKEN_OFF = "prosaic.wire.broken_off"
    # Any attribute may be stored once by content: its key gets this ending and its value is the content's id.
    REF = ".prosaic_ref"
