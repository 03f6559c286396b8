import type { Food } from './food.ts';
import { knownUnit } from './units.ts';

/** How a food was prepared before storing: dry food keeps for years, cooked food for days. */
export type Prepared = 'leftover' | 'cooked' | 'soaked' | 'homemade';

/**
 * The meaning of the words before a name: another food, a preparation, or nothing relevant. Brands and other unknown
 * words are `unknown`.
 */
export type Says = 'another' | Prepared | 'nothing' | 'unknown';

type Described = Pick<Food, 'category' | 'weights'>;

/** Words and patterns, each for a whole word in the form of `plain`: without case, spaces and hyphens. */
function oneOf(list: string): { test(word: string): boolean } {
  const all = list.trim().split(/\s+/);
  const words = new Set(all.filter(one => /^[\p{L}\p{N}]+$/u.test(one)));
  const patterns = all.filter(one => !words.has(one));
  const pattern = patterns.length === 0 ? undefined : new RegExp(`^(?:${patterns.join('|')})$`);
  return { test: word => words.has(word) || pattern?.test(word) === true };
}

const ANOTHER = oneOf(`
  vegan vegetarian veggie imitation mock faux meatless eggless plantbased plant without
  (?:gluten|wheat|dairy|milk|egg|nut|soy|meat)free gf df non(?:dairy|milk)
  soy rye buckwheat spelt hemp flax cassava macadamia oat sunflower nut seed fish krill rose root pet dog cat
  비건 베지 채식 식물성 대체 인조 헴프 마카다미아 메밀 호밀 오트 해바라기 무글루텐 노에그 (?:글루텐|에그|데어리|밀크)프리
  강아지 고양이 애견 반려견 반려묘 (?:강아지|고양이|애견|반려견)용`);
const ANOTHER_OF: Readonly<Record<string, ReturnType<typeof oneOf>>> = {
  dairy: oneOf('breast mothers moms human formula shea body cookie pea 모유 산모 코코아 바디'),
  oil: oneOf('baby body massage motor essential hair 바디 오메가3'),
};

const LEFTOVER = oneOf(
  '남은 남긴 먹다 먹던 먹다남은 어제 그저께 leftovers? yesterdays? lastnights? reheated rotisserie',
);
const COOKED = oneOf(`
  삶은 찐 데친 구운 볶은 튀긴 조린 졸인 부친 끓인 익힌 무친 으깬 지은 푼
  (?:pre|home|hard|soft)?cooked (?:hard|soft|par)?boiled steamed mashed baked grilled (?:pan|stir|deep)?fried (?:oven)?roast(?:ed)? toasted
  poached scrambled braised stewed saut[eé]ed carameli[sz]ed blanched barbecued microwaved pulled simmered
  (?:lightly|well)?beaten whisked`);
const SOAKED = oneOf('불린 불려둔 soaked rehydrated');
const HOMEMADE = oneOf('homemade handmade 수제 홈메이드 만든');
/** Roasted almonds and toasted sesame seeds are sold so, and a cooked ham is a ham. */
const SOLD_LIKE_THAT = /^(?:nut|seasoning|oil|drink)$/;
const ROASTED = oneOf('구운 볶은 (?:oven)?roast(?:ed)? toasted blanched');
/** bought yesterday, not left over from it */
const BOUGHT = /(?:어제|그저께|방금|오늘)\s+(?:산|사온|사 온|구입한)(?=\s)/g;

/** sizes and cuts, how it was grown and where, and how fresh it is */
const NOTHING = oneOf(`
  (?:extra|very)?(?:small|medium|large|big|thick|thin|lean|firm|ripe) mediumsized? jumbo huge giant heaping generous scant
  rounded packed whole half additional extra more good best quality bitesized? [\\d/]*inch(?:thick)? (?:fine|good|high|best)quality
  (?:thick|thin|center)cut refrigerated seedless bulk original petite
  fresh freshly organic natural local raw uncooked pure plain regular cold chilled thawed frozen
  finely thinly thickly coarsely roughly lightly firmly loosely tightly very and a an the of about
  chopped minced diced sliced shredded grated cubed crushed cut peeled unpeeled seeded deseeded cored pitted stemmed halved quartered
  julienned crumbled torn trimmed drained rinsed washed cleaned shelled sifted softened melted squeezed picked slivered flaked
  shaved snipped separated divided deveined scrubbed
  boneless skinless bonein skinon boned skinned deboned freerange cagefree grassfed
  (?:low|less|reduced)(?:sodium|salt) unsalted unsweetened nosaltadded lactosefree
  strips wedges cubes drops links ribs squares sprigs fillets pieces ears
  유기농 국산 국내산 수입 햇 친환경 무농약 무항생제 저농약 동물복지 방사 자연산 양식 신선한 신선 싱싱한 제철 냉장 냉동 생
  작은 큰 중간 굵은 얇은 두꺼운 잘 잘게 곱게 송송 다진 채썬 채 썬 어슷썬 자른 깐 간 손질 손질된 손질한 세척 절단 슬라이스
  저민 통 순살 뼈없는 익은 무가당 무염 저염 못난이 특 상 중 소 대 왕 새 맛있는 [가-힣]+산 [가-힣]+용 한 두 세 네 반`);
