import { ScrollArea, Text, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useText } from '../../ui/text.ts';
import classes from './formula-list.module.css';
import { formulas } from './formulas.ts';

/** Ready formulas to add to a field, each with what it does. */
export function FormulaList({ onPick }: { onPick(code: string): void }) {
  const { t } = useTranslation('flows');
  const text = useText();
  const groups = [...new Set(formulas.map((formula) => formula.group))];
  return (
    <ScrollArea.Autosize mah={220} type="auto">
      {groups.map((group) => (
        <div key={group}>
          <Text size="xs" fw={600} c="dimmed" py={4}>
            {t(`formulaGroups.${group}`)}
          </Text>
          {formulas
            .filter((formula) => formula.group === group)
            .map((formula) => (
              <UnstyledButton key={formula.code} className={classes.formula} onClick={() => onPick(formula.code)}>
                <span>{text(formula.about)}</span>
                <code className={classes.code}>{formula.code}</code>
              </UnstyledButton>
            ))}
        </div>
      ))}
    </ScrollArea.Autosize>
  );
}
