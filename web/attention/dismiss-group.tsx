import { Text, Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AttentionGroup, attentionApi } from '../../server/flows/contract.ts';
import { call } from '../api.ts';
import { BulkDialog } from './bulk-dialog.tsx';
import { causeOf } from './cause.ts';

/** Off the list, with a reason that stays in the history. */
export function DismissGroup({ group, onClose }: { group: AttentionGroup; onClose(): void }) {
  const { t } = useTranslation('attention');
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const check = () => {
    const filled = reason.trim() !== '';
    setMissing(!filled);
    if (!filled) field.current?.focus();
    return filled;
  };
  return (
    <BulkDialog
      title={t('dismissTitle', { count: group.count })}
      verb={t('dismiss')}
      what="dismiss"
      total={group.count}
      check={check}
      takePage={(after) =>
        call(attentionApi.dismissMany, { body: { cause: causeOf(group), reason, ...(after ? { after } : {}) } })
      }
      onClose={onClose}
    >
      <Text>{t('dismissMore')}</Text>
      <Textarea
        ref={field}
        data-autofocus
        label={t('reason')}
        placeholder={t('reasonHelp')}
        withAsterisk
        autosize
        minRows={2}
        maxLength={500}
        value={reason}
        error={missing && t('reasonMissing')}
        onChange={(event) => {
          setReason(event.currentTarget.value);
          setMissing(false);
        }}
      />
    </BulkDialog>
  );
}
