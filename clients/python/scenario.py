"""The scenario of clients/README.md, in Python. Prints what the ledger answers, a line for each step.

Knows the ledger by INVENTORY_URL, CALLER_KEY and BACKROOM_SHOP. `scenario.py lost-answer` is the part for a bad line.
"""

import os
import sys
from collections.abc import Callable

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from thebackroom.inventory.v1 import inventory_service_pb2 as pb
from thebackroom.inventory.v1.item_pb2 import ItemReference
from thebackroom.inventory.v1.operation_pb2 import MovementKind, Operation
from till import Till, detail, line, named, reason, wrong_fields


def say(step: str, answer: object) -> None:
    print(f"{step}: {answer}")


def balance(answer: pb.PostOperationResponse) -> str:
    left = answer.results[0].balance_after.value
    return f"{left}, replayed" if answer.replayed else left


def refusal(call: Callable[[], object]) -> grpc.RpcError:
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("it was not refused")


def trade(till: Till, stranger: Till) -> None:
    say("a key that is not listed", reason(refusal(lambda: stranger.on_hand("bread"))))

    for delivery, item, quantity in [("delivery-1", "brown bread", "50"), ("delivery-2", "white bread", "20")]:
        delivered = till.receive(delivery, item, quantity)
        assert delivered.results[0].item_created
        say(f"{delivery}, {quantity} {item}", balance(delivered))
    sold = till.sell("receipt-1", "brown bread", "3")
    say("receipt-1, 3 brown bread", balance(sold))
    again = till.sell("receipt-1", "brown bread", "3")
    assert again.operation == sold.operation
    say("the same again", balance(again))
    say("the same id for 4", reason(refusal(lambda: till.sell("receipt-1", "brown bread", "4"))))
    malformed = refusal(lambda: till.sell("receipt 2", "brown bread", "-1"))
    say("a malformed sale", f"{reason(malformed)} in {', '.join(wrong_fields(malformed))}")

    unclear = till.sell("receipt-2", "bread", "2").results[0]
    names = sorted(candidate.item.display_name for candidate in unclear.candidates)
    say("receipt-2, 2 bread", f"{pb.LineOutcome.Name(unclear.outcome)}, {' or '.join(names)}")
    brown = next(found.item for found in unclear.candidates if found.item.display_name == "brown bread")
    chosen = line(ItemReference(item_id=brown.item_id), MovementKind.MOVEMENT_KIND_SALE, "2")
    say("receipt-2 with what was chosen", balance(till.post_line("receipt-2", chosen)))

    say("what receipt-3 of 5 would leave", till.preview("receipt-3", "brown bread", "5").balance_after.value)
    seen = till.on_hand("brown bread")
    say("on hand", seen)
    say("receipt-3, 1 brown bread", balance(till.sell("receipt-3", "brown bread", "1")))
    changed = refusal(lambda: till.take("take-1", "brown bread", seen))
    say(f"take-1, expecting {seen}", f"{reason(changed)}, onHand {detail(changed, ErrorInfo).metadata['onHand']}")
    say("take-1, read again", balance(till.take_all("take-1", "brown bread")))
    counted = till.count("count-1", "brown bread", "40")
    say("count-1, 40 brown bread", f"{counted.delta.value}, the book said {counted.expected.value}")

    wrong = till.sell("receipt-4", "brown bread", "10")
    say("receipt-4, 10 brown bread", balance(wrong))
    right = line(named("brown bread"), MovementKind.MOVEMENT_KIND_SALE, "1")
    corrected = till.put_right("right-4", wrong.operation.operation_id, right)
    assert corrected.corrected.operation_id == wrong.operation.operation_id
    say("right-4, it was 1", till.on_hand("brown bread"))
    reversal = till.take_back("back-4", corrected.operation.operation_id)
    assert reversal.reverses_operation_id == corrected.operation.operation_id
    say("back-4, it was none", till.on_hand("brown bread"))


def read(till: Till) -> None:
    movements = till.movements(200)
    assert till.movements(2) == movements, "pages hold what one page holds"
    say("movements", len(movements))
    for movement in reversed(movements):
        kind = MovementKind.Name(movement.kind)
        say(f"{movement.item_name} {movement.sequence_number}", f"{kind} {movement.delta.value}, {movement.balance_after.value}")

    followed: list[tuple[str, Operation]] = []

    def take_in(count: int) -> Callable[[str, Operation], bool]:
        def take(cursor: str, operation: Operation) -> bool:
            followed.append((cursor, operation))
            return len(followed) < count

        return take

    till.follow("", take_in(3))
    till.follow(followed[-1][0], take_in(len({movement.operation_id for movement in movements})))
    seen = [movement.movement_id for _, operation in followed for movement in operation.movements]
    assert sorted(seen) == sorted(movement.movement_id for movement in movements), "each once, none left out"
    say("followed, with a pause after the third", f"{len(followed)} operations, {len(seen)} movements")


def main() -> None:
    url, key, shop_id = (os.environ[name] for name in ("INVENTORY_URL", "CALLER_KEY", "BACKROOM_SHOP"))
    till = Till(url, key, shop_id)
    if sys.argv[1:] == ["lost-answer"]:
        say("receipt-5, 7 brown bread", balance(till.sell("receipt-5", "brown bread", "7")))
        return
    trade(till, Till(url, "no key of theirs", shop_id))
    read(till)


if __name__ == "__main__":
    main()
