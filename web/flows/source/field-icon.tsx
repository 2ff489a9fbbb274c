import { Tooltip } from '@mantine/core';
import {
  IconAt,
  IconBraces,
  IconCalendar,
  IconCalendarTime,
  IconCircleCheck,
  IconLink,
  IconList,
  IconMapPin,
  IconNumber123,
  IconPaperclip,
  IconPhone,
  IconTypography,
  IconWorldWww,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FieldView } from '../../../server/connections/contract.ts';

const icons = {
  text: IconTypography,
  number: IconNumber123,
  boolean: IconCircleCheck,
  date: IconCalendar,
  datetime: IconCalendarTime,
  choice: IconList,
  reference: IconLink,
  phone: IconPhone,
  email: IconAt,
  url: IconWorldWww,
  address: IconMapPin,
  file: IconPaperclip,
  json: IconBraces,
} satisfies Record<FieldView['type'], typeof IconTypography>;

/** What a field holds, as a small sign with its name. */
export function FieldIcon({ type }: { type: FieldView['type'] }) {
  const { t } = useTranslation('flows');
  const Icon = icons[type];
  const name = t(`fieldTypes.${type}`);
  return (
    <Tooltip label={name}>
      <Icon size={16} role="img" aria-label={name} style={{ flex: 'none', color: 'var(--quiet)' }} />
    </Tooltip>
  );
}
