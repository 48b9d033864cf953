import uPlot from 'uplot'
import { useEffect, useRef } from 'react'
import { bytes, time } from '@/lib/format'
import { colour, useTheme } from '@/lib/theme'

interface Props {
  /** Seconds since 1970, rising. */
  xs: readonly number[]
  /** A gap is drawn as a gap: `null`. */
  ys: readonly (number | null)[]
  from: number
  to: number
  height: number
  label: string
  unit?: 'rate' | 'percent'
}

/** A curve over time. Screen readers get its label; the figures stand beside it as text. */
export default function Graph({ xs, ys, from, to, height, label, unit = 'rate' }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const shown = useRef({ xs, ys, from, to })
  shown.current = { xs, ys, from, to }
  const look = useTheme()

  useEffect(() => {
    const parent = box.current!
    const words = (n: number | null) => (n === null ? '' : unit === 'rate' ? `${bytes(n)}${n ? '/s' : ''}` : `${n} %`)
    const axis = {
      stroke: colour('faint'),
      font: '11px "Inter Variable"',
      grid: { stroke: colour('line'), width: 1 },
      ticks: { show: false },
    }
    const made = new uPlot(
      {
        width: parent.clientWidth,
        height,
        padding: [6, 4, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: () => [shown.current.from, shown.current.to] },
          y: { range: (_, _low, high) => (unit === 'percent' ? [0, 100] : [0, Math.max(high * 1.15, 1000)]) },
        },
        axes: [
          { ...axis, size: 22, space: 90, values: (_, at) => at.map(second => time(second * 1000)) },
          { ...axis, size: 62, space: 26, values: (_, at) => at.map(words) },
        ],
        series: [
          {},
          { stroke: colour('live'), width: 1.5, fill: colour('accent-soft'), points: { show: false }, spanGaps: false },
        ],
      },
      [[...shown.current.xs], [...shown.current.ys]],
      parent,
    )
    plot.current = made
    const sized = new ResizeObserver(() => made.setSize({ width: parent.clientWidth, height }))
    sized.observe(parent)
    return () => {
      sized.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [height, look, unit])

  useEffect(() => {
    plot.current?.setData([[...xs], [...ys]])
  }, [xs, ys, from, to])

  return <div ref={box} role="img" aria-label={label} style={{ height }} className="w-full" />
}
