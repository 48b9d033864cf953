import { useQuery } from '@tanstack/react-query'
import { ChartNoAxesColumn } from 'lucide-react'
import type { ReactNode } from 'react'
import { useSearchParams } from 'wouter'
import { Card, Chips, Empty, Failed, Head, Loading } from '@/components/ui/parts'
import { bytes, count, date, millis, rate } from '@/lib/format'
import { insight, type Ended, type Insight as Told } from '@/lib/server'
import { KINDS, nextStep } from '@/lib/words'

type Days = '7' | '30' | '90'

/** How it goes, over days. */
export default function Insight() {
  const [search, setSearch] = useSearchParams()
  const days = (search.get('days') ?? '30') as Days
  const { data, error, refetch } = useQuery({
    queryKey: ['insight', days],
    queryFn: () => insight(Number(days)),
    placeholderData: before => before,
    refetchInterval: 30_000,
  })
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <Head title="Insight" about="Of jobs that have ended; days are those of UTC.">
        <Chips<Days>
          label="Days"
          value={days}
          onChoose={value => setSearch({ days: value }, { replace: true })}
          options={[
            { value: '7', label: '7 days' },
            { value: '30', label: '30 days' },
            { value: '90', label: '90 days' },
          ]}
        />
      </Head>
      <div className="px-4 pb-8 sm:px-6">
        {error ? (
          <Failed failure={error} retry={() => void refetch()} />
        ) : !data ? (
          <Loading />
        ) : data.days.length === 0 ? (
          <Card>
            <Empty icon={ChartNoAxesColumn} title="Nothing has ended in these days" />
          </Card>
        ) : (
          <Figures told={data} days={Number(days)} />
        )}
      </div>
    </div>
  )
}

const all = ({ completed, failed, cancelled }: Ended) => completed + failed + cancelled
/** A cancel is a decision and no failure. */
const success = ({ completed, failed }: Ended) =>
  completed + failed === 0 ? undefined : completed / (completed + failed)
const percent = (share: number | undefined) =>
  share === undefined ? '–' : `${(100 * share).toFixed(share > 0.99 && share < 1 ? 2 : 1)} %`

