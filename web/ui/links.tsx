import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { ComponentProps } from 'react';

type OfAnchor<Props> = Props & Omit<ComponentProps<'a'>, keyof Props>;

/** A link to a page of ours, its address checked by the router's types. */
export const PageLink = createLink((props: OfAnchor<AnchorProps>) => <Anchor {...props} />);

/** The same as a button. */
export const PageButton = createLink((props: OfAnchor<ButtonProps>) => <Button component="a" {...props} />);
