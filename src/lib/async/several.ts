/**
 * `work` for each item, `most` of them at a time; answers in the order of the items. After a failure nothing further begins, what runs is
 * waited for, and the failure is thrown.
 */
export async function several<Item, Answer>(
  most: number,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const failures: unknown[] = [];
  const rest = items.entries();
  const takeOn = async () => {
    for (const [index, item] of rest) {
      if (failures.length > 0) return;
      try {
        answers[index] = await work(item, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, takeOn));
  if (failures.length > 0) throw failures[0];
  return answers;
}
