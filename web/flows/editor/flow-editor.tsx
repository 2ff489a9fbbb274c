import { Button, Group, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Flow } from '../../../server/flows/contract.ts';
import { Page } from '../../ui/page.tsx';
import { BackfillCard } from '../backfill/backfill-card.tsx';
import { BringIn } from '../backfill/bring-in.tsx';
import { FlowTabs } from '../frame/flow-tabs.tsx';
import { useSource } from '../source/use-source.ts';
import { TestPanel } from '../trial/test-panel.tsx';
import { BottomBar } from './bottom-bar.tsx';
import { useCardStates } from './card-states.ts';
import { type Catalog, useStepRecords } from './catalog.ts';
import { type Editor, EditorContext } from './context.ts';
import { addStep, triggerReady } from './draft.ts';
import classes from './editor.module.css';
import { FilterCard } from './filter-card.tsx';
import { FlowName } from './flow-name.tsx';
import { useLiveCatalog } from './live-catalog.ts';
import { Notices } from './notices.tsx';
import { StepCard } from './step-card.tsx';
import { TriggerCard } from './trigger-card.tsx';
import { type DraftKeeper, useDraft } from './use-draft.ts';
import { useTrial } from './use-trial.ts';

/** A flow as a list of cards from top to bottom: when, only if, do. */
export function FlowEditor({ flow, catalog: shelf }: { flow: Flow; catalog: Catalog }) {
  const { t } = useTranslation('flows');
  const keeper = useDraft(flow);
  const catalog = useLiveCatalog(shelf, {
    triggers: [keeper.draft.trigger, flow.version?.definition.trigger],
    steps: keeper.draft.steps,
  });
  const [testing, setTesting] = useState(false);
  const editor = { ...useEditorState({ flow, catalog, keeper }), test: () => setTesting(true) };
  const states = useCardStates(editor);
  const { draft } = keeper;
  const triggerDone = triggerReady(draft.trigger, catalog.triggerOf(draft.trigger));
  const locked = editor.wizard && !triggerDone;
  return (
    <EditorContext value={editor}>
      <Page
        title={flow.name}
        heading={<FlowName flow={flow} keeper={keeper} />}
        back={{ to: '/flows', label: t('editor.toFlows') }}
      >
        <div className={classes.editor}>
          {flow.version && <FlowTabs flowId={flow.id} />}
          <Notices keeper={keeper} />
          <BackfillCard />
          <Stack gap={8}>
            <TriggerCard state={states.get('trigger') ?? 'empty'} />
            <FilterCard state={states.get('filter') ?? 'ready'} locked={locked} />
            {draft.steps.map((step, index) => (
              <StepCard
                key={step.id}
                step={step}
                number={index + 2}
                state={states.get(step.id) ?? 'empty'}
                locked={locked}
              />
            ))}
            <Group justify="space-between" gap={8}>
              <Button
                className={classes.add}
                variant="subtle"
                leftSection={<IconPlus size={16} />}
                disabled={locked}
                onClick={() => {
                  const before = draft.steps.length;
                  keeper.change(addStep);
                  editor.setOpen(addStep(draft).steps[before]?.id ?? null);
                }}
              >
                {t('editor.addStep')}
              </Button>
              <BringIn />
            </Group>
          </Stack>
          <BottomBar keeper={keeper} />
          <TestPanel opened={testing} onClose={() => setTesting(false)} />
        </div>
      </Page>
    </EditorContext>
  );
}

function useEditorState({
  flow,
  catalog,
  keeper,
}: {
  flow: Flow;
  catalog: Catalog;
  keeper: DraftKeeper;
}): Omit<Editor, 'test'> {
  const source = useSource(keeper.draft);
  const stepRecords = useStepRecords(keeper.draft.steps, catalog);
  const trial = useTrial(keeper.draft, source.sample?.id);
  const wizard = flow.version === null;
  const search = useSearch({ strict: false }) as { card?: unknown; field?: unknown };
  const wanted = typeof search.field === 'string' ? search.field : null;
  const asked = search.card === 'mapping' ? mappingCard(flow, wanted) : search.card;
  const [open, setOpen] = useState<string | null>(() =>
    typeof asked === 'string'
      ? asked
      : wizard && !keeper.draft.trigger?.trigger
        ? 'trigger'
        : wizard
          ? firstProblem(flow)
          : null,
  );
  const [focus, setFocus] = useState<string | null>(wanted);
  return {
    flow,
    draft: keeper.draft,
    generation: keeper.generation,
    change: keeper.change,
    problems: flow.problems,
    catalog,
    source,
    stepRecords,
    trial,
    open,
    setOpen: (card) => {
      setFocus(null);
      setOpen(card);
    },
    wizard,
    focus,
    goTo: (card, field) => {
      setOpen(card);
      setFocus(field ?? null);
    },
  };
}

/** The step that maps a field; the first one when none does. */
const mappingCard = ({ draft }: Flow, field: string | null): string | undefined =>
  (draft.steps.find(({ mapping }) => field !== null && mapping?.[field]) ?? draft.steps[0])?.id;

/** A ready-made flow opens where it needs the person. */
const firstProblem = (flow: Flow): string | null => flow.problems[0]?.card ?? null;
