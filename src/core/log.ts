/** What the engine tells its operator. Never user content: ids, codes and counts only (P2). */
export interface Log {
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
}

export type LogFacts = Readonly<Record<string, string | number | boolean | undefined>>;

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
