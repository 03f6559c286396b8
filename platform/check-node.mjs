// Plain JavaScript, because it must run on Nodes without TypeScript.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const wanted = 'Start it with "npm start": npm install brings the right one along, except on Apple silicon.';

/** Whether a version is at least another; both as "1.2.3". */
function isAtLeast(version, least) {
  const [parts, others] = [version, least].map(text => text.split('.').map(Number));
  const differs = parts.findIndex((part, i) => part !== others[i]);
  return differs < 0 || parts[differs] > others[differs];
}

function faultIn({ node, sqlite = '0.0.0' }) {
  if (!isAtLeast(node, '24.0.0')) return `ZipBob needs Node 24.15 or later, this is ${node}. ${wanted}`;
  // https://sqlite.org/wal.html, section "The WAL-Reset Bug": two connections may corrupt a file.
  if (!isAtLeast(sqlite, '3.51.3')) {
    return `ZipBob needs SQLite 3.51.3 or later, which Node has from 24.15 on: the ${sqlite} of this Node ${node} can corrupt a database. ${wanted}`;
  }
  return undefined;
}

const fault = faultIn(process.versions);
if (fault) {
  console.error(fault);
  process.exit(1);
}

// With a writable cache, the next start need not strip types again, which takes time and 30 MB.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/zipbob', import.meta.url)));
