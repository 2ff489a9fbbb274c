import {
  createTheme,
  Drawer,
  HoverCard,
  Loader,
  type MantineColorsTuple,
  Menu,
  Modal,
  PasswordInput,
  Popover,
  rem,
  Select,
  Tooltip,
} from '@mantine/core';

const teal: MantineColorsTuple = [
  '#ecf8f6',
  '#d5efeb',
  '#a9ddd6',
  '#79cabf',
  '#4db5a8',
  '#2aa093',
  '#158a7e',
  '#0c766c',
  '#0a5f57',
  '#074842',
];

/** Greys of the dark look: words first, then lines, grounds. */
const dark: MantineColorsTuple = [
  '#e6e9eb',
  '#c6ccd0',
  '#a3acb3',
  '#8b949b',
  '#3a4146',
  '#2c3236',
  '#23282c',
  '#1d2124',
  '#16191b',
  '#101214',
];

const quick = { transitionProps: { duration: 100 } };

/** One accent (deep teal), system font, 14 px, steps of 8 px, motion under 150 ms and none where the system asks so. */
export const theme = createTheme({
  primaryColor: 'accent',
  colors: { accent: teal, dark },
  primaryShade: { light: 7, dark: 7 },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", monospace',
  fontSizes: { xs: rem(12), sm: rem(14), md: rem(14), lg: rem(16), xl: rem(20) },
  lineHeights: { xs: '1.35', sm: '1.45', md: '1.45', lg: '1.4', xl: '1.3' },
  spacing: { xs: rem(4), sm: rem(8), md: rem(16), lg: rem(24), xl: rem(32) },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: rem(20) }, h2: { fontSize: rem(16), lineHeight: '1.3' }, h3: { fontSize: rem(14) } },
  },
  defaultRadius: 'sm',
  radius: { xs: rem(4), sm: rem(6), md: rem(8), lg: rem(12), xl: rem(16) },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Modal: Modal.extend({
      defaultProps: { ...quick, centered: true },
      styles: { title: { fontWeight: 600, fontSize: rem(16), lineHeight: '1.3' } },
    }),
    Drawer: Drawer.extend({ defaultProps: quick }),
    Menu: Menu.extend({ defaultProps: quick }),
    Popover: Popover.extend({ defaultProps: quick }),
    HoverCard: HoverCard.extend({ defaultProps: quick }),
    Tooltip: Tooltip.extend({
      defaultProps: { ...quick, openDelay: 200, events: { hover: true, focus: true, touch: true } },
    }),
    Select: Select.extend({ defaultProps: { checkIconPosition: 'right' } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { visibilityToggleButtonProps: { tabIndex: 0 } } }),
    Loader: Loader.extend({ defaultProps: { size: 'sm' } }),
  },
});
