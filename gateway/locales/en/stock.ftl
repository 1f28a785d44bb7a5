### What was saved or undone, and what is on hand.
### $what is an amount and a name: "50 screws", "2 cases (12) coke 2l". $item is a name as the shop wrote it.
### Amounts and balances are numbers that are ready to be read, with their unit where there is one.

## Saved

added = ✅ Added { $what } to inventory
added-packs = ✅ Added { $what }
took-back = ✅ Took back { $what }
sold = ✅ Sold { $what }
took-off = ✅ Took off { $what }
took-off-because = ✅ Took off { $what } ({ $reason })
reason-waste = waste
reason-own-use = own use
reason-theft = stolen
reason-gift = given away
reason-return = sent back
# $difference has its sign: −3, +2, or = when there is none.
counted = ✅ Counted { $what } (book said { $expected }, { $difference })
counted-new = ✅ Counted { $what } 🆕
now = Now { $balance }
left = { $balance } left
# A line of before the last count: $balance is what was seen, with the name of the item when several lines were saved.
absorbed = Stock stays { $balance } because you counted after that.
new-item = 🆕 New item
# $lines are several, one under the other; $count decides between one and many, $amount is the same to show.
saved = ✅ { $amount } saved: { $lines }
below-zero = now { $balance }. Something was not written down. When you can, send "counted 0 { $item }"

## Undone

undone = ↩️ Undone: { $what }. Back to { $balance }
undone-before = ↩️ That was undone before. Nothing changed.
nothing-to-undo = Nothing of yours from today to undo.
not-yours-to-undo = ⚠️ Only the person who sent it, or the owner, can undo that.

## Not saved

may-only-look = ⚠️ Not saved: you may look, not change. Ask the owner.
not-enough = ⚠️ Not saved: there is not so much in stock. Count it: "counted 0 …"
no-such-item = ❓ { $item } is not in your stock yet. To start it, send "add { $amount } { $item }"
whole-pieces = ❓ { $item } is counted in whole pieces. How many was it?

## On hand

on-hand = 📦 { $lines }
on-hand-more = … and more: ask by name
not-in-stock = 📦 { $item } is not in your stock. To start it, send "add 20 { $item }"
nothing-in-stock = 📦 Nothing in stock yet. Start with "add 20 bread"

## Fixed

# A line before and after: "screws 50" and "40".
fixed = ✅ Fixed: { $before } → { $after }
nothing-to-correct = Nothing of yours from today to fix. Send it as a new line, like "add 40 screws"
fixed-before = ↩️ That was undone or fixed since. Nothing changed.
cannot-redate = ❓ I cannot change the day of a saved line. Send "undo", then the line again with its day. Nothing changed.
says-so-already = 👍 It says so already. Nothing changed.
nothing-to-undo-of = Nothing of yours with { $item } to undo. Nothing changed.
redone = ↩️ Done again: { $what }. Now { $balance }
nothing-to-redo = Nothing was undone today that could be done again.

## Units

# One unit beside a number, which is shown before it. $other is what to say of a unit that is not in the list.
unit =
    { $count ->
        [one] { unit.one }
       *[other] { unit.many }
    }
    .one =
        { $unit ->
            [bag] bag
            [bottle] bottle
            [box] box
            [case] case
            [loaf] loaf
           *[other] { $other }
        }
    .many =
        { $unit ->
            [bag] bags
            [bottle] bottles
            [box] boxes
            [case] cases
            [loaf] loaves
           *[other] { $other }
        }
