import { CloseButton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

const pauseMilliseconds = 300;

interface Props {
  /** What can be typed. */
  label: string;
  value: string;
  onChange(value: string): void;
}

/** Words of records: asked for when the person pauses. */
export function SearchBox({ label, value, onChange }: Props) {
  const { t } = useTranslation('runs');
  const [typed, setTyped] = useState(value);
  const tell = useDebouncedCallback(onChange, pauseMilliseconds);
  // Cleared from elsewhere, or another address.
  useEffect(() => setTyped(value), [value]);
  const type = (next: string) => {
    setTyped(next);
    tell(next.trim());
  };
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      miw={240}
      maxLength={200}
      leftSection={<IconSearch size={18} aria-hidden />}
      rightSection={typed && <CloseButton size="sm" aria-label={t('searchClear')} onClick={() => type('')} />}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}
