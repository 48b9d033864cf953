import { useThroughput } from '@sluice/react'
import { lazy, Suspense, useMemo } from 'react'
import { rate } from '@/lib/format'
import { useNow } from '@/lib/live'

const Graph = lazy(() => import('./graph'))
const WINDOW = 60
/** Ticks come four times a second while anything runs: a longer silence is a gap. */
const SILENCE = 1_500

/** Bytes a second over the last minute, of one job or of all. */
export function Throughput({ job, height }: { job?: string; height: number }) {
  const curve = useThroughput(job)
  const now = useNow(500)
  const [xs, ys] = useMemo(() => {
    const begin = now - WINDOW * 1000
    const at: number[] = []
    const rates: (number | null)[] = []
    for (const point of curve) {
      if (point.at < begin) continue
      const before = at[at.length - 1]
      if (before !== undefined && point.at - before * 1000 > SILENCE) {
        at.push(before + 0.25)
        rates.push(null)
      }
      at.push(point.at / 1000)
      rates.push(point.rate)
    }
    return [at, rates] as const
  }, [curve, now])
  const last = curve[curve.length - 1]
  const current = last && now - last.at < SILENCE ? last.rate : 0
  return (
    <Suspense fallback={<div style={{ height }} />}>
      <Graph
        xs={xs}
        ys={ys}
        from={now / 1000 - WINDOW}
        to={now / 1000}
        height={height}
        label={`Throughput over the last minute, now ${rate(current)}`}
      />
    </Suspense>
  )
}

export function useThroughputNow(): number {
  const curve = useThroughput()
  const now = useNow(500)
  const last = curve[curve.length - 1]
  return last && now - last.at < SILENCE ? last.rate : 0
}
