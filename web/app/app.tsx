import { MantineProvider } from '@mantine/core';
import { DatesProvider } from '@mantine/dates';
import { Notifications } from '@mantine/notifications';
import 'dayjs/locale/ru';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { queryClient } from '../api.ts';
import { useLanguage } from '../ui/text.ts';
import { router } from './router.tsx';
import { theme } from './theme.ts';

export function App() {
  const language = useLanguage();
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <DatesProvider settings={{ locale: language, firstDayOfWeek: language === 'ru' ? 1 : 0 }}>
        <QueryClientProvider client={queryClient}>
          <Notifications position="bottom-right" limit={4} transitionDuration={100} />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </DatesProvider>
    </MantineProvider>
  );
}
