// Judges one page by Lighthouse, as often as it takes to reach `enough` but no more than `most` times.
// Reads {chromium, arguments, link, url, enough: {category: score}, most} from the file that is named: the link is
// opened first, for its cookie. Prints {scores: {category: best}, failed: [audit], runs}.
import { readFile } from "node:fs/promises";
import { argv } from "node:process";
import lighthouse from "lighthouse";
import puppeteer from "puppeteer-core";

const job = JSON.parse(await readFile(argv[2], "utf8"));
const browser = await puppeteer.launch({ executablePath: job.chromium, args: job.arguments });
const flags = { onlyCategories: Object.keys(job.enough), disableStorageReset: true, logLevel: "error" };
const scores = {};
let failed = [];
let runs = 0;
try {
  while (runs < job.most && Object.entries(job.enough).some(([name, least]) => !(scores[name] >= least))) {
    runs += 1;
    const page = await browser.newPage();
    await page.goto(job.link);
    const { lhr } = await lighthouse(job.url, flags, undefined, page);
    await page.close();
    if (lhr.runtimeError) {
      failed = [lhr.runtimeError.message]; // Chromium lost the trace of the visit: nothing was judged
      continue;
    }
    for (const [name, category] of Object.entries(lhr.categories)) {
      scores[name] = Math.max(scores[name] ?? 0, category.score);
    }
    failed = Object.values(lhr.audits)
      .filter((each) => each.score !== null && each.score < 1)
      .map((each) => `${each.id} ${each.score}: ${each.title} ${each.displayValue ?? ""}`);
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify({ scores, failed, runs }));
