import { Checkbox, Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { TriggerView } from '../../../server/connections/contract.ts';
import { settingsApi } from '../../../server/settings/contract.ts';
import { queryOf } from '../../api.ts';
import { AppMark } from '../../ui/app-mark.tsx';
import { useText } from '../../ui/text.ts';
import { AppAndConnection } from './app-and-connection.tsx';
import { Card } from './card.tsx';
import { useEditor } from './context.ts';
import { moveTrigger, onlyOne, patchTrigger, type TriggerDraft, triggerReady } from './draft.ts';
import { HookSteps } from './hook-steps.tsx';
import { keepTrigger } from './live-catalog.ts';
import { OfferSelect } from './offer-select.tsx';
import { SampleChooser } from './sample-chooser.tsx';
import { SettingsForm } from './settings-form.tsx';
import { TriggerMode } from './trigger-mode.tsx';

const defaultMinutes = 5;

/** What starts the flow: app, account, event, how soon, and its settings. */
export function TriggerCard({ state }: { state: Parameters<typeof Card>[0]['state'] }) {
  const { draft, change, catalog, wizard, setOpen, flow, problems, focus } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const client = useQueryClient();
  const { trigger } = draft;
  const { data: settings } = useQuery(queryOf(settingsApi.getSettings));
  const connector = catalog.connectorOf(trigger?.connection);
  const view = catalog.triggerOf(trigger);
  const apps = catalog.connectors.filter((each) => each.triggers.length > 0);
  const patch = (values: Partial<TriggerDraft>) => change((before) => patchTrigger(before, values));
  const wrong = (field: string) => problems.find((each) => each.card === 'trigger' && each.field === field);

  const chooseConnection = (connection: string | undefined) => {
    const next = catalog.connectorOf(connection);
    // An object of this account may be in another one of the same app too; if not, the check of the draft says so.
    const own = view?.discovered && next?.key === connector?.key ? [view] : [];
    change((before) => moveTrigger(before, connection, [...(next?.triggers ?? []), ...own]));
  };
  const chooseTrigger = (chosen: TriggerView) => {
    keepTrigger(client, { connection: trigger?.connection ?? '', view: chosen });
    patch({ trigger: chosen.key, settings: {}, ...modeFor(chosen, trigger, settings?.realTimePossible !== false) });
  };
  return (
    <Card
      id="trigger"
      number={1}
      title={t('editor.when')}
      state={state}
      what={
        connector ? (
          <>
            <AppMark app={connector.key} named size={20} />
            {view ? ` · ${text(view.label)}` : ` · ${t('editor.chooseEvent')}`}
          </>
        ) : (
          t('editor.chooseWhen')
        )
      }
      more={view && <Summary trigger={trigger} view={view} />}
      next={
        wizard
          ? { label: t('editor.next'), ready: triggerReady(trigger, view), go: () => setOpen('filter') }
          : undefined
      }
    >
      <Stack gap={16}>
        <AppAndConnection
          apps={apps}
          likely={onlyOne(apps.filter((each) => each.triggers.some((one) => one.key === trigger?.trigger)))}
          connection={trigger?.connection}
          onChange={chooseConnection}
          error={wrong('connection') !== undefined}
        />
        {connector && trigger?.connection && (
          <OfferSelect
            key={trigger.connection}
            kind="triggers"
            connection={trigger.connection}
            shelf={connector.triggers}
            discovers={connector.discovers}
            label={t('editor.event')}
            placeholder={t('editor.chooseEvent')}
            chosen={view}
            focused={focus === 'trigger'}
            error={wrong('trigger') && text(wrong('trigger')?.text ?? '')}
            onChoose={chooseTrigger}
          />
        )}
        {view && trigger?.connection && (
          <>
            <TriggerMode trigger={trigger} view={view} onChange={patch} />
            <SettingsForm
              key={view.key}
              card="trigger"
              fields={view.settings}
              values={trigger.settings ?? {}}
              connection={trigger.connection}
              onChange={(settings) => patch({ settings })}
            />
            <Checkbox
              label={t('editor.once')}
              description={t('editor.onceHelp')}
              checked={trigger.once ?? false}
              onChange={(event) => patch({ once: event.currentTarget.checked })}
            />
            <SampleChooser />
            {flow.trigger?.hook && trigger.mode === 'realTime' && (
              <HookSteps hook={flow.trigger.hook} connection={trigger.connection} />
            )}
          </>
        )}
      </Stack>
    </Card>
  );
}

/** In real time when the app can tell of it and can reach us, else by asking. */
function modeFor(view: TriggerView, before: TriggerDraft | null, reachable: boolean): Partial<TriggerDraft> {
  const usual = reachable ? 'realTime' : 'poll';
  const mode = !view.polled ? 'realTime' : !view.realTime ? 'poll' : (before?.mode ?? usual);
  return { mode, everyMinutes: before?.everyMinutes ?? defaultMinutes };
}

function Summary({ trigger, view }: { trigger: TriggerDraft | null; view: TriggerView }) {
  const { t } = useTranslation('flows');
  const { catalog } = useEditor();
  const several = catalog.connections.filter(
    (each) => each.connector === catalog.connectorOf(trigger?.connection)?.key,
  );
  const parts = [
    several.length > 1 ? catalog.connectionOf(trigger?.connection)?.name : undefined,
    trigger?.mode === 'poll'
      ? t('editor.everyMinutes', { minutes: trigger.everyMinutes ?? defaultMinutes })
      : t('editor.inRealTime'),
    trigger?.once && view.recordType ? t('editor.onceShort') : undefined,
  ];
  return parts.filter(Boolean).join(' · ');
}
