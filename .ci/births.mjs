// Reads what `npm start` printed: the test RMSE may be at most 0.80 of seasonal naive and 0.35 of persistence.
import { readFileSync } from "node:fs";

const lines = readFileSync(process.argv[2] ?? "", "utf8").split("\n");
const ratioOf = (forecast) =>
  Number.parseFloat(
    lines
      .find((line) => line.startsWith(forecast))
      ?.split(/\s+/)
      .at(-1) ?? "",
  );
const goals = { "seasonal naive": 0.8, persistence: 0.35 };
for (const [forecast, goal] of Object.entries(goals)) {
  const ratio = ratioOf(forecast);
  console.log(`LSTM / ${forecast}: ${ratio}, at most ${goal}`);
  if (!(ratio <= goal)) process.exitCode = 1;
}
