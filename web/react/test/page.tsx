// A page with every component and every hook; the tests look at it as a person would, and at the words in `<output>`.

import { createClient } from "@sluice/client";
import type { Upload } from "@sluice/client";
import {
  ConnectionDot,
  SluiceProvider,
  TransferList,
  UploadDropzone,
  UploadModal,
  UploadRow,
  useConnection,
  useJob,
  useThroughput,
  useUpload,
  useUploadProgress,
  useWebSocket,
} from "@sluice/react";
import { StrictMode, useEffect, useState } from "react";
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";

const client = createClient({ lingerMillis: 0 });
Object.assign(window, { client, renders: 0 });

function Out({ name, value }: { name: string; value: unknown }): ReactNode {
  return <output id={name}>{JSON.stringify(value)}</output>;
}

function Field({ name, children }: { name: string; children: (value: string) => ReactNode }): ReactNode {
  const [value, set] = useState("");
  return (
    <p>
      <input id={`${name}-of`} aria-label={name} value={value} onChange={(e) => set(e.target.value)} />
      {value && children(value)}
    </p>
  );
}

function Download({ id }: { id: string }): ReactNode {
  return <Out name="download" value={useWebSocket(id)} />;
}

function Import({ id }: { id: string }): ReactNode {
  return <Out name="import" value={useUploadProgress(id)} />;
}

function One({ id }: { id: string }): ReactNode {
  const { job, progress, cancel } = useJob(id);
  const throughput = useThroughput(id);
  (window as unknown as { renders: number }).renders++;
  return (
    <>
      <button onClick={() => void cancel()}>cancel this one</button>
      <Out
        name="job"
        value={{ state: job?.state, percent: progress?.percent, receipt: job?.receipt, points: throughput.length }}
      />
    </>
  );
}

function States({ uploads }: { uploads: readonly Upload[] }): ReactNode {
  const [, again] = useState(0);
  useEffect(() => {
    const offs = uploads.map((upload) => upload.on(() => again((n) => n + 1)));
    return () => offs.forEach((off) => off());
  }, [uploads]);
  return <Out name="states" value={uploads.map((upload) => upload.status.state)} />;
}

function Page(): ReactNode {
  const { uploads, unfinished } = useUpload();
  const connection = useConnection();
  const [open, setOpen] = useState(false);
  const [end, setEnd] = useState<string>();
  return (
    <main>
      <ConnectionDot />
      <UploadDropzone chunkSize={1_000_000} />
      <UploadDropzone folders>Drop a folder here</UploadDropzone>
      {uploads.map((upload) => (
        <UploadRow key={upload.status.name} upload={upload} />
      ))}
      <States uploads={uploads} />
      <TransferList />
      <Field name="download">{(id) => <Download id={id} />}</Field>
      <Field name="import">{(id) => <Import id={id} />}</Field>
      <Field name="job">{(id) => <One id={id} />}</Field>
      <button onClick={() => setOpen(true)}>Import</button>
      <UploadModal
        open={open}
        onClose={() => setOpen(false)}
        onEnd={({ status }) => setEnd(status)}
        currency="EUR"
        account="giro"
      />
      <Out name="state" value={{ connection: connection.state, unfinished: unfinished.length, end }} />
    </main>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <SluiceProvider client={client}>
      <Page />
    </SluiceProvider>
  </StrictMode>,
);