const NOTHING_OF: Readonly<Record<string, ReturnType<typeof oneOf>>> = {
  dairy: oneOf('(?:extra)?sharp mild aged light lite fatfree (?:low|non|reduced|full)fat partskim warm hot soft'),
  vegetable:
    oneOf(`baby curly flatleaf(?:ed)? young tender leafy crisp sweet red(?:skinned)? yellow purple white (?:firm)?ripe
    baking boiling cooking yukon gold hothouse vidalia spanish`),
  seasoning: oneOf('ground dried dry coarse fine kosher flaky granulated cracked'),
  noodle: oneOf('dried dry 마른'),
  grain: oneOf('dried dry longgrain unbleached'),
  bean: oneOf('dried dry 마른 말린'),
  fruit: oneOf('red white golden crisp sweet tart juicy firmripe cooking baking'),
  bread: oneOf('dry fine dayold crusty soft'),
  nut: oneOf('ground salted lightlysalted'),
  sauce: oneOf('light (?:reduced|low)fat fatfree prepared creamy smooth chunky bottled'),
  drink: oneOf('hot warm boiling lukewarm iced'),
};
const FIGURE = /^[\d.,/~½¼¾⅓⅔-]+$/;
const CAN = oneOf('cans? tins? canned tinned 캔 통조림');
const FROZEN = /^(?:frozen|냉동)/i;
/** "계란물" are beaten eggs */
const BEATEN = /(계란|달걀)물/g;
/** prefixes that Korean writes without a space */
const GLUED =
  /^(?:먹다남은|남은|먹던|삶은|찐|데친|구운|볶은|튀긴|불린|으깬|끓인|수제|유기농|국산|국내산|수입|햇|친환경|무농약|무항생제|냉동|냉장|손질|다진|채썬|생|비건|식물성|오트)/;

const LEFT = /^(?:먹다남은|남은|먹던)(?=.)/;

/** The words of a name. `isFood`: whether a part that Korean joins to its adjective is a name by itself. */
export function wordsOf(name: string, isFood: (word: string) => boolean): string[] {
  const words = name.normalize('NFKC').replaceAll(BOUGHT, ' ').replaceAll(BEATEN, '푼 $1').trim().split(/\s+/);
  return words.flatMap(word => {
    const first = GLUED.exec(word)?.[0];
    const isGlued = first !== undefined && !isFood(word) && (LEFT.test(word) || isFood(word.slice(first.length)));
    return isGlued ? [first, word.slice(first.length)] : [word];
  });
}

/** The meaning of plain words before a food, singly or in pairs: "plant based", "글루텐 프리". */
export function saidOf(words: readonly string[], food: Described): Says[] {
  const said: Says[] = [];
  for (let i = 0; i < words.length; i++) {
    const both = i + 1 < words.length ? says(words[i]! + words[i + 1]!, food) : 'unknown';
    said.push(both === 'unknown' ? says(words[i]!, food) : both);
    if (both !== 'unknown') i++;
  }
  return said;
}

function says(word: string, food: Described): Says {
  if (ANOTHER.test(word) || ANOTHER_OF[food.category]?.test(word)) return 'another';
  if (NOTHING_OF[food.category]?.test(word)) return 'nothing';
  if (ROASTED.test(word) && SOLD_LIKE_THAT.test(food.category)) return 'nothing';
  const isMeasure = isCan(word) ? food.weights?.can !== undefined : knownUnit(word) !== undefined;
  return preparedBy(word) ?? (NOTHING.test(word) || FIGURE.test(word) || isMeasure ? 'nothing' : 'unknown');
}

function preparedBy(word: string): Prepared | undefined {
  if (LEFTOVER.test(word)) return 'leftover';
  if (COOKED.test(word)) return 'cooked';
  if (SOAKED.test(word)) return 'soaked';
  return HOMEMADE.test(word) ? 'homemade' : undefined;
}

/** The preparation of an item with an unknown food: "남은 반찬", "eggs, boiled". */
export const preparedIn = (words: readonly string[]): Prepared | undefined =>
  saidOf(words, { category: '' }).find(said => said !== 'another' && said !== 'nothing' && said !== 'unknown');

export const isCan = (word: string): boolean => CAN.test(word);

export const isFrozen = (name: string): boolean =>
  name
    .normalize('NFKC')
    .trim()
    .split(/\s+/)
    .some(word => FROZEN.test(word));
