import type { StandInResponse } from '../../../kit/testing/stand-in.ts';
import { itemOf, type Portal, stageInfo } from './portal.ts';
import { COMPANY, CONTACT, DEAL, fieldsOf, LEAD } from './schema.ts';

const types: Record<string, number> = { lead: LEAD, deal: DEAL, contact: CONTACT, company: COMPANY };

const escape = (value: unknown): string => String(value).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const shown = (value: unknown): boolean =>
  value !== null && value !== '' && value !== 0 && !(Array.isArray(value) && value.length === 0);

/** The page of a record, so that "open over there" leads somewhere in the demo. */
export function card(portal: Portal, path: string): StandInResponse {
  const [, type = '', id] = /^\/crm\/(\w+)\/details\/(\d+)\/?$/.exec(path) ?? [];
  const entityTypeId = types[type];
  if (!entityTypeId || !portal.items.get(entityTypeId)?.has(Number(id))) return { status: 404, body: 'Не найдено' };
  const item = itemOf(portal, entityTypeId, id);
  const infos = fieldsOf(entityTypeId, portal.userFields);
  const rows = Object.entries(item)
    .filter(([name, value]) => infos[name] && shown(value))
    .map(([name, value]) => {
      const words = name === 'stageId' ? (stageInfo(portal, entityTypeId, value)?.name ?? value) : value;
      return `<tr><th>${escape(infos[name]?.title)}</th><td>${escape(words)}</td></tr>`;
    });
  const title = escape(item.title ?? `${item.name ?? ''} ${item.lastName ?? ''}`);
  return {
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!doctype html><html lang="ru"><meta charset="utf-8"><title>${title}</title><style>body{font:16px sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}th{text-align:left;padding-right:2rem;font-weight:400;color:#555}td,th{padding-block:.3rem;vertical-align:top}</style><h1>${title}</h1><table>${rows.join('')}</table></html>`,
  };
}
