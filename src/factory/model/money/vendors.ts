/** What a kind of provider is, in one place. Its models and failures stand in `llm/vendors.ts`. */
interface VendorRecord {
  /** For people. */
  title: string;
  /** Of the vendor itself, which alone knows what its models cost. `null`: each provider names an endpoint, or a module that is one. */
  url: string | null;
  /** Which adapter speaks to it. */
  speaks: 'openai' | 'anthropic';
  /** In the price list. `null`: told by the address alone, for there the name of a model proves nothing. */
  priceList: string | null;
  /** `df provider add` wants one. */
  needsKey: boolean;
  /** The environment variable in which most people have it. */
  keyVariable: string | null;
  /** A prompt can be kept for an hour instead of five minutes. */
  keepsLong: boolean;
}

export const VENDORS = {
  openai: {
    title: 'OpenAI',
    url: 'https://api.openai.com/v1',
    speaks: 'openai',
    priceList: 'openai',
    needsKey: true,
    keyVariable: 'OPENAI_API_KEY',
    keepsLong: false,
  },
  anthropic: {
    title: 'Anthropic',
    url: 'https://api.anthropic.com',
    speaks: 'anthropic',
    priceList: 'anthropic',
    needsKey: true,
    keyVariable: 'ANTHROPIC_API_KEY',
    keepsLong: true,
  },
  custom: {
    title: 'any OpenAI-compatible endpoint',
    url: null,
    speaks: 'openai',
    priceList: null,
    needsKey: false,
    keyVariable: null,
    keepsLong: false,
  },
} as const satisfies Record<string, VendorRecord>;
export type Vendor = keyof typeof VENDORS;

const isVendor = (name: string): name is Vendor => Object.hasOwn(VENDORS, name);
export const VENDOR_NAMES = Object.keys(VENDORS).filter(isVendor);
/** For people, as a choice. */
export const vendorNames = VENDOR_NAMES.join(', ').replace(/, (?=[^,]*$)/, ' or ');

export const vendorRecord = (name: Vendor): VendorRecord => VENDORS[name];

/** Of a name that may be none. */
const recordOf = (name: string): VendorRecord | undefined => (isVendor(name) ? VENDORS[name] : undefined);
/** Where its key is looked for when nobody says. */
export const keyVariableOf = (name: string): string | null => recordOf(name)?.keyVariable ?? null;
export const wantsKey = (name: string): boolean => recordOf(name)?.needsKey === true;
/** It is a vendor at an address of its own, not anybody's endpoint. */
export const hasOwnModels = (name: string): boolean => recordOf(name)?.url !== null;
