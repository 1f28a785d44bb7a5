### What happened in some days, why a number is what it is, and files.
### $days is a name and digits: "Today 22/11", "16/11 – 22/11". $money is written out: R1234.50.

## Reports

report-nothing = 📊 { $days }: nothing was written down.
nothing-sold = Nothing was sold.
none-sold = No { $item } sold.
# So many items were sold for more that this one is not in the report.
ask-history = I cannot tell how much { $item } that is. Send "history { $item }"
# Before an amount, like "Sold" and "Came in" of the papers.
first-stock = First stock
was-lost = Lost
went-back = Sent back
# The sum of what counts and changes found: −3.
counts-found = Counts found
# $items are names and numbers.
report-best = Best: { $items }
report-low = Low: { $items }
# $count decides between one and many, $amount is the same to show.
report-margin =
    { $count ->
        [one] Profit { $money } on { $amount } line
       *[other] Profit { $money } on { $amount } lines
    }
without-price =
    { $count ->
        [one] { $amount } line has no price: it is not in the money.
       *[other] { $amount } lines have no price: they are not in the money.
    }
no-prices = No prices are known. To see money, send "sold 3 bread at R18 each"
revenue = 📊 { $days }: { $money } from sales
revenue-unknown =
    📊 { $days }: I cannot tell how much money that is: no prices are known.
    To see it, send "sold 3 bread at R18 each"
profit = 📊 { $days }: { $money } profit
profit-unknown =
    📊 { $days }: I cannot tell the profit. I need what you pay and what you sell for.
    Send "add 20 bread at R12 each" and "sold 3 bread at R18 each"
not-in-profit =
    { $count ->
        [one] { $amount } line of sales is not in it: price or cost is not known.
       *[other] { $amount } lines of sales are not in it: price or cost is not known.
    }
worth = 📦 Your stock cost { $money }
worth-unknown =
    📦 I cannot tell what your stock is worth: no costs are known.
    To see it, send "add 20 bread at R12 each"
not-in-worth =
    { $count ->
        [one] { $amount } item has no cost: it is not in it.
       *[other] { $amount } items have no cost: they are not in it.
    }
# Names of days; on buttons, too.
this-week = This week
this-month = This month
which-days = ❓ Of which days? Send it like "report yesterday" or "sales this week"

## Why a number is what it is

# $who: 20/11 08:00 Thandi.
last-counted = { $who } counted { $amount }
never-counted = Never counted.
report-older = … { $amount } older
below-since = Below zero since { $when }
write-down = Something was not written down. When you can, send "counted 0 { $item }"

## Files

stock-file = 📄 Your stock
movements-file = 📄 What happened { $days }
fewer-days = ⚠️ That is too much for one file. For which days?
day-file-too-large = ⚠️ That is too much for one file, also for a day. Nothing was sent.
stock-file-too-large = ⚠️ Your stock is too much for one file here. Nothing was sent.
