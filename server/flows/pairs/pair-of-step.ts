import type { Plan, PlannedStep } from '../plan.ts';

/**
 * A pair joins a record here with one over there of a type; it does not know which step made that one. Where several
 * steps of a flow make records of one type, it is the first one's, and the others go by their keys.
 */
function makersLike(plan: Plan, { connection, recordType }: PlannedStep): PlannedStep[] {
  return plan.steps.filter(
    (other) =>
      other.action.kind === 'create' &&
      other.step.duplicates.mode !== 'update' &&
      other.connection.id === connection.id &&
      other.recordType?.key === recordType?.key,
  );
}

const isFirst = (makers: PlannedStep[], { step }: PlannedStep): boolean => makers[0]?.step.id === step.id;

/** The other steps of the flow that make records of this type, if this is one of them: no two take the same record. */
export function rivalsOf(plan: Plan, planned: PlannedStep): string[] {
  const makers = makersLike(plan, planned).map(({ step }) => step.id);
  return makers.includes(planned.step.id) ? makers.filter((id) => id !== planned.step.id) : [];
}

export const goesByPair = (plan: Plan, planned: PlannedStep): boolean =>
  rivalsOf(plan, planned).length === 0 || isFirst(makersLike(plan, planned), planned);

/** To find a record is not yet to say that it belongs to the one here. */
export function leavesPair(plan: Plan, planned: PlannedStep): boolean {
  const makers = makersLike(plan, planned);
  return planned.action.kind !== 'find' && (makers.length === 0 || isFirst(makers, planned));
}
