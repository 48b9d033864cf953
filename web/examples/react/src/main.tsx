import { createClient } from "@sluice/client";
import type { Upload } from "@sluice/client";
import { ConnectionDot, SluiceProvider, UploadDropzone, bytes, useUpload, useUploadStatus } from "@sluice/react";
import "@sluice/react/style.css";
import { createRoot } from "react-dom/client";

// `./sluice serve --allow-origin http://localhost:5173`; in a page of the server's own the URL may be left out.
const client = createClient({ url: import.meta.env.VITE_SLUICE_URL ?? "http://127.0.0.1:8080" });

function Row({ upload }: { upload: Upload }) {
  const { state, name, sent, size = 0, receipt, error } = useUploadStatus(upload);
  const over = state === "completed" || state === "cancelled" || state === "failed";
  return (
    <li>
      <strong>{name}</strong> <progress aria-label={name} value={sent} max={size || 1} /> {bytes(sent)} of {bytes(size)}{" "}
      <span>{receipt ? `cancelled in ${receipt.receipt.requestMillis} ms` : (error?.message ?? state)}</span>{" "}
      {state === "paused" && <button onClick={() => void upload.resume()}>Resume</button>}
      {!over && state !== "paused" && <button onClick={() => void upload.pause()}>Pause</button>}
      {!over && <button onClick={() => void upload.cancel()}>Cancel</button>}
      {state === "completed" && <a href={client.jobs.contentUrl(upload.status.id!)}>Open</a>}
    </li>
  );
}

function App() {
  const { uploads, unfinished } = useUpload();
  return (
    <main>
      <h1>Send files</h1>
      <ConnectionDot />
      <UploadDropzone />
      {unfinished.map(({ id, name }) => (
        <p key={id}>Choose {name} again, and it goes on where it had stopped.</p>
      ))}
      <ul>
        {uploads.map((upload, i) => (
          <Row key={i} upload={upload} />
        ))}
      </ul>
    </main>
  );
}

createRoot(document.getElementById("root")!).render(
  <SluiceProvider client={client}>
    <App />
  </SluiceProvider>,
);
