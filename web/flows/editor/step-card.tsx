import { ActionIcon, Stack, Text, Tooltip } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type ActionView, connectionsApi, type FieldView } from '../../../server/connections/contract.ts';
import { queryOf } from '../../api.ts';
import { AppMark } from '../../ui/app-mark.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Loading } from '../../ui/loading.tsx';
import { useText } from '../../ui/text.ts';
import { DuplicatesEditor } from '../duplicates/duplicates-editor.tsx';
import { MappingTable } from '../mapping/mapping-table.tsx';
import { AppAndConnection } from './app-and-connection.tsx';
import { Card } from './card.tsx';
import { useActionFields } from './catalog.ts';
import { useEditor } from './context.ts';
import { isBlank, moveStep, onlyOne, patchStep, removeStep, type StepDraft } from './draft.ts';
import { keepAction } from './live-catalog.ts';
import { OfferSelect } from './offer-select.tsx';
import { SettingsForm } from './settings-form.tsx';

interface Props {
  step: StepDraft;
  number: number;
  state: Parameters<typeof Card>[0]['state'];
  locked: boolean;
}

/** What is done in the other app: which action, what its fields get, what about duplicates. */
export function StepCard({ step, number, state, locked }: Props) {
  const { draft, change, catalog, generation, problems } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const client = useQueryClient();
  const connector = catalog.connectorOf(step.connection);
  const action = catalog.actionOf(step);
  const fields = useActionFields(step, action);
  const patch = (values: Partial<StepDraft>) => change((before) => patchStep(before, step.id, values));
  const chooseConnection = (connection: string | undefined) => {
    const next = catalog.connectorOf(connection);
    const own = action?.discovered && next?.key === connector?.key ? [action] : [];
    change((before) => moveStep(before, { id: step.id, connection, actions: [...(next?.actions ?? []), ...own] }));
  };
  const chooseAction = (chosen: ActionView) => {
    keepAction(client, { connection: step.connection ?? '', view: chosen });
    patch({ action: chosen.key, settings: {} });
  };
  const lost = problems.find((each) => each.card === step.id && each.code === 'step.unknown_action');
  const apps = catalog.connectors.filter((each) => each.actions.length > 0);
  return (
    <Card
      id={step.id}
      number={number}
      title={t('editor.do')}
      state={state}
      locked={locked}
      what={
        connector ? (
          <>
            <AppMark app={connector.key} named size={20} />
            {action ? ` · ${text(action.label)}` : ` · ${t('editor.chooseAction')}`}
          </>
        ) : (
          t('editor.chooseDo')
        )
      }
      more={action && <Summary step={step} fields={fields.data ?? []} />}
      aside={draft.steps.length > 1 && <RemoveStep onRemove={() => change((before) => removeStep(before, step.id))} />}
    >
      <Stack gap={16}>
        <AppAndConnection
          apps={apps}
          likely={onlyOne(apps.filter((each) => each.actions.some((one) => one.key === step.action)))}
          connection={step.connection}
          onChange={chooseConnection}
        />
        {connector && step.connection && (
          <OfferSelect
            key={step.connection}
            kind="actions"
            connection={step.connection}
            shelf={connector.actions}
            discovers={connector.discovers}
            label={t('editor.action')}
            placeholder={t('editor.chooseAction')}
            chosen={action}
            error={lost && text(lost.text)}
            onChoose={chooseAction}
          />
        )}
        {action && step.connection && (
          <>
            <SettingsForm
              key={action.key}
              card={step.id}
              fields={action.settings}
              values={step.settings ?? {}}
              connection={step.connection}
              onChange={(settings) => patch({ settings })}
            />
            {fields.error && <Failure error={fields.error} retry={() => void fields.refetch()} />}
            {fields.isPending && !fields.error && <Loading rows={6} />}
            {fields.data && (
              <MappingTable
                key={`${action.key} ${generation}`}
                step={step}
                fields={fields.data}
                required={action.duplicates !== 'target' && step.duplicates?.mode !== 'update'}
                onChange={(mapping) => patch({ mapping })}
              />
            )}
            {fields.data && action.duplicates !== 'none' && (
              <Duplicates step={step} fields={fields.data} onChange={(duplicates) => patch({ duplicates })} />
            )}
          </>
        )}
      </Stack>
    </Card>
  );
}

/** A record is looked for by fields of its type, also by those that no mapping can set. */
function Duplicates({
  step,
  fields,
  onChange,
}: {
  step: StepDraft;
  fields: FieldView[];
  onChange(rule: NonNullable<StepDraft['duplicates']>): void;
}) {
  const { catalog } = useEditor();
  const action = catalog.actionOf(step);
  const { data: described } = useQuery({
    ...queryOf(connectionsApi.listFields, {
      params: { id: step.connection ?? '', recordType: action?.recordType ?? '' },
    }),
    enabled: Boolean(step.connection && action?.recordType),
    staleTime: 300_000,
  });
  if (!action) return null;
  const known = new Map(
    [...(described ?? []), ...fields].map((field) => [
      field.key,
      { ...described?.find((each) => each.key === field.key), ...field },
    ]),
  );
  return <DuplicatesEditor step={step} action={action} fields={[...known.values()]} onChange={onChange} />;
}

function RemoveStep({ onRemove }: { onRemove(): void }) {
  const { t } = useTranslation('flows');
  return (
    <Tooltip label={t('editor.removeStep')}>
      <ActionIcon variant="subtle" color="gray" size={36} mr={8} aria-label={t('editor.removeStep')} onClick={onRemove}>
        <IconTrash size={16} />
      </ActionIcon>
    </Tooltip>
  );
}

function Summary({ step, fields }: { step: StepDraft; fields: FieldView[] }) {
  const { t } = useTranslation('flows');
  const text = useText();
  const mapped = Object.values(step.mapping ?? {}).filter((template) => !isBlank(template)).length;
  const rule = step.duplicates;
  const keys =
    rule?.keys
      .map((key) => fields.find((field) => field.key === key.field))
      .flatMap((field) => (field ? [text(field.label)] : [])) ?? [];
  const how = rule && rule.mode !== 'create' ? t(`duplicates.${rule.mode}Short`) : undefined;
  const by =
    rule && rule.mode !== 'create' && keys.length > 0 ? t('duplicates.by', { fields: keys.join(', ') }) : undefined;
  const duplicates = [t('duplicates.word'), [by, how].filter(Boolean).join(', ')];
  return (
    <Text component="span" inherit>
      {t('mapping.fields', { count: mapped })}
      {how && ` · ${duplicates.join(': ')}`}
    </Text>
  );
}
