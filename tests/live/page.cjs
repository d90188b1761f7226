// Opens the HTML report in a browser, uses it as a person would, and fails on any word in its console, any request to
// elsewhere, and anything that does not answer: `node page.cjs CHROMIUM REPORT SCREENSHOT`.
"use strict";
const assert = require("node:assert");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

(async () => {
  const [executablePath, report, screenshot] = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: { width: 1180, height: 900 } });
    const problems = [];
    page.on("console", (message) => problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) problems.push(`request to ${request.url()}`);
    });
    await page.goto(pathToFileURL(report).href);
    const shown = () => page.locator("details.finding:not(.hidden)").count();
    const all = await shown();
    assert.ok(all > 3, "findings are shown");

    // Keys: to the first finding, two steps along its flow.
    await page.keyboard.press("j");
    await page.keyboard.press("n");
    await page.keyboard.press("n");
    assert.equal(await page.locator(".step.now").count(), 1);
    assert.equal(await page.locator("details.finding[open]").count(), 1);
    await page.screenshot({ path: screenshot });

    // Groups and filter.
    for (const kind of ["file", "category", "severity", "rule"]) {
      await page.selectOption("#by", kind);
      assert.equal(await shown(), all, `no finding is lost by ${kind}`);
    }
    await page.keyboard.press("Escape");
    await page.fill("#filter", "password");
    assert.ok((await shown()) < all && (await shown()) > 0, "the filter leaves some");
    await page.fill("#filter", "");
    await page.locator("#open").click();
    assert.equal(await page.locator("details.finding[open]").count(), all);

    // Theme, graph, tables.
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const before = await paper();
    await page.locator("#theme").click();
    assert.notEqual(await paper(), before, "the theme changes");
    await page.locator("#graph .node.leaky").first().focus();
    assert.ok((await page.locator("#graph .edge.on").count()) > 0, "a node shows what hangs together with it");
    await page.locator("#metrics th").first().click();
    const names = await page.locator("#metrics td:first-child").allTextContents();
    assert.deepEqual(names, [...names].sort((a, b) => a.localeCompare(b, "en", { numeric: true })));

    // A link to a finding opens it; printing shows everything; small screens do not scroll sideways.
    const id = await page.locator("details.finding").last().getAttribute("id");
    await page.goto(`${pathToFileURL(report).href}#${id}`);
    await page.reload();
    assert.ok(await page.locator(`[id="${id}"]`).evaluate((one) => one.open));
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.locator(".controls").isHidden());
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize({ width: 400, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, "it fits a small screen");

    // Without its script it is readable.
    const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await plain.goto(pathToFileURL(report).href);
    assert.equal(await plain.locator("details.finding").count(), all);
    assert.ok(await plain.locator(".controls").isHidden());
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
