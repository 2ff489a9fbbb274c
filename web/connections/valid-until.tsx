import { Button, Group, Popover, Stack, Text, TextInput } from '@mantine/core';
import { IconCalendarDue } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ConnectionView, connectionsApi } from '../../server/connections/contract.ts';
import { call } from '../api.ts';
import { Failure } from '../ui/failure.tsx';
import { useLanguage } from '../ui/text.ts';
import css from './connections.module.css';
import { keepConnection } from './keep.ts';

/** As the server: told two weeks ahead. */
const daysAhead = 14;

/** The last day the access is good for, which only people know: apps do not say it of their keys. */
export function ValidUntil({ connection }: { connection: ConnectionView }) {
  const { t } = useTranslation('connections');
  const language = useLanguage();
  const { validUntil } = connection;
  const [open, setOpen] = useState(false);
  const [day, setDay] = useState(validUntil ?? '');
  const save = useMutation({
    mutationFn: (next: string | null) =>
      call(connectionsApi.patchConnection, {
        params: { id: connection.id },
        body: { validUntil: next, check: false },
      }),
    onSuccess: (saved) => {
      keepConnection(saved);
      setOpen(false);
    },
  });
  const show = (opened: boolean) => {
    setDay(validUntil ?? '');
    save.reset();
    setOpen(opened);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(day === '' ? null : day);
  };
  return (
    <Group gap="4px 12px">
      {validUntil === null ? <span>{t('until.unknown')}</span> : <Day day={validUntil} language={language} />}
      <Popover opened={open} onChange={show} trapFocus withArrow shadow="md" width={320} position="bottom-start">
        <Popover.Target>
          <Button variant="subtle" size="compact-sm" aria-expanded={open} onClick={() => show(!open)}>
            {t(validUntil === null ? 'until.set' : 'until.change')}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={t('until.label')}>
          <form onSubmit={submit}>
            <Stack gap="sm">
              <TextInput
                type="date"
                label={t('until.label')}
                description={t('until.help')}
                inputWrapperOrder={['label', 'input', 'error', 'description']}
                max="2999-12-31"
                value={day}
                onChange={(event) => setDay(event.currentTarget.value)}
              />
              {save.isError && <Failure error={save.error} />}
              <Group justify="flex-end" gap="sm">
                {validUntil !== null && (
                  <Button variant="subtle" color="gray" disabled={save.isPending} onClick={() => save.mutate(null)}>
                    {t('until.forget')}
                  </Button>
                )}
                <Button type="submit" disabled={day === ''} loading={save.isPending}>
                  {t('until.keep')}
                </Button>
              </Group>
            </Stack>
          </form>
        </Popover.Dropdown>
      </Popover>
    </Group>
  );
}

function Day({ day, language }: { day: string; language: string }) {
  const { t } = useTranslation('connections');
  const written = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(day));
  const left = Math.round((Date.parse(day) - Date.parse(new Date().toISOString().slice(0, 10))) / 86_400_000);
  if (left > daysAhead) return <span>{written}</span>;
  return (
    <span className={css.ending}>
      <IconCalendarDue size={18} aria-hidden />
      {written}
      <Text span fw={600}>
        {left < 0 ? t('until.over') : t('until.left', { count: left })}
      </Text>
    </span>
  );
}
