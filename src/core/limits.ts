/**
 * Every bound of the engine, in one place, each with its unit and its reason.
 * What a user of the package may change is in `EngineLimits` (engine/create-engine.ts) and starts from here.
 */
export const limits = Object.freeze({
  /** Levels of nesting in a journaled value: deeper is a cycle or an accident. */
  jsonDepthMax: 64,
  /** Bytes of one event's data. Larger values belong in blobs; an event is a frame on a socket. */
  eventBytesMax: 1_048_576,
  /** Bytes from which a value of an event is kept as a blob beside the journal. */
  blobFromBytes: 65_536,
  /** Bytes of one blob: a whole upload or the output of a step that reads a file. */
  blobBytesMax: 268_435_456,
  /** Bytes of events in one commit: bounds the time others wait for it (measured: p99 grows past 256 events of 300 B). */
  flushBytesMax: 1_048_576,
  /** Events of one run. Endless work restarts itself with a new run. */
  runEventsMax: 100_000,
  /** Characters of a tenant, user, thread or key. */
  idCharsMax: 128,
  /** Characters of the reason of a cancel, and of the note to a decision. */
  reasonCharsMax: 1_000,
  /** Characters of what an approval asks: it is read, and is in an event. */
  promptCharsMax: 4_000,
  /** Calls inside calls: deeper is a body that calls itself, and its paths would grow with the square. */
  callDepthMax: 64,
  /** Characters of an agent's, tool's, workflow's or step's name. */
  nameCharsMax: 64,
  /** Characters of the key that tells steps of one name apart. */
  stepKeyCharsMax: 256,
  /** Runs that run at once on one node. */
  runningMax: 200,
  /** Runs of one user that run at once. */
  runningPerUserMax: 8,
  /** Runs of one user that wait for a slot. */
  queuedPerUserMax: 1_000,
  /** Runs that wait for a slot on one node. */
  queuedMax: 20_000,
  /** Share of the slots that only users with nothing running may take, so that a flood never fills the node. */
  freshUserSlotShare: 0.1,
  /** Active time of one run, in ms: ten minutes is far more than a chat waits and far less than for ever. */
  runDeadlineMs: 600_000,
  /** Time one step, tool or model call may take if it says nothing else, in ms. */
  toolTimeoutMs: 60_000,
  modelTimeoutMs: 120_000,
  /** How long a wait for a signal stays open if it says nothing else: 7 days, in ms. */
  waitExpiryMs: 604_800_000,
  /** Lifetime of a run from its start to its end, whatever it does: 1 year, in ms. */
  runLifetimeMs: 31_536_000_000,
  /** Quiet of a run that only waits, in ms, after which its body is dropped: most answers of programs come sooner. */
  evictAfterMs: 30_000,
  /** Sleeping runs of one user whose journals are read at once when they are due: bounds what is folded and not yet run. */
  wokenAtOnceMax: 32,
  /** How often it is looked whether those that were woken can have a slot at all, in ms: their thread may be another's. */
  wokenCheckMs: 1_000,
  /** Grace for what is still open when a run ends, in ms. A tool that ignores its signal is left behind after it. */
  endGraceMs: 1_000,
  /**
   * Recoveries without a newly completed step after which a run is failed. Each end of the process counts against all
   * runs under way, so a few deploys in a row during one long model call must not be enough.
   */
  recoveriesWithoutProgressMax: 20,
  /**
   * Recoveries without a newly completed step from which a run is suspect: it may be what ends its process. Suspects run
   * one at a time on a node, so that of many the guilty one alone comes to the bound above, and the others wait for it.
   */
  suspectRecoveries: 5,
  /** Turns of an agent's loop if it says nothing else. */
  agentTurnsMax: 12,
  /** Tool calls in one turn: more is a runaway model. */
  toolCallsPerTurnMax: 32,
  /** Tokens of a thread's earlier messages that an agent sees if it says nothing else. */
  threadTokensMax: 8_000,
  /** Output tokens of one model call if the agent says nothing else. */
  outputTokensMax: 4_096,
  /** Attempts of a model call if the agent says nothing else. */
  modelAttemptsMax: 3,
  /** Longest wait a model's Retry-After is followed for, in ms. Longer counts as a failure at once. */
  retryAfterMsMax: 60_000,
  /** A streamed text is journaled at once, then at most this often (ms) or when this much (characters) has come. */
  deltaEveryMs: 50,
  deltaCharsMax: 2_048,
  /** Characters of one model answer and of one tool call's arguments: beyond it the call has failed. */
  modelTextCharsMax: 1_000_000,
  /** Characters of one event in a model's stream: `modelTextCharsMax` with each of them escaped, and its envelope. */
  modelEventCharsMax: 6_500_000,
  /** Bytes read of what a model's server says to an error. More of it tells nobody more. */
  modelErrorBytesMax: 65_536,
  /** Steps of one plan. */
  planStepsMax: 200,
  /** Failures a run remembers for its outcome; more are counted. */
  failuresKeptMax: 50,
  /** Committed events of a user kept for readers that keep up; a slower reader reads from the store. */
  feedEventsKept: 512,
  /** Events in one page read from a store. */
  readPageEvents: 500,
  /** Places that one page of a single run's events looks at: bounds how long a read holds up the appends behind it. */
  readScanPlacesMax: 4_096,
  /** Users whose epoch and head the SQLite store keeps at hand, at about 250 B each. */
  sqliteUsersCached: 100_000,
  /** Events the SQLite store holds unindexed, in memory: more is a longer start, fewer dirty more pages (measured). */
  sqliteTailEvents: 16_384,
  /** Ms that the SQLite thread looks for its next question before it sleeps: waking it costs 50 µs and more of each commit. */
  sqliteSpinMs: 0.15,
  /** MB for what the SQLite thread holds only for a moment: V8 takes 48 if it may, and keeps them (measured). */
  sqliteYoungMb: 12,
  /** Waiting calls the SQLite store joins in one commit: bounds what fails together and is then tried one by one. */
  sqliteCallsPerCommitMax: 64,
  /** Finished runs that the memory store keeps. */
  memoryRunsKept: 1_000,
  /** Tries to append before a node gives up on its store, and the first wait between them (ms, doubling). */
  appendAttemptsMax: 5,
  appendRetryMs: 100,
  /** How long a node that has stopped answering keeps its users, and how often it says that it is there (ms). */
  leaseTtlMs: 15_000,
  leaseRenewMs: 5_000,
  /** Users taken over from dead nodes at once. */
  takeoverUsersMax: 256,
  /** Threads of one user whose rows a node has at hand, at about 300 B each, beside those with open runs. */
  threadsAtHandMax: 64,
  /** Runs that the event of a thread's deletion names, newest first: it must fit into an event. */
  threadRunsTold: 10_000,
  /** Characters of a thread's title. */
  titleCharsMax: 200,

  // --- the server: what one stranger, or one user, may cost the others ---

  /** Bytes of one frame from a client, and of one JSON body: a question with its input; more is an upload. */
  requestBytesMax: 262_144,
  /** Values in a JSON body or a call, counted at every depth: to say what is wrong with each takes up to 50 µs. */
  requestValuesMax: 10_000,
  /** Characters of one question: a long letter, and still a small part of what a model can read. */
  questionCharsMax: 32_000,
  /** Bytes of one upload. The optimizer's 100,000 rows are about 20 MB. */
  uploadBytesMax: 67_108_864,
  /** Uploads of one user that are kept; the oldest goes first. */
  uploadsKeptPerUser: 20,
  /** Time an upload or a body may take, in ms: a slow line may, a stalled one must not hold a place. */
  requestTimeoutMs: 120_000,
  /** Open sockets and event streams of one user: tabs and devices, and scripts that forget to close. */
  connectionsPerUserMax: 20,
  /** Open sockets and event streams of one server; each is about 34 KB. */
  connectionsMax: 10_000,
  /** TCP connections of one server, with those that have said nothing yet: beyond it a connection is refused. */
  tcpConnectionsMax: 20_000,
  /** How long a connection may take to say its headers, in ms. */
  headersTimeoutMs: 20_000,
  /** Requests of one user, and of one address that is not logged in, per minute. */
  requestsPerMinute: 600,
  strangerRequestsPerMinute: 120,
  /** Tries to log in per minute, of one address and for one account. Each costs the server 0.4 s of one thread. */
  loginsPerMinute: 10,
  /** Frames from one socket per 10 s; more closes it. */
  framesPerTenSeconds: 200,
  /** Calls of one socket under way at once. */
  callsPerSocketMax: 32,
  /** Bytes of one frame of events. A single larger event has a frame of its own. */
  frameBytesMax: 131_072,
  /** Watermarks of what is sent and not yet taken, in bytes per socket: above the first no more is read for it. */
  socketHighBytes: 65_536,
  socketLowBytes: 16_384,
  /** A socket that takes nothing for so long is told to come back, then terminated, in ms. */
  socketStallMs: 30_000,
  socketCloseMs: 2_000,
  /** A server that stops tells its sockets to come back one every so many ms, but the last within `drainMs`. */
  comeBackEveryMs: 5,
  /** Open runs that a snapshot tells, the newest; the others are found by a list of runs. */
  snapshotRunsMax: 2_000,
  /** Silence after which each side says that it is there, in ms; 2.5 times that and the other is gone. */
  heartbeatMs: 25_000,
  /** How long a socket may take to say hello, in ms. */
  helloWithinMs: 10_000,
  /** Events missed from which a page begins with a snapshot instead. */
  gapEventsMax: 20_000,
  /** A ticket for a socket is good for so long, in ms, and once. */
  ticketMs: 30_000,
  /** A login is good for so long if it is not used, and gets a new token when the old one is this old, in ms. */
  loginMs: 2_592_000_000,
  loginRotateMs: 86_400_000,
  /** How long the token before a rotation is still taken, in ms: requests that were on their way with it. */
  loginRotateGraceMs: 60_000,
  /** A code for the first account, or for an invited one, is good for so long, in ms. */
  inviteMs: 604_800_000,
  passwordCharsMin: 10,
  passwordCharsMax: 1_024,
  /** Passwords hashed at once, each with 128 MB and a thread, and how many more wait for their turn. */
  passwordsHashedAtOnce: 2,
  passwordsWaitingMax: 32,
  /** How often ended logins are looked for, and uses of logins are written down, in ms. */
  loginSweepMs: 60_000,
  /** Places where one user is logged in; the one unused for longest ends. */
  loginsPerUserMax: 50,
  /** Characters kept of how a browser names itself. */
  agentCharsMax: 200,
  /** Tokens of one user, and the days one may be good for. */
  tokensPerUserMax: 50,
  tokenDaysMax: 3_650,
  /** Invitations that are open at once. */
  invitesOpenMax: 100,
  /** How often a server looks for accounts that a command disabled beside it, in ms: what they have open ends then. */
  accountsWatchMs: 2_000,
  /** How long a server that stops lets runs end, and then sockets close, in ms. */
  drainMs: 10_000,

  // --- the client: what one page or program keeps and asks ---

  /** Waits before a try to reach the server again: the first at most this, in ms, doubling up to the second. */
  clientRetryMs: 250,
  clientRetryMsMax: 10_000,
  /** Tries of a call that is safe to send again: with the waits above some 15 s, as long as a restart takes. */
  clientCallAttemptsMax: 8,
  /** Items held for whoever reads a connection: more than one turn can bring, so that who keeps up is never stopped. */
  clientEventsHeldMax: 2_048,
  /** Events of one run that a user's state keeps for its log; the fold over all of them stays. */
  clientRunEventsKept: 5_000,
  /** Events of one run that wait for earlier ones which are being loaded; more are loaded again. */
  clientEventsAheadMax: 1_000,
  /** Runs loaded at once. */
  clientLoadsAtOnce: 4,

  // --- the guard: what it reads of a code base ---

  /** Bytes of one source file; a larger one was made by a program. */
  guardFileBytesMax: 1_048_576,
  /** Characters per line on average, from which a file of some size counts as minified. */
  guardLineCharsMean: 300,
  /** Brackets in brackets, and signs in a row, of a text that a person wrote; real ones have come to 27. */
  guardTangleMax: 200,
  /** Characters of a line of a `.gitignore`; no path is longer. */
  guardIgnoreLineCharsMax: 4_096,
  /** Files that a worker thread is given at once: few enough that the last ones are shared out. */
  guardFilesPerBatch: 24,
  /** Units that share one name, core of a name or rare method and are still compared with each other. */
  guardBucketUnitsMax: 60,
  /** Units that offer a method for it to count as rare, and that share a piece of a body. */
  guardRareMethodUnitsMax: 12,
  guardSharedBodyUnitsMax: 10,
  // --- the guard: how it watches ---
  /** What is written within this many ms of each other is one change. */
  guardWatchPauseMs: 40,
  /** Ms between two looks at all files, where they can't be listened to. */
  guardWatchPollMs: 2_000,
  // --- the guard: what its reports hold ---
  /** Results and places of a result in one SARIF document: what GitHub shows of it. */
  guardSarifResultsMax: 5_000,
  guardSarifPlacesMax: 100,
  /** Answers to "does something like this exist?": more is a list nobody reads. */
  guardAnswersMax: 10,
  /** Characters of one page of an answer to an agent: some 10,000 tokens, above which its programs warn or cut. */
  guardAgentPageCharsMax: 30_000,
  /** Times of a history that an agent may ask for at once. */
  guardAgentPointsMax: 24,
  /** Ms that an emitted test may take: to read a code base of millions of lines for the first time. */
  guardEmittedTestMs: 120_000,
  /** Characters of what a project's own check prints that are kept: its end, where failures are told. */
  guardCheckOutputCharsMax: 400_000,
  /** Bytes of what git tells of a history: the names of all files of a code base of millions of lines. */
  guardGitBytesMax: 268_435_456,
} as const);
