export type FoodPlace = 'fridge' | 'freezer' | 'pantry';

/** An entry of the catalogue. Its id is for ever. */
export interface Food {
  readonly id: string;
  /** id of the generic food of which this is a cut or sort */
  readonly kindOf?: string;
  readonly name: { readonly ko: string; readonly en: string };
  readonly aliases: { readonly ko: readonly string[]; readonly en: readonly string[] };
  readonly category: string;
  /** usual unit where none is given */
  readonly unit: string;
  /** grams in one counted unit */
  readonly weights?: Readonly<Record<string, number>>;
  /** what one usually buys of it: a name alone means so much */
  readonly bought?: { readonly amount: number; readonly unit: string };
  /** grams per ml */
  readonly density?: number;
  /** days as bought, by where it is kept */
  readonly shelfLife: { readonly [P in FoodPlace]?: number };
  /** days once opened */
  readonly opened?: { readonly [P in FoodPlace]?: number };
  /** where it is usually kept */
  readonly place: FoodPlace;
  readonly dueType: 'best_before' | 'use_by';
  readonly allergens: readonly string[];
  readonly substitutes: readonly string[];
  /** in nearly every kitchen */
  readonly staple?: boolean;
}
