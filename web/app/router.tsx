import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { accountsApi } from '../../server/accounts/contract.ts';
import { call, queryClient, queryOf, whenSignedOut } from '../api.ts';
import { Frame } from './frame.tsx';
import { speak } from './i18n.ts';
import { Broken, NotFound } from './lost.tsx';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  beforeLoad: async () => {
    if (!(await call(accountsApi.getSetup)).needed) throw redirect({ to: '/' });
  },
  component: lazyRouteComponent(() => import('../accounts/set-up.tsx'), 'SetUpPage'),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search): { to?: string } =>
    // Only a path of ours: `//evil.example` would lead elsewhere.
    typeof search.to === 'string' && /^\/(?!\/)/.test(search.to) ? { to: search.to } : {},
  beforeLoad: async () => {
    if ((await call(accountsApi.getSetup)).needed) throw redirect({ to: '/set-up' });
  },
  component: lazyRouteComponent(() => import('../accounts/sign-in.tsx'), 'SignInPage'),
});

/** Everything behind the sign-in; asking who is there also fails over to set-up or sign-in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async () => {
    const person = await queryClient.ensureQueryData(queryOf(accountsApi.getSession));
    await speak(person.language);
  },
  component: Frame,
});

const page = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => inside, path, component });

const routeTree = root.addChildren([
  setUp,
  signIn,
  inside.addChildren([
    page(
      '/',
      lazyRouteComponent(() => import('../home/index.tsx'), 'HomePage'),
    ),
    page(
      '/flows',
      lazyRouteComponent(() => import('../flows/index.tsx'), 'FlowsPage'),
    ),
    page(
      '/flows/$flowId',
      lazyRouteComponent(() => import('../flows/index.tsx'), 'FlowEditorPage'),
    ),
    page(
      '/flows/$flowId/pairs',
      lazyRouteComponent(() => import('../flows/index.tsx'), 'FlowPairsPage'),
    ),
    page(
      '/flows/$flowId/settings',
      lazyRouteComponent(() => import('../flows/index.tsx'), 'FlowSettingsPage'),
    ),
    page(
      '/connections',
      lazyRouteComponent(() => import('../connections/index.tsx'), 'ConnectionsPage'),
    ),
    page(
      '/connections/new',
      lazyRouteComponent(() => import('../connections/index.tsx'), 'NewConnectionPage'),
    ),
    page(
      '/connections/new/$app',
      lazyRouteComponent(() => import('../connections/index.tsx'), 'NewConnectionFormPage'),
    ),
    page(
      '/connections/$connectionId',
      lazyRouteComponent(() => import('../connections/index.tsx'), 'ConnectionPage'),
    ),
    page(
      '/attention',
      lazyRouteComponent(() => import('../attention/index.tsx'), 'AttentionPage'),
    ),
    page(
      '/runs',
      lazyRouteComponent(() => import('../runs/index.tsx'), 'RunsPage'),
    ),
    page(
      '/runs/$runId',
      lazyRouteComponent(() => import('../runs/index.tsx'), 'RunPage'),
    ),
    page(
      '/settings',
      lazyRouteComponent(() => import('../settings/index.tsx'), 'SettingsPage'),
    ),
    page(
      '/profile',
      lazyRouteComponent(() => import('../accounts/index.tsx'), 'ProfilePage'),
    ),
    page(
      '/api-keys',
      lazyRouteComponent(() => import('../accounts/index.tsx'), 'ApiKeysPage'),
    ),
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

whenSignedOut(() => {
  queryClient.clear();
  const { href, pathname } = router.state.location;
  if (pathname === '/sign-in' || pathname === '/set-up') return;
  void router.navigate({ to: '/sign-in', search: href === '/' ? {} : { to: href } });
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
