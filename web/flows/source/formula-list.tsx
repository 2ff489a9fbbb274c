import { ScrollArea, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useText } from '../../ui/text.ts';
import classes from './formula-list.module.css';
import { useFormulas } from './use-formulas.ts';

const groups = ['text', 'number', 'date', 'phone', 'choice', 'list', 'other'] as const;

/** Ready formulas to add to a field, each with what it does and an example. */
export function FormulaList({ onPick }: { onPick(code: string): void }) {
  const { t } = useTranslation('flows');
  const text = useText();
  const formulas = useFormulas();
  return (
    <ScrollArea.Autosize mah={220} type="auto">
      {groups.map((group) => (
        <div key={group} role="group" aria-label={t(`formulaGroups.${group}`)}>
          <Text size="xs" fw={600} c="dimmed" py={4}>
            {t(`formulaGroups.${group}`)}
          </Text>
          {formulas
            .filter((formula) => formula.group === group)
            .map(({ name, description, example, result }) => (
              <Tooltip key={name} label={`${example} → ${result}`} multiline maw={360}>
                <UnstyledButton className={classes.formula} onClick={() => onPick(codeOf(example, name))}>
                  <span>{text(description)}</span>
                  <code className={classes.code}>{name}</code>
                </UnstyledButton>
              </Tooltip>
            ))}
        </div>
      ))}
    </ScrollArea.Autosize>
  );
}

/** The formula as its example writes it, values included, to be changed from there. */
function codeOf(example: string, name: string): string {
  const own = new RegExp(`\\|\\s*(${name}\\b.*?)\\s*(?:\\||\\}\\})`).exec(example);
  return own?.[1] ?? name;
}
