import type { ProviderChange, ProviderOrder } from '../../../../factory/finance/providers/provider-order.ts';
import { findProvider } from '../../../../factory/finance/providers/providers.ts';
import type { ProviderConfig } from '../../../../factory/model/money/finance.ts';
import type { Services } from '../../../../services.ts';

/** Adds a provider. @returns it as it is stored, for the end of its key */
export async function storeProvider(services: Services, order: ProviderOrder): Promise<ProviderConfig> {
  const { id } = await services.financeApi.addProvider(order);
  return findProvider(await services.state.providers().get(), id);
}

/** Changes a provider. @returns it as it is stored, for the end of its key */
export async function changeProvider(
  services: Services,
  id: string,
  change: ProviderChange,
): Promise<ProviderConfig> {
  await services.financeApi.updateProvider(id, change);
  return findProvider(await services.state.providers().get(), id);
}
