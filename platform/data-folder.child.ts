import { takeDataFolder } from './data-folder.ts';

/** Another process that takes a data folder, says how that went, and holds it until it is told to let go. */
const [folder, address] = process.argv.slice(2);
console.log('taking');
try {
  const held = takeDataFolder(folder!);
  if (address) held.announce({ pid: process.pid, address });
  console.log('held');
  process.stdin.once('data', () => {
    held.release();
    process.exit();
  });
} catch (error) {
  console.log((error as Error).message);
}
