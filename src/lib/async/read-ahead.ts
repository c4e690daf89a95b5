const MOST = 50;

/**
 * Each item with what is read for it, in their order. So many are read at the same time, which may be one look instead of many, and no
 * more are kept.
 */
export async function* readAhead<Item, Found>(
  items: readonly Item[],
  read: (item: Item) => Promise<Found>,
  most = MOST,
): AsyncGenerator<readonly [Item, Found]> {
  for (let at = 0; at < items.length; at += most) {
    const some = items.slice(at, at + most).map(async (item) => [item, await read(item)] as const);
    yield* await Promise.all(some);
  }
}
