import { Paper, SegmentedControl, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { speak } from '../app/i18n.ts';
import { type Language, useLanguage } from '../ui/text.ts';
import css from './door.module.css';

/** The frame of the two pages before anybody is known: set-up and sign-in. */
export function Door({ title, more, children }: { title: string; more?: string; children: ReactNode }) {
  const { t } = useTranslation('app');
  const language = useLanguage();
  const product = t('product');
  useEffect(() => {
    document.title = title.includes(product) ? title : `${title} · ${product}`;
  }, [title, product]);
  return (
    <div className={css.door}>
      <main className={css.card}>
        <div className={css.brand}>
          <img src="/mark.svg" alt="" width={36} height={36} />
          <span>{product.toLowerCase()}</span>
        </div>
        <Paper withBorder p="lg">
          <Title order={1} mb={more ? 'xs' : 'md'}>
            {title}
          </Title>
          {more && (
            <Text c="dimmed" mb="md">
              {more}
            </Text>
          )}
          {children}
        </Paper>
        <SegmentedControl
          className={css.language}
          size="xs"
          aria-label={t('language')}
          value={language}
          onChange={(value) => void speak(value as Language)}
          data={[
            { value: 'ru', label: 'Русский' },
            { value: 'en', label: 'English' },
          ]}
        />
      </main>
    </div>
  );
}
