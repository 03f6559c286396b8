export type FoodPlace = 'fridge' | 'freezer' | 'pantry';

/** An entry of the catalogue. Its id never changes. */
export interface Food {
  readonly id: string;
  /** id of the generic food whose cut or sort this is */
  readonly kindOf?: string;
  readonly name: { readonly ko: string; readonly en: string };
  readonly aliases: { readonly ko: readonly string[]; readonly en: readonly string[] };
  readonly category: string;
  /** unit if none is given */
  readonly unit: string;
  /** grams in one counted unit */
  readonly weights?: Readonly<Record<string, number>>;
  /** the usual purchase: the amount that a name alone means */
  readonly bought?: { readonly amount: number; readonly unit: string };
  /** grams per ml */
  readonly density?: number;
  /** days unopened, by place */
  readonly shelfLife: { readonly [P in FoodPlace]?: number };
  /** days once opened */
  readonly opened?: { readonly [P in FoodPlace]?: number };
  /** its usual place */
  readonly place: FoodPlace;
  readonly dueType: 'best_before' | 'use_by';
  readonly allergens: readonly string[];
  readonly substitutes: readonly string[];
  /** in nearly every kitchen */
  readonly staple?: boolean;
}
