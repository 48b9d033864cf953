import type { Call, Http } from "./http.js";
import type { Reach } from "./lines.js";
import { watchStatus } from "./status.js";
import type { Watched } from "./status.js";
import type * as t from "./types.js";

const id = encodeURIComponent;

/** Jobs, one by one and in lists. What is live about them is in `client.live`. */
export type JobCalls = ReturnType<typeof jobCalls>;

export function jobCalls(http: Http) {
  return {
    list(filter: t.JobFilter = {}): Promise<t.JobList> {
      return http.call("/api/v1/jobs", { query: filter });
    },

    get(job: string): Promise<t.Job> {
      return http.call(`/api/v1/jobs/${id(job)}`);
    },

    /** Decided when this returns: nothing more is handed on for the job. A second time the first receipt comes again; 409 where it has ended. */
    cancel(job: string): Promise<t.CancelReceipt> {
      return http.post(`/api/v1/jobs/${id(job)}/cancel`);
    },

    pause(job: string): Promise<t.Job> {
      return http.post(`/api/v1/jobs/${id(job)}/pause`);
    },

    resume(job: string): Promise<t.Job> {
      return http.post(`/api/v1/jobs/${id(job)}/resume`);
    },

    retry(job: string): Promise<t.Job> {
      return http.post(`/api/v1/jobs/${id(job)}/retry`);
    },

    /** Puts a job that waits at a place of its queue, 1 being the next. */
    move(job: string, position: number): Promise<t.Job> {
      return http.post(`/api/v1/jobs/${id(job)}/move`, { position });
    },

    /** Forgets a job that has ended, with `content` what it stored as well. */
    remove(job: string, content = false): Promise<void> {
      return http.call(`/api/v1/jobs/${id(job)}`, { method: "DELETE", query: content ? { content } : {} });
    },

    history(job: string): Promise<t.Sample[]> {
      return http.call<{ samples: t.Sample[] }>(`/api/v1/jobs/${id(job)}/history`).then((answer) => answer.samples);
    },

    /** All that has happened to the job so far. */
    async events(job: string): Promise<t.JobEvent[]> {
      const events: t.JobEvent[] = [];
      for (let after: string | undefined; ; ) {
        const page = await http.call<{ events: t.JobEvent[]; next?: string }>(`/api/v1/jobs/${id(job)}/events`, { query: { after } });
        events.push(...page.events);
        after = page.next;
        if (after === undefined) return events;
      }
    },

    /** Where the bytes of a completed upload or download are. */
    contentUrl(job: string): string {
      return http.url(`/api/v1/download/stream/${id(job)}`);
    },
  };
}

export type BatchCalls = ReturnType<typeof batchCalls>;

export function batchCalls(http: Http) {
  return {
    list(page: { limit?: number; after?: string } = {}): Promise<t.BatchList> {
      return http.call("/api/v1/batches", { query: page });
    },

    get(batch: string): Promise<t.Batch> {
      return http.call(`/api/v1/batches/${id(batch)}`);
    },

    /** Cancels what has not ended, and whatever joins later. */
    cancel(batch: string): Promise<t.BatchReceipt> {
      return http.post(`/api/v1/batches/${id(batch)}/cancel`);
    },

    /** The jobs that changed. */
    pause(batch: string): Promise<t.JobList> {
      return http.post(`/api/v1/batches/${id(batch)}/pause`);
    },

    resume(batch: string): Promise<t.JobList> {
      return http.post(`/api/v1/batches/${id(batch)}/resume`);
    },

    retry(batch: string): Promise<t.JobList> {
      return http.post(`/api/v1/batches/${id(batch)}/retry`);
    },

    remove(batch: string, content = false): Promise<void> {
      return http.call(`/api/v1/batches/${id(batch)}`, { method: "DELETE", query: content ? { content } : {} });
    },

    /** Where all completed files of the batch are, as one ZIP. */
    zipUrl(batch: string): string {
      return http.url(`/api/v1/batch/download-zip/${id(batch)}`);
    },
  };
}

export type DownloadCalls = ReturnType<typeof downloadCalls>;

export function downloadCalls(http: Http, reach: Reach) {
  return {
    start(request: t.DownloadRequest): Promise<{ jobId: string; status: string }> {
      return http.post("/api/v1/download", request);
    },

    /** Many, as one batch. */
    startAll(request: t.DownloadsRequest): Promise<{ batch: string; jobs: string[] }> {
      return http.post("/api/v1/downloads", request);
    },

    status(job: string): Promise<t.DownloadStatus> {
      return http.call(`/api/v1/download/${id(job)}`);
    },

    /** Tells the status now and with every change; of an id that does not exist yet, from when it does. Returns what ends it. */
    watch(job: string, told: (watched: Watched<t.DownloadStatus>) => void): () => void {
      const read = (message: { type: string; data: t.DownloadStatus }) => (message.type === "status" ? message.data : undefined);
      const over = ({ status }: t.DownloadStatus) => status !== "queued" && status !== "processing";
      return watchStatus(reach, `/ws/download/${id(job)}`, `/api/v1/download/${id(job)}`, undefined, read, over, told);
    },
  };
}

