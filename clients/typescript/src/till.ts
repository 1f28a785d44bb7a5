// A till that keeps its stock in the ledger: the TypeScript client of docs/inventory-api.md.

import { setTimeout as sleep } from "node:timers/promises";

import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { type Client, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { DecimalSchema } from "../gen/thebackroom/common/v1/decimal_pb.js";
import {
  type CorrectOperationResponse,
  InventoryService,
  type LineResult,
  type OperationLine,
  OperationLineSchema,
  type PostOperationRequest,
  PostOperationRequestSchema,
  type PostOperationResponse,
} from "../gen/thebackroom/inventory/v1/inventory_service_pb.js";
import { type ItemReference, ItemReferenceSchema } from "../gen/thebackroom/inventory/v1/item_pb.js";
import { type Movement, MovementKind, type Operation } from "../gen/thebackroom/inventory/v1/operation_pb.js";
import { Source } from "../gen/thebackroom/inventory/v1/source_pb.js";

// How often a call is made in all.
const ATTEMPTS = 6;
// How long one call may take.
const TIMEOUT_MS = 30_000;

const REPEATABLE = new Set([
  "ERROR_REASON_DATABASE_UNAVAILABLE",
  "ERROR_REASON_OVERLOADED",
  "ERROR_REASON_CONTENTION",
]);

/** A till of one shop. */
export class Till {
  private readonly ledger: Client<typeof InventoryService>;
  private readonly connection: Http2SessionManager;

  /** Prepares to call; the connection is made by the first call, and again after it broke. */
  constructor(
    url: string,
    callerKey: string,
    private readonly shopId: string,
  ) {
    const withKey: Interceptor = (next) => (request) => {
      request.header.set("authorization", `Bearer ${callerKey}`);
      return next(request);
    };
    this.connection = new Http2SessionManager(url);
    const transport = createGrpcTransport({ baseUrl: url, interceptors: [withKey], sessionManager: this.connection });
    this.ledger = createClient(InventoryService, transport);
  }

  /** Hangs up: an open connection keeps the process alive. */
  close(): void {
    this.connection.abort();
  }

  /** Posts a sale. The number of the receipt names the request, so the same receipt counts once for good. */
  sell(receipt: string, item: string, quantity: string): Promise<PostOperationResponse> {
    return this.postLine(receipt, line(named(item), MovementKind.SALE, quantity));
  }

  /** Posts a delivery; what is not known yet becomes an item. */
  receive(delivery: string, item: string, quantity: string): Promise<PostOperationResponse> {
    const received = line(named(item), MovementKind.RECEIPT, quantity);
    received.createItem = true;
    return this.postLine(delivery, received);
  }

  /** Posts one line. */
  postLine(requestId: string, of: OperationLine): Promise<PostOperationResponse> {
    return this.post(this.request(requestId, of));
  }

  private request(requestId: string, of: OperationLine): PostOperationRequest {
    return create(PostOperationRequestSchema, {
      shopId: this.shopId,
      requestId,
      source: Source.GRPC,
      lines: [of],
    });
  }

  /** Posts, and posts the same again for as long as nobody knows what became of it. */
  private async post(request: PostOperationRequest): Promise<PostOperationResponse> {
    let pauseMs = 50;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.ledger.postOperation(request, { timeoutMs: TIMEOUT_MS });
      } catch (error) {
        if (!mayBeRepeated(error) || attempt === ATTEMPTS) throw error;
        const askedFor = detail(error, RetryInfoSchema)?.retryDelay;
        await sleep(askedFor ? Number(askedFor.seconds) * 1000 + askedFor.nanos / 1e6 : pauseMs);
        pauseMs *= 2;
      }
    }
  }

  /** Says what a sale would leave, and stores nothing. */
  async preview(receipt: string, item: string, quantity: string): Promise<LineResult> {
    const request = this.request(receipt, line(named(item), MovementKind.SALE, quantity));
    request.dryRun = true;
    return onlyResult(await this.post(request));
  }

  /** Takes what was seen, if it is still all that is on hand. */
  take(requestId: string, item: string, seen: string): Promise<PostOperationResponse> {
    const taken = line(named(item), MovementKind.OWN_USE, seen);
    taken.expectedBalance = create(DecimalSchema, { value: seen });
    return this.postLine(requestId, taken);
  }

  /** Takes everything that is on hand, if what was decided on is still so when it is done. */
  async takeAll(requestId: string, item: string): Promise<PostOperationResponse> {
    for (;;) {
      try {
        return await this.take(requestId, item, await this.onHand(item));
      } catch (error) {
        // Somebody was faster. Nothing was stored under the id, so it may come with another number.
        if (reason(error) !== "ERROR_REASON_BALANCE_CHANGED") throw error;
      }
    }
  }

  /** Returns what is on hand of the one item that a name means. */
  async onHand(item: string): Promise<string> {
    const request = { shopId: this.shopId, item: named(item) };
    const answer = await this.ledger.getStock(request, { timeoutMs: TIMEOUT_MS });
    const [first] = answer.candidates;
    if (!first || !answer.exact) throw new Error(`no item, or several, go by the name ${item}`);
    return first.onHand?.value ?? "";
  }

  /** Sets the stock of an item to what was counted. */
  async count(requestId: string, item: string, counted: string): Promise<LineResult> {
    const seen = create(OperationLineSchema, {
      item: named(item),
      effect: { case: "count", value: { quantity: { value: counted } } },
    });
    return onlyResult(await this.postLine(requestId, seen));
  }

  /** Reads all movements, newest first, a page at a time. */
  async movements(pageSize: number): Promise<Movement[]> {
    const movements: Movement[] = [];
    let pageToken = "";
    do {
      const request = { shopId: this.shopId, pageSize, pageToken };
      const page = await this.ledger.listMovements(request, { timeoutMs: TIMEOUT_MS });
      movements.push(...page.movements);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return movements;
  }

  /** Takes an operation back. */
  async takeBack(requestId: string, operationId: string): Promise<Operation | undefined> {
    const target = { case: "operationId" as const, value: operationId };
    const request = { shopId: this.shopId, requestId, source: Source.GRPC, target };
    return (await this.ledger.reverseOperation(request, { timeoutMs: TIMEOUT_MS })).operation;
  }

  /** Puts the first line of an operation right: it was another quantity. */
  putRight(requestId: string, operationId: string, right: OperationLine): Promise<CorrectOperationResponse> {
    const request = {
      shopId: this.shopId,
      requestId,
      source: Source.GRPC,
      target: { case: "operationId" as const, value: operationId },
      corrections: [{ lineNumber: 1, line: right }],
    };
    return this.ledger.correctOperation(request, { timeoutMs: TIMEOUT_MS });
  }

  /**
   * Follows what is committed after a cursor, until `takeIn` says that it has enough.
   *
   * Whoever takes a change in keeps its cursor with what they make of it: in one transaction, where they have one.
   */
  async follow(cursor: string, takeIn: (cursor: string, operation: Operation) => boolean): Promise<void> {
    for (;;) {
      try {
        for await (const response of this.ledger.watchStock({ shopId: this.shopId, cursor })) {
          cursor = response.cursor;
          const operation = response.change?.operation; // a heartbeat has none
          if (operation && !takeIn(cursor, operation)) return;
        }
      } catch (error) {
        if (!mayBeRepeated(error)) throw error;
      }
      // A stream that ends or breaks is no failure: the next one goes on where this one was.
      await sleep(1000);
    }
  }
}

