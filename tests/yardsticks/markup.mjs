// Judges pages by html-validate. Reads {files: {name: path}} from the file that is named, prints {name: [finding]}.
import { readFile } from "node:fs/promises";
import { argv } from "node:process";
import { HtmlValidate } from "html-validate";

const { files } = JSON.parse(await readFile(argv[2], "utf8"));
const judge = new HtmlValidate({
  root: true,
  extends: ["html-validate:recommended", "html-validate:document", "html-validate:a11y"],
  rules: {
    "doctype-style": ["error", { style: "lowercase" }],
    // The summary of errors, with its <h2>, stands before everything else, as in the design system of GOV.UK.
    "heading-level": ["error", { minInitialRank: "h2" }],
    "require-sri": ["error", { target: "crossorigin" }],
  },
});
const found = {};
for (const [name, path] of Object.entries(files)) {
  const report = await judge.validateString(await readFile(path, "utf8"), path);
  found[name] = report.results.flatMap((result) =>
    result.messages.map((each) => `${each.line}:${each.column} ${each.ruleId}: ${each.message}`));
}
console.log(JSON.stringify(found));
