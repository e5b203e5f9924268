/** What an AG-UI client sends: as much of a RunAgentInput as is looked at. What it has beside that is ignored. */
import { z } from 'zod';
import { clip, EngineError, ValidationError } from '../core/errors.ts';
import { toJson, type Json } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import type { AguiResumeEntry } from '../protocol/agui-resume.ts';

/** A checked RunAgentInput. */
export type AguiInput = {
  readonly threadId: string;
  readonly runId: string;
  /** Absent before AG-UI 1.0. */
  readonly protocolVersion: string | undefined;
  /** All that the client holds of the thread, as it sent it. */
  readonly messages: readonly Json[];
  readonly resume: readonly AguiResumeEntry[];
  /** The newest message of the user's, as text; empty when there is none. */
  readonly question: string;
};

const id = z.string().min(1).max(limits.idCharsMax);
const json = z.custom<Json>();

const schema = z.object({
  threadId: id,
  runId: id,
  // Clients of other languages write null for what they leave out.
  protocolVersion: z.string().nullish(),
  messages: z.array(z.looseObject({ id: z.string().optional(), role: z.string(), content: json.optional() })),
  resume: z
    .array(
      z.object({
        interruptId: z.string(),
        status: z.enum(['resolved', 'cancelled'] as const),
        payload: json.optional(),
      }),
    )
    .nullish(),
});

/** Throws a ValidationError that names the member at fault, or `media_unsupported` for a question that is no text. */
export function parseAguiInput(body: unknown): AguiInput {
  const plain = toJson(body, 'the RunAgentInput');
  const result = schema.safeParse(plain);
  if (!result.success) throw refusal(result.error.issues[0]);
  const { threadId, runId, protocolVersion, messages, resume } = result.data;
  const asked = messages.findLast(({ role }) => role === 'user');
  return {
    threadId,
    runId,
    protocolVersion: protocolVersion ?? undefined,
    messages: messages as readonly Json[],
    resume: (resume ?? []) as readonly AguiResumeEntry[],
    question: asked === undefined ? '' : textOf(asked.content),
  };
}

function refusal(issue: z.core.$ZodIssue | undefined): ValidationError {
  const at = (issue?.path ?? []).map((part) => clip(String(part))).join('.');
  return new ValidationError(`The RunAgentInput is wrong at ${at === '' ? 'its top' : at}: ${issue?.message}.`, {
    hint: 'It has threadId, runId and messages, as AG-UI 1.0 says.',
  });
}

function textOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: Json) => partText(part)).join('\n');
}

const textPart = z.object({ type: z.literal('text'), text: z.string() });

function partText(part: Json): string {
  const text = textPart.safeParse(part);
  if (text.success) return text.data.text;
  throw new EngineError('media_unsupported', 'A question is text: pictures, sounds and files are not taken.', {
    hint: 'Send the text alone; a file is uploaded to /v1/files and named in the options of a start.',
  });
}
