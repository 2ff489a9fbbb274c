import { Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Trial } from '../../../server/flows/contract.ts';
import { Failure } from '../../ui/failure.tsx';
import { useText } from '../../ui/text.ts';
import { useActionFields } from '../editor/catalog.ts';
import { useEditor } from '../editor/context.ts';
import type { StepDraft } from '../editor/draft.ts';
import { useShow } from '../source/use-showing.ts';
import classes from './trial.module.css';

interface Props {
  trial: Trial['steps'][number];
  step: StepDraft | undefined;
  number: number;
  /** The record passes the filter: what failed, failed here. */
  reached: boolean;
}

/** What a step would do: the decision, then what each field becomes, what is sent marked. */
export function TrialStep({ trial, step, number, reached }: Props) {
  const { catalog } = useEditor();
  const { t } = useTranslation('flows');
  const text = useText();
  const show = useShow();
  const action = step ? catalog.actionOf(step) : undefined;
  const { data: fields = [] } = useActionFields(step ?? { id: trial.id }, action);
  const keys = [...new Set([...Object.keys(trial.fields), ...Object.keys(trial.send ?? {})])];
  const sends = trial.decision?.what !== 'skip' && trial.decision?.what !== 'stop';
  return (
    <section>
      <Title order={3} className={classes.title}>
        {number}. {action ? text(action.label) : t('editor.do')}
      </Title>
      {trial.decision && (
        <Text className={classes.decision} data-what={trial.decision.what}>
          <b>{t(`decisions.${trial.decision.what}`)}</b> {text(trial.decision.why)}
        </Text>
      )}
      {trial.failure && sends && reached && <Failure text={trial.failure.text} />}
      {keys.length > 0 && (
        <table className={classes.values}>
          <thead>
            <tr>
              <th scope="col">{t('mapping.target')}</th>
              <th scope="col">{t('mapping.result')}</th>
              <th scope="col">{t('test.willSend')}</th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => {
              const field = fields.find((each) => each.key === key);
              const outcome = trial.fields[key];
              const sent = sends && trial.send !== null && key in trial.send;
              return (
                <tr key={key}>
                  <th scope="row">{field ? text(field.label) : key}</th>
                  <td>
                    {outcome?.problem ? (
                      <span className={classes.problem}>{text(outcome.problem)}</span>
                    ) : (
                      show(outcome?.value ?? trial.send?.[key], field?.type)
                    )}
                  </td>
                  <td>{sent ? t('test.yes') : t('test.no')}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {trial.send && Object.keys(trial.send).length === 0 && sends && (
        <Text size="sm" c="dimmed">
          {t('test.nothing')}
        </Text>
      )}
    </section>
  );
}
