// Holds state machines against asl-validator: our own, and a table of which the verdict is written down. Says where it
// differs without an explanation in known.json, or agrees in spite of one, and exits with 1 then.
// usage: node lint.mjs FILE, which tests/referee/machines.py writes
import { readFileSync } from "node:fs";
import validate from "asl-validator";

const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const known = read(new URL("known.json", import.meta.url));
const machines = read(process.argv[2]);
const verdicts = machines.map(({ name, valid, definition }) => ({ name, valid, said: validate(definition) }));
const differs = verdicts.filter(({ valid, said }) => said.isValid !== valid);
const unexplained = differs.filter(({ name }) => !(name in known));
const outdated = Object.keys(known).filter((name) => !differs.some((one) => one.name === name));
for (const { name, valid, said } of unexplained) {
  const why = said.errors.map((error) => `${error["Error code"]}: ${error.Message}`).join("; ");
  console.log(`${name}: ${valid ? `refused (${why})` : "taken"}`);
}
for (const name of outdated) console.log(`${name}: known.json explains what is no difference any more`);
console.log(`asl-validator: ${machines.length} definitions, ${differs.length} differences, ${unexplained.length} unexplained`);
process.exit(unexplained.length + outdated.length ? 1 : 0);
