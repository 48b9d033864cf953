import { ended } from "@sluice/client";
import type {
  CancelReceipt,
  Connection,
  DownloadStatus,
  ImportProgress,
  ImportStage,
  Job,
  JobFilter,
  Progress,
  Rate,
  RememberedUpload,
  Upload,
  UploadOptions,
  UploadStatus,
  Watched,
} from "@sluice/client";
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useClient } from "./provider.js";

const NONE: readonly never[] = [];
const none = () => undefined;
const empty = () => NONE;

/** What the connection is about; it is held open as long as somebody asks. */
export function useConnection(): Connection {
  const { live } = useClient();
  const subscribe = useCallback(
    (changed: () => void) => {
      const off = live.onConnection(changed);
      const release = live.hold();
      return () => {
        off();
        release();
      };
    },
    [live],
  );
  return useSyncExternalStore(
    subscribe,
    () => live.connection,
    () => IDLE,
  );
}

const IDLE: Connection = { state: "idle", asOf: undefined };

/** The job as it is; not how far it is. Undefined until the server has told. */
export function useJobDocument(id: string): Job | undefined {
  const { live } = useClient();
  const subscribe = useCallback(
    (changed: () => void) => {
      const off = live.jobs.on(id, changed);
      const release = live.watch(id);
      return () => {
        off();
        release();
      };
    },
    [live, id],
  );
  return useSyncExternalStore(subscribe, () => live.jobs.get(id), none);
}

/** How far the job is, once a frame; without ticks of late what its document says. */
export function useProgress(id: string): Progress | undefined {
  const { live } = useClient();
  const subscribe = useCallback((changed: () => void) => live.ticks.on(id, changed), [live, id]);
  const tick = useSyncExternalStore(subscribe, () => live.ticks.get(id), none);
  const document = useJobDocument(id);
  return document && ended(document.state) ? document.progress : (tick ?? document?.progress);
}

export interface JobActions {
  /** The receipt; also `job.receipt`. */
  cancel(): Promise<CancelReceipt>;
  pause(): Promise<Job>;
  resume(): Promise<Job>;
  retry(): Promise<Job>;
}

/** What can be done with a job. Which of it just now, `job.links` says. */
export function useActions(id: string): JobActions {
  const { jobs } = useClient();
  return useMemo(
    () => ({
      cancel: () => jobs.cancel(id),
      pause: () => jobs.pause(id),
      resume: () => jobs.resume(id),
      retry: () => jobs.retry(id),
    }),
    [jobs, id],
  );
}

/** A job, how far it is, and what can be done with it. */
export function useJob(id: string): { job: Job | undefined; progress: Progress | undefined } & JobActions {
  const job = useJobDocument(id);
  const progress = useProgress(id);
  const actions = useActions(id);
  return { job, progress, ...actions };
}

export type LiveFilter = Pick<JobFilter, "kind" | "state" | "batch" | "owner" | "q">;

/** Jobs that are under way and those that ended lately, the newest first. For older ones: `client.jobs.list`. */
export function useJobs(filter: LiveFilter = {}): readonly Job[] {
  const { live } = useClient();
  const key = JSON.stringify(filter);
  const subscribe = useCallback(
    (changed: () => void) => {
      const off = live.jobs.on(undefined, changed);
      const release = live.hold();
      return () => {
        off();
        release();
      };
    },
    [live],
  );
  const read = useCallback(() => live.jobs.list(JSON.parse(key) as LiveFilter), [live, key]);
  return useSyncExternalStore(subscribe, read, empty);
}

/** Speeds of a job, or of all together, since somebody looked: points of `at` (milliseconds) and `rate` (bytes a second). */
export function useThroughput(id?: string): readonly Rate[] {
  const { live } = useClient();
  const subscribe = useCallback(
    (changed: () => void) => {
      const off = live.ticks.onCurve(id, changed);
      const release = live.hold();
      return () => {
        off();
        release();
      };
    },
    [live, id],
  );
  return useSyncExternalStore(subscribe, () => live.ticks.curve(id), empty);
}

/** A download by a socket of its own, for front ends that know no other. */
export function useWebSocket(jobId: string | null | undefined): {
  status: DownloadStatus | null;
  isConnected: boolean;
} {
  const { downloads } = useClient();
  const [watched, told] = useState<Watched<DownloadStatus>>(NOTHING);
  useEffect(() => {
    told(NOTHING);
    return jobId ? downloads.watch(jobId, told) : undefined;
  }, [downloads, jobId]);
  return { status: watched.latest ?? null, isConnected: watched.connected };
}

const NOTHING = { connected: false };

export interface ImportState {
  isConnected: boolean;
  progress: number;
  status: "idle" | "connecting" | ImportProgress["status"];
  stage: ImportStage | null;
  message: string;
  details: NonNullable<ImportProgress["details"]> | null;
  error: string | null;
}

/**
 * An import by a socket of its own, for front ends that know no other.
 *
 * @param token of `/api/v1/auth/websocket-token`; without it one is fetched where it is needed
 */
export function useUploadProgress(batchId: string | null | undefined, token?: string | null): ImportState {
  const { imports } = useClient();
  const [watched, told] = useState<Watched<ImportProgress>>(NOTHING);
  useEffect(() => {
    told(NOTHING);
    return batchId ? imports.watch(batchId, told, token ?? undefined) : undefined;
  }, [imports, batchId, token]);
  const latest = watched.latest;
  return {
    isConnected: watched.connected,
    progress: latest?.progress ?? 0,
    status: latest?.status ?? (watched.error ? "error" : batchId ? "connecting" : "idle"),
    stage: latest?.stage ?? null,
    message: latest?.message ?? "",
    details: latest?.details ?? null,
    error: latest?.error ?? watched.error ?? null,
  };
}

/** How an upload of this page is. */
export function useUploadStatus(upload: Upload): UploadStatus {
  const subscribe = useCallback((changed: () => void) => upload.on(changed), [upload]);
  const read = () => upload.status;
  return useSyncExternalStore(subscribe, read, read);
}

export interface UploadHook {
  /** Those of this page, ended ones too until they are removed. */
  uploads: readonly Upload[];
  /** Sends them as one batch, with the options of the hook. */
  add(files: Iterable<File>, options?: UploadOptions): Upload[];
  remove(upload: Upload): void;
  /** What an earlier load of the page left half done: adding the same file goes on with it. */
  unfinished: readonly RememberedUpload[];
  forget(upload: RememberedUpload): void;
}

/** Uploads from this page. While it sends bytes, leaving it asks first. */
export function useUpload(options: UploadOptions = {}): UploadHook {
  const { uploads } = useClient();
  const given = useRef(options);
  useEffect(() => {
    given.current = options;
  });
  const subscribe = useCallback((changed: () => void) => uploads.on(changed), [uploads]);
  const all = useSyncExternalStore(subscribe, () => uploads.all, empty);
  const [mounted, setMounted] = useState(false);
  useEffect(() => setMounted(true), []);
  useEffect(() => {
    const ask = (e: BeforeUnloadEvent) => uploads.sending && e.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [uploads]);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- what is in local storage changes with these
  const unfinished = useMemo(() => (mounted ? uploads.unfinished() : []), [uploads, all, mounted]);
  return {
    uploads: all,
    add: useCallback((files, more) => uploads.addAll(files, { ...given.current, ...more }), [uploads]),
    remove: useCallback((upload) => uploads.remove(upload), [uploads]),
    unfinished,
    forget: useCallback((upload) => uploads.forget(upload), [uploads]),
  };
}
