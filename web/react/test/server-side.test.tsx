import { createClient } from "@sluice/client";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import {
  ConnectionDot,
  ProgressRow,
  SluiceProvider,
  TransferList,
  UploadDropzone,
  UploadModal,
  bytes,
  timeLeft,
} from "../src/index.js";

test("all of it is rendered on a server, which opens no connection", () => {
  const client = createClient({ url: "http://127.0.0.1:1" });
  const html = renderToString(
    <SluiceProvider client={client}>
      <ConnectionDot />
      <TransferList empty="nothing yet" />
      <ProgressRow id="x" />
      <UploadDropzone />
      <UploadModal open={false} onClose={() => {}} />
    </SluiceProvider>,
  );
  expect(html).toContain("not connected");
  expect(html).toContain("nothing yet");
  expect(client.live.connection.state).toBe("idle");
});

test("figures for people", () => {
  expect([0, 999, 1_000, 12_345_678, 2.5e12].map(bytes)).toEqual(["0 B", "999 B", "1.0 kB", "12.3 MB", "2.5 TB"]);
  expect([undefined, 0.4, 59, 61, 3_700, 90_000].map(timeLeft)).toEqual([
    "–",
    "0 s",
    "59 s",
    "1 min 1 s",
    "1 h 1 min",
    "1 d 1 h",
  ]);
});
