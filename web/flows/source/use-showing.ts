import { useTranslation } from 'react-i18next';
import type { FieldView } from '../../../server/connections/contract.ts';
import type { JsonValue } from '../../../server/http/contract.ts';
import { useLanguage } from '../../ui/text.ts';
import { useZone } from '../../ui/zone.ts';
import { showValue } from './values.ts';

export type Show = (value: JsonValue | undefined, type?: FieldView['type']) => string;

/** Shows values in the person's language and zone. */
export function useShow(): Show {
  const language = useLanguage();
  const zone = useZone();
  const { t } = useTranslation('ui');
  return (value, type) => showValue(value, { language, zone, yes: t('yes'), no: t('no') }, type);
}
