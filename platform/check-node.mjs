// Plain JavaScript: it has to run where TypeScript does not.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `ZipBob needs Node 24 or later, this is ${process.version}. Start it with "npm start": npm install brings the right one along.`,
  );
  process.exit(1);
}
