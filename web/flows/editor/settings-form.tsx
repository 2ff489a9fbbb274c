import { useQueries } from '@tanstack/react-query';
import { connectionsApi, type FormFieldView } from '../../../server/connections/contract.ts';
import type { JsonValue } from '../../../server/http/contract.ts';
import { queryOf } from '../../api.ts';
import { type FormChoice, FormFields } from '../../ui/form-fields.tsx';
import { startValues } from '../../ui/form-values.ts';
import { useText } from '../../ui/text.ts';
import { useEditor } from './context.ts';

interface Props {
  card: string;
  fields: FormFieldView[];
  values: Record<string, JsonValue>;
  connection: string;
  onChange(values: Record<string, JsonValue>): void;
}

/** Settings that a trigger or an action asks for; the choices of some come live from the connection. */
export function SettingsForm({ card, fields, values, connection, onChange }: Props) {
  const { problems, wizard } = useEditor();
  const text = useText();
  const choices = useLiveChoices(fields, connection);
  if (fields.length === 0) return null;
  const mine = problems.filter((problem) => problem.card === card && problem.field);
  const errors = wizard
    ? {}
    : Object.fromEntries(mine.map((problem) => [(problem.field ?? '').replace(/^settings\./, ''), text(problem.text)]));
  return (
    <FormFields
      fields={fields}
      values={startValues(fields, values)}
      errors={errors}
      choicesOf={(place) => choices.get(place)}
      onChange={(key, value) => onChange({ ...startValues(fields, values), [key]: value })}
    />
  );
}

/** `choicesOf` names a live field as `recordType.field`. */
function useLiveChoices(fields: FormFieldView[], connection: string): Map<string, FormChoice[] | undefined> {
  const wanted = [...new Set(fields.flatMap((field) => (field.choicesOf ? [field.choicesOf] : [])))];
  const queries = useQueries({
    queries: wanted.map((place) => ({
      ...queryOf(connectionsApi.listFields, {
        params: { id: connection, recordType: place.slice(0, place.indexOf('.')) },
      }),
      staleTime: 300_000,
    })),
  });
  return new Map(
    wanted.map((place, index) => {
      const key = place.slice(place.indexOf('.') + 1);
      const choices = queries[index]?.data?.find((field) => field.key === key)?.choices;
      return [
        place,
        choices?.map(({ id, label, group }) => ({ value: id, label, group })) ??
          (queries[index]?.isPending ? undefined : []),
      ] as const;
    }),
  );
}
