import { takeDataFolder } from './data-folder.ts';

/** Another process that takes a data folder, says how that went, and holds it until it is told to let go. */
const [folder, address] = process.argv.slice(2);
console.log('taking');
try {
  const lock = takeDataFolder(folder!);
  if (address) lock.announce({ pid: process.pid, address });
  console.log('held');
  process.stdin.once('data', () => {
    lock.release();
    process.exit();
  });
} catch (error) {
  console.log((error as Error).message);
}
