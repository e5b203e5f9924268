/** Cantus: one execution engine for multi-user AI agents. */
export { createEngine, type Engine, type EngineLimits, type EngineOptions } from './engine/create-engine.ts';
export type { RunList, StartOptions, ThreadList, UserDoor } from './engine/user-door.ts';
export type { RunHandle } from './engine/run-handle.ts';
export type { Frame } from './engine/feed.ts';
export { answerText } from './engine/thread-memory.ts';
export {
  defineAgent,
  type Agent,
  type AgentAnswer,
  type AnsweredCall,
  type AnsweringModel,
  type FailedCall,
} from './agents/agent.ts';
export {
  defineApp,
  type App,
  type AppAsk,
  type AppDefinition,
  type AppOption,
  type AppOptionValues,
  type AppPlace,
  type AppServes,
  type Prepared,
} from './agents/app.ts';
export type { Answer, AnswerBlock, AnswerColumn, AnswerFigure, AnswerSection } from './agents/answer.ts';
export { answerMarkdown } from './agents/answer-text.ts';
export type { Rule, RuleReply } from './agents/rule.ts';
export { defineTool, type Effect, type Tool, type ToolCall } from './agents/tool.ts';
export {
  defineWorkflow,
  type CallOptions,
  type Context,
  type ApprovalAnswer,
  type ApprovalWait,
  type SignalAnswer,
  type StepOptions,
  type Workflow,
} from './agents/workflow.ts';
export { defineOrchestration, type PlanChoice, type PlanWork } from './engine/workflow-orchestrator.ts';
export type { Condition, Plan, PlanStep } from './orchestrator/plan.ts';
export type { StepEnd } from './orchestrator/decide.ts';
export type { RetryPolicy } from './agents/retry.ts';
export type { JsonSchema, Schema } from './agents/schema.ts';
export type { Message, ToolCallRequest, Usage } from './agents/message.ts';
export type { FinishReason, Model, ModelKind, ModelPart, ModelRequest, ModelTool, Price } from './agents/model.ts';
export type { BlobRef, EventData, EventOf, EventType, Failure, JournalEvent } from './journal/event.ts';
export { evolve, foldRun, type Outcome, type RunState, type StepState } from './journal/run-state.ts';
export type { RunRow, RunStatus } from './journal/run-row.ts';
export type { ThreadRow } from './journal/thread-row.ts';
export type { Commit, Cursor, Store } from './journal/store.ts';
export {
  ConflictError,
  EngineError,
  LimitError,
  ModelError,
  NotApplied,
  NotFoundError,
  StoreError,
  ToolError,
  ValidationError,
  type ErrorCode,
  type ErrorInfo,
} from './core/errors.ts';
export type { Json } from './core/json.ts';
export type { Clock } from './core/clock.ts';
export type { Random } from './core/random.ts';
export type { Log } from './core/log.ts';
export type { Principal, PrincipalInput } from './core/principal.ts';
export { openaiCompatible, type OpenAiCompatibleOptions } from './models/openai-compatible.ts';
export { fromAiSdk } from './models/ai-sdk.ts';
export { lastUserText, rules, toolResults } from './models/rules.ts';
export { detectModel, type Detected } from './models/detect.ts';
export { pricedModels, priceOf, pricesOf } from './models/prices.ts';
export { memory } from './stores/memory.ts';
export { sqlite } from './stores/sqlite.ts';
