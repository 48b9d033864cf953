import { eventsOf } from "./events-of.js";
import type { Http } from "./http.js";
import type { Reach } from "./lines.js";
import { watchStatus } from "./status.js";
import type { Watched } from "./status.js";
import type * as t from "./types.js";

/** What can be done with a job, or with all of a batch. */
export interface Acts<Receipt, Changed> {
  /** Decided when this returns: nothing more is handed on. A second time the first receipt comes again; what has ended gets 409. */
  cancel(id: string): Promise<Receipt>;
  pause(id: string): Promise<Changed>;
  resume(id: string): Promise<Changed>;
  retry(id: string): Promise<Changed>;
  /** Forgets what has ended; with `content` what was stored goes as well. */
  remove(id: string, content?: boolean): Promise<void>;
}

/** Jobs, one by one and in lists. What is live about them is in `client.live`. */
export interface JobCalls extends Acts<t.CancelReceipt, t.Job> {
  list(filter?: t.JobFilter): Promise<t.JobList>;
  get(id: string): Promise<t.Job>;
  /** Puts a job that waits at a place of its queue, 1 being the next. */
  move(id: string, position: number): Promise<t.Job>;
  history(id: string): Promise<t.Sample[]>;
  /** All that has happened to the job so far. */
  events(id: string): Promise<t.JobEvent[]>;
  /** Where the bytes of a completed upload or download are. */
  contentUrl(id: string): string;
}

/** Batches. Cancelling one cancels whatever joins it later, too; the other acts answer with the jobs that changed. */
export interface BatchCalls extends Acts<t.BatchReceipt, t.JobList> {
  list(page?: t.Page): Promise<t.BatchList>;
  get(id: string): Promise<t.Batch>;
  /** Where all completed files of the batch are, as one ZIP. */
  zipUrl(id: string): string;
}

export interface DownloadCalls {
  start(request: t.DownloadRequest): Promise<{ jobId: string; status: string }>;
  /** Many, as one batch. */
  startAll(request: t.DownloadsRequest): Promise<{ batch: string; jobs: string[] }>;
  status(id: string): Promise<t.DownloadStatus>;
  /** Tells the status now and with every change; of an id that does not exist yet, from when it does. Returns what ends it. */
  watch(id: string, told: (watched: Watched<t.DownloadStatus>) => void): () => void;
}

export interface ImportForm {
  /** An id of the client's own for all files together. */
  batchId?: string;
  profile?: string;
  account?: string;
  currency?: string;
  signal?: AbortSignal;
}

/** Imports of CSV files, and what they have brought. Where an id is asked for, it is a job's or a batch's. */
export interface ImportCalls {
  /** Sends files and imports them, each as a job. */
  start(files: Blob | readonly Blob[], form?: ImportForm): Promise<t.ImportAccepted>;
  /** What an import would make of a file. */
  preview(file: Blob, form?: ImportForm): Promise<t.ImportPreview>;
  list(page?: t.Page): Promise<{ imports: t.ImportSummary[]; next?: string }>;
  /** How far a batch is. */
  progress(batch: string): Promise<t.ImportProgress>;
  /** Tells how far a batch is, also one that does not exist yet. Returns what ends it. */
  watch(batch: string, told: (watched: Watched<t.ImportProgress>) => void, token?: string): () => void;
  /** Takes back the rows that came with it. */
  undo(id: string): Promise<{ id: string; imports: number; removed: number }>;
  rejects(id: string): Promise<t.Reject[]>;
  rejectsUrl(id: string): string;
  profiles(): Promise<t.ImportProfile[]>;
  saveProfile(name: string, profile: t.ImportProfile): Promise<t.ImportProfile>;
  removeProfile(name: string): Promise<void>;
  transactions(filter?: t.TransactionFilter): Promise<{ transactions: t.Transaction[]; total: number; next?: string }>;
  categories(): Promise<string[]>;
  /** Corrects a transaction, and all of the same merchant with it. */
  correct(transaction: number, category: string): Promise<{ id: number; category: string; changed: number }>;
}

export interface OperationCalls {
  /** What it would do, and what stands in its way. Changes nothing. */
  plan(request: t.OperationRequest): Promise<t.OperationPlan>;
  run(request: t.OperationRequest): Promise<t.OperationAccepted>;
  report(id: string): Promise<t.OperationReport>;
  reportUrl(id: string): string;
  /** Takes back what a move or a rename has done, as an operation of its own. */
  undo(id: string): Promise<t.OperationAccepted>;
}

