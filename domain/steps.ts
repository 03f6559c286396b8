/**
 * Counts work independently of the machine, for tests: lookups in maps (catalogue, units), items visited by list
 * searches, and joined items.
 */
export function steps(work: () => unknown): number {
  const [maps, lists] = [Map.prototype, Array.prototype];
  const { get, has } = maps;
  const { filter, find, join } = lists;
  let count = 0;
  maps.get = function (key) {
    count++;
    return get.call(this, key);
  };
  maps.has = function (key) {
    count++;
    return has.call(this, key);
  };
  lists.find = function (this: unknown[], accepts: (...of: [unknown, number, unknown[]]) => unknown) {
    return find.call(this, (...of) => {
      count++;
      return accepts(...of);
    });
  } as typeof find;
  lists.filter = function (this: unknown[], accepts: (...of: [unknown, number, unknown[]]) => unknown) {
    count += this.length;
    return filter.call(this, accepts);
  } as typeof filter;
  lists.join = function (between) {
    count += this.length;
    return join.call(this, between);
  };
  try {
    work();
  } finally {
    Object.assign(maps, { get, has });
    Object.assign(lists, { filter, find, join });
  }
  return count;
}
