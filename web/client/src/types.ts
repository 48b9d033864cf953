// The documents of the server's API, as `/openapi.json` has them. Times are RFC 3339, sizes bytes, rates bytes a second.

export type Kind = "upload" | "download" | "operation" | "import";
export type State = "pending" | "running" | "paused" | "completed" | "failed" | "cancelled";

export interface Stage {
  name: string;
  /** The part of the job's percentage that it fills. */
  from: number;
  to: number;
  started?: string;
  ended?: string;
}

export interface Progress {
  percent: number;
  bytes: number;
  totalBytes?: number;
  items?: number;
  totalItems?: number;
  rate?: number;
  /** Seconds left; absent where nobody knows. */
  eta?: number;
  current?: string;
}

export interface Failure {
  code: string;
  message: string;
  retryable: boolean;
}

/** What can be done with a job just now, and where. */
export type Links = Partial<
  Record<
    | "self"
    | "events"
    | "history"
    | "batch"
    | "cancel"
    | "pause"
    | "resume"
    | "retry"
    | "content"
    | "report"
    | "undo"
    | "transactions"
    | "rejects",
    string
  >
>;

export interface Job {
  id: string;
  kind: Kind;
  name: string;
  owner: string;
  batch?: string;
  state: State;
  waiting?: "client" | "slot" | "retry";
  /** Its place among those that wait for a slot: 1 is the next. */
  position?: number;
  stage?: string;
  stages: Stage[];
  progress: Progress;
  attempt: number;
  source?: string;
  target?: string;
  facts: Record<string, unknown>;
  error?: Failure;
  created: string;
  started?: string;
  ended?: string;
  cancelledBy?: string;
  /** Of a job that was cancelled while this client watched. */
  receipt?: Receipt;
  /** The number of its last event. */
  seq: number;
  links: Links;
}

/** What a cancel did, measured by the server. */
export interface Receipt {
  /** From the request's arrival to the decision. */
  requestMillis: number;
  /** From the request's arrival to the last byte that was handed on; absent where none was. */
  lastByteMillis?: number;
  bytesKept: number;
  cleanup: "done" | "owed";
  by: string;
}

export interface CancelReceipt {
  id: string;
  state: "cancelled";
  stopped: true | "pending";
  decided: string;
  receipt: Receipt;
}

export interface BatchReceipt {
  batch: string;
  cancelled: number;
  alreadyEnded: number;
  results: CancelReceipt[];
}

export type EventType =
  | "created"
  | "started"
  | "stage"
  | "facts"
  | "note"
  | "paused"
  | "resumed"
  | "retrying"
  | "completed"
  | "failed"
  | "cancelled"
  | "cleaned"
  | "removed";

export interface JobEvent {
  type: "event";
  seq: number;
  at: string;
  job: string;
  kind: Kind;
  event: EventType;
  data: { state: State; waiting?: Job["waiting"] } & Record<string, unknown>;
}

export interface JobFilter {
  kind?: Kind;
  state?: State;
  batch?: string;
  owner?: string;
  /** A part of its name. */
  q?: string;
  limit?: number;
  /** The `next` of the page before. */
  after?: string;
}

/** Of a list: how many, and the `next` of the page before. */
export interface Page {
  limit?: number;
  after?: string;
}

export interface JobList {
  jobs: Job[];
  next?: string;
}

export interface Batch {
  id: string;
  status: "pending" | "processing" | "completed" | "failed" | "cancelled";
  file_ids: string[];
  created_at: string;
  cancelled_at?: string;
  cancelled_files_count?: number;
  kind: string;
  owner: string;
  sealed: boolean;
  counts: { total: number; begun: number; completed: number; failed: number; cancelled: number };
  links: Record<string, string>;
}

export interface BatchList {
  batches: Batch[];
  next?: string;
}

export interface Sample {
  at: string;
  percent: number;
  bytes: number;
  rate: number;
}

export interface DownloadRequest {
  url: string;
  /** `best`, `worst`, `audio`, `4k`, lines as `1080p`. */
  quality?: string;
  format?: string;
  /** A storage's name, or its kind where only one has it. */
  storageProvider?: string;
  jobId?: string;
  name?: string;
  /** `md5:`, `sha1:`, `sha256:` or `sha512:` and hexadecimal digits. */
  checksum?: string;
  subtitles?: boolean;
  /** How many seconds of a live stream are recorded, 1 to 604800: without it such is refused. */
  maxDuration?: number;
  playlist?: boolean;
  notBefore?: string;
}

export interface DownloadsRequest {
  urls: string[];
  quality?: string;
  format?: string;
  storageProvider?: string;
  subtitles?: boolean;
  /** How many seconds of a live stream are recorded, 1 to 604800: without it such is refused. */
  maxDuration?: number;
  notBefore?: string;
}

export interface DownloadStatus {
  jobId: string;
  status: "queued" | "processing" | "completed" | "failed" | "cancelled";
  progress: number;
  videoInfo?: { id: string; title: string; thumbnail?: string; duration?: number; quality?: string };
  downloadUrl?: string;
  error?: string;
  storageProvider: string;
  fileSize?: number;
}

export type ImportStage = "validation" | "scanning" | "parsing" | "database" | "categorization";

