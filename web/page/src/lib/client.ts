import { createClient } from '@sluice/client'

/** One for the whole page: one connection, one store of jobs, one list of uploads. */
export const client = createClient()