/** Returns a line that changes stock. */
export function line(item: ItemReference, kind: MovementKind, quantity: string): OperationLine {
  const change = { case: "change" as const, value: { kind, quantity: { value: quantity } } };
  return create(OperationLineSchema, { item, effect: change });
}

/** Returns an item by what people call it. */
export function named(item: string): ItemReference {
  return create(ItemReferenceSchema, { reference: { case: "name", value: item } });
}

function onlyResult(answer: PostOperationResponse): LineResult {
  const [result] = answer.results;
  if (!result) throw new Error("there is one result for each line");
  return result;
}

/** Returns the detail of this kind that an answer of the ledger carries. What comes from in between has none. */
export function detail<Desc extends DescMessage>(error: unknown, kind: Desc): MessageShape<Desc> | undefined {
  return error instanceof ConnectError ? error.findDetails(kind)[0] : undefined;
}

/** Returns the reason that an answer of the ledger carries. What comes from in between has none. */
export function reason(error: unknown): string | undefined {
  return detail(error, ErrorInfoSchema)?.reason;
}

/** Returns whether the same request may be sent again: when the ledger said so, and when it said nothing. */
export function mayBeRepeated(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  const why = reason(error);
  return why === undefined || REPEATABLE.has(why);
}

/** Returns the fields that a refusal names. */
export function wrongFields(error: unknown): string[] {
  return detail(error, BadRequestSchema)?.fieldViolations.map((violation) => violation.field) ?? [];
}
