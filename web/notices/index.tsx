/** The door of the notices room: what the frame shows of troubles. */
export { Bell } from './bell.tsx';
