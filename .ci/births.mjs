// Reads the report of `npm start`: one day ahead over the last 15 % of days, the test RMSE may be at most 0.72 of seasonal naive,
// and the 95 % interval must hold 93 to 97 % of them.
import { readFileSync } from "node:fs";

const { test, coverage } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
const share = test.model.rmse / test.seasonalNaive.rmse;
console.log(`LSTM / seasonal naive: ${share.toFixed(3)}, at most 0.72`);
console.log(`95 % interval: ${(coverage["95"] * 100).toFixed(1)} %, from 93 to 97`);
if (!(share <= 0.72 && coverage["95"] >= 0.93 && coverage["95"] <= 0.97)) process.exitCode = 1;
