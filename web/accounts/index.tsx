export function ProfilePage() {
  return null;
}
export function ApiKeysPage() {
  return null;
}
