import { ActionIcon, Drawer, Popover, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { noticesApi } from '../../server/notices/contract.ts';
import { queryOf } from '../api.ts';
import { NoticeList } from './notice-list.tsx';
import css from './notices.module.css';

/** The bell of the header: how many notices are unread, and the latest ones in a panel; on a phone in a drawer. */
export function Bell() {
  const { t } = useTranslation('notices');
  const { t: ui } = useTranslation('ui');
  const phone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const [opened, setOpened] = useState(false);
  const { data } = useQuery({ ...queryOf(noticesApi.listNotices), refetchInterval: 60_000 });
  const unread = data?.unread ?? 0;
  const close = () => setOpened(false);
  const button = (
    <ActionIcon
      variant="default"
      size={34}
      className={css.bell}
      aria-label={unread > 0 ? t('unread', { count: unread }) : t('title')}
      aria-haspopup="dialog"
      aria-expanded={opened}
      onClick={() => setOpened(!opened)}
    >
      <IconBell size={18} stroke={1.8} aria-hidden />
      {unread > 0 && (
        <span className={css.count} aria-hidden>
          {unread > 99 ? '99+' : unread}
        </span>
      )}
    </ActionIcon>
  );
  if (phone)
    return (
      <>
        {button}
        <Drawer
          opened={opened}
          onClose={close}
          position="right"
          size="100%"
          padding={0}
          title={t('title')}
          classNames={{ header: css.head ?? '', title: css.headTitle ?? '' }}
          closeButtonProps={{ 'aria-label': ui('close') }}
        >
          <NoticeList onLeave={close} />
        </Drawer>
      </>
    );
  return (
    <Popover position="bottom-end" width={420} shadow="md" opened={opened} onChange={setOpened} trapFocus returnFocus>
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown p={0} aria-label={t('title')}>
        <Title order={2} className={css.head}>
          {t('title')}
        </Title>
        <div className={css.scroll}>
          <NoticeList onLeave={close} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
