import type { ImportForm, SluiceError, Upload, UploadOptions } from "@sluice/client";
import { useEffect, useId, useRef, useState } from "react";
import type { ClipboardEvent, DragEvent, ReactNode } from "react";
import { useUpload, useUploadProgress, useUploadStatus } from "./hooks.js";
import type { ImportState } from "./hooks.js";
import { Bar } from "./jobs.js";
import { useClient } from "./provider.js";
import { bytes, timeLeft } from "./words.js";

export interface UploadDropzoneProps extends UploadOptions {
  /** As of a file input. */
  accept?: string;
  multiple?: boolean;
  /** Whole folders are chosen instead of files. */
  folders?: boolean;
  disabled?: boolean;
  /** Instead of sending them. */
  onFiles?: (files: File[]) => void;
  onUploads?: (uploads: Upload[]) => void;
  /** What stands in it. */
  children?: ReactNode;
}

/** Takes files and folders that are dropped, pasted or chosen, and sends them as one batch. */
export function UploadDropzone(props: UploadDropzoneProps): ReactNode {
  const { accept, multiple = true, folders, disabled, onFiles, onUploads, children, ...options } = props;
  const { add } = useUpload(options);
  const [over, setOver] = useState(false);
  const id = useId();
  const take = (files: File[]) => {
    const some = multiple ? files : files.slice(0, 1);
    if (disabled || some.length === 0) return;
    if (onFiles) onFiles(some);
    else onUploads ? onUploads(add(some)) : add(some);
  };
  const drop = (e: DragEvent) => {
    e.preventDefault();
    setOver(false);
    void dropped(e.dataTransfer).then(take);
  };
  const paste = (e: ClipboardEvent) => take([...e.clipboardData.files]);
  return (
    <div
      className="sluice-dropzone"
      data-over={over || undefined}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      onPaste={paste}
    >
      <input
        id={id}
        type="file"
        accept={accept}
        multiple={multiple}
        disabled={disabled}
        {...(folders ? { webkitdirectory: "" } : {})}
        onChange={(e) => {
          take([...(e.target.files ?? [])]);
          e.target.value = "";
        }}
      />
      <label htmlFor={id}>{children ?? "Drop files here, paste them, or choose some"}</label>
    </div>
  );
}

/** The files of what was dropped, those in folders too. */
async function dropped(data: DataTransfer): Promise<File[]> {
  const entries = [...data.items]
    .map((item) => item.webkitGetAsEntry?.())
    .filter((entry) => entry !== null && entry !== undefined);
  if (!entries.some((entry) => entry.isDirectory)) return [...data.files];
  const walk = async (entry: FileSystemEntry): Promise<File[]> => {
    if (entry.isFile)
      return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    const files: File[] = [];
    for (;;) {
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return files;
      for (const one of some) files.push(...(await walk(one)));
    }
  };
  return (await Promise.all(entries.map(walk))).flat();
}

/** One upload of this page: as the server sees it, and what keeps its bytes from going out. */
export function UploadRow({ upload }: { upload: Upload }): ReactNode {
  const status = useUploadStatus(upload);
  const over = status.state === "completed" || status.state === "failed" || status.state === "cancelled";
  const percent = status.size ? (100 * status.sent) / status.size : undefined;
  const act = (what: () => Promise<unknown>) => () => void what().catch(() => {});
  return (
    <div className="sluice-row" data-state={status.state}>
      <div className="sluice-name">{status.name}</div>
      <div className="sluice-acts">
        {!over && status.state !== "paused" && (
          <button type="button" onClick={act(() => upload.pause())} aria-label={`pause ${status.name}`}>
            Pause
          </button>
        )}
        {status.state === "paused" && (
          <button type="button" onClick={act(() => upload.resume())} aria-label={`resume ${status.name}`}>
            Resume
          </button>
        )}
        {!over && (
          <button type="button" onClick={act(() => upload.cancel())} aria-label={`cancel ${status.name}`}>
            Cancel
          </button>
        )}
      </div>
      <Bar label={status.name} percent={status.state === "completed" ? 100 : percent} state={status.state} />
      <div className="sluice-figures">
        <span>
          {status.receipt
            ? `cancelled in ${status.receipt.receipt.requestMillis.toFixed(1)} ms`
            : (status.error?.message ?? status.state)}
          {status.resumed && !over && ", going on where it had stopped"}
        </span>
        <span>{status.size === undefined ? bytes(status.sent) : `${bytes(status.sent)} of ${bytes(status.size)}`}</span>
      </div>
    </div>
  );
}

const STAGES = [
  { name: "validation", icon: "M5 12l4 4L19 6", label: "Validation" },
  { name: "scanning", icon: "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z", label: "Scan" },
  { name: "parsing", icon: "M4 5h16M4 12h16M4 19h10", label: "Parsing" },
  {
    name: "database",
    icon: "M4 6c0-4 16-4 16 0v12c0 4-16 4-16 0zM4 6c0 4 16 4 16 0M4 12c0 4 16 4 16 0",
    label: "Database",
  },
  { name: "categorization", icon: "M3 12V4h8l10 10-8 8zM7 8h.01", label: "Categories" },
] as const;

