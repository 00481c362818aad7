/** H = 2 base novel / (base + novel), in percent; null where one of them was not measured. */
export function harmonicMean(
  results: readonly { split: string; accuracy: number }[],
): number | null {
  const accuracy = (name: string): number | undefined =>
    results.find(({ split }) => split === name)?.accuracy;
  const [base, novel] = [accuracy("base"), accuracy("novel")];
  if (base === undefined || novel === undefined) return null;
  return base + novel === 0 ? 0 : (2 * base * novel) / (base + novel);
}
