// What `./dev test` needs to run failed tests once more; reports are in the Common Test Report Format (https://ctrf.io).
//   methods REPORT          names the methods of the tests that failed; fails when there are none, or too many for chance
//   merge REPORT AGAIN      marks those that passed the second time as passed and flaky; fails when others are left

import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const MOST = 8; // One that fails may take those of its class along, with whom it shares a server.

const [action, path, againPath] = process.argv.slice(2);
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
if (!existsSync(path)) {
  process.exit(1);
}
const report = read(path);
const { tests, summary } = report.results;
const failed = tests.filter((test) => test.status === 'failed');

if (action === 'methods') {
  const methods = new Set(failed.map((test) => test.name.replace(/\(.*$/s, '')));
  console.log([...methods].join(' '));
  process.exitCode = failed.length > 0 && failed.length <= MOST && failed.length === summary.failed ? 0 : 1;
} else {
  const again = existsSync(againPath) ? read(againPath).results.tests : [];
  const passed = new Set(again.filter((test) => test.status === 'passed').map((test) => test.name));
  for (const test of failed.filter(({ name }) => passed.has(name))) {
    console.log(`dev: flaky, passed the second time: ${test.name}`);
    Object.assign(test, { status: 'passed', flaky: true, retries: 1 });
    summary.passed += 1;
    summary.failed -= 1;
  }
  writeFileSync(path, JSON.stringify(report));
  process.exitCode = summary.failed === 0 ? 0 : 1;
}
