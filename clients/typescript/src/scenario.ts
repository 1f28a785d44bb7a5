// The scenario of clients/README.md, in TypeScript. Prints what the ledger answers, a line for each step.
//
// Knows the ledger by INVENTORY_URL, CALLER_KEY and BACKROOM_SHOP. `scenario.js lost-answer` is the part for a bad line.

import assert from "node:assert/strict";

import { create } from "@bufbuild/protobuf";

import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { LineOutcomeSchema, type PostOperationResponse } from "../gen/thebackroom/inventory/v1/inventory_service_pb.js";
import { ItemReferenceSchema } from "../gen/thebackroom/inventory/v1/item_pb.js";
import { MovementKind, MovementKindSchema, type Operation } from "../gen/thebackroom/inventory/v1/operation_pb.js";
import { detail, line, named, reason, Till, wrongFields } from "./till.js";

function say(step: string, answer: unknown): void {
  console.log(`${step}: ${answer}`);
}

function balance(answer: PostOperationResponse): string {
  const left = answer.results[0]?.balanceAfter?.value ?? "";
  return answer.replayed ? `${left}, replayed` : left;
}

async function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => assert.fail("it was not refused"),
    (error: unknown) => error,
  );
}

async function trade(till: Till, stranger: Till): Promise<void> {
  say("a key that is not listed", reason(await refusal(stranger.onHand("bread"))));

  const deliveries = [["delivery-1", "brown bread", "50"], ["delivery-2", "white bread", "20"]] as const;
  for (const [delivery, item, quantity] of deliveries) {
    const delivered = await till.receive(delivery, item, quantity);
    assert(delivered.results[0]?.itemCreated);
    say(`${delivery}, ${quantity} ${item}`, balance(delivered));
  }
  const sold = await till.sell("receipt-1", "brown bread", "3");
  say("receipt-1, 3 brown bread", balance(sold));
  const again = await till.sell("receipt-1", "brown bread", "3");
  assert.deepEqual(again.operation, sold.operation);
  say("the same again", balance(again));
  say("the same id for 4", reason(await refusal(till.sell("receipt-1", "brown bread", "4"))));
  const malformed = await refusal(till.sell("receipt 2", "brown bread", "-1"));
  say("a malformed sale", `${reason(malformed)} in ${wrongFields(malformed).join(", ")}`);

  const [unclear] = (await till.sell("receipt-2", "bread", "2")).results;
  assert(unclear);
  const names = unclear.candidates.map((candidate) => candidate.item?.displayName).sort();
  say("receipt-2, 2 bread", `${LineOutcomeSchema.value[unclear.outcome]?.name}, ${names.join(" or ")}`);
  const brown = unclear.candidates.find((found) => found.item?.displayName === "brown bread")?.item;
  assert(brown);
  const byId = create(ItemReferenceSchema, { reference: { case: "itemId", value: brown.itemId } });
  const chosen = line(byId, MovementKind.SALE, "2");
  say("receipt-2 with what was chosen", balance(await till.postLine("receipt-2", chosen)));

  const would = await till.preview("receipt-3", "brown bread", "5");
  say("what receipt-3 of 5 would leave", would.balanceAfter?.value);
  const seen = await till.onHand("brown bread");
  say("on hand", seen);
  say("receipt-3, 1 brown bread", balance(await till.sell("receipt-3", "brown bread", "1")));
  const changed = await refusal(till.take("take-1", "brown bread", seen));
  const { onHand } = detail(changed, ErrorInfoSchema)?.metadata ?? {};
  say(`take-1, expecting ${seen}`, `${reason(changed)}, onHand ${onHand}`);
  say("take-1, read again", balance(await till.takeAll("take-1", "brown bread")));
  const counted = await till.count("count-1", "brown bread", "40");
  say("count-1, 40 brown bread", `${counted.delta?.value}, the book said ${counted.expected?.value}`);

  const wrong = await till.sell("receipt-4", "brown bread", "10");
  say("receipt-4, 10 brown bread", balance(wrong));
  assert(wrong.operation);
  const right = line(named("brown bread"), MovementKind.SALE, "1");
  const { corrected, operation } = await till.putRight("right-4", wrong.operation.operationId, right);
  assert(operation && corrected?.operationId === wrong.operation.operationId);
  say("right-4, it was 1", await till.onHand("brown bread"));
  const reversal = await till.takeBack("back-4", operation.operationId);
  assert.equal(reversal?.reversesOperationId, operation.operationId);
  say("back-4, it was none", await till.onHand("brown bread"));
}

async function read(till: Till): Promise<void> {
  const movements = await till.movements(200);
  assert.deepEqual(await till.movements(2), movements, "pages hold what one page holds");
  say("movements", movements.length);
  for (const movement of [...movements].reverse()) {
    const kind = MovementKindSchema.value[movement.kind]?.name;
    const change = `${kind} ${movement.delta?.value}, ${movement.balanceAfter?.value}`;
    say(`${movement.itemName} ${movement.sequenceNumber}`, change);
  }

  const followed: { cursor: string; operation: Operation }[] = [];
  const takeIn = (count: number) => (cursor: string, operation: Operation) => {
    followed.push({ cursor, operation });
    return followed.length < count;
  };
  await till.follow("", takeIn(3));
  const operations = new Set(movements.map((movement) => movement.operationId));
  await till.follow(followed.at(-1)?.cursor ?? "", takeIn(operations.size));
  const seen = followed.flatMap(({ operation }) => operation.movements.map((movement) => movement.movementId));
  const sorted = (ids: bigint[]) => ids.map(String).sort();
  assert.deepEqual(sorted(seen), sorted(movements.map((movement) => movement.movementId)), "each once, none left out");
  say("followed, with a pause after the third", `${followed.length} operations, ${seen.length} movements`);
}

function setting(name: string): string {
  return process.env[name] ?? assert.fail(`${name} is missing`);
}

const [url, key, shopId] = [setting("INVENTORY_URL"), setting("CALLER_KEY"), setting("BACKROOM_SHOP")];
const till = new Till(url, key, shopId);
if (process.argv[2] === "lost-answer") {
  say("receipt-5, 7 brown bread", balance(await till.sell("receipt-5", "brown bread", "7")));
} else {
  const stranger = new Till(url, "no key of theirs", shopId);
  await trade(till, stranger);
  await read(till);
  stranger.close();
}
till.close();
