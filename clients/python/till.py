"""A till that keeps its stock in the ledger: the Python client of docs/inventory-api.md."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from grpc_status import rpc_status
from thebackroom.common.v1.decimal_pb2 import Decimal
from thebackroom.inventory.v1 import inventory_service_pb2 as pb
from thebackroom.inventory.v1.inventory_service_pb2_grpc import InventoryServiceStub
from thebackroom.inventory.v1.item_pb2 import ItemReference
from thebackroom.inventory.v1.operation_pb2 import Movement, MovementKind, Operation
from thebackroom.inventory.v1.source_pb2 import SOURCE_GRPC
from thebackroom.inventory.v1.stock_change_pb2 import WatchStockRequest

# How often a call is made in all.
ATTEMPTS = 6
# How long one call may take, in seconds.
TIMEOUT = 30

REPEATABLE = {
    "ERROR_REASON_DATABASE_UNAVAILABLE",
    "ERROR_REASON_OVERLOADED",
    "ERROR_REASON_CONTENTION",
}


class Till:
    """A till of one shop."""

    def __init__(self, url: str, caller_key: str, shop_id: str) -> None:
        """Prepares to call; the connection is made by the first call, and again after it broke."""
        self._ledger = InventoryServiceStub(grpc.insecure_channel(urlsplit(url).netloc))
        self._key = (("authorization", f"Bearer {caller_key}"),)
        self._shop_id = shop_id

    def sell(self, receipt: str, item: str, quantity: str) -> pb.PostOperationResponse:
        """Posts a sale. The number of the receipt names the request, so the same receipt counts once for good."""
        return self.post_line(receipt, line(named(item), MovementKind.MOVEMENT_KIND_SALE, quantity))

    def receive(self, delivery: str, item: str, quantity: str) -> pb.PostOperationResponse:
        """Posts a delivery; what is not known yet becomes an item."""
        received = line(named(item), MovementKind.MOVEMENT_KIND_RECEIPT, quantity)
        received.create_item = True
        return self.post_line(delivery, received)

    def post_line(self, request_id: str, of: pb.OperationLine) -> pb.PostOperationResponse:
        """Posts one line."""
        return self._post(self._request(request_id, of))

    def _request(self, request_id: str, of: pb.OperationLine) -> pb.PostOperationRequest:
        return pb.PostOperationRequest(
            shop_id=self._shop_id,
            request_id=request_id,
            source=SOURCE_GRPC,
            lines=[of],
        )

    def _post(self, request: pb.PostOperationRequest) -> pb.PostOperationResponse:
        """Posts, and posts the same again for as long as nobody knows what became of it."""
        pause = 0.05
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._call(self._ledger.PostOperation, request)
            except grpc.RpcError as error:
                if not may_be_repeated(error) or attempt == ATTEMPTS:
                    raise
                asked_for = detail(error, RetryInfo)
                time.sleep(asked_for.retry_delay.ToTimedelta().total_seconds() if asked_for else pause)
                pause *= 2
        raise AssertionError("the last attempt returns or raises")

    def _call(self, method: Callable[..., Any], request: Message) -> Any:
        return method(request, metadata=self._key, timeout=TIMEOUT)

    def preview(self, receipt: str, item: str, quantity: str) -> pb.LineResult:
        """Says what a sale would leave, and stores nothing."""
        request = self._request(receipt, line(named(item), MovementKind.MOVEMENT_KIND_SALE, quantity))
        request.dry_run = True
        return self._post(request).results[0]

    def take(self, request_id: str, item: str, seen: str) -> pb.PostOperationResponse:
        """Takes what was seen, if it is still all that is on hand."""
        taken = line(named(item), MovementKind.MOVEMENT_KIND_OWN_USE, seen)
        taken.expected_balance.value = seen
        return self.post_line(request_id, taken)

    def take_all(self, request_id: str, item: str) -> pb.PostOperationResponse:
        """Takes everything that is on hand, if what was decided on is still so when it is done."""
        while True:
            try:
                return self.take(request_id, item, self.on_hand(item))
            except grpc.RpcError as error:
                # Somebody was faster. Nothing was stored under the id, so it may come with another number.
                if reason(error) != "ERROR_REASON_BALANCE_CHANGED":
                    raise

    def on_hand(self, item: str) -> str:
        """Returns what is on hand of the one item that a name means."""
        request = pb.GetStockRequest(shop_id=self._shop_id, item=named(item))
        answer = self._call(self._ledger.GetStock, request)
        if not answer.exact:
            raise LookupError(f"no item, or several, go by the name {item}")
        return answer.candidates[0].on_hand.value

    def count(self, request_id: str, item: str, counted: str) -> pb.LineResult:
        """Sets the stock of an item to what was counted."""
        seen = pb.OperationLine(item=named(item), count=pb.Count(quantity=Decimal(value=counted)))
        return self.post_line(request_id, seen).results[0]

    def movements(self, page_size: int) -> list[Movement]:
        """Reads all movements, newest first, a page at a time."""
        request = pb.ListMovementsRequest(shop_id=self._shop_id, page_size=page_size)
        movements: list[Movement] = []
        while True:
            page = self._call(self._ledger.ListMovements, request)
            movements.extend(page.movements)
            request.page_token = page.next_page_token
            if not request.page_token:
                return movements

    def take_back(self, request_id: str, operation_id: str) -> Operation:
        """Takes an operation back."""
        request = pb.ReverseOperationRequest(
            shop_id=self._shop_id,
            request_id=request_id,
            source=SOURCE_GRPC,
            operation_id=operation_id,
        )
        return self._call(self._ledger.ReverseOperation, request).operation

    def put_right(self, request_id: str, operation_id: str, right: pb.OperationLine) -> pb.CorrectOperationResponse:
        """Puts the first line of an operation right: it was another quantity."""
        request = pb.CorrectOperationRequest(
            shop_id=self._shop_id,
            request_id=request_id,
            source=SOURCE_GRPC,
            operation_id=operation_id,
            corrections=[pb.LineCorrection(line_number=1, line=right)],
        )
        return self._call(self._ledger.CorrectOperation, request)

    def follow(self, cursor: str, take_in: Callable[[str, Operation], bool]) -> None:
        """Follows what is committed after a cursor, until `take_in` says that it has enough.

        Whoever takes a change in keeps its cursor with what they make of it: in one transaction, where they have one.
        """
        while True:
            request = WatchStockRequest(shop_id=self._shop_id, cursor=cursor)
            stream = self._ledger.WatchStock(request, metadata=self._key)
            try:
                for response in stream:
                    cursor = response.cursor
                    # A heartbeat has no change.
                    if response.HasField("change") and not take_in(cursor, response.change.operation):
                        return
            except grpc.RpcError as error:
                if not may_be_repeated(error):
                    raise
            finally:
                stream.cancel()
            # A stream that ends or breaks is no failure: the next one goes on where this one was.
            time.sleep(1)


def line(item: ItemReference, kind: MovementKind, quantity: str) -> pb.OperationLine:
    """Returns a line that changes stock."""
    return pb.OperationLine(item=item, change=pb.Change(kind=kind, quantity=Decimal(value=quantity)))


def named(item: str) -> ItemReference:
    """Returns an item by what people call it."""
    return ItemReference(name=item)


def detail(error: grpc.RpcError, kind: type[Message]) -> Any | None:
    """Returns the detail of this kind that an answer of the ledger carries. What comes from in between has none."""
    status = rpc_status.from_call(error)
    for packed in status.details if status else ():
        found = kind()
        if packed.Unpack(found):
            return found
    return None


def reason(error: grpc.RpcError) -> str | None:
    """Returns the reason that an answer of the ledger carries. What comes from in between has none."""
    info = detail(error, ErrorInfo)
    return info.reason if info else None


def may_be_repeated(error: grpc.RpcError) -> bool:
    """Returns whether the same request may be sent again: when the ledger said so, and when it said nothing."""
    why = reason(error)
    return why is None or why in REPEATABLE


def wrong_fields(error: grpc.RpcError) -> list[str]:
    """Returns the fields that a refusal names."""
    request = detail(error, BadRequest)
    return [violation.field for violation in request.field_violations] if request else []
