import type { Context } from '../context.ts';
import type { StepOutcome, Work } from './work.ts';

/** "Load each record only once": spent when the first action was carried out or a duplicate was found. */
export async function once(work: Work, ctx: Context): Promise<StepOutcome> {
  if (work.run.source === 'person') {
    return { go: true, note: { why: { en: 'A person asked for it again.', ru: 'Запуск повторил человек.' } } };
  }
  const spent = await ctx.db
    .selectFrom('once_marks')
    .select('run_id')
    .where('flow_id', '=', work.run.flowId)
    .where('record_key', '=', work.run.recordKey)
    .executeTakeFirst();
  if (!spent)
    return { go: true, note: { why: { en: 'The first time for this record.', ru: 'Эта запись — впервые.' } } };
  const why = {
    en: 'Each record is loaded only once, and this one has been.',
    ru: 'Каждая запись загружается лишь единожды, эта уже загружена.',
  };
  return {
    stop: { state: 'skipped', reason: { code: 'once', text: why } },
    note: {
      why,
      code: 'once',
      found: [{ id: spent.run_id, label: `№ ${spent.run_id}`, url: `/runs/${spent.run_id}` }],
    },
  };
}
