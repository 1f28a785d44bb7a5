### A stock-take. It is blind until its end: nothing before that tells what the book says.
### $lines are what was seen, ready to be read; $amount says how many, $items are names in a row.

count-started = 📋 Counting. Send what you see, like "milk 12". Say DONE when finished.
count-resumed = 📋 You are counting: { $amount } so far. Go on, and say DONE when finished.
count-written = ✅ { $lines } · { $amount } counted
count-all-right = 📋 { $amount } counted, all as the book says.
count-differs = 📋 { $amount } counted, { $differing } not as the book says:
# $difference has its sign: −3, +2.
count-difference = { $item }: { $counted }, book { $expected } ({ $difference })
count-more = and { $amount } more
count-uncounted = Not counted, so left as it is: { $items }
count-really-save = ❓ Save this count?
# Buttons: at most 20 characters.
button-save-count = Yes, save
button-go-on = Go on counting
button-throw-away = Throw away
count-saved = ✅ Count saved: { $amount } counted, { $changed } changed
count-really-cancel = ❓ Throw this count away? What you counted is lost, and stock stays as it was.
count-cancelled = 🗑️ Count thrown away. Stock stays as it was.
count-go-on = 📋 Go on. Say DONE when finished.
count-nothing-yet = 📋 Nothing is counted yet. Send what you see, like "milk 12".
count-missing = 📋 { $amount } not counted yet: { $items }
count-none-missing = 📋 All that the book knows of is counted. Say DONE when finished.
count-none = You are not counting now. To begin, send "start count".
count-skip = 👍 What you do not count stays as it is.
count-blind = 📋 You are counting, so what the book says comes at the end. Say DONE when finished.
count-send-again = 📋 You are counting: send the right number and it takes the place of the old one. To change anything else, say DONE first.
count-expired = ⌛ Your count was given up: nobody went on for 12 hours. Nothing was changed. To begin again, send "start count".
count-over = 📋 That count is over. To begin again, send "start count".
count-full = ⚠️ Not written down: that is more than one count can hold. Say DONE to save what you have.
