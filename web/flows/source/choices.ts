import type { ComboboxItem, ComboboxItemGroup } from '@mantine/core';
import type { FieldView } from '../../../server/connections/contract.ts';
import type { JsonValue } from '../../../server/http/contract.ts';
import { isTree } from './values.ts';

type Choices = NonNullable<FieldView['choices']>;

/** Choices as Mantine's selects want them: under their pipelines where there are any. */
export function choiceItems(choices: Choices): (ComboboxItem | ComboboxItemGroup<ComboboxItem>)[] {
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const choice of choices) {
    const items = groups.get(choice.group ?? '') ?? [];
    items.push({ value: choice.id, label: choice.label });
    groups.set(choice.group ?? '', items);
  }
  return [...groups].flatMap<ComboboxItem | ComboboxItemGroup<ComboboxItem>>(([group, items]) =>
    group === '' ? items : [{ group, items }],
  );
}

/** A choice as a constant keeps it; its pipeline is only for people. */
export const choiceValue = (choices: Choices, id: string | null): JsonValue => {
  const choice = choices.find((each) => each.id === id);
  return choice ? { id: choice.id, label: choice.label } : null;
};

/** The id of a choice however it was kept: `{ id, label }`, its id, or its label. */
export function choiceId(choices: Choices, value: JsonValue | undefined): string | null {
  const kept = isTree(value) ? value.id : value;
  if (kept === undefined || kept === null) return null;
  const wanted = String(kept);
  const found = choices.find((each) => each.id === wanted) ?? choices.find((each) => each.label === wanted);
  return found?.id ?? wanted;
}
