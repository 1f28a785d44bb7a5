### Items beside their stock: what runs low, names, what happened to one.

## Running low

# $lines are items, one under the other; $count decides between one and many, $amount is the same to show.
low =
    { $count ->
        [one] ⚠️ { $amount } item is low:
       *[other] ⚠️ { $amount } items are low:
    }
    { $lines }
finished =
    { $count ->
        [one] ⚠️ { $amount } item is finished:
       *[other] ⚠️ { $amount } items are finished:
    }
    { $lines }
low-line = { $item } { $balance } (warning at { $level })
nothing-low = 👍 Nothing is low. To be warned, send "warn me when bread is under 5"
nothing-finished = 👍 Nothing is finished.
# Said once, with the answer that crossed the level.
low-now = ⚠️ { $item } { $balance } left (you asked for a warning at { $level })
level-set = ✅ I warn you when { $item } is down to { $level }
level-off = ✅ No more warnings for { $item }
which-level = ❓ Warn at how many { $item }? Send it like "warn me when { $item } is under 5"

## Names

renamed =
    ✅ { $was } is now called { $item }
    The old name still works.
aliased = ✅ Noted: "{ $alias }" means { $item }
name-taken = ⚠️ Not saved: another item is called { $item } already.
really-archive = ❓ Take { $item } off your lists? The book says { $balance } of it.
archived =
    ✅ { $item } is off your lists
    What happened to it stays written down.
really-merge = ❓ Make { $was } and { $item } one item? It stays { $item }, with { $balance } in all.
merged =
    ✅ { $was } and { $item } are one item now: { $item }
    Both names work.
same-item = 👍 Both names are { $item } already.
units-differ = ⚠️ Not saved: { $was } and { $item } are kept in different units. Count one of them in the unit of the other first.
managers-only = ⚠️ Not saved: only the owner or a manager can do that.

## What happened to an item

# $lines: 22/11 14:05 Thabo −3 → 9 (sold), newest first.
history =
    📦 { $item } { $balance }
    { $lines }
history-none = Nothing was written down yet.
history-older = … and older
kind-receipt = came in
kind-sale = sold
kind-return-in = came back
kind-opening = first stock
kind-count = counted
kind-transfer = moved
kind-reversal = undone
kind-adjustment = changed