export interface ImportForm {
  /** An id of the client's own for all files together. */
  batchId?: string;
  profile?: string;
  account?: string;
  currency?: string;
  signal?: AbortSignal;
}

export type ImportCalls = ReturnType<typeof importCalls>;

export function importCalls(http: Http, reach: Reach) {
  return {
    /** Sends CSV files and imports them, each as a job. */
    start(files: Blob | readonly Blob[], form: ImportForm = {}): Promise<t.ImportAccepted> {
      return http.call("/api/v1/upload/csv", csvForm(files, form));
    },

    /** What an import would make of a file. */
    preview(file: Blob, form: ImportForm = {}): Promise<t.ImportPreview> {
      return http.call("/api/v1/imports/preview", csvForm(file, form));
    },

    list(page: { limit?: number; after?: string } = {}): Promise<{ imports: t.ImportSummary[]; next?: string }> {
      return http.call("/api/v1/imports", { query: page });
    },

    /** How far a batch is. */
    progress(batch: string): Promise<t.ImportProgress> {
      return http.call(`/api/v1/imports/${id(batch)}`);
    },

    /** Tells how far a batch is, also one that does not exist yet. Returns what ends it. */
    watch(batch: string, told: (watched: Watched<t.ImportProgress>) => void, token?: string): () => void {
      const read = (message: t.ImportProgress) => message;
      const over = ({ status }: t.ImportProgress) => status !== "connected" && status !== "processing";
      return watchStatus(reach, `/ws/upload-progress/${id(batch)}`, `/api/v1/imports/${id(batch)}`, token, read, over, told);
    },

    /** Takes back the rows that a job or a batch has brought. */
    undo(jobOrBatch: string): Promise<{ id: string; imports: number; removed: number }> {
      return http.post(`/api/v1/imports/${id(jobOrBatch)}/undo`);
    },

    rejects(jobOrBatch: string): Promise<t.Reject[]> {
      return http.call<{ rejects: t.Reject[] }>(`/api/v1/imports/${id(jobOrBatch)}/rejects`).then((answer) => answer.rejects);
    },

    rejectsUrl(jobOrBatch: string): string {
      return http.url(`/api/v1/imports/${id(jobOrBatch)}/rejects?format=csv`);
    },

    profiles(): Promise<t.ImportProfile[]> {
      return http.call<{ profiles: t.ImportProfile[] }>("/api/v1/profiles").then((answer) => answer.profiles);
    },

    saveProfile(name: string, profile: t.ImportProfile): Promise<t.ImportProfile> {
      return http.call(`/api/v1/profiles/${id(name)}`, { method: "PUT", json: profile });
    },

    removeProfile(name: string): Promise<void> {
      return http.call(`/api/v1/profiles/${id(name)}`, { method: "DELETE" });
    },

    transactions(filter: t.TransactionFilter = {}): Promise<{ transactions: t.Transaction[]; total: number; next?: string }> {
      return http.call("/api/v1/transactions", { query: filter });
    },

    categories(): Promise<string[]> {
      return http.call<{ categories: string[] }>("/api/v1/categories").then((answer) => answer.categories);
    },

    /** Corrects a transaction, and all of the same merchant with it. */
    correct(transaction: number, category: string): Promise<{ id: number; category: string; changed: number }> {
      return http.call(`/api/v1/transactions/${transaction}`, { method: "PATCH", json: { category } });
    },
  };
}

function csvForm(files: Blob | readonly Blob[], { batchId, signal, ...fields }: ImportForm): Call {
  const body = new FormData();
  for (const [name, value] of Object.entries({ batch_id: batchId, ...fields })) if (value !== undefined) body.set(name, value);
  for (const file of files instanceof Blob ? [files] : files) body.append("file", file);
  return { method: "POST", body, signal };
}

export type OperationCalls = ReturnType<typeof operationCalls>;

export function operationCalls(http: Http) {
  return {
    /** What it would do, and what stands in its way. Changes nothing. */
    plan(request: t.OperationRequest): Promise<t.OperationPlan> {
      return http.post("/api/v1/operations", { ...request, plan: true });
    },

    run(request: t.OperationRequest): Promise<t.OperationAccepted> {
      return http.post("/api/v1/operations", request);
    },

    report(jobOrBatch: string): Promise<t.OperationReport> {
      return http.call(`/api/v1/operations/${id(jobOrBatch)}/report`);
    },

    reportUrl(jobOrBatch: string): string {
      return http.url(`/api/v1/operations/${id(jobOrBatch)}/report?format=csv`);
    },

    /** Takes back what a move or a rename has done, as an operation of its own. */
    undo(jobOrBatch: string): Promise<t.OperationAccepted> {
      return http.post(`/api/v1/operations/${id(jobOrBatch)}/undo`);
    },
  };
}
