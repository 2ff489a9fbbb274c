import { createContext, useContext } from 'react';

/** The signed-in person's IANA zone; the frame provides it. */
export const ZoneContext = createContext(Intl.DateTimeFormat().resolvedOptions().timeZone);
export const useZone = (): string => useContext(ZoneContext);
