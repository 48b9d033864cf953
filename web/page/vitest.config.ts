import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [process.env.PAGE_TESTS ?? 'tests/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
})
