export function ConnectionsPage() {
  return null;
}
export function NewConnectionPage() {
  return null;
}
export function NewConnectionFormPage() {
  return null;
}
export function ConnectionPage() {
  return null;
}
