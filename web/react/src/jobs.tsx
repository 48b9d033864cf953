import { ended } from "@sluice/client";
import type { Connection, Job, SluiceError, Transport } from "@sluice/client";
import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { useConnection, useJob, useJobs } from "./hooks.js";
import type { LiveFilter } from "./hooks.js";
import { bytes, speed, stateWords, timeLeft } from "./words.js";

/** The stages of a job: those that are over, the one it is in, those to come. */
export function StageChips({ job }: { job: Job }): ReactNode {
  if (job.stages.length === 0) return null;
  return (
    <ol className="sluice-stages" aria-label="stages">
      {job.stages.map((stage) => {
        const now = stage.name === job.stage && !ended(job.state);
        const how = now ? "now" : stage.ended || job.state === "completed" ? "done" : "to come";
        return (
          <li key={stage.name} data-how={how} aria-current={now ? "step" : undefined}>
            {stage.name}
            {stage.started && stage.ended && (
              <small>{timeLeft((Date.parse(stage.ended) - Date.parse(stage.started)) / 1_000)}</small>
            )}
          </li>
        );
      })}
    </ol>
  );
}

export interface BarProps {
  label: string;
  /** Undefined where nobody knows how far it is. */
  percent: number | undefined;
  state?: string;
  text?: string;
}

/** A bar. */
export function Bar({ label, percent, state, text }: BarProps): ReactNode {
  return (
    <div
      className="sluice-bar"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent === undefined ? undefined : Math.floor(percent)}
      aria-valuetext={text}
      data-state={state}
    >
      <div
        style={percent === undefined ? undefined : { transform: `scaleX(${percent / 100})` }}
        data-unknown={percent === undefined || undefined}
      />
    </div>
  );
}

export interface ProgressRowProps {
  id: string;
  /** Instead of the job's name. */
  children?: ReactNode;
}

/** One job: name, bar, speed, time left, stages, and what can be done with it just now. */
export function ProgressRow({ id, children }: ProgressRowProps): ReactNode {
  const { job, progress, cancel, pause, resume, retry } = useJob(id);
  const [refused, setRefused] = useState<string>();
  if (!job || !progress) return <div className="sluice-row" aria-busy="true" />;
  const act = (what: () => Promise<unknown>) => () => {
    setRefused(undefined);
    what().catch((e: SluiceError) => setRefused(e.message));
  };
  const words = refused ?? stateWords(job);
  return (
    <div className="sluice-row" data-state={job.state} data-job={id}>
      <div className="sluice-name" title={job.source ?? job.name}>
        {children ?? job.name}
      </div>
      <div className="sluice-acts">
        {job.links.pause && (
          <button type="button" onClick={act(pause)} aria-label={`pause ${job.name}`}>
            Pause
          </button>
        )}
        {job.links.resume && (
          <button type="button" onClick={act(resume)} aria-label={`resume ${job.name}`}>
            Resume
          </button>
        )}
        {job.links.retry && (
          <button type="button" onClick={act(retry)} aria-label={`retry ${job.name}`}>
            Retry
          </button>
        )}
        {job.links.cancel && (
          <button type="button" onClick={act(cancel)} aria-label={`cancel ${job.name}`}>
            Cancel
          </button>
        )}
      </div>
      <Bar
        label={job.name}
        percent={progress.percent}
        state={job.state}
        text={`${Math.floor(progress.percent)} %, ${words}`}
      />
      <div className="sluice-figures">
        <span>{words}</span>
        <span>
          {progress.totalBytes === undefined
            ? bytes(progress.bytes)
            : `${bytes(progress.bytes)} of ${bytes(progress.totalBytes)}`}
          {progress.totalItems !== undefined && ` · ${progress.items ?? 0} of ${progress.totalItems}`}
        </span>
        {job.state === "running" && (
          <span>
            {speed(progress.rate ?? 0)} · {timeLeft(progress.eta)}
          </span>
        )}
      </div>
      <StageChips job={job} />
    </div>
  );
}

export interface TransferListProps {
  filter?: LiveFilter;
  /** How many are shown; 100. */
  limit?: number;
  /** What stands where there is none. */
  empty?: ReactNode;
  /** Another row than `ProgressRow`. */
  row?: (job: Job) => ReactNode;
}

/** Jobs as they are, live. What becomes of them is read out, how far they are is not. */
export function TransferList({
  filter,
  limit = 100,
  empty = "Nothing is under way.",
  row,
}: TransferListProps): ReactNode {
  const jobs = useJobs(filter);
  const said = useTransitions(jobs);
  return (
    <section className="sluice-list" aria-label="transfers">
      <div className="sluice-said" role="status" aria-live="polite">
        {said}
      </div>
      {jobs.length === 0 && <p className="sluice-empty">{empty}</p>}
      <ul>
        {jobs.slice(0, limit).map((job) => (
          <li key={job.id}>{row ? row(job) : <ProgressRow id={job.id} />}</li>
        ))}
      </ul>
      {jobs.length > limit && <p className="sluice-empty">and {jobs.length - limit} more</p>}
    </section>
  );
}

/** A sentence for those who listen, when jobs end. */
function useTransitions(jobs: readonly Job[]): string {
  const before = useRef(new Map<string, Job["state"]>());
  const [said, say] = useState("");
  useEffect(() => {
    const news = jobs.filter((job) => {
      const was = before.current.get(job.id);
      return was !== undefined && was !== job.state && (ended(job.state) || job.state === "paused");
    });
    before.current = new Map(jobs.map((job) => [job.id, job.state]));
    if (news.length === 1) say(`${news[0]!.name}: ${stateWords(news[0]!)}`);
    else if (news.length > 1) say(`${news.length} transfers have changed`);
  }, [jobs]);
  return said;
}

const BY: Record<Transport, string> = { websocket: "", sse: ", one way only", polling: ", by asking again and again" };

/** What the connection is about, in words; `now` for those that count. */
export function connectionWords(connection: Connection, now: number): string {
  const age = connection.asOf === undefined ? "" : `, shown as of ${timeLeft((now - connection.asOf) / 1_000)} ago`;
  switch (connection.state) {
    case "live":
      return `live${BY[connection.transport]}`;
    case "catching-up":
      return "catching up";
    case "reconnecting":
      return `reconnecting in ${timeLeft(Math.max(0, connection.at - now) / 1_000)}${age}`;
    case "offline":
      return `offline: ${connection.reason}${age}`;
    case "connecting":
      return `connecting${age}`;
    case "idle":
      return "not connected";
  }
}

/** A dot and a word on whether what is shown is what is. */
export function ConnectionDot(): ReactNode {
  const connection = useConnection();
  const [now, tick] = useState(() => Date.now());
  const still = connection.state === "live";
  useEffect(() => {
    tick(Date.now());
    if (still) return;
    const timer = setInterval(() => tick(Date.now()), 500);
    return () => clearInterval(timer);
  }, [still, connection]);
  return (
    <span className="sluice-connection" data-state={connection.state}>
      <i aria-hidden="true" />
      <span aria-hidden="true">{connectionWords(connection, now)}</span>
      <span className="sluice-said" role="status" aria-live="polite">
        {connection.state === "connecting" ? "" : connection.state.replace("-", " ")}
      </span>
    </span>
  );
}
