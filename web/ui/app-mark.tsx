import { useQuery } from '@tanstack/react-query';
import { connectionsApi } from '../../server/connections/contract.ts';
import { queryOf } from '../api.ts';
import css from './app-mark.module.css';
import { useText } from './text.ts';

interface MarkProps {
  letters: string;
  color: string;
  size?: number;
}

/** Two letters on the app's colour; read by nobody, its name stands beside it or in `title`. */
export function Mark({ letters, color, size = 24 }: MarkProps) {
  return (
    <span
      className={css.mark}
      aria-hidden
      style={{ ...inkOn(color), inlineSize: size, blockSize: size, fontSize: size * 0.4 }}
    >
      {letters}
    </span>
  );
}

/** The mark of an app by its connector's key; `named` writes the app's name beside it. */
export function AppMark({ app, size, named }: { app: string; size?: number; named?: boolean }) {
  const text = useText();
  const { data } = useQuery(queryOf(connectionsApi.listConnectors));
  const connector = data?.find((one) => one.key === app);
  const name = connector ? text(connector.label) : app;
  const mark = connector?.mark ?? { letters: app.slice(0, 2), color: '#6b7280' };
  return (
    <span className={css.app} title={named ? undefined : name}>
      <Mark {...mark} {...(size ? { size } : {})} />
      {named ? name : <span className={css.hidden}>{name}</span>}
    </span>
  );
}

/** White letters; a colour too light for them (under 4.5:1, WCAG) is darkened, a very light one takes black ones. */
function inkOn(color: string): { background: string; color: string } {
  const hex = /^#([0-9a-f]{6})$/i.exec(color)?.[1];
  if (!hex) return { background: color, color: '#fff' };
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  if (luminance > 0.3) return { background: color, color: '#000' };
  const background = luminance > 0.18 ? `color-mix(in srgb, ${color} 78%, black)` : color;
  return { background, color: '#fff' };
}
