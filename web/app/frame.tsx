import { AppShell, Group, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { accountsApi } from '../../server/accounts/contract.ts';
import { queryOf, useLive } from '../api.ts';
import { Bell } from '../notices/index.tsx';
import { Loading } from '../ui/loading.tsx';
import { titlePlace } from '../ui/page.tsx';
import { ZoneContext } from '../ui/zone.ts';
import css from './frame.module.css';
import { Navigation } from './navigation.tsx';
import { PersonMenu } from './person-menu.tsx';
import { Search, SearchButton } from './search.tsx';

/** What stands around every page: navigation, title, search, the person's menu. */
export function Frame() {
  const { t } = useTranslation('app');
  const [narrow, setNarrow] = useLocalStorage({
    key: 'mostik.menu.narrow',
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const { data: person } = useQuery(queryOf(accountsApi.getSession));
  useLive();
  if (!person) return null;
  return (
    <ZoneContext value={person.zone}>
      <a href="#page" className={css.skip}>
        {t('skip')}
      </a>
      <AppShell
        layout="alt"
        padding="md"
        header={{ height: 56 }}
        navbar={{ width: narrow ? 64 : 208, breakpoint: 'sm', collapsed: { mobile: true } }}
        footer={{ height: { base: 60, sm: 0 } }}
        transitionDuration={100}
      >
        <AppShell.Header className={css.header}>
          <div id={titlePlace} className={css.title} />
          <Group gap="sm" wrap="nowrap">
            <SearchButton />
            <Bell />
            <PersonMenu person={person} />
          </Group>
        </AppShell.Header>
        <AppShell.Navbar
          visibleFrom="sm"
          className={css.navbar}
          data-narrow={narrow || undefined}
          aria-label={t('sections')}
        >
          <div className={css.brand}>
            <img src="/mark.svg" alt="" width={28} height={28} />
            {!narrow && <span>{t('product').toLowerCase()}</span>}
          </div>
          <Navigation narrow={narrow} />
          <UnstyledButton className={css.collapse} onClick={() => setNarrow(!narrow)} aria-expanded={!narrow}>
            {narrow ? (
              <IconLayoutSidebarLeftExpand size={20} aria-hidden />
            ) : (
              <IconLayoutSidebarLeftCollapse size={20} aria-hidden />
            )}
            {narrow ? <VisuallyHidden>{t('expand')}</VisuallyHidden> : t('collapse')}
          </UnstyledButton>
        </AppShell.Navbar>
        <AppShell.Main id="page" tabIndex={-1} className={css.main}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </AppShell.Main>
        <AppShell.Footer hiddenFrom="sm" className={css.footer} component="nav" aria-label={t('sections')}>
          <Navigation bar />
        </AppShell.Footer>
      </AppShell>
      <Search />
    </ZoneContext>
  );
}
