// Judges pages by pa11y with the rules of HTML CodeSniffer and axe, WCAG 2 AA, in one browser.
// Reads {chromium, arguments, pages: {name: url}} from the file that is named, prints {name: [finding]}.
import { readFile } from "node:fs/promises";
import { argv } from "node:process";
import pa11y from "pa11y";
import puppeteer from "puppeteer-core";

const AT_ONCE = 2;
const job = JSON.parse(await readFile(argv[2], "utf8"));
const browser = await puppeteer.launch({ executablePath: job.chromium, args: job.arguments });
const found = {};
const waiting = Object.entries(job.pages);
const judge = async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [name, url] = next;
    const { issues } = await pa11y(url, { browser, standard: "WCAG2AA", runners: ["htmlcs", "axe"] });
    found[name] = issues.map((each) => `${each.runner} ${each.code} ${each.selector}: ${each.message} | ${each.context}`);
  }
};
try {
  await Promise.all(Array.from({ length: AT_ONCE }, judge));
} finally {
  await browser.close();
}
console.log(JSON.stringify(found));