function Figures({ told, days }: { told: Told; days: number }) {
  const sum = told.days.reduce<Ended>(
    (before, { jobs }) => ({
      completed: before.completed + jobs.completed,
      failed: before.failed + jobs.failed,
      cancelled: before.cancelled + jobs.cancelled,
    }),
    { completed: 0, failed: 0, cancelled: 0 },
  )
  const stored = told.days.reduce((total, day) => total + day.bytes, 0)
  return (
    <div className="space-y-4">
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        <Figure
          name="Completed of what was not cancelled"
          value={percent(success(sum))}
          more={`${count(sum.completed)} of ${count(sum.completed + sum.failed)}`}
        />
        <Figure name="Moved" value={bytes(stored)} more={`${bytes(stored / days)} a day`} />
        <Figure name="Failed" value={count(sum.failed)} more={`${count(sum.cancelled)} cancelled`} />
        <Figure
          name="Cancel decided, p95"
          value={told.cancels ? millis(told.cancels.p95) : '–'}
          more={
            told.cancels
              ? `of ${count(told.cancels.jobs)}; p50 ${millis(told.cancels.p50)}, p99 ${millis(told.cancels.p99)}`
              : 'nothing was cancelled'
          }
        />
      </dl>
      <div className="grid gap-4 xl:grid-cols-2">
        <Card title="Bytes a day">
          <Bars
            told={told}
            days={days}
            of={day => [{ value: day.bytes, look: 'bg-live' }]}
            say={day => bytes(day?.bytes ?? 0)}
          />
        </Card>
        <Card title="Jobs a day">
          <Bars
            told={told}
            days={days}
            of={({ jobs }) => [
              { value: jobs.completed, look: 'bg-ok' },
              { value: jobs.cancelled, look: 'bg-strong' },
              { value: jobs.failed, look: 'bg-bad' },
            ]}
            say={day =>
              day
                ? `${count(day.jobs.completed)} completed, ${count(day.jobs.failed)} failed, ${count(day.jobs.cancelled)} cancelled`
                : 'none'
            }
          />
        </Card>
        <Card title="By kind">
          <table className="w-full text-[0.8125rem]">
            <thead className="text-left text-xs text-faint">
              <tr className="border-b border-line [&>th]:px-4 [&>th]:py-2 [&>th]:font-medium">
                <th>Kind</th>
                <th className="text-right">Jobs</th>
                <th className="text-right">Completed</th>
                <th className="text-right max-sm:hidden">Moved</th>
                <th className="text-right">Speed</th>
              </tr>
            </thead>
            <tbody>
              {told.kinds.map(kind => (
                <tr key={kind.kind} className="border-b border-line last:border-0 [&>td]:px-4 [&>td]:py-2">
                  <td className="font-medium">{KINDS[kind.kind as keyof typeof KINDS] ?? kind.kind}</td>
                  <td className="text-right">{count(all(kind.jobs))}</td>
                  <td className="text-right">{percent(success(kind.jobs))}</td>
                  <td className="text-right max-sm:hidden">{bytes(kind.bytes)}</td>
                  <td className="text-right">{kind.rate ? rate(kind.rate) : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Card>
        <Card title="Failures by code">
          {told.failures.length === 0 ? (
            <p className="px-4 py-6 text-center text-[0.8125rem] text-soft">Nothing has failed.</p>
          ) : (
            <ul>
              {told.failures.slice(0, 12).map(failure => (
                <li
                  key={`${failure.kind} ${failure.code}`}
                  className="border-b border-line px-4 py-2 text-[0.8125rem] last:border-0"
                >
                  <div className="flex gap-3">
                    <span className="font-medium">{failure.code}</span>
                    <span className="text-faint">{KINDS[failure.kind as keyof typeof KINDS] ?? failure.kind}</span>
                    <span className="ml-auto">{count(failure.jobs)}</span>
                  </div>
                  <p className="text-xs text-soft">{nextStep({ code: failure.code })}</p>
                </li>
              ))}
            </ul>
          )}
        </Card>
      </div>
    </div>
  )
}

function Figure({ name, value, more }: { name: string; value: string; more: string }) {
  return (
    <div className="rounded-xl border border-line bg-surface p-4 shadow-low">
      <dt className="label">{name}</dt>
      <dd>
        <span className="block text-2xl font-semibold tracking-tight">{value}</span>
        <span className="text-xs text-faint">{more}</span>
      </dd>
    </div>
  )
}

type Day = Told['days'][number]

function Bars({
  told,
  days,
  of,
  say,
}: {
  told: Told
  days: number
  of: (day: Day) => { value: number; look: string }[]
  say: (day: Day | undefined) => ReactNode
}) {
  const byDate = new Map(told.days.map(day => [day.date, day]))
  const dates = Array.from({ length: days }, (_, i) =>
    new Date(Date.now() - (days - 1 - i) * 86_400_000).toISOString().slice(0, 10),
  )
  const most = Math.max(1, ...told.days.map(day => of(day).reduce((sum, part) => sum + part.value, 0)))
  return (
    <div className="p-4">
      <ol className="flex h-36 items-end gap-px sm:gap-0.5">
        {dates.map(word => {
          const day = byDate.get(word)
          return (
            <li
              key={word}
              className="group flex h-full min-w-0 flex-1 flex-col justify-end rounded-sm hover:bg-sunk"
              title={`${date(word)}: ${String(say(day))}`}
            >
              <span className="sr-only">
                {date(word)}: {say(day)}
              </span>
              {day &&
                of(day).map((part, i) => (
                  <span
                    key={i}
                    aria-hidden
                    className={`w-full ${part.look} ${i === 0 ? 'rounded-t-sm' : ''}`}
                    style={{ height: `${(100 * part.value) / most}%`, minHeight: part.value ? 1 : 0 }}
                  />
                ))}
            </li>
          )
        })}
      </ol>
      <div className="mt-1.5 flex justify-between text-xs text-faint" aria-hidden>
        <span>{date(dates[0]!)}</span>
        <span>{date(dates.at(-1)!)}</span>
      </div>
    </div>
  )
}