export interface UploadProgressProps {
  batchId: string;
  token?: string | null;
  /** Shown as a button after a failure. */
  onRetry?: () => void;
  /** Called once, at the end. */
  onEnd?: (state: ImportState) => void;
}

/** An import on its way through its five stages. */
export function UploadProgress({ batchId, token, onRetry, onEnd }: UploadProgressProps): ReactNode {
  const state = useUploadProgress(batchId, token);
  const { status, stage, progress, details, message, error, isConnected } = state;
  const over = status === "completed" || status === "error" || status === "cancelled";
  const began = useRef(0);
  const [seconds, setSeconds] = useState(0);
  const end = useRef(onEnd);
  useEffect(() => {
    end.current = onEnd;
  });
  useEffect(() => {
    began.current = Date.now();
    setSeconds(0);
  }, [batchId]);
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => setSeconds((Date.now() - began.current) / 1_000), 500);
    return () => clearInterval(timer);
  }, [over, batchId]);
  useEffect(() => {
    if (over) end.current?.(state);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, at the end
  }, [over]);
  const reached = STAGES.findIndex((one) => one.name === stage);
  return (
    <div className="sluice-import" data-state={status}>
      <ol className="sluice-stages" aria-label="stages">
        {STAGES.map((one, i) => {
          const how =
            status === "completed" || i < reached ? "done" : i > reached ? "to come" : over ? "stopped" : "now";
          return (
            <li key={one.name} data-how={how} aria-current={how === "now" ? "step" : undefined}>
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d={one.icon} />
              </svg>
              {one.label}
            </li>
          );
        })}
      </ol>
      <Bar
        label={details?.filename ?? "import"}
        percent={status === "connecting" ? undefined : progress}
        state={status}
        text={`${Math.floor(progress)} %, ${message}`}
      />
      <div className="sluice-figures">
        <span role="status" aria-live="polite">
          {error ?? (over ? message : (STAGES[reached]?.label ?? ""))}
        </span>
        {details && (
          <span>
            {details.processed} of {details.total}
            {details.errors > 0 && `, ${details.errors} rejected`} · {bytes(details.size)}
          </span>
        )}
        <span>{timeLeft(seconds)}</span>
        {!over && (
          <span className="sluice-connection" data-state={isConnected ? "live" : "reconnecting"}>
            <i aria-hidden="true" />
            {isConnected ? "live" : "reconnecting"}
          </span>
        )}
      </div>
      {status === "error" && onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

export interface UploadModalProps extends Omit<ImportForm, "batchId"> {
  open: boolean;
  onClose: () => void;
  onEnd?: (state: ImportState) => void;
  title?: ReactNode;
}

/**
 * A dialog that imports CSV files: asks for them, sends them as one batch, and shows the stages. Closing it while they are
 * being sent stops that; an import that has begun goes on without it.
 */
export function UploadModal({
  open,
  onClose,
  onEnd,
  title = "Import transactions",
  ...form
}: UploadModalProps): ReactNode {
  const { imports, http, batches } = useClient();
  const dialog = useRef<HTMLDialogElement>(null);
  const sending = useRef<AbortController>(undefined);
  const [work, setWork] = useState<{ files: File[]; batch: string; token: string | null; begun: boolean }>();
  const [refused, setRefused] = useState<string>();
  const heading = useId();

  useEffect(() => {
    if (!open) dialog.current?.close();
    else if (!dialog.current?.open) dialog.current?.showModal();
    return () => {
      sending.current?.abort();
      setWork(undefined);
      setRefused(undefined);
    };
  }, [open]);

  const start = async (files: File[]) => {
    const abort = (sending.current = new AbortController());
    setRefused(undefined);
    try {
      // The ticket comes first, so that the import is watched from its beginning.
      const token = await http.ticket();
      const batch = `import-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
      setWork({ files, batch, token, begun: false });
      await imports.start(files, { ...form, batchId: batch, signal: abort.signal });
      setWork((now) => now && { ...now, begun: true });
    } catch (e) {
      if (abort.signal.aborted) return;
      setWork(undefined);
      setRefused((e as SluiceError).message);
    }
  };
  return (
    <dialog ref={dialog} className="sluice-modal" aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      {refused && <p role="alert">{refused}</p>}
      {work ? (
        <UploadProgress
          key={work.batch}
          batchId={work.batch}
          token={work.token}
          onRetry={() => void start(work.files)}
          onEnd={(state) => {
            setWork((now) => now && { ...now, begun: false });
            onEnd?.(state);
          }}
        />
      ) : (
        <UploadDropzone accept=".csv,text/csv" onFiles={(files) => void start(files)}>
          Drop CSV files here, or choose some
        </UploadDropzone>
      )}
      <div className="sluice-acts">
        {work?.begun && (
          <button
            type="button"
            onClick={() => void batches.cancel(work.batch).catch((e: SluiceError) => setRefused(e.message))}
          >
            Cancel the import
          </button>
        )}
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
