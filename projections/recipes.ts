import { integer, json, optional, projection, type RowOf, text } from '../core/projection.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Line } from '../domain/line.ts';
import { parseLine } from '../domain/lines.ts';
import { foodsNamed } from '../domain/mentions.ts';
import { recipeFamily } from '../events/recipe.ts';

const columns = {
  recipeId: text(),
  version: integer(),
  revision: integer(),
  title: text(),
  lang: text(),
  servings: optional(integer()),
  minutes: optional(integer()),
  tags: json<readonly string[]>(),
  lines: json<readonly Line[]>(),
  steps: json<readonly string[]>(),
  /** the foods named in title, lines and steps */
  named: json<readonly string[]>(),
  source: optional(text()),
  url: optional(text()),
  visibility: text(),
  addedAt: text(),
};
export type RecipeRow = RowOf<typeof columns>;

/** All recipes, with their lines parsed by the foods of a catalogue. */
export default function recipesWith(catalogue: Catalogue) {
  return projection({
    name: 'recipes',
    version: 3,
    store: 'document',
    from: [recipeFamily],
    columns,
    keys: ({ data }) => [data.recipeId],
    on: {
      RecipeImported(_row, { data, meta, revision }) {
        const { ingredients, ...recipe } = data;
        const lines = ingredients.map(line => parseLine(catalogue, line, recipe.lang));
        const words = [recipe.title, ...lines.map(line => line.text), ...recipe.steps].join('\n');
        return { ...recipe, version: 1, revision, lines, named: [...foodsNamed(catalogue, words)], addedAt: meta.at };
      },
    },
  });
}