export interface ImportProgress {
  batch_id: string;
  progress: number;
  status: "connected" | "processing" | "completed" | "error" | "cancelled";
  stage: ImportStage;
  message: string;
  details?: { processed: number; total: number; errors: number; filename: string; size: number };
  timestamp: string;
  error?: string;
}

export interface ImportAccepted {
  batch_id: string;
  filename: string;
  size: number;
  status: "processing";
}

export interface ImportSummary {
  id: string;
  account: string;
  filename: string;
  size: number;
  sha256: string;
  records: number;
  added: number;
  duplicates: number;
  rejected: number;
  created: string;
  undone?: string;
  links: Record<string, string>;
}

export type ColumnRole =
  | "booked"
  | "valued"
  | "amount"
  | "debit"
  | "credit"
  | "direction"
  | "currency"
  | "description"
  | "counterparty"
  | "counterparty_account"
  | "reference"
  | "balance"
  | "bank_category"
  | "mcc"
  | "account"
  | "ignore";

export interface Reject {
  line: number;
  offset: number;
  column?: string;
  code: string;
  message: string;
  raw: string;
}

/** A row as a preview reads it. */
export interface PreviewRow {
  account?: string;
  booked: string;
  valued?: string;
  amount: string;
  currency?: string;
  description: string;
  counterparty?: string;
  counterpartyAccount?: string;
  reference?: string;
  balance?: string;
  bankCategory?: string;
  mcc?: string;
  [more: string]: unknown;
}

export interface ImportPreview {
  filename: string;
  size: number;
  encoding: string;
  encodingAssumed: boolean;
  delimiter: string;
  quote?: string;
  header: boolean;
  tableLine: number;
  records: number;
  footer: number;
  uneven: number;
  /** 0–1, that the dialect is right. */
  confidence: number;
  alternatives: string[];
  columns: {
    name: string;
    role: ColumnRole;
    holds: string;
    dates?: string;
    dateOrder?: "year_first" | "day_first" | "month_first";
    decimalMark?: "comma" | "point";
  }[];
  rows: PreviewRow[];
  [more: string]: unknown;
}

/** How files are read; what is absent is found out for each file. */
export interface ImportProfile {
  name?: string;
  encoding?: string;
  delimiter?: string;
  quote?: string;
  skip_lines?: number;
  header?: boolean;
  date_order?: "year_first" | "day_first" | "month_first";
  decimal_mark?: "comma" | "point";
  currency?: string;
  columns?: Record<string, ColumnRole>;
}

export interface Transaction extends PreviewRow {
  id: number;
  import: string;
  account: string;
  amountMinor: number;
  category: string;
  confidence: number;
  source: "user" | "rule" | "bank" | "brand" | "model" | "none";
  model: string;
  /** Whether a text of it looks like a formula of a spreadsheet. */
  formula: boolean;
  line: number;
}

export interface TransactionFilter {
  account?: string;
  /** An import's id, or its batch's. */
  import?: string;
  category?: string;
  q?: string;
  limit?: number;
  after?: string;
}

export interface OperationRequest {
  operation: "copy" | "move" | "rename";
  sources?: string[];
  target?: string;
  mapping?: string;
  rename?: {
    to?: string;
    offset?: number;
    padding?: number;
    case?: "lower" | "upper";
    separator?: string;
    replace?: string;
    with?: string;
  };
  policy?: "fail" | "skip" | "overwrite" | "newer" | "rename";
  verify?: "xxh64" | "sha256" | "md5";
  mhl?: boolean;
  durability?: "process" | "power";
  onCancel?: "keep" | "rollback";
  bandwidth?: number;
  batch_id?: string;
}

export interface OperationPlan {
  operation: OperationRequest["operation"];
  files: number;
  bytes: number;
  /** Whether a conflict keeps all of it from being done. */
  blocked: boolean;
  items: {
    act: "copy" | "link" | "hard_link" | "rename" | "folder" | "skip" | "impossible";
    source: string;
    target: string;
    bytes?: number;
    why?: string;
  }[];
  conflicts: { kind: string; source?: string; target?: string; blocks: boolean; message: string }[];
  summary: string[];
}

export interface OperationAccepted {
  batch_id: string;
  id: string;
  status: "queued" | "running" | "completed" | "failed" | "cancelled";
  links: Record<string, string>;
}

export interface OperationReport {
  operation: OperationRequest["operation"];
  state: State;
  totals: Record<string, number>;
  bytes: number;
  seconds?: number;
  sequences: { state: string; files: number; text: string }[];
  files: {
    source: string;
    target: string;
    state: "copied" | "moved" | "renamed" | "linked" | "skipped" | "failed" | "taken_back" | "untouched";
    bytes?: number;
    millis?: number;
    rate?: number;
    hash?: string;
    code?: string;
    error?: string;
  }[];
}

export interface StorageFact {
  name: string;
  kind: string;
  default: boolean;
  place: string;
  accounts?: {
    account: string;
    state: "ready" | "set_aside" | "revoked";
    free?: number;
    sentToday: number;
    until?: string;
    reason?: string;
  }[];
}

/** An error answer of the server (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  [member: string]: unknown;
}