const filled = (path: string, id?: unknown) => "/api/v1/" + path.replace("*", encodeURIComponent(String(id)));

/** The routes of the API by what they do: `*` in a path is the first argument, what follows goes as query or as JSON. */
export function calls(http: Http, reach: Reach) {
  const route =
    (method: string, as: "query" | "json" = "json") =>
    <A extends unknown[], R>(path: string, member?: string) =>
    async (...given: A): Promise<R> => {
      const more = given[path.includes("*") ? 1 : 0];
      const answer = await http.call<Record<string, unknown>>(filled(path, given[0]), { method, [as]: more });
      return (member ? answer[member] : answer) as R;
    };
  const get = route("GET", "query");
  const post = route("POST");
  const put = route("PUT");
  const patch = route("PATCH");
  const erase = route("DELETE", "query");
  const url = (path: string) => (id: string) => http.url(filled(path, id));

  const acts = <Receipt, Changed>(root: string): Acts<Receipt, Changed> => ({
    cancel: post(`${root}/*/cancel`),
    pause: post(`${root}/*/pause`),
    resume: post(`${root}/*/resume`),
    retry: post(`${root}/*/retry`),
    remove: (id, content) => erase<[string, object], void>(`${root}/*`)(id, content ? { content } : {}),
  });

  const jobs: JobCalls = {
    ...acts("jobs"),
    list: get("jobs"),
    get: get("jobs/*"),
    move: (id, position) => post<[string, object], t.Job>("jobs/*/move")(id, { position }),
    history: get("jobs/*/history", "samples"),
    events: (id) => eventsOf(http, id, 0),
    contentUrl: url("download/stream/*"),
  };

  const batches: BatchCalls = {
    ...acts("batches"),
    list: get("batches"),
    get: get("batches/*"),
    zipUrl: url("batch/download-zip/*"),
  };

  const status = "download/*";
  const downloads: DownloadCalls = {
    start: post("download"),
    startAll: post("downloads"),
    status: get(status),
    watch: (id, told) =>
      watchStatus(
        reach,
        `/ws/download/${encodeURIComponent(id)}`,
        filled(status, id),
        undefined,
        (message: { data?: t.DownloadStatus }) => message.data,
        (latest) => latest.status !== "queued" && latest.status !== "processing",
        told,
      ),
  };

  const send = <R>(
    path: string,
    files: Blob | readonly Blob[],
    { batchId, signal, ...fields }: ImportForm = {},
  ): Promise<R> => {
    const body = new FormData();
    for (const [name, value] of Object.entries({ batch_id: batchId, ...fields })) if (value) body.set(name, value);
    for (const file of [files].flat()) body.append("file", file as Blob);
    return http.call(filled(path), { method: "POST", body, signal });
  };

  const progress = "imports/*";
  const rejects = "imports/*/rejects";
  const imports: ImportCalls = {
    start: (files, form) => send("upload/csv", files, form),
    preview: (file, form) => send("imports/preview", file, form),
    list: get("imports"),
    progress: get(progress),
    watch: (batch, told, token) =>
      watchStatus(
        reach,
        `/ws/upload-progress/${encodeURIComponent(batch)}`,
        filled(progress, batch),
        token,
        (message: t.ImportProgress) => message,
        (latest) => latest.status !== "connected" && latest.status !== "processing",
        told,
      ),
    undo: post("imports/*/undo"),
    rejects: get(rejects, "rejects"),
    rejectsUrl: url(`${rejects}?format=csv`),
    profiles: get("profiles", "profiles"),
    saveProfile: put("profiles/*"),
    removeProfile: erase("profiles/*"),
    transactions: get("transactions"),
    categories: get("categories", "categories"),
    correct: (id, category) =>
      patch<[number, object], { id: number; category: string; changed: number }>("transactions/*")(id, { category }),
  };

  const report = "operations/*/report";
  const run = post<[object], never>("operations");
  const operations: OperationCalls = {
    plan: (request) => run({ ...request, plan: true }),
    run,
    report: get(report),
    reportUrl: url(`${report}?format=csv`),
    undo: post("operations/*/undo"),
  };

  return { jobs, batches, downloads, imports, operations, storages: get<[], t.StorageFact[]>("storages", "storages") };
}
