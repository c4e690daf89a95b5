import * as z from 'zod';

/** Providers by what their models can do, as the owner sorts them in config.yaml. */
export const tier = z.enum(['small', 'medium', 'large']);
export type Tier = z.infer<typeof tier>;

/** From the smallest. */
export const TIERS = tier.options;
