import type { ColumnRole, ImportPreview, ImportProfile } from '@sluice/client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { Button } from '@/components/ui/button'
import { Select, SelectField, TextField } from '@/components/ui/field'
import { Card, Failed, Loading, Note } from '@/components/ui/parts'
import { client } from '@/lib/client'
import { bytes, capital, count, plural } from '@/lib/format'

const ROLES: ColumnRole[] = [
  'booked',
  'valued',
  'amount',
  'debit',
  'credit',
  'direction',
  'currency',
  'description',
  'counterparty',
  'counterparty_account',
  'reference',
  'balance',
  'bank_category',
  'mcc',
  'account',
  'ignore',
]
const DELIMITERS = [
  { value: ';', label: 'Semicolon' },
  { value: ',', label: 'Comma' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Bar' },
]
const AS_FOUND = { value: '', label: 'As found' }

interface Remark {
  message: string
  line?: number
}

/** What an import would make of a file, and how that is put right. Corrections are kept as a profile, so that the next file needs none. */
export default function Preview({ files, onDone }: { files: File[]; onDone: () => void }) {
  const file = files[0]!
  const queries = useQueryClient()
  const [profile, setProfile] = useState('')
  const [account, setAccount] = useState('')
  const [currency, setCurrency] = useState('')
  const [changes, setChanges] = useState<ImportProfile>({})
  const [name, setName] = useState(
    () =>
      file.name
        .replace(/\.[^.]+$/, '')
        .replace(/[^A-Za-z]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .toLowerCase() || 'bank',
  )
  const changed = Object.keys(changes).length > 0
  const profiles = useQuery({ queryKey: ['profiles'], queryFn: () => client.imports.profiles() })

  const form = { ...(profile ? { profile } : {}), ...(currency ? { currency } : {}) }
  const preview = useQuery({
    queryKey: ['preview', file.name, file.lastModified, form],
    queryFn: () => client.imports.preview(file, form),
    placeholderData: before => before,
    gcTime: 0,
  })
  const look = preview.data

  /** Keeps what was corrected, then looks again with it. */
  const apply = useMutation({
    mutationFn: async () => {
      const kept = profiles.data?.find(one => one.name === (profile || name)) ?? {}
      const { name: _, ...before } = kept
      await client.imports.saveProfile(profile || name, {
        ...before,
        ...changes,
        columns: { ...before.columns, ...changes.columns },
      })
      await queries.invalidateQueries({ queryKey: ['profiles'] })
      setProfile(profile || name)
      setChanges({})
      await queries.invalidateQueries({ queryKey: ['preview'] })
    },
  })
  const start = useMutation({
    mutationFn: () => client.imports.start(files, { ...form, ...(account ? { account } : {}) }),
    onSuccess: onDone,
  })
  const problems = remarks(look?.problems)
  const warnings = remarks(look?.warnings)

  return (
    <Card
      title={files.length > 1 ? `${file.name} and ${plural(files.length - 1, 'other')}` : file.name}
      action={<span className="text-xs text-faint">{bytes(files.reduce((sum, one) => sum + one.size, 0))}</span>}
    >
      <div className="space-y-4 p-4">
        {preview.error ? (
          <Failed failure={preview.error} retry={() => void preview.refetch()} />
        ) : !look ? (
          <Loading rows={4} />
        ) : (
          <>
            <p className="text-[0.8125rem] text-soft">
              {plural(look.records, 'record')}, {look.encoding}
              {look.encodingAssumed && ' (assumed)'}, delimited by {delimiter(look.delimiter)}
              {look.tableLine > 1 && `, the table begins in line ${look.tableLine}`}
              {look.footer > 0 && `, ${plural(look.footer, 'line')} at the end left out`};{' '}
              {Math.round(look.confidence * 100)} % sure.
            </p>
            {problems.map(problem => (
              <Failed key={problem.message} failure={{ message: at(problem), code: 'ambiguous' }} />
            ))}
            {warnings.length > 0 && (
              <Note tone="warn">
                {warnings.map(warning => (
                  <p key={at(warning)} className="flex gap-2">
                    <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden /> {at(warning)}
                  </p>
                ))}
              </Note>
            )}
            <fieldset className="grid gap-3 sm:grid-cols-3 lg:grid-cols-6">
              <legend className="sr-only">How it is read</legend>
              <SelectField
                label="Profile"
                value={profile}
                onChoose={setProfile}
                options={[
                  { value: '', label: 'None' },
                  ...(profiles.data ?? []).map(one => ({ value: one.name!, label: one.name! })),
                ]}
              />
              <TextField
                label="Account"
                value={account}
                placeholder="main"
                onChange={event => setAccount(event.target.value)}
              />
              <TextField
                label="Currency"
                value={currency}
                placeholder="as the file says"
                maxLength={3}
                onChange={event => setCurrency(event.target.value.toUpperCase())}
              />
              <SelectField
                label="Delimiter"
                value={changes.delimiter ?? look.delimiter}
                onChoose={value => setChanges({ ...changes, delimiter: value })}
                options={DELIMITERS}
              />
              <SelectField
                label="Dates"
                value={changes.date_order ?? ''}
                onChoose={value =>
                  setChanges({ ...changes, date_order: value as NonNullable<ImportProfile['date_order']> })
                }
                options={[
                  { value: '', label: `As found (${order(look)})` },
                  { value: 'day_first', label: 'Day first' },
                  { value: 'month_first', label: 'Month first' },
                  { value: 'year_first', label: 'Year first' },
                ]}
              />
              <SelectField
                label="Decimals"
                value={changes.decimal_mark ?? ''}
                onChoose={value =>
                  setChanges({ ...changes, decimal_mark: value as NonNullable<ImportProfile['decimal_mark']> })
                }
                options={[AS_FOUND, { value: 'comma', label: '1.234,56' }, { value: 'point', label: '1,234.56' }]}
              />
            </fieldset>
            <div>
              <h3 className="label mb-1.5">What the columns mean</h3>
              <div className="grid gap-2 sm:grid-cols-2 lg:grid-cols-4">
                {look.columns.map((column, i) => (
                  <div key={i} className="min-w-0 rounded-lg border border-line p-2">
                    <p className="truncate text-[0.8125rem] font-medium" title={column.name}>
                      {column.name || `Column ${i + 1}`}
                    </p>
                    <p className="mb-1.5 truncate text-xs text-faint">{column.dates ?? column.holds}</p>
                    <Select
                      aria-label={`Role of ${column.name || `column ${i + 1}`}`}
                      className="h-8"
                      value={changes.columns?.[column.name] ?? column.role}
                      onChoose={role =>
                        setChanges({ ...changes, columns: { ...changes.columns, [column.name]: role as ColumnRole } })
                      }
                      options={ROLES.map(role => ({
                        value: role,
                        label: role === 'ignore' ? '(ignored)' : capital(role),
                      }))}
                    />
                  </div>
                ))}
              </div>
            </div>
            {changed && (
              <div className="flex flex-wrap items-end gap-3 rounded-lg bg-accent-soft p-3">
                <TextField
                  label="Keep the corrections as profile"
                  value={profile || name}
                  disabled={!!profile}
                  onChange={event => setName(event.target.value)}
                  className="w-64"
                />
                <Button onClick={() => apply.mutate()} disabled={apply.isPending || !(profile || name)}>
                  Apply
                </Button>
                <Button variant="ghost" onClick={() => setChanges({})}>
                  Drop them
                </Button>
              </div>
            )}
            {apply.error && <Failed failure={apply.error} />}
            <Rows look={look} />
            {start.error && <Failed failure={start.error} />}
          </>
        )}
        <div className="flex flex-wrap gap-2">
          <Button
            variant="solid"
            disabled={!look || problems.length > 0 || changed || start.isPending}
            onClick={() => start.mutate()}
          >
            {start.isPending ? 'Sending' : files.length > 1 ? `Import ${files.length} files` : 'Import'}
          </Button>
          <Button onClick={onDone}>Not this one</Button>
          {changed && (
            <span className="self-center text-xs text-faint">
              Apply the corrections first, so that you see what they do.
            </span>
          )}
        </div>
      </div>
    </Card>
  )
}

function Rows({ look }: { look: ImportPreview }) {
  if (look.rows.length === 0) return null
  return (
    <div
      className="overflow-x-auto rounded-lg border border-line"
      tabIndex={0}
      role="region"
      aria-label="The first rows"
    >
      <table className="w-full text-[0.8125rem]">
        <caption className="sr-only">The first rows, as they would be imported</caption>
        <thead className="text-left text-xs text-faint">
          <tr className="border-b border-line [&>th]:whitespace-nowrap [&>th]:px-3 [&>th]:py-1.5 [&>th]:font-medium">
            <th>Booked</th>
            <th className="text-right">Amount</th>
            <th>Counterparty</th>
            <th>Description</th>
          </tr>
        </thead>
        <tbody>
          {look.rows.slice(0, 8).map((row, i) => (
            <tr key={i} className="border-b border-line last:border-0 [&>td]:px-3 [&>td]:py-1.5">
              <td className="whitespace-nowrap">{row.booked}</td>
              <td className={`whitespace-nowrap text-right ${row.amount.startsWith('-') ? '' : 'text-ok'}`}>
                {row.amount} {row.currency}
              </td>
              <td className="max-w-48 truncate">{row.counterparty}</td>
              <td className="max-w-96 truncate">{row.description}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {look.records > 8 && (
        <p className="border-t border-line px-3 py-1.5 text-xs text-faint">
          and {count(look.records - Math.min(8, look.rows.length))} more
        </p>
      )}
    </div>
  )
}

const remarks = (list: unknown) => (Array.isArray(list) ? (list as Remark[]) : [])
const at = ({ message, line }: Remark) => (line ? `Line ${line}: ${message}` : message)
const delimiter = (word: string) => DELIMITERS.find(one => one.value === word)?.label.toLowerCase() ?? `“${word}”`
const order = (look: ImportPreview) => look.columns.find(column => column.dates)?.dates ?? 'none'
