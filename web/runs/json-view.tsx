import { ScrollArea } from '@mantine/core';
import classes from './runs.module.css';

/** A body laid out in lines, scrolled within its own place. */
export function JsonView({ words, label }: { words: string; label: string }) {
  return (
    <ScrollArea.Autosize mah={480} type="auto" viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': label }}>
      <pre className={classes.code}>{words}</pre>
    </ScrollArea.Autosize>
  );
}
