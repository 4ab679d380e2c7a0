// Judges the headers of a page over https by the MDN HTTP Observatory and csp_evaluator.
// Reads {host, httpPort, httpsPort, path} from the file that is named; the certificate's authority is trusted through
// NODE_EXTRA_CA_CERTS. Prints {grade, score, status, tests: {name: [passed, result]}, policy: [[severity, finding]]}.
import { readFile } from "node:fs/promises";
import { argv } from "node:process";
import { ALL_TESTS } from "@mdn/mdn-http-observatory/src/constants.js";
import { MINIMUM_SCORE_FOR_EXTRA_CREDIT } from "@mdn/mdn-http-observatory/src/grader/charts.js";
import { getGradeForScore, getScoreModifier } from "@mdn/mdn-http-observatory/src/grader/grader.js";
import { retrieve } from "@mdn/mdn-http-observatory/src/retriever/retriever.js";
import { CspEvaluator } from "csp_evaluator/dist/evaluator.js";
import { CspParser } from "csp_evaluator/dist/parser.js";

const { host, ...where } = JSON.parse(await readFile(argv[2], "utf8"));
const answers = await retrieve(host, where);
const { status, headers, verified } = answers.responses.auto;
const judged = ALL_TESTS.map((test) => test(answers)).filter((each) => each.result);
// As its own scan() counts, which knows no ports: extra credit only for those who would get an A without it.
const modifiers = judged.map((each) => getScoreModifier(each.result));
const plain = modifiers.filter((each) => each < 0).reduce((sum, each) => sum + each, 100);
const all = modifiers.reduce((sum, each) => sum + each, 100);
const { grade, score } = getGradeForScore(plain >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? all : plain);
const tests = Object.fromEntries(judged.map((each) => [each.constructor.name, [each.pass, each.result]]));
const policy = new CspParser(headers["content-security-policy"]).csp;
const findings = new CspEvaluator(policy).evaluate().map((each) => [each.severity, each.directive, each.description]);
console.log(JSON.stringify({ grade, score, status, verified, tests, policy: findings }));
