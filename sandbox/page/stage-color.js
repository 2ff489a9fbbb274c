const colors = ['#39a8ef', '#2fc6f6', '#55d0e0', '#8a6df0', '#4db34d'];

/** Green for won and red for lost, as in Bitrix24; the others by their place. */
export function stageColor(stages, index) {
  const { end } = stages[index];
  if (end === 'won') return '#3f9c35';
  return end === 'lost' ? '#e05d5d' : colors[index % colors.length];
}
