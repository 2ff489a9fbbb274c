import { Anchor, Group } from '@mantine/core';
import { IconChevronLeft } from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import css from './page.module.css';

/** Where the frame's header takes the page's title. */
export const titlePlace = 'page-title';

interface Props {
  title: string;
  /** What to show as the title when it is more than words: an editable name. */
  heading?: ReactNode;
  back?: { to: LinkProps['to']; label: string };
  /** Filters and such, left of the action. */
  toolbar?: ReactNode;
  /** The one primary button. */
  action?: ReactNode;
  narrow?: boolean;
  children: ReactNode;
}

/** One page: its title goes to the frame's header and the window's title, then a row of tools, then what it shows. */
export function Page({ title, heading, back, toolbar, action, narrow, children }: Props) {
  const { t } = useTranslation('app');
  const product = t('product');
  useEffect(() => {
    document.title = `${title} · ${product}`;
  }, [title, product]);
  return (
    <div className={css.page} data-narrow={narrow || undefined}>
      <InHeader>
        {back && (
          <Anchor component={Link} to={back.to} className={css.back} aria-label={back.label}>
            <IconChevronLeft size={20} aria-hidden />
          </Anchor>
        )}
        <h1 className={css.title}>{heading ?? title}</h1>
      </InHeader>
      {(toolbar || action) && (
        <Group justify="space-between" gap="sm" mb="md" className={css.tools}>
          <Group gap="sm" className={css.toolbar}>
            {toolbar}
          </Group>
          {action}
        </Group>
      )}
      {children}
    </div>
  );
}

function InHeader({ children }: { children: ReactNode }) {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  useEffect(() => setPlace(document.getElementById(titlePlace)), []);
  return place ? createPortal(children, place) : null;
}
