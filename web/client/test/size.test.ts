import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { expect, test } from "vitest";

test("all of it is at most 10 kB, bundled as Vite does it, minified and gzipped", async () => {
  const bundle = await rolldown({ input: new URL("../src/index.ts", import.meta.url).pathname });
  const { output } = await bundle.generate({ format: "es", minify: true });
  const size = gzipSync(output[0].code, { level: 9 }).length;
  console.log(`@sluice/client: ${size} bytes gzipped, of ${output[0].code.length}`);
  expect(size).toBeLessThanOrEqual(10 * 1024);
});
